# SPDX-License-Identifier: Apache-2.0
"""One step of a setup sent: an operation with its document, or a file put where a target asked for it.

It owns what is said of a step that did not succeed. It refuses to know why a step is carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from ..cases.contract import OperationContract
from ..cases.setup import Upload
from ..errors import ConformanceError
from ..http import Exchange
from ..reproduce.mask import without_secrets
from .csv_upload import csv_bytes

__all__ = ["SetupSender", "carried_out", "put_file"]


class SetupSender(Protocol):
    """What sends the requests of a setup: a session with its target."""

    def invoke(self, contract: OperationContract, document: Any, /) -> Exchange:
        """Send what a document asks of an operation."""

    def put(self, url: str, headers: Mapping[str, str], body: bytes, /) -> Exchange:
        """Put a file at an address. Raises ConformanceError for one where nothing may be sent."""

    def secrets(self, contract: OperationContract, exchange: Exchange | None, /) -> tuple[str, ...]:
        """The texts of an exchange that must not be shown."""


def carried_out(sender: SetupSender, contract: OperationContract, document: Any) -> tuple[bool, Any, str]:
    """Whether an operation succeeded, what it answered, and what was said otherwise."""
    exchange = sender.invoke(contract, document)
    response = exchange.response
    if response.fate != "answered":
        return False, None, f"{response.fate} {response.detail}".strip()
    if 200 <= response.status < 300:
        decoded = contract.decode_response(response)
        return decoded.readable, decoded.document, "an unreadable body"
    error = contract.protocol.decode_error(contract.service, response)
    said = f"{response.status} {error.code or ''} {error.message or ''}".strip()
    return False, None, without_secrets(said, sender.secrets(contract, exchange))


def put_file(sender: SetupSender, upload: Upload, url: Any, columns: Any) -> str:
    """Why a file could not be put at an address that the target handed out, or the empty string."""
    if not isinstance(url, str) or not isinstance(columns, list):
        return "the address or the columns for the CSV file are not usable"
    body = csv_bytes([str(column) for column in columns], upload.rows)
    try:
        response = sender.put(url, upload.headers, body).response
    except ConformanceError:
        # Leave to go there would only send the file to a stranger.
        return (
            f"the target handed out an upload address that is not its own: {_origin(url)}; "
            "--allow-upload-to HOST:PORT lets it"
        )
    if response.fate == "refused":
        return f"nothing serves the upload address that the target handed out: {_origin(url)}"
    if not 200 <= response.status < 300:
        return f"the upload was answered with {response.status or response.fate}"
    return ""


def _origin(url: str) -> str:
    """Scheme and host of an address, without the signature in what comes after them."""
    return "/".join(url.split("/", 3)[:3])
