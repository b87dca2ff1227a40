"""`--conformance-observe`: every AWS call that a suite makes is validated, without any change to it.

It owns whose fault a finding is: the suite's, if its own request is invalid, or the target's. It refuses to
know how calls are seen (patches.py) and what is wrong with a request (request_check.py).

Mode `report` sums up both at the end and changes no outcome; mode `fail` fails the tests that they belong
to. In both, our own mistakes are counted and said, and a suite never feels them.

A test that sends an invalid request on purpose and gets the refusal that AWS would give is right. So an
invalid request that was refused for its form fails no test that passes; the summary counts it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias
from urllib.parse import urlsplit

import pytest

from ...cases.compile import contract_of
from ...cases.contract import Contract
from ...cases.expectations import Expectation
from ...checks import CATALOGUE
from ...checks.judge import judge
from ...checks.refusals import blames_form
from ...checks.response import DecodedResponse, interpret
from ...engine.plan import Plan
from ...engine.selection import severities_for
from ...errors import ConformanceError
from ...http import Headers, Response, header
from ...protocols.routing import route
from ...results.events import Violation
from .answers import violations_of
from .patches import ObservedCall, mistake, watching
from .request_check import RequestFault, fault_text, read_request
from .settings import configuration
from .text import counted, violations_text

__all__ = ["Mode", "SuiteObserver", "observe"]

Mode: TypeAlias = Literal["report", "fail"]

_OUTSIDE = "outside of any test"
_SHOWN = 20
# Of one test.
_SHOWN_FAULTS = 3
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
    observer = SuiteObserver("fail" if mode == "fail" else "report", dict(severities))
    config.pluginmanager.register(observer, "aws_conformance_observer")


@dataclass(slots=True)
class _Fault:
    """A fault of the target, with how often it was seen and by which tests; plain data, for xdist."""

    severity: str
    line: str
    count: int = 0
    tests: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Observations:
    """What was seen in one process."""

    calls: int = 0
    validated: int = 0
    operations: set[str] = field(default_factory=set)
    unvalidated: Counter[str] = field(default_factory=Counter)
    faults: dict[str, _Fault] = field(default_factory=dict)
    # The texts of the faults of each test's own requests.
    invalid: dict[str, list[str]] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)
    # Where our own hooks failed, and how.
    mistakes: Counter[str] = field(default_factory=Counter)

    def plain(self) -> dict[str, Any]:
        """The same as data that travels between processes."""
        return {
            "calls": self.calls,
            "validated": self.validated,
            "operations": sorted(self.operations),
            "unvalidated": dict(self.unvalidated),
            "faults": {
                key: [fault.severity, fault.line, fault.count, fault.tests]
                for key, fault in self.faults.items()
            },
            "invalid": self.invalid,
            "refused": self.refused,
            "outside": self.outside,
            "mistakes": dict(self.mistakes),
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
        for test, texts in plain["invalid"].items():
            self.blame(test, texts)
        self.refused += plain["refused"]
        self.outside += plain["outside"]
        self.mistakes.update(plain["mistakes"])

    def blame(self, test: str, texts: Sequence[str]) -> None:
        """Take in faults of a test's own requests; those of a rerun once."""
        self.invalid[test] = list(dict.fromkeys([*self.invalid.get(test, ()), *texts]))


