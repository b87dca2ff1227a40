# SPDX-License-Identifier: Apache-2.0
"""Pages of a listing and the opaque tokens that continue it.

It owns the token: what it continues, and the proof that it was issued here. It refuses to know what is
listed. A token holds the number of the last item listed, so that items which come or go between two
pages neither repeat nor hide others.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from .refusal import Refusal

__all__ = ["issue", "page", "redeem"]

T = TypeVar("T")

_SECRET = b"conformance-reference-pagination"
_PROOF = 12


def issue(listing: str, number: int) -> str:
    """The token that continues `listing` (the operation and what it lists) after the item `number`."""
    content = str(number).encode()
    return base64.urlsafe_b64encode(_proof(listing, content) + content).decode()


def redeem(listing: str, token: str) -> int:
    """The number in a token. Raises Refusal for a token that was not issued for this very listing.

    Which code AWS answers is not recorded; InvalidParameterException is the only one declared that
    fits.
    """
    try:
        raw = base64.b64decode(token.encode(), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    proof, content = raw[:_PROOF], raw[_PROOF:]
    if not content or not hmac.compare_digest(proof, _proof(listing, content)):
        raise Refusal("InvalidParameterException", "Invalid pagination token given.")
    return int(content)


def _proof(listing: str, content: bytes) -> bytes:
    return hmac.new(
        _SECRET, listing.encode("utf-8", "surrogatepass") + b"\n" + content, hashlib.sha256
    ).digest()[:_PROOF]


def page(
    items: Iterable[T], size: int, listing: str, number: Callable[[T], int]
) -> tuple[list[T], str | None]:
    """The first `size` items, and the token of the next page if there is one."""
    selected = list(islice(items, size + 1))
    if len(selected) <= size:
        return selected, None
    return selected[:size], issue(listing, number(selected[size - 1]))
