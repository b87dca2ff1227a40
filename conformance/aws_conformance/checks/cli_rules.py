"""What each check of the `aws` command looks for, as functions of what it was told.

It owns the looking. It refuses to know ids, severities and citations (cli.py), and judges one thing each: a
rule about an exit code leaves it to another that there is a failure at all.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from .command import CommandBreach, CommandResult
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
Breaches: TypeAlias = Iterator[CommandBreach]

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


def _refused(told: CommandResult) -> bool:
    return told.exit != 0 and not told.calls


def _outcome(told: CommandResult) -> str:
    sent = f" after {told.calls} call{'' if told.calls == 1 else 's'}" if told.calls else ""
    return f"exit {told.exit}{sent}"


def refuses(told: CommandResult) -> Breaches:
    if not _refused(told):
        yield CommandBreach("(exit)", "a refusal before anything is sent", _outcome(told))


def exits(failure: Failure) -> Callable[[CommandResult], Breaches]:
    """The rule for the exit code of one kind of failure; that it fails at all is another rule's."""

    def run(told: CommandResult) -> Breaches:
        wanted = _EXITS[failure][0 if told.major < 2 else 1]
        failed = told.exit != 0 and (failure in ("service", "connection") or not told.calls)
        if failed and told.exit not in wanted:
            codes = " or ".join(map(str, sorted(wanted)))
            yield CommandBreach("(exit)", f"exit {codes}", f"exit {told.exit}")

    return run


def success(told: CommandResult) -> Breaches:
    if told.answered and told.exit != 0:
        yield CommandBreach("(exit)", "exit 0, as the service succeeded", _outcome(told))


def fails(told: CommandResult) -> Breaches:
    if told.exit == 0 and (told.code or told.trial.about != "service error"):
        yield CommandBreach("(exit)", "a failure", _outcome(told), told.trial.about)


def named(told: CommandResult) -> Breaches:
    if not _refused(told):
        return
    if told.trial.option not in told.stderr:
        yield CommandBreach("(stderr)", f"{told.trial.option} named", shorten(told.stderr[-200:]))
    if told.major < 2 and "usage:" not in told.stderr:
        yield CommandBreach("(stderr)", "the usage", shorten(told.stderr[-200:]), "usage")


def message(told: CommandResult) -> Breaches:
    if not told.code or told.exit == 0:
        return
    wanted = (told.code, told.operation.name, *([told.message] if told.message else []))
    for text in wanted:
        if text not in told.stderr:
            yield CommandBreach("(stderr)", f"{shorten(text)} in what is said", shorten(told.stderr[-200:]))
            return


def document(told: CommandResult) -> Breaches:
    if not told.answered or told.exit != 0:
        return
    if not told.stdout.strip():
        # An empty answer is printed as nothing at all.
        printed: Any = {}
    else:
        printed = _json(told.stdout)
    if not isinstance(printed, dict):
        yield CommandBreach("(stdout)", "a JSON object", shorten(told.stdout[:200]))
        return
    yield from differences(told.service, told.operation.output, told.answer, printed, told.known)


def sends(told: CommandResult) -> Breaches:
    """The whole request, member by member."""
    if len(told.sent) != 1:
        yield CommandBreach("(request)", "one request", _unsent(told))
        return
    sent = told.sent[0]
    members = told.service.structure(told.operation.input).members
    for name, value in told.wanted.items():
        if not isinstance(sent, dict) or name not in sent:
            yield CommandBreach(f"(request) $.{name}", _shown(told, name, value), "nothing")
        elif sent[name] != value:
            yield _another(told, name, value, sent[name])
    for name in sent if isinstance(sent, dict) else ():
        # A client makes up an idempotency token that it is not given.
        if name not in told.wanted and not (name in members and members[name].idempotency_token):
            yield CommandBreach(f"(request) $.{name}", "nothing", _shown(told, name, sent[name]))


