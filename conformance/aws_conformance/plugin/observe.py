"""`--conformance-observe`: every AWS call that a suite makes is validated, without any change to it.

It owns whose fault a finding is: the suite's, if its own request is invalid, and then its test fails; or
the target's, which is summed up at the end. It refuses to know how calls are seen (patches.py) and what is
wrong with a request (intake.py).

A test that sends an invalid request on purpose and gets the refusal that AWS would give is right. So an
invalid request that was refused for its form fails no test that passes; the summary counts it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import pytest

from ..checks import Answer, interpret, judge
from ..checks.verdict import blames_form
from ..compiled import CompiledService, compiled_service
from ..engine.explore import severities_for
from ..errors import ConformanceError
from ..expectations import Expectation
from ..outcomes import Violation
from ..plan import Plan
from ..wire import Response
from .answers import violations_of
from .intake import RequestFault, fault_text, read_request
from .patches import Call, watching
from .recognition import service_of
from .settings import configuration
from .telling import counted, violations_text

__all__ = ["Mode", "Observer", "observe"]

Mode: TypeAlias = Literal["report", "fail"]

_OUTSIDE = "outside of any test"
_SHOWN = 20
_FORM_CODES = frozenset(
    {
        "InvalidParameterException",
        "InvalidParameterValueException",
        "SerializationException",
        "UnknownOperationException",
        "ValidationError",
        "ValidationException",
    }
)


def observe(config: pytest.Config, mode: str) -> None:
    """Watch this run. Raises pytest.UsageError for a mode that there isn't."""
    if mode not in ("report", "fail"):
        raise pytest.UsageError(f"conformance_observe is {mode!r}. It is report or fail.")
    try:
        severities = configuration(config).severities
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from None
    observer = Observer("fail" if mode == "fail" else "report", dict(severities))
    config.pluginmanager.register(observer, "aws_conformance_observer")


@dataclass(slots=True)
class _Fault:
    """A fault of the target, with how often it was seen and by which tests; plain data, for xdist."""

    severity: str
    line: str
    count: int = 0
    tests: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Seen:
    """What was seen in one process."""

    calls: int = 0
    validated: int = 0
    operations: set[str] = field(default_factory=set)
    unvalidated: Counter[str] = field(default_factory=Counter)
    faults: dict[str, _Fault] = field(default_factory=dict)
    invalid: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """The same as data that travels between processes."""
        return {
            "calls": self.calls,
            "validated": self.validated,
            "operations": sorted(self.operations),
            "unvalidated": dict(self.unvalidated),
            "faults": {
                key: [one.severity, one.line, one.count, one.tests] for key, one in self.faults.items()
            },
            "invalid": self.invalid,
            "refused": self.refused,
            "outside": self.outside,
        }

    def add(self, plain: dict[str, Any]) -> None:
        """Take in what another process saw."""
        self.calls += plain["calls"]
        self.validated += plain["validated"]
        self.operations |= set(plain["operations"])
        self.unvalidated.update(plain["unvalidated"])
        for key, (severity, line, count, tests) in plain["faults"].items():
            known = self.faults.setdefault(key, _Fault(severity, line))
            known.count += count
            known.tests += tests
        self.invalid += plain["invalid"]
        self.refused += plain["refused"]
        self.outside += plain["outside"]


