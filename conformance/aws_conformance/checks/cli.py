"""The checks of the `aws` command: what its reference pages promise of every operation, as a table.

It owns the rules and refuses to know how a command is run. Each rule judges its own trials, and none
judges a command that crashed or hung but those that say so; then one mistake is one finding.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from ..outcomes import Severity, Violation
from .answer import shorten
from .command import About, CommandBreach, CommandCheck, Told
from .skeletons import Misfit, differences, misfits

__all__ = ["CLI_CATALOGUE", "judge_command"]

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
_PAGE = "AWS CLI Command Reference: Options of every operation"
_SKELETON = f"{_PAGE}, --generate-cli-skeleton"
_INPUT = f"{_PAGE}, --cli-input-json"
_CODES = "AWS CLI User Guide, return codes; of version 1 as executed"
_EXECUTED = "awscli 1.46 and 2.36, executed"
_SKELETONS: tuple[About, ...] = ("skeleton", "skeleton ignoring", "skeleton input", "skeleton output")


def _refused(told: Told) -> bool:
    return told.exit != 0 and not told.calls


def _outcome(told: Told) -> str:
    sent = f" after {told.calls} call{'' if told.calls == 1 else 's'}" if told.calls else ""
    return f"exit {told.exit}{sent}"


def _refuses(told: Told) -> Breaches:
    if not _refused(told):
        yield CommandBreach("(exit)", "a refusal before anything is sent", _outcome(told))


def _exits(failure: Failure) -> Callable[[Told], Breaches]:
    """The rule for the exit code of one kind of failure; that it fails at all is another rule's."""

    def run(told: Told) -> Breaches:
        wanted = _EXITS[failure][0 if told.major < 2 else 1]
        failed = told.exit != 0 and (failure in ("service", "connection") or not told.calls)
        if failed and told.exit not in wanted:
            codes = " or ".join(map(str, sorted(wanted)))
            yield CommandBreach("(exit)", f"exit {codes}", f"exit {told.exit}")

    return run


def _success(told: Told) -> Breaches:
    if told.answered and told.exit != 0:
        yield CommandBreach("(exit)", "exit 0, as the service succeeded", _outcome(told))


def _fails(told: Told) -> Breaches:
    if told.exit == 0 and (told.code or told.trial.about != "service error"):
        yield CommandBreach("(exit)", "a failure", _outcome(told), told.trial.about)


def _named(told: Told) -> Breaches:
    if not _refused(told):
        return
    if told.trial.option not in told.stderr:
        yield CommandBreach("(stderr)", f"{told.trial.option} named", shorten(told.stderr[-200:]))
    if told.major < 2 and "usage:" not in told.stderr:
        yield CommandBreach("(stderr)", "the usage", shorten(told.stderr[-200:]), "usage")


def _message(told: Told) -> Breaches:
    if not told.code or told.exit == 0:
        return
    wanted = (told.code, told.operation.name, *([told.message] if told.message else []))
    for text in wanted:
        if text not in told.stderr:
            yield CommandBreach("(stderr)", f"{shorten(text)} in what is said", shorten(told.stderr[-200:]))
            return


def _document(told: Told) -> Breaches:
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


def _sends(told: Told) -> Breaches:
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


def _sends_member(told: Told) -> Breaches:
    """The one member that the trial is about."""
    if len(told.sent) != 1:
        yield CommandBreach("(request)", "one request", _unsent(told))
        return
    name, sent = told.trial.member, told.sent[0]
    value = sent.get(name) if isinstance(sent, dict) else None
    if value != told.wanted[name]:
        yield _another(told, name, told.wanted[name], value)


def _another(told: Told, name: str, wanted: Any, sent: Any) -> CommandBreach:
    return CommandBreach(f"(request) $.{name}", _shown(told, name, wanted), _shown(told, name, sent))


def _shown(told: Told, name: str, value: Any) -> str:
    members = told.service.structure(told.operation.input).members
    secret = name in members and told.service.shape(members[name].target).sensitive
    return "(a sensitive value)" if secret else shorten(value)


def _unsent(told: Told) -> str:
    return f"{len(told.sent)} requests, exit {told.exit}: {shorten(told.stderr[-160:])}"


def _offline(told: Told) -> Breaches:
    if told.calls:
        yield CommandBreach("(request)", "nothing sent", f"{told.calls} sent")


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _misfits(told: Told, side: Literal["input", "output"]) -> Iterator[Misfit]:
    printed = _json(told.stdout)
    root = told.operation.input if side == "input" else told.operation.output
    if told.exit == 0 and isinstance(printed, dict):
        yield from misfits(told.service, root, printed, f"${side}")


def _form(side: Literal["input", "output"]) -> Callable[[Told], Breaches]:
    def run(told: Told) -> Breaches:
        if told.exit != 0:
            yield CommandBreach("(exit)", "a skeleton, and exit 0", _outcome(told))
        elif not isinstance(_json(told.stdout), dict):
            yield CommandBreach("(stdout)", "a JSON object", shorten(told.stdout[:200]))
        for found in _misfits(told, side):
            if found.kind == "type":
                yield CommandBreach(_place(found), found.expected, found.got)

    return run


