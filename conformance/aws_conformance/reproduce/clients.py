# SPDX-License-Identifier: Apache-2.0
"""What boto3 makes of a document: whether it sends that very document, and what it has to be handed for it.

Clients repair and drop what is not of its type, or fail on it. Botocore's own serializer is asked, so that a
line which is printed sends what its case says. It refuses to know how lines are written.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ..cases.contract import OperationContract
from ..http import Request
from ..spec.shapes import BlobShape, ListShape, MapShape, Service, StructureShape

__all__ = ["boto3_arguments", "has_blobs"]

_NOWHERE = "http://127.0.0.1:9"


def boto3_arguments(contract: OperationContract, document: Any) -> dict[str, Any] | None:
    """What boto3 has to be called with to send a document, or None where it sends another, or nothing.

    Of a service that botocore does not have, or in a protocol that it does not use, nobody can tell: then
    it is the document as it is.
    """
    if not isinstance(document, dict):
        return None
    operation = contract.operation
    arguments = _with_bytes(contract.service, operation.input, document)
    model = _model(contract.service.name)
    if model is None or operation.name not in model.operation_names:
        return dict(arguments)
    if contract.protocol_name != getattr(model, "resolved_protocol", model.protocol):
        return dict(arguments)
    due = contract.protocol.encode_request(contract.service, operation, document)
    sent = _sent(model, operation.name, arguments)
    # Checksums and lengths come to a request later, and from each client by itself.
    alike = sent is not None and _says(contract, sent, document) == _says(contract, due, document)
    return dict(arguments) if alike else None


def has_blobs(service: Service, name: str | None, document: Any) -> bool:
    """Whether bytes stand anywhere in a document of the shape of that name."""
    return bool(_with_bytes(service, name, document) != document)


def _with_bytes(service: Service, name: str | None, document: Any) -> Any:
    """The document with bytes where base64 stands for them."""
    match service.shapes.get(name or ""), document:
        case StructureShape(members=members), dict():
            return {
                key: _with_bytes(service, members[key].target if key in members else None, item)
                for key, item in document.items()
            }
        case MapShape(value=inner), dict():
            return {key: _with_bytes(service, inner.target, item) for key, item in document.items()}
        case ListShape(member=inner), list():
            return [_with_bytes(service, inner.target, item) for item in document]
        case BlobShape(), str():
            try:
                return base64.b64decode(document, validate=True)
            except binascii.Error:
                return document
        case _:
            return document


@functools.lru_cache(maxsize=4)
def _model(service: str) -> Any:
    """botocore's model of a service, or None where it has none."""
    from botocore.exceptions import UnknownServiceError
    from botocore.loaders import create_loader
    from botocore.model import ServiceModel

    try:
        raw = create_loader().load_service_model(service, "service-2")
    except UnknownServiceError:
        return None
    return ServiceModel(raw, service)


def _sent(model: Any, name: str, arguments: Mapping[str, Any]) -> Request | None:
    """The request that botocore makes of arguments that it does not validate, or None where it fails."""
    from botocore.awsrequest import create_request_object, prepare_request_dict
    from botocore.serialize import create_serializer

    serializer = create_serializer(getattr(model, "resolved_protocol", model.protocol), False)
    try:
        raw = serializer.serialize_to_request(dict(arguments), model.operation_model(name))
        prepare_request_dict(raw, _NOWHERE)
        prepared = create_request_object(raw).prepare()
    except Exception:
        # A wrong type runs into whatever error comes first.
        return None
    url = urlsplit(prepared.url)
    body = prepared.body or b""
    content = body.encode("utf-8", "surrogatepass") if isinstance(body, str) else bytes(body)
    headers = tuple((key, _text(item)) for key, item in prepared.headers.items())
    path = url.path + (f"?{url.query}" if url.query else "")
    return Request(prepared.method, path, headers, content)


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _says(contract: OperationContract, request: Request, document: Mapping[str, Any]) -> str:
    """What a request says to a server of a document's members, so that 1 is neither 1.0 nor true."""
    decoded = contract.protocol.decode_request(contract.service, request)
    members = decoded.document
    if isinstance(members, dict):
        members = {name: item for name, item in members.items() if name in document}
    return f"{decoded.operation} {json.dumps(members, sort_keys=True, default=repr)}"
