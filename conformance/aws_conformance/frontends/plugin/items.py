# SPDX-License-Identifier: Apache-2.0
"""`--conformance`: one item per operation and phase, collected, run, reported and summed up.

It owns node ids, the grouping for xdist and what pytest shows. It refuses to know how an operation is
explored and what fails it (runs.py).
"""

from __future__ import annotations

import importlib
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from ...cases.compile import contract_of
from ...engine.plan import Plan
from ...engine.shards import exclusive_group
from ...errors import ConformanceError, did_you_mean
from ...results.events import Event, Phase, tallied_as
from ...results.reports.summary import TALLIES
from ...spec.selectors import find_operation, select
from .runs import Explored, PhaseVerdict, PluginRun, judge_phase
from .settings import plan_of
from .text import by_check, counted, reported_text

__all__ = ["Items", "PhaseItem", "activate"]

_SHOWN = 10


def activate(config: pytest.Config, selectors: Iterable[str], named: Iterable[str]) -> None:
    """Let this run check what the selectors and node ids name. Raises pytest.UsageError."""
    words = [word for text in selectors for word in text.split(",") if word]
    node_ids = [text.partition("@")[0].split("::") for text in named]
    try:
        selected = select(words)
        operations = select([*words, *(":".join(parts[:2]) for parts in node_ids)])
        plan = plan_of(config, operations)
        for name in operations:
            service, operation = find_operation(name)
            assert contract_of(service.name, plan.protocol).protocol is not None, operation
        _known_phases(plan, node_ids)
    except ConformanceError as error:
        raise pytest.UsageError(str(error)) from None
    # An operation that a selector names has all phases; one that node ids name has those that they name.
    only: dict[str, set[str]] = {}
    for parts in node_ids:
        name = ":".join(parts[:2])
        if name not in selected:
            only.setdefault(name, set()).update(parts[2:3] or plan.phases)
    config.pluginmanager.register(Items(config, plan, only), "aws_conformance_items")


def _known_phases(plan: Plan, node_ids: Iterable[Sequence[str]]) -> None:
    for parts in node_ids:
        if len(parts) > 2 and parts[2] not in plan.phases:
            hint = did_you_mean(parts[2], plan.phases) or f"This run has {', '.join(plan.phases)}."
            raise pytest.UsageError(f"There is no phase {parts[2]!r} in {'::'.join(parts)}. {hint}")


@dataclass(slots=True)
class _PhaseReport:
    """A failure's text, with the one line for pytest's short summary."""

    text: str
    message: str

    @property
    def reprcrash(self) -> _PhaseReport:
        """Where pytest looks for `message`."""
        return self

    def __str__(self) -> str:
        return self.text

    def toterminal(self, writer: Any) -> None:
        """How pytest prints it."""
        writer.line(self.text)


class _FailedError(Exception):
    """A verdict that fails an item."""

    def __init__(self, verdict: PhaseVerdict) -> None:
        super().__init__(verdict.why)
        self.verdict = verdict


class _Group(pytest.Collector):
    """A service or an operation: a part of the node ids, with the nodes below it."""

    children: tuple[pytest.Item | pytest.Collector, ...] = ()

    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        return self.children


