# SPDX-License-Identifier: Apache-2.0
"""A script as a value: its moves, its family, and how a report holds it.

It owns the form, in memory and in reports. It refuses to know which scripts there are (scripts.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ...errors import UsageError
from ...results.events import CaseInfo
from ..contract import Contract
from .families import CREATE, Family, families_of
from .words import Role

__all__ = ["Move", "Script", "script_from_json", "script_to_json"]


@dataclass(frozen=True, slots=True)
class Move:
    """One request of a script: its role, its operation, its input with symbols.

    Symbols name labels of earlier moves (`{"$from": "create.User.Id"}`); `about` is the label of the move
    that made what it is about. It is sent `times` at once.
    """

    label: str
    role: Role
    operation: str
    input: Mapping[str, Any]
    about: str = CREATE
    times: int = 1


@dataclass(frozen=True, slots=True)
class Script:
    """A history of one family: what is done, and the operation whose it is (`subject`).

    `kind` and `state` are those of a History: documents allow it all, and no state is to be met.
    """

    info: CaseInfo
    family: Family
    subject: str
    moves: tuple[Move, ...]
    kind: Literal["path"] = "path"
    state: str = ""


def script_to_json(script: Script) -> dict[str, Any]:
    """What a report holds of a script, beside its CaseInfo."""
    return {
        "creator": script.family.creator.name,
        "subject": script.subject,
        "moves": [asdict(move) for move in script.moves],
    }


def script_from_json(contract: Contract, info: CaseInfo, raw: Mapping[str, Any]) -> Script:
    """The script that `script_to_json` wrote. Raises UsageError for anything else."""
    try:
        moves = tuple(Move(**move) for move in raw["moves"])
        creator, subject = str(raw["creator"]), str(raw["subject"])
    except (KeyError, TypeError):
        raise UsageError("its script can't be read.", "Run again.") from None
    family = next((known for known in families_of(contract) if known.creator.name == creator), None)
    names = contract.service.operations
    lost = next((move.operation for move in moves if move.operation not in names), None)
    if family is None or lost is not None:
        raise UsageError(f"{contract.service.name} has no {lost or creator!r} any more.", "Run again.")
    return Script(info, family, subject, moves)
