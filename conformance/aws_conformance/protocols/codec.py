"""The record that a protocol fills in: what it can do, as functions.

It owns the form of a codec and nothing of any protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..http import Request, Response
from ..spec.shapes import Operation, Service
from .findings import Decoded, DecodedError, DecodedRequest

__all__ = ["Codec"]


@dataclass(frozen=True, slots=True)
class Codec:
    """What a protocol can do, as functions: both sides of both directions.

    `encode_request(service, operation, document)` and `decode_request(service, request)` are client and
    server of one direction; `encode_response`, `encode_error`, `decode_response` and `decode_error` of
    the other. `content_type(service)` is what a body of this protocol is labelled with.
    """

    name: str
    encode_request: Callable[[Service, Operation, Any], Request]
    decode_request: Callable[[Service, Request], DecodedRequest]
    encode_response: Callable[[Service, Operation, Any], Response]
    decode_response: Callable[[Service, Operation, Response], Decoded]
    encode_error: Callable[[Service, str, Mapping[str, Any], int], Response]
    decode_error: Callable[[Service, Response], DecodedError]
    content_type: Callable[[Service], str]