class PhaseItem(pytest.Item):
    """One phase of one operation, as pytest sees it."""

    def __init__(self, *, operation: str, phase: Phase, items: Items, **rest: Any) -> None:
        super().__init__(**rest)
        self.operation = operation
        self.phase: Phase = phase
        self._items = items

    def runtest(self) -> None:
        """Explore the operation, unless an earlier item did, and say what it says of this phase."""
        explored, verdict = self._items.verdict(self)
        self._describe(explored, verdict)
        match verdict.kind:
            case "conforms":
                return
            case "not implemented":
                pytest.skip(f"not implemented: {verdict.why}")
            case "no cases":
                pytest.skip(verdict.why)
            case "violated" | "unreached":
                raise _FailedError(verdict)

    def repr_failure(self, excinfo: Any, style: Any = None) -> Any:
        """The violations, as the console tells them; of our own mistakes, the traceback."""
        error = excinfo.value
        if isinstance(error, _FailedError):
            paragraphs = [error.verdict.why]
            if error.verdict.findings:
                paragraphs += ["", reported_text(error.verdict.findings)]
            return _PhaseReport("\n".join(paragraphs), error.verdict.why.splitlines()[0])
        if isinstance(error, ConformanceError):
            return _PhaseReport(str(error), str(error))
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, None, str]:
        """Where pytest says that it is: in its operation, for there is no file."""
        service, _, name = self.operation.partition(":")
        return service, None, f"{name}::{self.phase}"

    def _describe(self, explored: Explored, verdict: PhaseVerdict) -> None:
        """What JUnit reports carry as properties."""
        tallies = _tallies(verdict)
        findings = by_check((*verdict.findings, *verdict.lesser))
        self.user_properties += [
            ("conformance.target", self._items.plan.target_name),
            ("conformance.operation", self.operation),
            ("conformance.phase", self.phase),
            ("conformance.seed", str(self._items.plan.seed)),
            ("conformance.verdict", verdict.kind),
            ("conformance.reached", str(explored.finished.reached).lower()),
            ("conformance.cases", str(len(verdict.cases))),
            *((f"conformance.{name}", str(count)) for name, count in tallies.items() if count),
        ]
        if findings:
            self.user_properties.append(
                ("conformance.violations", " ".join(finding.violation.id for finding in findings))
            )


def _tallies(verdict: PhaseVerdict) -> dict[str, int]:
    counts = Counter(tallied_as(case.outcome) for case in verdict.cases)
    return {name: counts[name] for name in TALLIES}


class Items:
    """The plugin object of a run that checks a target."""

    def __init__(self, config: pytest.Config, plan: Plan, only: dict[str, set[str]]) -> None:
        self.plan = plan
        self._config = config
        self._only = only
        self._run = PluginRun(plan, self._emit)
        # What each item's report brought, by node id: with xdist from other processes.
        self._summaries: dict[str, dict[str, Any]] = {}
        self._verdicts: dict[str, dict[str, Any]] = {}
        if config.pluginmanager.has_plugin("dsession") or config.pluginmanager.has_plugin("xdist"):
            config.pluginmanager.register(_Distribution(config, plan), "aws_conformance_distribution")

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Put the items behind the suite's own, before anybody selects among them."""
        for service in self._services(session):
            items.extend(session.genitems(service))

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Stop the target. A run in which nothing was reached has verified nothing, and does not pass."""
        self._run.close()
        worker = hasattr(session.config, "workerinput")
        if self._vacuous() and not worker and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _vacuous(self) -> bool:
        return bool(self._summaries) and not any(summary["reached"] for summary in self._summaries.values())

    def verdict(self, item: PhaseItem) -> tuple[Explored, PhaseVerdict]:
        """The verdict on an item, from the exploration that it shares with its operation's other items."""
        chosen = [phase_item for phase_item in item.session.items if isinstance(phase_item, PhaseItem)]
        phases = [phase_item.phase for phase_item in chosen if phase_item.operation == item.operation]
        explored = self._run.explored(item.operation, phases)
        verdict = judge_phase(explored, item.phase, self.plan, first=phases[0] == item.phase)
        self._verdicts[item.nodeid] = _plain(item, explored, verdict)
        return explored, verdict

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        if call.when == "call" and item.nodeid in self._verdicts:
            # xdist carries whatever plain data a report has.
            report.aws_conformance = self._verdicts.pop(item.nodeid)  # type: ignore[attr-defined]
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what the summary needs."""
        summary = getattr(report, "aws_conformance", None)
        if summary is not None:
            self._summaries[report.nodeid] = summary

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """The lines at the end: how much was tried, what came of it, and what did not fail the run."""
        if not self._summaries:
            return
        summaries = list(self._summaries.values())
        terminalreporter.ensure_newline()
        terminalreporter.section(f"aws-conformance: {self.plan.target_name}, seed {self.plan.seed}")
        for line in _summary(summaries):
            terminalreporter.write_line(line)
        if self._vacuous():
            terminalreporter.write_line("- no operation was reached, so nothing was verified", red=True)

    def _services(self, session: pytest.Session) -> Iterator[_Group]:
        """The tree of services, operations and phases, in the order of the plan."""
        services: dict[str, _Group] = {}
        for name in self.plan.operations:
            service, _, operation = name.partition(":")
            if service not in services:
                services[service] = _Group.from_parent(session, name=service, nodeid=service)
            above = services[service]
            group: _Group = _Group.from_parent(above, name=operation, nodeid=f"{service}::{operation}")
            above.children = (*above.children, group)
            phases = [phase for phase in self.plan.phases if phase in self._only.get(name, {phase})]
            group.children = tuple(self._item(group, name, phase) for phase in phases)
        yield from services.values()

    def _item(self, parent: _Group, name: str, phase: Phase) -> PhaseItem:
        item: PhaseItem = PhaseItem.from_parent(
            parent,
            name=phase,
            nodeid=f"{parent.nodeid}::{phase}",
            operation=name,
            phase=phase,
            items=self,
        )
        item.add_marker("conformance")
        if self._config.pluginmanager.has_plugin("xdist"):
            item.add_marker(pytest.mark.xdist_group(_group_of(self.plan, name)))
        return item

    def _emit(self, event: Event) -> None:
        self._config.hook.pytest_conformance_event(config=self._config, event=event)


class _Distribution:
    """What xdist is told: an operation's items, and what excludes one another, stay on one worker."""

    def __init__(self, config: pytest.Config, plan: Plan) -> None:
        self._config = config
        self._groups = {name.replace(":", "::"): _group_of(plan, name) for name in plan.operations}

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        """For `load` and `worksteal`, which know no groups; node ids stay as they are, unlike loadgroup's."""
        if config.getvalue("dist") not in ("load", "worksteal"):
            return None
        scheduling = importlib.import_module("xdist.scheduler").LoadScopeScheduling(config, log)
        # What its subclasses override: the scope whose tests stay together, by node id.
        scheduling._split_scope = lambda nodeid: self._groups.get(nodeid.rpartition("::")[0], nodeid)
        return scheduling


