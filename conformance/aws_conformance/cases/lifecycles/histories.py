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
    done = [_move_to_json(one) for one in moves]
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


def shorter(whole: History) -> Iterator[History]:
    """Histories that leave out one move, or one resource, of this one; the biggest cuts first."""
    whole = replace(whole, otherwise=())
    moves = whole.moves
    for who in dict.fromkeys(one.who for one in moves[:-1]):
        if who != moves[-1].who:
            yield replace(whole, moves=tuple(one for one in moves if one.who != who))
    for length in (4, 2, 1):
        for start in range(len(moves) - length):
            yield replace(whole, moves=moves[:start] + moves[start + length :])


def without_stops(whole: History) -> History:
    """The history without waiting for a state on the way to one that is waited for right behind it."""
    moves = [
        one
        for one, after in zip(whole.moves, (*whole.moves[1:], None), strict=True)
        if not (after is not None and one.do == after.do == "wait" and one.who == after.who)
    ]
    return replace(whole, moves=tuple(moves))


def without_uploads(whole: History, lifecycle: Lifecycle) -> History:
    """The history without the uploads on the way to its last step."""
    steps = tuple(
        step for step in whole.moves[:-1] if step.do != "act" or lifecycle.actions[step.name].put is None
    )
    return replace(whole, moves=(*steps, *whole.moves[-1:]))


def doubled(whole: History) -> History:
    """The same done to another resource first, and then to this one."""
    names = {one.who for one in whole.moves}
    other = next(name for name in ("second", "third", "fourth") if name not in names)
    before = tuple(replace(one, who=other) for one in whole.moves if one.who == whole.moves[-1].who)
    return replace(whole, moves=(*before, *whole.moves), otherwise=())


def to_json(whole: History) -> dict[str, Any]:
    """What a report holds of a history, beside its CaseInfo."""
    return {
        "lifecycle": whole.lifecycle,
        "kind": whole.kind,
        "setting": whole.setting,
        "subject": whole.subject,
        "state": whole.state,
        "moves": [_move_to_json(one) for one in whole.moves],
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
    told = {
        "lifecycle": name,
        "kind": {"enum": list(get_args(HistoryKind))},
        "setting": name,
        "subject": name,
        "state": text,
        "moves": {"type": "array", "items": moves, "minItems": 1},
    }
    return {"type": "object", "properties": told, "required": list(told), "additionalProperties": False}


def check_fits(whole: History, lifecycle: Lifecycle) -> None:
    """Raises UsageError for a history of something that the lifecycle does not have (any more)."""
    names = {"act": lifecycle.actions, "read": lifecycle.readers}
    races = [one.name for one in lifecycle.races]
    for move in whole.moves:
        known = names.get(move.do, races if move.do == "race" else (move.name,))
        lost = move.name not in known or move.refusal >= len(lifecycle.refusals)
        if not lost and move.do == "act":
            lost = move.variant not in [one.name for one in lifecycle.actions[move.name].variants]
        if lost or any(state not in lifecycle.states for state in move.until):
            what = " ".join(filter(None, (move.do, move.name, move.variant, *move.until)))
            raise UsageError(f"the lifecycle {lifecycle.name!r} has no {what!r} any more.", "Run again.")
    if whole.setting not in [one.name for one in lifecycle.settings]:
        raise UsageError(f"the lifecycle {lifecycle.name!r} has no setting {whole.setting!r} any more.")


def _move_to_json(move: Step) -> dict[str, Any]:
    made: dict[str, Any] = {"do": move.do, "who": move.who}
    if move.name:
        made["name"] = move.name
    if move.variant:
        made["variant"] = move.variant
    if move.until:
        made["until"] = list(move.until)
    if move.refusal >= 0:
        made["refusal"] = move.refusal
    return made
