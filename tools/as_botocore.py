# SPDX-License-Identifier: Apache-2.0
"""Documents as botocore's callers write and get them, and botocore's client answered within the process.

It owns the types that botocore has for what documents hold (bytes, datetimes, streams), and a client whose
requests go to a function. It refuses to know what is asked and what it means.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import botocore.session
from botocore import UNSIGNED
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.client import BaseClient
from botocore.config import Config
from botocore.eventstream import EventStream
from botocore.loaders import Loader
from botocore.response import StreamingBody
from botocore.tokens import FrozenAuthToken

from aws_conformance.http import Request, Response
from aws_conformance.spec.shapes import (
    BlobShape,
    FloatShape,
    ListShape,
    MapShape,
    Service,
    StructureShape,
    TimestampShape,
)

__all__ = ["client_answered_by", "comparable", "native", "plain"]

_REGION = "us-east-1"
_FOR_ALL_REGIONS = frozenset({"cloudfront-keyvaluestore", "sesv2"})


def native(service: Service, name: str, document: Any) -> Any:
    """A document of the shape of that name in the types that botocore takes."""
    match service.shapes[name], document:
        case StructureShape(event_stream=True), list():
            return [native(service, name, event) for event in document]
        case StructureShape(members=members), dict():
            return {key: native(service, members[key].target, item) for key, item in document.items()}
        case ListShape(member=inner), list():
            return [native(service, inner.target, item) for item in document]
        case MapShape(value=inner), dict():
            return {key: native(service, inner.target, item) for key, item in document.items()}
        case BlobShape(), str():
            return base64.b64decode(document)
        case TimestampShape(), str() if "," in document:
            return parsedate_to_datetime(document)
        case TimestampShape(), str():
            return datetime.fromisoformat(document)
        case TimestampShape(), int() | float():
            return datetime.fromtimestamp(document, UTC)
        case FloatShape(), str():
            return float(document)
        case _:
            return document


def plain(value: Any) -> Any:
    """What botocore has parsed, with its streams read to their ends."""
    match value:
        case dict():
            return {key: plain(item) for key, item in value.items()}
        case list():
            return [plain(item) for item in value]
        case StreamingBody():
            return value.read()
        case EventStream():
            return [plain(event) for event in value]
        case _:
            return value


def comparable(value: Any) -> Any:
    """A value in which equal moments and equal numbers are equal."""
    match value:
        case dict():
            return {key: comparable(item) for key, item in value.items()}
        case list():
            return [comparable(item) for item in value]
        case datetime():
            return round(value.timestamp(), 3)
        case float() if math.isnan(value):
            return "NaN"
        case _:
            return value


class _OneProtocol(Loader):  # type: ignore[misc]  # botocore has no types
    """botocore's models, each as if its service spoke one protocol alone."""

    def __init__(self, protocol: str) -> None:
        super().__init__()
        self._protocol = protocol

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        model = super().load_service_model(service_name, type_name, api_version)
        if type_name != "service-2":
            return model
        metadata = model["metadata"] | {"protocol": self._protocol, "protocols": [self._protocol]}
        return {**model, "metadata": metadata}


def client_answered_by(
    answer: Callable[[Request, str], Response], service: str, protocol: str, endpoint: str | None
) -> BaseClient:
    """botocore's client of a service over one protocol, whose requests go to a function, with their hosts."""
    session = botocore.session.Session()
    session.register_component("data_loader", _OneProtocol(protocol))
    session.set_credentials("AKIDEXAMPLE", "secret")
    session._auth_token = FrozenAuthToken("token")
    client: BaseClient = session.create_client(
        service,
        region_name=_REGION,
        endpoint_url=endpoint,
        config=Config(
            retries={"total_max_attempts": 1},
            # Only a library that is not installed signs for all regions.
            signature_version=UNSIGNED if service in _FOR_ALL_REGIONS else None,
        ),
    )

    def respond(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        url = urlsplit(request.url)
        response = answer(_request(request), url.hostname or "")
        return AWSResponse(request.url, response.status, dict(response.headers), _Raw(response.body))

    client.meta.events.register("before-send", respond)
    return client


def _request(prepared: AWSPreparedRequest) -> Request:
    url = urlsplit(prepared.url)
    target = (url.path or "/") + (f"?{url.query}" if url.query else "")
    headers = tuple((name, _text(value)) for name, value in prepared.headers.items())
    if prepared.headers.get("Host") is None:
        headers += (("Host", url.netloc),)
    body = prepared.body
    if hasattr(body, "read"):
        body = body.read()
    return Request(prepared.method, target, headers, body.encode() if isinstance(body, str) else body or b"")


def _text(value: str | bytes) -> str:
    """A header's value as it is in a request that was received."""
    return (value.encode("utf-8") if isinstance(value, str) else value).decode("latin-1")


class _Raw(io.BytesIO):
    """A response's body as botocore reads it off a connection."""

    def stream(self, amt: int = 65_536, **_: Any) -> Any:
        while chunk := self.read(amt):
            yield chunk

    def release_conn(self) -> None:
        """There is no connection."""
