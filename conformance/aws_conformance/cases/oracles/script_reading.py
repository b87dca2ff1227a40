# SPDX-License-Identifier: Apache-2.0
"""A script that a report holds, as the value that it was.

It owns the reading, and what is said where a service has its operations no more. It refuses to know how it
was written (script.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import UsageError
from ...results.events import CaseInfo
from ..contract import Contract
from .associations import associations_of
from .families import families_of
from .script import Move, Script

__all__ = ["script_from_json"]


def script_from_json(contract: Contract, info: CaseInfo, raw: Mapping[str, Any]) -> Script:
    """The script that `script_to_json` wrote. Raises UsageError for anything else."""
    try:
        moves = tuple(Move(**move) for move in raw["moves"])
        creator, subject = str(raw["creator"]), str(raw["subject"])
        associates = raw.get("associates") is True
    except (KeyError, TypeError):
        raise UsageError("its script can't be read.", "Run again.") from None
    families = (
        [association.family for association in associations_of(contract)]
        if associates
        else families_of(contract)
    )
    family = next((known for known in families if known.creator.name == creator), None)
    names = contract.service.operations
    lost = next((move.operation for move in moves if move.operation not in names), None)
    if family is None or lost is not None:
        raise UsageError(f"{contract.service.name} has no {lost or creator!r} any more.", "Run again.")
    return Script(info, family, subject, moves, associates=associates)