def _group_of(plan: Plan, name: str) -> str:
    """What must stay on one worker: an operation, with those that use what only one can hold at a time."""
    service_name, _, operation = name.partition(":")
    return exclusive_group(plan, contract_of(service_name, plan.protocol), operation)


def _plain(item: PhaseItem, explored: Explored, verdict: PhaseVerdict) -> dict[str, Any]:
    """A verdict as plain data, which is all that travels between processes."""
    return {
        "operation": item.operation,
        "kind": verdict.kind,
        "why": verdict.why,
        "implemented": explored.finished.implemented,
        "reached": explored.finished.reached,
        "cases": len(verdict.cases),
        "tallies": _tallies(verdict),
        "findings": [
            {
                "id": reported.violation.id,
                "severity": reported.violation.severity,
                "line": "  ".join(
                    (reported.violation.operation, reported.violation.check, reported.violation.message)
                ),
                "fails": reported in verdict.findings,
                "baseline": reported.baseline,
            }
            for reported in (*verdict.findings, *verdict.lesser)
        ],
    }


def _summary(summaries: Sequence[dict[str, Any]]) -> Iterator[str]:
    from ...results.reports.escape import printable

    operations = {summary["operation"]: summary for summary in summaries}
    implemented = sum(summary["implemented"] for summary in operations.values())
    reached = sum(summary["reached"] for summary in operations.values())
    yield f"{counted(len(operations), 'operation')}: {implemented:,} implemented, {reached:,} reached"
    totals = {name: sum(summary["tallies"][name] for summary in summaries) for name in TALLIES}
    counts = ", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in totals.items() if count)
    cases = sum(summary["cases"] for summary in summaries)
    yield f"{counted(cases, 'case')}{': ' if counts else ''}{counts}"
    findings = {summary["id"]: summary for item in summaries for summary in item["findings"]}
    severities = Counter(summary["severity"] for summary in findings.values())
    yield "Findings: " + ", ".join(
        counted(severities[level], level) for level in ("error", "warning", "note")
    )
    lesser = [summary for summary in findings.values() if not summary["fails"]]
    for summary in lesser[:_SHOWN]:
        known = f"   (baseline: {summary['baseline']})" if summary["baseline"] else ""
        yield f"  {summary['severity']}  {printable(summary['line'][:300])}{printable(known)}"
    if lesser[_SHOWN:]:
        yield f"  and {counted(len(lesser) - _SHOWN, 'more finding')} that fail no test"
    unreached = {
        summary["operation"]: summary["why"] for summary in summaries if summary["kind"] == "unreached"
    }
    for why in unreached.values():
        yield f"- {printable(why)}"
