# SPDX-License-Identifier: Apache-2.0
"""In which of its protocols a service is spoken to, where it has several.

It owns the order that botocore's client has. It refuses to know protocols.
"""

from __future__ import annotations

from .shapes import Service

__all__ = ["preferred_protocol"]

# botocore.utils.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS, applied by ServiceModel.resolved_protocol.
_PREFERRED = ("json", "rest-json", "rest-xml", "smithy-rpc-v2-cbor", "query", "ec2")


def preferred_protocol(service: Service) -> str:
    """The protocol that botocore's client speaks with a service; `unknown` where its source names none."""
    return min(service.protocols, key=_rank, default="unknown")


def _rank(protocol: str) -> int:
    return _PREFERRED.index(protocol) if protocol in _PREFERRED else len(_PREFERRED)