class SuiteObserver:
    """The plugin object of a run that is observed."""

    def __init__(self, mode: Mode, severities: dict[str, str]) -> None:
        self._mode = mode
        self._plan = Plan((), severities=severities)
        self._stack = ExitStack()
        self._stack.enter_context(watching(self.take))
        self._seen = _Observations()
        self._test = ""
        # What the running test has to answer for: its own faults, and its target's if asked to.
        self._own: list[RequestFault] = []
        self._theirs: list[Violation] = []
        self._deliberate: list[RequestFault] = []

    def take(self, call: ObservedCall) -> None:
        """Judge a call. Never raises: a suite must not fail by our mistake, or by being looked at."""
        self._seen.calls += 1
        try:
            self._take(call)
        except Exception as error:
            self._not_validated(call.service, mistake(error))

    def _take(self, call: ObservedCall) -> None:
        path = None if call.service else route(call.request, urlsplit(call.url).hostname or "")
        service = call.service or (path.service if path else None)
        protocol = call.protocol or (path.protocol if path else None)
        unread = call.unread_request or _event_stream(call.request.headers)
        if unread is not None or service is None:
            self._not_validated(service, unread)
            return
        try:
            contract = contract_of(service, protocol)
            assert contract.protocol is not None
        except ConformanceError:
            self._not_validated(service, protocol or "a protocol without a codec")
            return
        self._judge(contract, call)

    def _not_validated(self, service: str | None, why: str | None) -> None:
        where = service or "an unknown service"
        self._seen.unvalidated[f"{where} ({why})" if why else where] += 1

    def _judge(self, contract: Contract, call: ObservedCall) -> None:
        intake = read_request(contract, call.request, call.operation)
        grave = [fault for fault in intake.faults if fault.severity == "error"]
        unread = call.unread_response
        if unread is None and call.response is not None:
            unread = _event_stream(call.response.headers)
        name = intake.operation
        is_known = name is not None and name in contract.service.operations
        refused = False
        violations: list[Violation] = []
        if name is None or not is_known:
            refused = call.response is not None and call.response.status >= 400
        elif unread is not None:
            pass  # of such an exchange the request alone is judged
        elif call.response is not None:
            answer = _interpreted(contract, name, call.response, intake.faults)
            refused = answer.kind == "error" and (blames_form(answer) or answer.code in _FORM_CODES)
            severities = severities_for(self._plan, contract.service.name)
            violations = judge(answer, checks=CATALOGUE.values(), severities=severities)
        elif call.parsed is not None:
            metadata = {"HTTPStatusCode": 200, **call.parsed.get("ResponseMetadata", {})}
            parsed = {**call.parsed, "ResponseMetadata": metadata}
            violations = violations_of(f"{contract.service.name}:{name}", parsed)
        # A call counts for what it is only now, when nothing can fail any more.
        if unread is not None:
            self._not_validated(contract.service.name, unread)
        else:
            self._seen.validated += 1
            if is_known:
                self._seen.operations.add(f"{contract.service.name}:{name}")
        self._blame(grave, refused=refused)
        for violation in violations:
            self._count(violation)

    def _blame(self, faults: list[RequestFault], *, refused: bool) -> None:
        if self._test:
            (self._deliberate if refused else self._own).extend(faults)
        elif refused:
            self._seen.refused += [f"{_OUTSIDE}: {fault.operation} {fault.path}" for fault in faults]
        else:
            self._seen.outside += [fault_text(fault) for fault in faults]

    def _count(self, violation: Violation) -> None:
        line = f"{violation.operation}  {violation.check}  {violation.message}"
        known = self._seen.faults.setdefault(violation.id, _Fault(violation.severity, line[:300]))
        known.count += 1
        test = self._test or _OUTSIDE
        if test not in known.tests:
            known.tests.append(test)
        if violation.severity == "error" and self._mode == "fail" and self._test:
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
        with self._guarded("pytest_runtest_makereport"):
            # What fixtures did is told with the test that they did it for.
            if call.when != "setup" or not report.passed:
                self._settle(item.nodeid, report)
        return report

    def _settle(self, test: str, report: pytest.TestReport) -> None:
        """Note what a test has to answer for; in mode `fail` its report says so."""
        own, theirs = self._pending()
        for fault in self._deliberate:
            self._seen.refused.append(f"{test}: {fault.operation} {fault.path}")
        if not report.passed:
            own += [fault for fault in self._deliberate if fault not in own]
        self._deliberate.clear()
        if own:
            self._seen.blame(test, [fault_text(fault) for fault in own])
        if self._mode == "report" or not (own or theirs):
            return
        text = _text(own, theirs)
        if report.passed:
            report.outcome = "failed"
            report.longrepr = text
        else:
            report.sections.append(("aws-conformance", text))

    @contextmanager
    def _guarded(self, hook: str) -> Iterator[None]:
        """Our part of a hook: what it raises is counted, and the run goes on."""
        try:
            yield
        except Exception as error:
            self._seen.mistakes[f"{hook} ({mistake(error)})"] += 1

    def _pending(self) -> tuple[list[RequestFault], list[Violation]]:
        own = list(dict.fromkeys(self._own))
        theirs = list({fault.key: fault for fault in self._theirs}.values())
        self._own.clear()
        self._theirs.clear()
        return own, theirs

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop watching. In mode `fail`, what was invalid outside of any test fails the session."""
        with self._guarded("pytest_sessionfinish"):
            self._stack.close()
        with self._guarded("pytest_sessionfinish"):
            output = getattr(session.config, "workeroutput", None)
            if output is not None:
                output["aws_conformance_seen"] = self._seen.plain()
            elif self._mode == "fail" and self._seen.outside and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take in what a worker of xdist saw, or that one ended without a word of it."""
        with self._guarded("pytest_testnodedown"):
            plain = getattr(node, "workeroutput", {}).get("aws_conformance_seen")
            if plain is None:
                self._seen.mistakes["a worker of xdist, which told nothing"] += 1
            else:
                self._seen.add(plain)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The suite's own faults and the target's, and what was not validated and why."""
        terminalreporter.ensure_newline()
        terminalreporter.section("aws-conformance: observed")
        with self._guarded("pytest_terminal_summary"):
            for line in _summary(self._seen, self._mode):
                terminalreporter.write_line(line)
        for what, number in self._seen.mistakes.items():
            terminalreporter.write_line(f"Findings may be missing: {counted(number, 'failure')} of {what}")


def _event_stream(headers: Headers) -> str | None:
    """Why a message of these headers can't be read, if it is an event stream, which has a form of its own."""
    kind = header(headers, "content-type") or ""
    return "an event stream" if kind.startswith("application/vnd.amazon.eventstream") else None


