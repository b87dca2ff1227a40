# SPDX-License-Identifier: Apache-2.0
"""Which requests a protocol's malformations can spoil.

It owns the choice of the request. It refuses to know what a malformation does, and what it should earn.
"""

from __future__ import annotations

import base64
from typing import Any

from ..protocols.record import Malformation
from ..spec.shapes import BlobShape
from .contract import OperationContract

__all__ = ["can_spoil", "with_content"]


def can_spoil(contract: OperationContract, malformation: Malformation, document: Any) -> bool:
    """Whether the malformation has something to spoil in the operation's request with that document."""
    if malformation.concerns is not None and not malformation.concerns(contract.service, contract.operation):
        return False
    if malformation.needs_signature and not contract.operation.signed:
        # AWS knows the service by the host name. A server for many services on one address has
        # only the request and the signature to go by, and must not be blamed when both are gone.
        return False
    request = contract.encode_request(document)
    return malformation.apply(request) is not None


def with_content(contract: OperationContract, document: Any) -> Any:
    """The document with something in the body that a checksum can be of."""
    structure = contract.service.structure(contract.operation.input)
    payload = structure.members.get(structure.payload or "")
    if payload is None or payload.name in document:
        return document
    if not isinstance(contract.service.shape(payload.target), BlobShape):
        return document
    return {**document, payload.name: base64.b64encode(b"content").decode("ascii")}
