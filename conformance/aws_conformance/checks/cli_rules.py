# SPDX-License-Identifier: Apache-2.0
"""What each check of the `aws` command looks for, as functions of what the command did.

It owns the looking. It refuses to know ids, severities and citations (cli.py), and judges one thing each: a
rule about an exit code leaves it to another that there is a failure at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from .check import Breach
from .command import CommandResult, breach_at
from .response import shorten
from .skeletons import Misfit, differences, misfits

__all__ = [
    "as_plain",
    "crash",
    "document",
    "exits",
    "fails",
    "form",
    "members",
    "message",
    "named",
    "offline",
    "refuses",
    "sends",
    "sends_member",
    "success",
    "timeout",
    "times",
    "validates",
]

Failure: TypeAlias = Literal["usage", "json", "object", "parameters", "service", "credentials", "connection"]
Breaches: TypeAlias = Iterator[Breach]

# Exit codes by kind of failure, of version 1 and of version 2 and later.
_EXITS: Mapping[Failure, tuple[frozenset[int], frozenset[int]]] = MappingProxyType(
    {
        "usage": (frozenset({2}), frozenset({252})),
        "json": (frozenset({255}), frozenset({252})),
        # What version 2 says to JSON that is no object is not on record: a mistake of the user's, or general.
        "object": (frozenset({255}), frozenset({252, 255})),
        "parameters": (frozenset({255}), frozenset({252})),
        "service": (frozenset({255}), frozenset({254})),
        "credentials": (frozenset({255}), frozenset({253})),
        "connection": (frozenset({255}), frozenset({255})),
    }
)


def _refused(result: CommandResult) -> bool:
    return result.exit != 0 and not result.calls


def _outcome(result: CommandResult) -> str:
    sent = f" after {result.calls} call{'' if result.calls == 1 else 's'}" if result.calls else ""
    return f"exit {result.exit}{sent}"


def refuses(result: CommandResult) -> Breaches:
    if not _refused(result):
        yield breach_at("(exit)", "a refusal before anything is sent", _outcome(result))


def exits(failure: Failure) -> Callable[[CommandResult], Breaches]:
    """The rule for the exit code of one kind of failure; that it fails at all is another rule's."""

    def run(result: CommandResult) -> Breaches:
        expected = _EXITS[failure][0 if result.major < 2 else 1]
        failed = result.exit != 0 and (failure in ("service", "connection") or not result.calls)
        if failed and result.exit not in expected:
            codes = " or ".join(map(str, sorted(expected)))
            yield breach_at("(exit)", f"exit {codes}", f"exit {result.exit}")

    return run


def success(result: CommandResult) -> Breaches:
    if result.answered and result.exit != 0:
        yield breach_at("(exit)", "exit 0, as the service succeeded", _outcome(result))


def fails(result: CommandResult) -> Breaches:
    if result.exit == 0 and (result.code or result.trial.about != "service error"):
        yield breach_at("(exit)", "a failure", _outcome(result), result.trial.about)


def named(result: CommandResult) -> Breaches:
    if not _refused(result):
        return
    if result.trial.option not in result.stderr:
        yield breach_at("(stderr)", f"{result.trial.option} named", shorten(result.stderr[-200:]))
    if result.major < 2 and "usage:" not in result.stderr:
        yield breach_at("(stderr)", "the usage", shorten(result.stderr[-200:]), "usage")


def message(result: CommandResult) -> Breaches:
    if not result.code or result.exit == 0:
        return
    expected = (result.code, result.operation.name, *([result.message] if result.message else []))
    for text in expected:
        if text not in result.stderr:
            yield breach_at("(stderr)", f"{shorten(text)} in what is said", shorten(result.stderr[-200:]))
            return


def document(result: CommandResult) -> Breaches:
    if not result.answered or result.exit != 0:
        return
    if not result.stdout.strip():
        # An empty answer is printed as nothing at all.
        printed: Any = {}
    else:
        printed = _json(result.stdout)
    if not isinstance(printed, dict):
        yield breach_at("(stdout)", "a JSON object", shorten(result.stdout[:200]))
        return
    yield from differences(result.service, result.operation.output, result.answer, printed, result.known)


