# SPDX-License-Identifier: Apache-2.0
"""The protocols: between documents in a schema's terms and bytes on the wire, one row per protocol.

This module owns the table of protocols and the choice of a service's. A document is the strictly decoded
content of one side of an operation: JSON values under the members' names, timestamps in the
protocol's wire form, blobs in base64. A protocol's functions are pure; whatever is odd about the bytes comes
back as a Finding with a path, never as an exception, because it is the target's doing.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping

from ..errors import UsageError
from ..spec.protocol_order import preferred_protocol
from ..spec.shapes import Service
from .findings import Decoded, DecodedError, DecodedRequest, Finding, Rule
from .record import Protocol
from .request_traits import honouring_traits

__all__ = [
    "Decoded",
    "DecodedError",
    "DecodedRequest",
    "Finding",
    "Protocol",
    "Rule",
    "codec_for",
    "protocol_table",
    "register",
    "resolve_protocol",
]


_REGISTERED: dict[str, Protocol] = {}


@functools.cache
def _own() -> Mapping[str, Protocol]:
    from .ec2 import PROTOCOL as EC2
    from .json import PROTOCOL as JSON
    from .query import PROTOCOL as QUERY
    from .rest_json import PROTOCOL as REST_JSON
    from .rest_xml import PROTOCOL as REST_XML
    from .rpc_v2_cbor import PROTOCOL as RPC_V2_CBOR
    from .rpc_v2_json import PROTOCOL as RPC_V2_JSON

    own = (JSON, REST_JSON, REST_XML, RPC_V2_CBOR, RPC_V2_JSON, QUERY, EC2)
    return {protocol.name: honouring_traits(protocol) for protocol in own}


def protocol_table() -> Mapping[str, Protocol]:
    """All protocols by their names: our own, and those that were registered."""
    return {**_own(), **_REGISTERED}


def register(protocol: Protocol) -> None:
    """Make a protocol known for services that name it; one of ours of the same name is replaced.

    Contracts that were made before keep what they were made with.
    """
    _REGISTERED[protocol.name] = honouring_traits(protocol)


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
    preferred = preferred_protocol(service)
    table = protocol_table()
    return next((name for name in (preferred, *service.protocols) if name in table), preferred)


def codec_for(service: Service, protocol: str) -> Protocol:
    """The record of a protocol that a service speaks. Raises UsageError if there is none yet."""
    table = protocol_table()
    if protocol not in table:
        raise UsageError(
            f"There is no codec for {protocol} yet, which {service.name} speaks.",
            f"Supported: {', '.join(sorted(table))}.",
        )
    return table[protocol]
