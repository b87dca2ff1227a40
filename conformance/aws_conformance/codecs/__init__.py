"""The codecs: between documents in a schema's terms and bytes on the wire, one row per protocol.

This module owns the record that a protocol fills in and the table of protocols. A document is the
strictly decoded content of one side of an operation: JSON values, timestamps in the protocol's wire
form, blobs in base64. Codecs are pure; whatever is odd about the bytes comes back as a Finding with a
path, never as an exception, because it is the target's doing.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import UsageError
from ..shapes import Service
from .codec import Codec
from .findings import Decoded, DecodedError, DecodedRequest, Finding, Rule

__all__ = [
    "Codec",
    "Decoded",
    "DecodedError",
    "DecodedRequest",
    "Finding",
    "Rule",
    "codec_for",
    "supported_protocols",
]


def _table() -> Mapping[str, Codec]:
    from .json import CODEC as JSON

    return {JSON.name: JSON}


def supported_protocols() -> tuple[str, ...]:
    """Names of the protocols that have a codec, sorted."""
    return tuple(sorted(_table()))


def codec_for(service: Service, protocol: str | None = None) -> Codec:
    """The codec of a service: of `protocol`, or of the first of its protocols that there is a codec for.

    Raises UsageError if the service doesn't speak `protocol`, or if there is no codec yet.
    """
    table = _table()
    if protocol is not None and protocol not in service.protocols:
        spoken = ", ".join(service.protocols) or "no protocol that its source names"
        raise UsageError(f"{service.name} does not speak {protocol!r}.", f"It speaks {spoken}.")
    for name in (protocol,) if protocol else service.protocols:
        if name in table:
            return table[name]
    wanted = protocol or (service.protocols[0] if service.protocols else "an unknown protocol")
    raise UsageError(
        f"There is no codec for {wanted} yet, which {service.name} speaks.",
        f"Supported: {', '.join(sorted(table))}.",
    )
