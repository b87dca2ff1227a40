# SPDX-License-Identifier: Apache-2.0
"""Which operations are asked over which protocols, where a service is spoken to in all that it lists.

It owns that table. It refuses to know what is done over a protocol.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..protocols import protocol_table
from ..spec.botocore import load_service

__all__ = ["listed_protocols"]


def listed_protocols(operations: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """The operations, full names, by each protocol that their services list, in the order of these lists."""
    by_protocol: dict[str, list[str]] = {}
    for operation in operations:
        for protocol in load_service(operation.partition(":")[0]).protocols:
            if protocol in protocol_table():
                by_protocol.setdefault(protocol, []).append(operation)
    return {protocol: tuple(names) for protocol, names in by_protocol.items()}
