"""The codecs: between documents in a schema's terms and bytes on the wire, one row per protocol.

This module owns the table of protocols and the choice of a service's. A document is the strictly decoded
content of one side of an operation: JSON values, timestamps in the protocol's wire
form, blobs in base64. Codecs are pure; whatever is odd about the bytes comes back as a Finding with a
path, never as an exception, because it is the target's doing.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..errors import UsageError
from ..spec.shapes import Service
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
    "resolve_protocol",
    "supported_protocols",
]


def _table() -> Mapping[str, Codec]:
    from .json import CODEC as JSON

    return {JSON.name: JSON}


def supported_protocols() -> tuple[str, ...]:
    """Names of the protocols that have a codec, sorted."""
    return tuple(sorted(_table()))


# The order in which botocore's client prefers the protocols of a service that has several:
# botocore.utils.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS, applied by ServiceModel.resolved_protocol.
_PREFERRED = ("json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor", "query", "ec2")


def resolve_protocol(service: Service, requested: str | None = None) -> str:
    """The protocol that a service is checked in: the requested one, or else what botocore's client speaks.

    Without a codec for botocore's choice it is the first listed protocol that has one; without any codec it
    stays botocore's choice, of which schemas can still be made. `unknown` where the service's source names
    no protocol. Nothing else decides. Raises UsageError if the service doesn't speak `requested`.
    """
    if requested is not None:
        if requested not in service.protocols:
            spoken = ", ".join(service.protocols) or "no protocol that its source names"
            raise UsageError(f"{service.name} does not speak {requested!r}.", f"It speaks {spoken}.")
        return requested
    if not service.protocols:
        return "unknown"
    preferred = min(service.protocols, key=_rank)
    table = _table()
    return next((name for name in (preferred, *service.protocols) if name in table), preferred)


def _rank(protocol: str) -> int:
    return _PREFERRED.index(protocol) if protocol in _PREFERRED else len(_PREFERRED)


def codec_for(service: Service, protocol: str) -> Codec:
    """The codec of a protocol that a service speaks. Raises UsageError if there is none yet."""
    table = _table()
    if protocol not in table:
        raise UsageError(
            f"There is no codec for {protocol} yet, which {service.name} speaks.",
            f"Supported: {', '.join(sorted(table))}.",
        )
    return table[protocol]