def sends_member(told: CommandResult) -> Breaches:
    """The one member that the trial is about."""
    if len(told.sent) != 1:
        yield CommandBreach("(request)", "one request", _unsent(told))
        return
    name, sent = told.trial.member, told.sent[0]
    value = sent.get(name) if isinstance(sent, dict) else None
    if value != told.wanted[name]:
        yield _another(told, name, told.wanted[name], value)


def _another(told: CommandResult, name: str, wanted: Any, sent: Any) -> CommandBreach:
    return CommandBreach(f"(request) $.{name}", _shown(told, name, wanted), _shown(told, name, sent))


def _shown(told: CommandResult, name: str, value: Any) -> str:
    members = told.service.structure(told.operation.input).members
    secret = name in members and told.service.shape(members[name].target).sensitive
    return "(a sensitive value)" if secret else shorten(value)


def _unsent(told: CommandResult) -> str:
    return f"{len(told.sent)} requests, exit {told.exit}: {shorten(told.stderr[-160:])}"


def offline(told: CommandResult) -> Breaches:
    if told.calls:
        yield CommandBreach("(request)", "nothing sent", f"{told.calls} sent")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _misfits(told: CommandResult, side: Literal["input", "output"]) -> Iterator[Misfit]:
    printed = _json(told.stdout)
    root = told.operation.input if side == "input" else told.operation.output
    if told.exit == 0 and isinstance(printed, dict):
        yield from misfits(told.service, root, printed, f"${side}")


def form(side: Literal["input", "output"]) -> Callable[[CommandResult], Breaches]:
    def run(told: CommandResult) -> Breaches:
        if told.exit != 0:
            yield CommandBreach("(exit)", "a skeleton, and exit 0", _outcome(told))
        elif not isinstance(_json(told.stdout), dict):
            yield CommandBreach("(stdout)", "a JSON object", shorten(told.stdout[:200]))
        for found in _misfits(told, side):
            if found.kind == "type":
                yield CommandBreach(_place(found), found.expected, found.got)

    return run


def members(side: Literal["input", "output"]) -> Callable[[CommandResult], Breaches]:
    def run(told: CommandResult) -> Breaches:
        for found in _misfits(told, side):
            if found.kind in ("missing", "required", "unknown"):
                yield CommandBreach(_place(found), found.expected, found.got)

    return run


def times(told: CommandResult) -> Breaches:
    for found in _misfits(told, "output"):
        if found.kind == "timestamp":
            yield CommandBreach(_place(found), found.expected, found.got)


def _place(found: Misfit) -> str:
    return found.place.replace("$input", "$").replace("$output", "$")


def as_plain(told: CommandResult) -> Breaches:
    """The same skeleton as without anything else; which of an enumeration's values is shown is chance."""
    printed = _json(told.stdout)
    if told.exit != 0:
        yield CommandBreach("(exit)", "a skeleton, and exit 0", _outcome(told))
    elif told.plain is not None and _outline(printed) != _outline(told.plain):
        yield CommandBreach("(stdout)", shorten(told.plain), shorten(told.stdout[:200]))


def _outline(value: Any) -> Any:
    match value:
        case dict():
            return {key: _outline(item) for key, item in value.items()}
        case list():
            return [_outline(item) for item in value]
        case _:
            return type(value).__name__


def validates(told: CommandResult) -> Breaches:
    if told.exit == 0:
        yield CommandBreach("(exit)", "a refusal, and no skeleton", _outcome(told))


def crash(told: CommandResult) -> Breaches:
    if told.exit is not None and told.broken:
        lines = told.stderr.strip().splitlines()
        yield CommandBreach(
            "(stderr)", "an orderly end", shorten(lines[-1] if lines else _outcome(told)), told.trial.about
        )


def timeout(told: CommandResult) -> Breaches:
    if told.exit is None:
        yield CommandBreach(
            "(exit)", "an end", f"none; by then {told.calls} calls were made", told.trial.about
        )
