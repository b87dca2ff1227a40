# SPDX-License-Identifier: Apache-2.0
"""A script as a value: its moves, its family, and how a report holds it.

It owns the form, in memory and in reports. It refuses to know which scripts there are (scripts.py) and how a
report is read again (script_reading.py).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ...results.events import CaseInfo
from .families import CREATE, Family
from .words import Role

__all__ = ["Move", "Script", "script_of", "script_to_json"]


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

    `kind` and `state` are those of a History: documents allow it all, and no state is to be met. One that
    `associates` is of an addition, which is the creator of its family.
    """

    info: CaseInfo
    family: Family
    subject: str
    moves: tuple[Move, ...]
    kind: Literal["path"] = "path"
    state: str = ""
    associates: bool = False


def script_of(
    service: str,
    family: Family,
    title: str,
    moves: Iterable[Move],
    subject: str = "",
    *,
    associates: bool = False,
) -> Script:
    """A script of moves on a family, by default its creator's; its id is made of what is sent."""
    moves, subject = tuple(moves), subject or family.creator.name
    identity = json.dumps([subject, [asdict(move) for move in moves]], sort_keys=True, default=str)
    info = CaseInfo(
        id=hashlib.sha256(identity.encode()).hexdigest()[:12],
        operation=f"{service}:{subject}",
        phase="stateful",
        kind="path",
        title=title,
        lifecycle=f"oracles of {family.creator.name}",
    )
    return Script(info, family, subject, moves, associates=associates)


def script_to_json(script: Script) -> dict[str, Any]:
    """What a report holds of a script, beside its CaseInfo."""
    written = {
        "creator": script.family.creator.name,
        "subject": script.subject,
        "moves": [asdict(move) for move in script.moves],
    }
    return {**written, "associates": True} if script.associates else written
