# SPDX-License-Identifier: Apache-2.0
"""Time that a client moves: the path that asks for it, and the answers that it gets.

It owns the request's form and its refusals. It refuses to know signatures and operations: like fault
injection it is opt-in, and it is no part of the service. Only `clock` is moved; presigned URLs expire by
it, so whoever passes a day needs a new one.
"""

from __future__ import annotations

import json
import math
from typing import Any

from ..http import ADVANCE_PATH, Headers, Request, Response
from .clock import Clock

__all__ = ["ADVANCE_PATH", "advance"]

# Ten years, and each of them a leap year.
_LIMIT = 10 * 366 * 24 * 3_600


def advance(request: Request, clock: Clock) -> Response:
    """Move the clock by the body's `{"seconds": N}` and tell where it is, in seconds since the epoch.

    400 for any other body, 405 for another method than POST; the clock stands then where it stood.
    """
    if request.method != "POST":
        message = f'{request.method} moves no clock; POST does, with a body such as {{"seconds": 90000}}.'
        return _answer(405, {"message": message}, ("Allow", "POST"))
    seconds, wrong = _read(request.body)
    if wrong:
        return _answer(400, {"message": wrong})
    clock.advance(seconds)
    return _answer(200, {"now": clock.now()})


def _read(body: bytes) -> tuple[float, str]:
    """The seconds that a body asks for, or what is wrong with it."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return 0, 'The body is no JSON; {"seconds": 90000} is one that moves the clock.'
    if not isinstance(document, dict):
        return 0, 'The body is no JSON object; {"seconds": 90000} is one that moves the clock.'
    unknown = [name for name in document if name != "seconds"]
    if unknown:
        return 0, f"The body has only the member seconds, and none named {json.dumps(unknown[0][:40])}."
    if "seconds" not in document:
        return 0, "The body lacks the member seconds."
    seconds = document["seconds"]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        return 0, "seconds is to be a number."
    # Compared before it is converted: an integer may be too large for a float.
    if isinstance(seconds, float) and not math.isfinite(seconds):
        return 0, "seconds is to be a finite number."
    if seconds < 0:
        return 0, "seconds is to be 0 or more: a clock moves forward only."
    if seconds > _LIMIT:
        return 0, f"seconds is to be at most {_LIMIT}, which is ten years."
    return seconds, ""


def _answer(status: int, document: dict[str, Any], *more: tuple[str, str]) -> Response:
    headers: Headers = (("Content-Type", "application/json"), *more)
    return Response(status, headers, json.dumps(document).encode())