def sends(result: CommandResult) -> Breaches:
    """The whole request, member by member."""
    if len(result.sent) != 1:
        yield breach_at("(request)", "one request", _unsent(result))
        return
    sent = result.sent[0]
    members = result.service.structure(result.operation.input).members
    for name, value in result.requested.items():
        if not isinstance(sent, dict) or name not in sent:
            yield breach_at(f"(request) $.{name}", _shown(result, name, value), "nothing")
        elif sent[name] != value:
            yield _another(result, name, value, sent[name])
    for name in sent if isinstance(sent, dict) else ():
        # A client makes up an idempotency token that it is not given.
        if name not in result.requested and not (name in members and members[name].idempotency_token):
            yield breach_at(f"(request) $.{name}", "nothing", _shown(result, name, sent[name]))


def sends_member(result: CommandResult) -> Breaches:
    """The one member that the trial is about."""
    if len(result.sent) != 1:
        yield breach_at("(request)", "one request", _unsent(result))
        return
    name, sent = result.trial.member, result.sent[0]
    value = sent.get(name) if isinstance(sent, dict) else None
    if value != result.requested[name]:
        yield _another(result, name, result.requested[name], value)


def _another(result: CommandResult, name: str, expected: Any, sent: Any) -> Breach:
    return breach_at(f"(request) $.{name}", _shown(result, name, expected), _shown(result, name, sent))


def _shown(result: CommandResult, name: str, value: Any) -> str:
    members = result.service.structure(result.operation.input).members
    secret = name in members and result.service.shape(members[name].target).sensitive
    return "(a sensitive value)" if secret else shorten(value)


def _unsent(result: CommandResult) -> str:
    return f"{len(result.sent)} requests, exit {result.exit}: {shorten(result.stderr[-160:])}"


def offline(result: CommandResult) -> Breaches:
    if result.calls:
        yield breach_at("(request)", "nothing sent", f"{result.calls} sent")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _misfits(result: CommandResult, side: Literal["input", "output"]) -> Iterator[Misfit]:
    printed = _json(result.stdout)
    root = result.operation.input if side == "input" else result.operation.output
    if result.exit == 0 and isinstance(printed, dict):
        yield from misfits(result.service, root, printed, f"${side}")


def form(side: Literal["input", "output"]) -> Callable[[CommandResult], Breaches]:
    def run(result: CommandResult) -> Breaches:
        if result.exit != 0:
            yield breach_at("(exit)", "a skeleton, and exit 0", _outcome(result))
        elif not isinstance(_json(result.stdout), dict):
            yield breach_at("(stdout)", "a JSON object", shorten(result.stdout[:200]))
        for misfit in _misfits(result, side):
            if misfit.kind == "type":
                yield breach_at(_place(misfit), misfit.expected, misfit.got)

    return run


def members(side: Literal["input", "output"]) -> Callable[[CommandResult], Breaches]:
    def run(result: CommandResult) -> Breaches:
        for misfit in _misfits(result, side):
            if misfit.kind in ("missing", "required", "unknown"):
                yield breach_at(_place(misfit), misfit.expected, misfit.got)

    return run


def times(result: CommandResult) -> Breaches:
    for misfit in _misfits(result, "output"):
        if misfit.kind == "timestamp":
            yield breach_at(_place(misfit), misfit.expected, misfit.got)


def _place(misfit: Misfit) -> str:
    return misfit.place.replace("$input", "$").replace("$output", "$")


def as_plain(result: CommandResult) -> Breaches:
    """The same skeleton as without anything else; which of an enumeration's values is shown is chance."""
    printed = _json(result.stdout)
    if result.exit != 0:
        yield breach_at("(exit)", "a skeleton, and exit 0", _outcome(result))
    elif result.plain is not None and _outline(printed) != _outline(result.plain):
        yield breach_at("(stdout)", shorten(result.plain), shorten(result.stdout[:200]))


def _outline(value: Any) -> Any:
    match value:
        case dict():
            return {key: _outline(item) for key, item in value.items()}
        case list():
            return [_outline(item) for item in value]
        case _:
            return type(value).__name__


def validates(result: CommandResult) -> Breaches:
    if result.exit == 0:
        yield breach_at("(exit)", "a refusal, and no skeleton", _outcome(result))


def crash(result: CommandResult) -> Breaches:
    if result.exit is not None and result.broken:
        lines = result.stderr.strip().splitlines()
        yield breach_at(
            "(stderr)",
            "an orderly end",
            shorten(lines[-1] if lines else _outcome(result)),
            result.trial.about,
        )


def timeout(result: CommandResult) -> Breaches:
    if result.exit is None:
        yield breach_at(
            "(exit)", "an end", f"none; by then {result.calls} calls were made", result.trial.about
        )
