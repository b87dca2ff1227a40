# SPDX-License-Identifier: Apache-2.0
"""What a miniature does wrong, as functions: a right answer goes in, one that breaks a rule comes out.

It owns the few ways in which answers are changed: their document, their bytes, their headers, what they
refuse. It refuses to know which check should notice (table.py).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from aws_conformance.http import Request, Response

__all__ = [
    "Change",
    "Make",
    "accepting",
    "body",
    "code",
    "document",
    "headers",
    "job",
    "member",
    "refusal",
    "refusing",
    "reply",
    "status",
]

# The change of one exchange; it may remember earlier ones.
Change: TypeAlias = Callable[[Request, Response], Response]
# What makes a change for one run of a server.
Make: TypeAlias = Callable[[], Change]


def _always(change: Change) -> Make:
    return lambda: change


def _succeeded(response: Response) -> bool:
    return 200 <= response.status < 300


def _with_body(response: Response, content: bytes) -> Response:
    return Response(response.status, response.headers, content)


def read(message: Request | Response) -> Any:
    """The JSON document of a message; None if it has none."""
    try:
        return json.loads(message.body)
    except ValueError:
        return None


def body(change: Callable[[bytes], bytes]) -> Make:
    """Every success has its bytes changed."""

    def apply(request: Request, response: Response) -> Response:
        return _with_body(response, change(response.body)) if _succeeded(response) else response

    return _always(apply)


def document(edit: Callable[[dict[str, Any]], None]) -> Make:
    """Every success has its document edited in place."""

    def rewrite(content: bytes) -> bytes:
        value = json.loads(content)
        edit(value)
        return json.dumps(value).encode()

    return body(rewrite)


def member(path: str, value: Any) -> Make:
    """Every success has the member at a dotted path set; digits are indices, `-` appends to a list."""
    *steps, last = path.split(".")

    def edit(value_of_root: dict[str, Any]) -> None:
        here: Any = value_of_root
        for step in steps:
            here = here[int(step)] if isinstance(here, list) else here[step]
        if last == "-":
            here.append(value)
        else:
            here[int(last) if isinstance(here, list) else last] = value

    return document(edit)


def job(name: str, value: Any) -> Make:
    """Every success has a member of its UserImportJob set."""
    return member(f"UserImportJob.{name}", value)


def headers(change: Callable[[str, str], str | None]) -> Make:
    """Every answer has its headers' values changed; None removes the header."""

    def apply(request: Request, response: Response) -> Response:
        changed = ((name, change(name, value)) for name, value in response.headers)
        remaining = tuple((name, value) for name, value in changed if value is not None)
        return Response(response.status, remaining, response.body)

    return _always(apply)


def status(of: str, value: int) -> Make:
    """Successes (`of` is empty) or refusals with the code `of` get another status."""

    def apply(request: Request, response: Response) -> Response:
        hit = (read(response) or {}).get("__type") == of if of else _succeeded(response)
        return Response(value, response.headers, response.body) if hit else response

    return _always(apply)


def refusal(of: str, edit: Callable[[dict[str, Any]], None], message: str = "") -> Make:
    """Refusals with the code `of`, and a text that `message` finds, have their document edited in place."""

    def apply(request: Request, response: Response) -> Response:
        value = read(response)
        if not isinstance(value, dict) or value.get("__type") != of:
            return response
        if not re.search(message, str(value.get("message", value.get("Message", "")))):
            return response
        edit(value)
        # The header that repeats the code would contradict a changed body.
        remaining = tuple(pair for pair in response.headers if pair[0].lower() != "x-amzn-errortype")
        return Response(response.status, remaining, json.dumps(value).encode())

    return _always(apply)


def code(of: str, instead: str, message: str = "") -> Make:
    """Refusals with the code `of`, and a text that `message` finds, have another code."""
    return refusal(of, lambda value: value.update({"__type": instead}), message)


def accepting(message: str, accepts: Callable[[Request], bool] = lambda request: True) -> Make:
    """Refusals whose body `message` finds become the last success, as if nothing had been wrong."""

    def make() -> Change:
        last: list[Response] = []

        def apply(request: Request, response: Response) -> Response:
            if _succeeded(response):
                last[:] = [response]
            elif last and accepts(request) and re.search(message, response.body.decode("utf-8", "replace")):
                return last[0]
            return response

        return apply

    return make


def refusing(when: Callable[[Any], bool], error: Mapping[str, str], status: int = 400) -> Make:
    """Requests whose document `when` picks out are refused with that error, though they are valid."""

    def apply(request: Request, response: Response) -> Response:
        value = read(request)
        if not isinstance(value, dict) or not when(value):
            return response
        return Response(status, response.headers, json.dumps(error).encode())

    return _always(apply)


def reply(when: Callable[[Request, Response], bool], answer: Callable[[Request, Response], Response]) -> Make:
    """Exchanges that `when` picks out get another answer altogether."""

    def apply(request: Request, response: Response) -> Response:
        return answer(request, response) if when(request, response) else response

    return _always(apply)