def _members(side: Literal["input", "output"]) -> Callable[[Told], Breaches]:
    def run(told: Told) -> Breaches:
        for found in _misfits(told, side):
            if found.kind in ("missing", "required", "unknown"):
                yield CommandBreach(_place(found), found.expected, found.got)

    return run


def _times(told: Told) -> Breaches:
    for found in _misfits(told, "output"):
        if found.kind == "timestamp":
            yield CommandBreach(_place(found), found.expected, found.got)


def _place(found: Misfit) -> str:
    return found.place.replace("$input", "$").replace("$output", "$")


def _as_plain(told: Told) -> Breaches:
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


def _validates(told: Told) -> Breaches:
    if told.exit == 0:
        yield CommandBreach("(exit)", "a refusal, and no skeleton", _outcome(told))


def _crash(told: Told) -> Breaches:
    if told.exit is not None and told.broken:
        lines = told.stderr.strip().splitlines()
        yield CommandBreach(
            "(stderr)", "an orderly end", shorten(lines[-1] if lines else _outcome(told)), told.trial.about
        )


def _timeout(told: Told) -> Breaches:
    if told.exit is None:
        yield CommandBreach(
            "(exit)", "an end", f"none; by then {told.calls} calls were made", told.trial.about
        )


def _row(
    name: str,
    requirement: str,
    about: Iterable[About],
    run: Callable[[Told], Breaches],
    citation: str,
    *,
    severity: Severity = "error",
    observed: bool = False,
    operation: bool = False,
) -> CommandCheck:
    return CommandCheck(
        id=f"cli.{name}",
        requirement=requirement,
        severity=severity,
        provenance="OBSERVED" if observed else "DOC",
        citation=citation,
        about=frozenset(about),
        run=run,
        scope="operation" if operation else "target",
    )