def _interpreted(
    contract: Contract, name: str, response: Response, faults: tuple[RequestFault, ...]
) -> DecodedResponse:
    """The answer, held to what the request should earn: an invalid one that is accepted is a finding too."""
    worst = next((fault for fault in faults if fault.earns == "refused"), next(iter(faults), None))
    if worst is None:
        expectation = Expectation("answered")
    else:
        expectation = Expectation(worst.earns, worst.evidence, pointer=worst.pointer, keyword=worst.keyword)
    return interpret(
        contract.service,
        contract.operation(name),
        contract.protocol,
        contract.validators(name),
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


def _summary(seen: _Observations, mode: Mode) -> Iterator[str]:
    from ...results.reports.escape import printable

    where = f" of {counted(len(seen.operations), 'operation')}" if seen.operations else ""
    yield f"{counted(seen.calls, 'AWS call')}, {seen.validated:,} validated{where}"
    reasons = sorted(seen.unvalidated.items())
    for what, number in reasons[:_SHOWN]:
        yield f"Not validated: {counted(number, 'call')} to {printable(what)}"
    yield from _more(len(reasons) - _SHOWN, "reason", "")
    if seen.invalid:
        yield f"Invalid requests of the suite itself: in {counted(len(seen.invalid), 'test')}"
        for test, texts in list(seen.invalid.items())[:_SHOWN]:
            yield f"  {printable(test)}"
            # Where tests fail for it, their failures have told.
            if mode == "report":
                for text in texts[:_SHOWN_FAULTS]:
                    yield from (f"    {line}" for line in text.splitlines())
                yield from _more(len(texts) - _SHOWN_FAULTS, "fault", "    ")
        yield from _more(len(seen.invalid) - _SHOWN, "test", "  ")
    if seen.outside:
        yield f"Invalid requests {_OUTSIDE}:"
        for text in seen.outside[:_SHOWN]:
            yield from (f"  {line}" for line in text.splitlines())
        yield from _more(len(seen.outside) - _SHOWN, "fault", "  ")
    if seen.refused:
        number = len(seen.refused)
        yield f"Invalid requests that were refused as AWS refuses them, taken for deliberate: {number:,}"
    severities = Counter(fault.severity for fault in seen.faults.values())
    levels = ", ".join(counted(severities[level], level) for level in ("error", "warning", "note"))
    yield f"The target's faults: {levels}"
    ordered = sorted(seen.faults.values(), key=lambda fault: (_order(fault.severity), fault.line))
    for fault in ordered[:_SHOWN]:
        times = "once" if fault.count == 1 else f"{fault.count:,} times"
        yield f"  {fault.severity}  {printable(fault.line)}"
        yield f"         {times}, first in {printable(fault.tests[0])}"
    yield from _more(len(ordered) - _SHOWN, "fault", "  ")


def _more(number: int, noun: str, indent: str) -> Iterator[str]:
    """The last line of a list that was cut."""
    if number > 0:
        yield f"{indent}and {counted(number, f'more {noun}')}"


def _order(severity: str) -> int:
    return ("error", "warning", "note").index(severity)
