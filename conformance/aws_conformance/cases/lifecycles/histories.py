# SPDX-License-Identifier: Apache-2.0
"""Histories: what is done to resources, move by move, as plain values with stable ids.

It owns their form, in memory and in reports, and what a shorter history is. It refuses to know which
histories there are (coverage.py) and how they go (the engine).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias, get_args

from ...errors import UsageError
from ...results.events import CaseInfo
from .model import Lifecycle

__all__ = [
    "History",
    "HistoryKind",
    "Step",
    "check_fits",
    "doubled",
    "from_json",
    "history",
    "shorter",
    "to_json",
    "without_stops",
    "without_uploads",
]

# path: the documents allow it all; forbidden: they do, but for the last action; race: several actions at
# once; walk: made by chance.
HistoryKind: TypeAlias = Literal["path", "forbidden", "race", "walk"]
# act: an action; wait: until the resource is in one of the states, or rests; pass: time is moved until it
# is; read: a reader is asked; race: a race of the lifecycle is run.
Doing: TypeAlias = Literal["act", "wait", "pass", "read", "race"]


@dataclass(frozen=True, slots=True)
class Step:
    """One move: what is `do`ne to which resource (`who`).

    `name` is the action, the reader or the race; `variant` one of the action's; `until` the states that are
    waited for; `refusal` is the index of the line whose members replace the action's (-1: none).
    """

    do: Doing
    who: str
    name: str = ""
    variant: str = ""
    until: tuple[str, ...] = ()
    refusal: int = -1


@dataclass(frozen=True, slots=True)
class History:
    """A history of a lifecycle: `setting` is what it stands on, `info` what reports need to know.

    `subject` is the operation that it is about. `state` is that in which its last action should find the
    resource, if it is about one action; `otherwise` are other ways there, for a target that skips a state.
    """

    info: CaseInfo
    lifecycle: str
    kind: HistoryKind
    setting: str
    moves: tuple[Step, ...]
    subject: str
    state: str = ""
    otherwise: tuple[tuple[Step, ...], ...] = ()


def history(
    lifecycle: Lifecycle,
    kind: HistoryKind,
    title: str,
    setting: str,
    moves: tuple[Step, ...],
    subject: str,
    state: str = "",
) -> History:
    """A history with its id, which depends on what is done alone."""
    done = [_move_to_json(step) for step in moves]
    identity = json.dumps([lifecycle.name, kind, setting, state, done], sort_keys=True)
    info = CaseInfo(
        id=hashlib.sha256(identity.encode()).hexdigest()[:12],
        operation=f"{lifecycle.service}:{subject}",
        phase="stateful",
        kind=kind,
        title=title,
        lifecycle=lifecycle.name,
        state=state,
    )
    return History(info, lifecycle.name, kind, setting, moves, subject, state)


def shorter(history: History) -> Iterator[History]:
    """Histories that leave out one move, or one resource, of this one; the biggest cuts first."""
    history = replace(history, otherwise=())
    moves = history.moves
    for who in dict.fromkeys(step.who for step in moves[:-1]):
        if who != moves[-1].who:
            yield replace(history, moves=tuple(step for step in moves if step.who != who))
    for length in (4, 2, 1):
        for start in range(len(moves) - length):
            yield replace(history, moves=moves[:start] + moves[start + length :])


def without_stops(history: History) -> History:
    """The history without waiting for a state on the way to one that is waited for right behind it."""
    moves = [
        step
        for step, after in zip(history.moves, (*history.moves[1:], None), strict=True)
        if not (after is not None and step.do == after.do == "wait" and step.who == after.who)
    ]
    return replace(history, moves=tuple(moves))


def without_uploads(history: History, lifecycle: Lifecycle) -> History:
    """The history without the uploads on the way to its last step."""
    steps = tuple(
        step for step in history.moves[:-1] if step.do != "act" or lifecycle.actions[step.name].put is None
    )
    return replace(history, moves=(*steps, *history.moves[-1:]))


def doubled(history: History) -> History:
    """The same done to another resource first, and then to this one."""
    names = {step.who for step in history.moves}
    other = next(name for name in ("second", "third", "fourth") if name not in names)
    before = tuple(replace(step, who=other) for step in history.moves if step.who == history.moves[-1].who)
    return replace(history, moves=(*before, *history.moves), otherwise=())


def to_json(history: History) -> dict[str, Any]:
    """What a report holds of a history, beside its CaseInfo."""
    return {
        "lifecycle": history.lifecycle,
        "kind": history.kind,
        "setting": history.setting,
        "subject": history.subject,
        "state": history.state,
        "moves": [_move_to_json(step) for step in history.moves],
    }


def from_json(info: CaseInfo, raw: Mapping[str, Any]) -> History:
    """The history that `to_json` wrote. Raises UsageError for anything else."""
    from ...spec.schema.validate import compile_validator

    findings = compile_validator(_written()).findings(raw)
    if findings:
        where = ".".join(map(str, findings[0].path)) or "it"
        raise UsageError(f"its history can't be read: {where} is not as it should be.")
    moves = tuple(Step(**{**move, "until": tuple(move.get("until", ()))}) for move in raw["moves"])
    return History(info, raw["lifecycle"], raw["kind"], raw["setting"], moves, raw["subject"], raw["state"])


def _written() -> dict[str, Any]:
    """The JSON Schema of what is written of a history."""
    text = {"type": "string"}
    name = {"type": "string", "minLength": 1}
    move = {
        "do": {"enum": list(get_args(Doing))},
        "who": name,
        "name": name,
        "variant": name,
        "until": {"type": "array", "items": name},
        "refusal": {"type": "integer", "minimum": 0},
    }
    moves = {"type": "object", "properties": move, "required": ["do", "who"], "additionalProperties": False}
    members = {
        "lifecycle": name,
        "kind": {"enum": list(get_args(HistoryKind))},
        "setting": name,
        "subject": name,
        "state": text,
        "moves": {"type": "array", "items": moves, "minItems": 1},
    }
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def check_fits(history: History, lifecycle: Lifecycle) -> None:
    """Raises UsageError for a history of something that the lifecycle does not have (any more)."""
    names = {"act": lifecycle.actions, "read": lifecycle.readers}
    races = [race.name for race in lifecycle.races]
    for move in history.moves:
        known = names.get(move.do, races if move.do == "race" else (move.name,))
        lost = move.name not in known or move.refusal >= len(lifecycle.refusals)
        if not lost and move.do == "act":
            lost = move.variant not in [variant.name for variant in lifecycle.actions[move.name].variants]
        if lost or any(state not in lifecycle.states for state in move.until):
            what = " ".join(filter(None, (move.do, move.name, move.variant, *move.until)))
            raise UsageError(f"the lifecycle {lifecycle.name!r} has no {what!r} any more.", "Run again.")
    if history.setting not in [setting.name for setting in lifecycle.settings]:
        raise UsageError(f"the lifecycle {lifecycle.name!r} has no setting {history.setting!r} any more.")


def _move_to_json(move: Step) -> dict[str, Any]:
    raw: dict[str, Any] = {"do": move.do, "who": move.who}
    if move.name:
        raw["name"] = move.name
    if move.variant:
        raw["variant"] = move.variant
    if move.until:
        raw["until"] = list(move.until)
    if move.refusal >= 0:
        raw["refusal"] = move.refusal
    return raw