_EVERY: tuple[About, ...] = About.__args__  # type: ignore[attr-defined]  # a Literal knows its words
_PARAMETERS: tuple[About, ...] = ("below minimum", "missing member", "skeleton output invalid")
_ROWS: tuple[CommandCheck, ...] = (
    _row(
        "crash", "The command ends in order, without a traceback.", _EVERY, _crash, _EXECUTED, observed=True
    ),
    _row(
        "error.message",
        "What the service refuses is told on standard error, with its code, its text and the operation.",
        ["service error"],
        _message,
        _EXECUTED,
        observed=True,
    ),
    _row(
        "exit.connection",
        "A refused connection has its own exit code: 255.",
        ["connection"],
        _exits("connection"),
        _CODES,
    ),
    _row(
        "exit.credentials",
        "Lacking credentials have their own exit code: 255, in version 2 253.",
        ["credentials"],
        _exits("credentials"),
        _CODES,
    ),
    _row(
        "exit.failure",
        "What failed does not exit with 0: no credentials, no connection, a refusal of the service.",
        ["connection", "credentials", "service error"],
        _fails,
        _CODES,
    ),
    _row(
        "exit.json",
        "Malformed JSON exits with 255, in version 2 with 252.",
        ["bad json"],
        _exits("json"),
        _CODES,
    ),
    _row(
        "exit.object",
        "JSON that is no object exits with 255, in version 2 with 252 or 255.",
        ["no object"],
        _exits("object"),
        _EXECUTED,
        observed=True,
    ),
    _row(
        "exit.parameters",
        "Parameters that are not valid exit with 255, in version 2 with 252.",
        [*_PARAMETERS, "unknown key", "wrong type"],
        _exits("parameters"),
        _CODES,
    ),
    _row(
        "exit.service",
        "What the service refuses exits with 255, in version 2 with 254.",
        ["service error"],
        _exits("service"),
        _CODES,
    ),
    _row("exit.success", "What the service accepts exits with 0.", ["file", "options"], _success, _CODES),
    _row(
        "exit.usage",
        "A missing option exits with 2, in version 2 with 252.",
        ["missing option", "skeleton output required"],
        _exits("usage"),
        _CODES,
    ),
    _row(
        "input-json.duplicate",
        "Of a key that the JSON has twice, the last value is sent.",
        ["duplicate"],
        _sends_member,
        _EXECUTED,
        observed=True,
    ),
    _row(
        "input-json.form",
        "JSON in the form of the skeleton is sent, whole, as the request.",
        ["file"],
        _sends,
        _INPUT,
    ),
    _row(
        "input-json.malformed", "Malformed JSON is refused, and nothing sent.", ["bad json"], _refuses, _INPUT
    ),
    _row(
        "input-json.merge",
        "Members of the JSON and those of options are sent as one request.",
        ["merge"],
        _sends,
        _INPUT,
    ),
    _row(
        "input-json.object",
        "JSON that is no object is refused, and nothing sent.",
        ["no object"],
        _refuses,
        _INPUT,
    ),
    _row(
        "input-json.override",
        "A value on the command line overrides the one in the JSON.",
        ["override"],
        _sends_member,
        _INPUT,
    ),
    _row(
        "input-json.required",
        "JSON without a required member is refused, and nothing sent.",
        ["missing member"],
        _refuses,
        _EXECUTED,
        observed=True,
    ),
    _row(
        "input-json.type",
        "JSON with a member of a wrong type is refused, and nothing sent.",
        ["wrong type"],
        _refuses,
        _EXECUTED,
        observed=True,
    ),
    _row(
        "input-json.unknown-key",
        "JSON with a key that no member has is refused, and nothing sent.",
        ["unknown key"],
        _refuses,
        _EXECUTED,
        observed=True,
    ),
    _row("options.request", "What options say is sent as the request.", ["options"], _sends, _PAGE),
    _row(
        "output.document",
        "What is printed on success is the service's answer: its members and their values.",
        ["file", "options"],
        _document,
        "AWS CLI Command Reference: Output",
        operation=True,
    ),
    _row(
        "parameters.minimum",
        "A value below its documented minimum is refused, and nothing sent.",
        ["below minimum"],
        _refuses,
        _EXECUTED,
        observed=True,
    ),
    _row(
        "required.enforced",
        "Without a required option nothing is sent.",
        ["missing option"],
        _refuses,
        "AWS CLI Command Reference: Synopsis",
    ),
    _row(
        "required.named",
        "The refusal names the option that is missing; version 1 tells the usage as well.",
        ["missing option"],
        _named,
        _EXECUTED,
        observed=True,
    ),
    _row(
        "skeleton.default",
        "Without a value, --generate-cli-skeleton prints what it prints for `input`.",
        ["skeleton"],
        _as_plain,
        _SKELETON,
    ),
    _row(
        "skeleton.ignores",
        "An input skeleton needs no other option and does not depend on any.",
        ["skeleton ignoring"],
        _as_plain,
        _SKELETON,
    ),
    _row(
        "skeleton.input.form",
        "An input skeleton is a JSON object of the input's types.",
        ["skeleton input"],
        _form("input"),
        _SKELETON,
        operation=True,
    ),
    _row(
        "skeleton.input.members",
        "An input skeleton has the members of the input (a command may be older or newer than the models).",
        ["skeleton input"],
        _members("input"),
        _SKELETON,
        severity="warning",
        operation=True,
    ),
    _row("skeleton.offline", "Making a skeleton sends no request.", _SKELETONS, _offline, _SKELETON),
    _row(
        "skeleton.output.form",
        "An output skeleton is a JSON object of the output's types.",
        ["skeleton output"],
        _form("output"),
        _SKELETON,
        operation=True,
    ),
    _row(
        "skeleton.output.members",
        "An output skeleton has the members of the output (a command may be older or newer than the models).",
        ["skeleton output"],
        _members("output"),
        _SKELETON,
        severity="warning",
        operation=True,
    ),
    _row(
        "skeleton.output.required",
        "An output skeleton is not printed while a required option is missing.",
        ["skeleton output required"],
        _validates,
        _SKELETON,
    ),
    _row(
        "skeleton.output.timestamp",
        "Timestamps of an output skeleton are 1970-01-01T00:00:00.",
        ["skeleton output"],
        _times,
        _EXECUTED,
        observed=True,
        operation=True,
    ),
    _row(
        "skeleton.output.validates",
        "An output skeleton is not printed for input that is not valid.",
        ["skeleton output invalid"],
        _validates,
        _SKELETON,
    ),
    _row("timeout", "The command ends in time.", _EVERY, _timeout, _EXECUTED, observed=True),
)

CLI_CATALOGUE: Mapping[str, CommandCheck] = MappingProxyType({check.id: check for check in _ROWS})


def judge_command(
    told: Told,
    *,
    checks: Iterable[CommandCheck] = _ROWS,
    severities: Mapping[str, str] | None = None,
) -> list[Violation]:
    """All violations in what the command did, in the catalogue's order; `severities` as for `judge`."""
    overrides = severities or {}
    found = []
    for check in checks:
        severity = overrides.get(check.id, check.severity)
        if severity == "off" or told.trial.about not in check.about:
            continue
        if told.broken and check.run not in (_crash, _timeout):
            continue
        for breach in check.run(told):
            found.append(
                Violation(
                    check=check.id,
                    severity=severity if severity in ("error", "warning", "note") else "error",  # type: ignore[arg-type]
                    provenance=check.provenance,
                    operation=f"{told.service.name}:{told.operation.name}",
                    path=breach.place,
                    requirement=check.requirement,
                    expected=breach.expected,
                    got=breach.got,
                    cause=breach.cause,
                    scope=check.scope,
                )
            )
    return found