class Observer:
    """The plugin object of a run that is observed."""

    def __init__(self, mode: Mode, severities: dict[str, str]) -> None:
        self._mode = mode
        self._plan = Plan((), severities=severities)
        self._stack = ExitStack()
        self._stack.enter_context(watching(self.take))
        self._seen = _Seen()
        self._test = ""
        # What the running test has to answer for: its own faults, and its target's if asked to.
        self._own: list[RequestFault] = []
        self._theirs: list[Violation] = []
        self._deliberate: list[RequestFault] = []

    def take(self, call: Call) -> None:
        """Judge a call. Never raises: a suite must not fail by our mistake, or by being looked at."""
        self._seen.calls += 1
        try:
            service = call.service or service_of(call.url, call.request.headers)
            if service is None:
                self._seen.unvalidated["an unknown service"] += 1
                return
            compiled = compiled_service(service, call.protocol)
            assert compiled.codec is not None
        except ConformanceError:
            protocol = call.protocol or "a protocol without a codec"
            self._seen.unvalidated[f"{service} ({protocol})"] += 1
            return
        try:
            self._judge(compiled, call)
        except Exception as error:
            self._seen.unvalidated[f"{service} (our mistake: {type(error).__name__}: {error})"] += 1

    def _judge(self, compiled: CompiledService, call: Call) -> None:
        intake = read_request(compiled, call.request, call.operation)
        self._seen.validated += 1
        grave = [fault for fault in intake.faults if fault.severity == "error"]
        name = intake.operation
        if name is None or name not in compiled.service.operations:
            self._blame(grave, refused=call.response is not None and call.response.status >= 400)
            return
        self._seen.operations.add(f"{compiled.service.name}:{name}")
        refused = False
        violations: list[Violation] = []
        if call.response is not None:
            answer = _interpreted(compiled, name, call.response, intake.faults)
            refused = answer.kind == "error" and (blames_form(answer) or answer.code in _FORM_CODES)
            severities = severities_for(self._plan, compiled.service.name)
            violations = judge(answer, severities=severities)
        elif call.parsed is not None:
            metadata = {"HTTPStatusCode": 200, **call.parsed.get("ResponseMetadata", {})}
            parsed = {**call.parsed, "ResponseMetadata": metadata}
            violations = violations_of(f"{compiled.service.name}:{name}", parsed)
        self._blame(grave, refused=refused)
        for violation in violations:
            self._count(violation)

    def _blame(self, faults: list[RequestFault], *, refused: bool) -> None:
        if refused:
            self._deliberate += faults
        elif self._test:
            self._own += faults
        else:
            self._seen.outside += [fault_text(fault) for fault in faults]

    def _count(self, violation: Violation) -> None:
        line = f"{violation.operation}  {violation.check}  {violation.message}"
        known = self._seen.faults.setdefault(violation.id, _Fault(violation.severity, line[:300]))
        known.count += 1
        test = self._test or _OUTSIDE
        if test not in known.tests:
            known.tests.append(test)
        if violation.severity == "error" and self._mode == "fail":
            self._theirs.append(violation)

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self._test = item.nodeid
        try:
            return (yield)
        finally:
            self._test = ""
            self._own.clear()
            self._theirs.clear()
            self._deliberate.clear()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "setup" and report.passed:
            # What fixtures did is told with the test that they did it for.
            return report
        own, theirs = self._told_once()
        if self._deliberate:
            for fault in self._deliberate:
                self._seen.refused.append(f"{item.nodeid}: {fault.operation} {fault.path}")
            if not report.passed:
                own += [fault for fault in self._deliberate if fault not in own]
            self._deliberate.clear()
        if not own and not theirs:
            return report
        text = _text(own, theirs)
        if own:
            self._seen.invalid.append(item.nodeid)
        if report.passed:
            report.outcome = "failed"
            report.longrepr = text
        else:
            report.sections.append(("aws-conformance", text))
        return report

    def _told_once(self) -> tuple[list[RequestFault], list[Violation]]:
        own = list(dict.fromkeys(self._own))
        theirs = list({one.key: one for one in self._theirs}.values())
        self._own.clear()
        self._theirs.clear()
        return own, theirs

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop watching. What was invalid outside of any test fails the session."""
        self._stack.close()
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["aws_conformance_seen"] = self._seen.plain()
        elif self._seen.outside and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take in what a worker of xdist saw; one that crashed says nothing."""
        plain = getattr(node, "workeroutput", {}).get("aws_conformance_seen")
        if plain is not None:
            self._seen.add(plain)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The target's faults, and what was not validated and why."""
        terminalreporter.ensure_newline()
        terminalreporter.section("aws-conformance: observed")
        for line in _summary(self._seen):
            terminalreporter.write_line(line)


def _interpreted(
    compiled: CompiledService, name: str, response: Response, faults: tuple[RequestFault, ...]
) -> Answer:
    """The answer, held to what the request should earn: an invalid one that is accepted is a finding too."""
    worst = next((one for one in faults if one.earns == "refused"), next(iter(faults), None))
    if worst is None:
        expectation = Expectation("answered")
    else:
        expectation = Expectation(worst.earns, worst.evidence, pointer=worst.pointer, keyword=worst.keyword)
    return interpret(
        compiled.service,
        compiled.operation(name),
        compiled.codec,
        compiled.validators(name),
        response,
        expectation,
    )


def _text(own: list[RequestFault], theirs: list[Violation]) -> str:
    parts = []
    if own:
        what = "an invalid request" if len(own) == 1 else f"invalid requests ({len(own)} faults)"
        parts += [f"The test sent {what}, which AWS refuses:", *map(fault_text, own)]
    if theirs:
        parts += ["The target answered what AWS does not document:", violations_text(theirs)]
    return "\n\n".join(parts)


def _summary(seen: _Seen) -> Iterator[str]:
    from ..reports.escape import printable

    where = f" of {counted(len(seen.operations), 'operation')}" if seen.operations else ""
    yield f"{counted(seen.calls, 'AWS call')}, {seen.validated:,} validated{where}"
    for what, number in sorted(seen.unvalidated.items()):
        yield f"Not validated: {counted(number, 'call')} to {printable(what)}"
    if seen.invalid:
        tests = list(dict.fromkeys(seen.invalid))
        yield f"Invalid requests of the suite itself: in {counted(len(tests), 'test')}"
        yield from (f"  {printable(test)}" for test in tests[:_SHOWN])
    if seen.outside:
        yield f"Invalid requests {_OUTSIDE}:"
        for text in seen.outside[:_SHOWN]:
            yield from (f"  {line}" for line in text.splitlines())
    if seen.refused:
        number = len(seen.refused)
        yield f"Invalid requests that were refused as AWS refuses them, taken for deliberate: {number:,}"
    severities = Counter(one.severity for one in seen.faults.values())
    told = ", ".join(counted(severities[level], level) for level in ("error", "warning", "note"))
    yield f"The target's faults: {told}"
    ordered = sorted(seen.faults.values(), key=lambda one: (_order(one.severity), one.line))
    for one in ordered[:_SHOWN]:
        times = "once" if one.count == 1 else f"{one.count:,} times"
        yield f"  {one.severity}  {printable(one.line)}"
        yield f"         {times}, first in {printable(one.tests[0])}"
    if ordered[_SHOWN:]:
        yield f"  and {counted(len(ordered) - _SHOWN, 'more fault')}"


def _order(severity: str) -> int:
    return ("error", "warning", "note").index(severity)
