# SPDX-License-Identifier: Apache-2.0
"""`--conformance-observe`: every AWS call that a suite makes is validated, without any change to it.

It owns to which test a finding belongs and what follows for the test. It refuses to know how calls are seen
(patches.py), what is wrong with them and whose fault that is (call_check.py), and how it is told
(observed_text.py).

Mode `report` sums up at the end and changes no outcome; mode `fail` fails the tests that findings belong to.
In both, our own mistakes are counted and said, and a suite never feels them.

A test that sends an invalid request on purpose and gets the refusal that AWS would give is right. So an
invalid request that was refused for its form fails no test that passes; the summary counts it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from ...engine.plan import Plan
from ...errors import ConformanceError
from ...results.events import Violation
from ...results.reports.escape import printable
from .allowances import Allowance, parse_allowances
from .answers import violations_of
from .call_check import CallCheck, CallVerdict
from .forks import Forks, Seen
from .observations import OUTSIDE, Observations
from .observed_call import ObservedCall
from .observed_text import Mode, failure_text, summary
from .patches import mistake, watching
from .request_check import fault_text
from .settings import configuration, observing_plan
from .text import counted

__all__ = ["SuiteObserver", "observe"]


def observe(config: pytest.Config, mode: str, report: str | None = None) -> None:
    """Watch this run, and write what was seen to the file `report`.

    Raises pytest.UsageError for a mode that there isn't, and for a configuration that can't be used.
    """
    if mode not in ("report", "fail"):
        raise pytest.UsageError(f"conformance_observe is {mode!r}. It is report or fail.")
    try:
        plan = observing_plan(config)
        allowances = parse_allowances(configuration(config).observe_allow or ())
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from None
    path = config.invocation_params.dir / report if report else None
    if path is not None and not path.parent.is_dir():
        raise pytest.UsageError(f"There is no folder {path.parent} for the report.")
    observer = SuiteObserver("fail" if mode == "fail" else "report", plan, allowances, path)
    config.pluginmanager.register(observer, "aws_conformance_observer")


class SuiteObserver:
    """The plugin object of a run that is observed."""

    def __init__(
        self, mode: Mode, plan: Plan, allowances: tuple[Allowance, ...], report: Path | None
    ) -> None:
        self._mode = mode
        self._allowances = allowances
        self._own_allowances: tuple[Allowance, ...] = ()
        self._baseline = plan.baseline.keys(plan.target_name) if plan.baseline else frozenset()
        self._report = report
        self._check = CallCheck(plan, violations_of)
        self._stack = ExitStack()
        self._forks = self._stack.enter_context(Forks.watched())
        self._stack.enter_context(watching(self.take))
        self._test = ""
        # What the run has shown, and what the running test has to answer for.
        self._run = Observations()
        self._pending = Seen()

    @property
    def seen(self) -> Observations:
        """What was seen so far, in this process and in those that have ended."""
        return self._run

    def take(self, call: ObservedCall) -> None:
        """Judge a call. Never raises: a suite must not fail by our mistake, or by being looked at."""
        try:
            if self._forks.is_child():
                seen = Seen()
                self._take(call, seen)
                self._forks.send(seen)
            else:
                self._take(call, self._pending)
        except Exception as error:
            self._run.mistakes[f"observing ({mistake(error)})"] += 1

    def _take(self, call: ObservedCall, seen: Seen) -> None:
        seen.record.calls += 1
        try:
            verdict = self._check.verdict(call)
        except Exception as error:
            verdict = CallVerdict(call.service, unvalidated=mistake(error))
        if verdict.unvalidated is not None:
            where = verdict.service or "an unknown service"
            why = f" ({verdict.unvalidated})" if verdict.unvalidated else ""
            seen.record.unvalidated[f"{where}{why}"] += 1
        else:
            seen.record.validated += 1
            if verdict.operation is not None:
                seen.record.operations.add(verdict.operation)
        for fault in verdict.returned:
            seen.record.returned[f"{fault.operation} {fault.path}"] += 1
        (seen.deliberate if verdict.refused else seen.own).extend(verdict.faults)
        for violation in verdict.violations:
            seen.record.count(violation, self._test, violation.message)
            if violation.severity == "error":
                seen.theirs.append(violation)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Read the markers, so that one that can't be used is said before anything runs."""
        for item in items if self._mode == "fail" else ():
            try:
                _allowed_by(item)
            except ConformanceError as error:
                raise pytest.UsageError(f"{item.nodeid}: {error}") from None

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        with self._guarded("pytest_runtest_protocol"):
            self._settle_outside()
            self._own_allowances = _allowed_by(item) if self._mode == "fail" else ()
        self._test = item.nodeid
        try:
            return (yield)
        finally:
            # What came after its last report, such as a fixture's of the session, is nobody's.
            self._test = ""
            self._own_allowances = ()

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
        seen = self._collect()
        own = list(dict.fromkeys(seen.own))
        deliberate = list(dict.fromkeys(seen.deliberate))
        for fault in seen.deliberate:
            self._run.refused.append(f"{test}: {fault.operation} {fault.path}")
        if not report.passed:
            own += [fault for fault in deliberate if fault not in own]
        own = [fault for fault in own if not self._is_allowed(fault.operation, f"request.{fault.keyword}")]
        if own:
            self._run.blame(test, [fault_text(fault) for fault in own])
        if self._mode == "report":
            return
        theirs = [violation for violation in self._distinct(seen.theirs) if not self._is_known(violation)]
        if not (own or theirs):
            return
        text = failure_text(own, theirs)
        if report.passed:
            report.outcome = "failed"
            report.longrepr = text
        else:
            report.sections.append(("aws-conformance", text))

    def _settle_outside(self) -> None:
        """Note what was seen since the last report of a test."""
        seen = self._collect()
        self._run.refused += [f"{OUTSIDE}: {fault.operation} {fault.path}" for fault in seen.deliberate]
        self._run.outside += [
            fault_text(fault)
            for fault in seen.own
            if not self._is_allowed(fault.operation, f"request.{fault.keyword}")
        ]

    def _collect(self) -> Seen:
        """What is pending, of this process and its children; its record is the run's from now on."""
        seen, self._pending = self._pending, Seen()
        for child in self._forks.receive():
            seen.add(child)
        self._run.add(seen.record.plain())
        return seen

    def _distinct(self, violations: list[Violation]) -> list[Violation]:
        return list({violation.key: violation for violation in violations}.values())

    def _is_known(self, violation: Violation) -> bool:
        """Whether a fault of the target fails nothing: by the baseline, or because it is allowed."""
        if not {violation.key, violation.merged_key}.isdisjoint(self._baseline):
            self._run.allowed[f"{violation.operation} {violation.check}, by the baseline"] += 1
            return True
        return self._is_allowed(violation.operation, violation.check)

    def _is_allowed(self, operation: str, check: str) -> bool:
        if self._mode == "report":
            return False
        for allowances, source in ((self._own_allowances, "a marker"), (self._allowances, "configuration")):
            if any(allowance.covers(operation, check) for allowance in allowances):
                self._run.allowed[f"{operation} {check}, by {source}"] += 1
                return True
        return False

    @contextmanager
    def _guarded(self, hook: str) -> Iterator[None]:
        """Our part of a hook: what it raises is counted, and the run goes on."""
        try:
            yield
        except Exception as error:
            self._run.mistakes[f"{hook} ({mistake(error)})"] += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop watching. In mode `fail`, what was invalid outside of any test fails the session."""
        with self._guarded("pytest_sessionfinish"):
            self._settle_outside()
        with self._guarded("pytest_sessionfinish"):
            self._stack.close()
        with self._guarded("pytest_sessionfinish"):
            output = getattr(session.config, "workeroutput", None)
            if output is not None:
                output["aws_conformance_seen"] = self._run.plain()
            elif self._mode == "fail" and self._run.outside and session.exitstatus == pytest.ExitCode.OK:
                session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take in what a worker of xdist saw, or that one ended without a word of it."""
        with self._guarded("pytest_testnodedown"):
            plain = getattr(node, "workeroutput", {}).get("aws_conformance_seen")
            if plain is None:
                self._run.mistakes["a worker of xdist, which told nothing"] += 1
            else:
                self._run.add(plain)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The suite's own faults and the target's, and what was not validated and why."""
        terminalreporter.ensure_newline()
        terminalreporter.section("aws-conformance: observed")
        with self._guarded("pytest_terminal_summary"):
            for line in summary(self._run, self._mode):
                terminalreporter.write_line(line)
        for what, number in self._run.mistakes.items():
            terminalreporter.write_line(f"Findings may be missing: {counted(number, 'failure')} of {what}")

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        """Write the report, in the process that knows of all others."""
        if self._report is None or hasattr(config, "workerinput"):
            return
        text = json.dumps(self._run.document(), indent=2, ensure_ascii=False)
        try:
            self._report.write_text(text + "\n", "utf-8")
        except OSError as error:
            print(f"{printable(str(self._report))} was not written: {error.strerror}", file=sys.stderr)


def _allowed_by(item: pytest.Item) -> tuple[Allowance, ...]:
    """What the markers of a test allow. Raises UsageError for one that can't be used."""
    return tuple(
        allowance
        for marker in item.iter_markers("conformance")
        for allowance in parse_allowances(marker.kwargs.get("allow", ()))
    )
