# SPDX-License-Identifier: Apache-2.0
"""What a run amounts to: findings of several operations merged, the baseline applied, the exit code.

It owns the decision that a gate depends on, as functions of values, so that a run, a run that was
resumed and runs that were merged are judged alike. It refuses to know how any of them came about.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .baseline import judge
from .coverage import run_coverage
from .events import OperationFinished, Reported, RunStarted
from .known import Baseline
from .terms import Severity, at_least

__all__ = ["Verdict", "decide", "merged"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings to report, the exit code and the reasons for it, a line each."""

    findings: tuple[Reported, ...]
    exit: Literal[0, 1, 4]
    reasons: tuple[str, ...]
    complaints: tuple[str, ...] = ()


def merged(findings: Iterable[Reported], order: Sequence[str]) -> tuple[Reported, ...]:
    """Findings with one cause as one, in the order of operations; the witness is the first operation's."""
    place = {name: index for index, name in enumerate(order)}
    by_key: dict[tuple[str, ...], Reported] = {}
    for finding in sorted(findings, key=lambda item: place[item.operations[0]]):
        known = by_key.get(finding.violation.key)
        if known is None:
            by_key[finding.violation.key] = finding
            continue
        operations = tuple(dict.fromkeys((*known.operations, *finding.operations)))
        cases = tuple(dict.fromkeys((*known.cases, *finding.cases)))
        by_key[finding.violation.key] = replace(
            known, count=known.count + finding.count, operations=operations, cases=cases
        )
    ordered = sorted(
        by_key.values(),
        key=lambda item: (place[item.operations[0]], item.violation.check, item.violation.path),
    )
    return tuple(map(_named_by_answer, ordered))


def _named_by_answer(finding: Reported) -> Reported:
    """A finding of a history with the operation whose answer shows it, which the history may not be about."""
    violation = finding.violation
    if finding.reproduction.case.phase != "stateful" or violation.scope == "target":
        return finding
    return replace(finding, operations=(violation.operation,))


def decide(
    head: RunStarted,
    operations: Mapping[str, OperationFinished],
    *,
    baseline: Baseline | None,
    verified: frozenset[str] = frozenset(),
    excused: Mapping[tuple[str, ...], str] | None = None,
    complaints: Iterable[str] = (),
) -> Verdict:
    """The verdict on operations that are through, each with its own findings.

    `verified` holds the enumerated cases that were verified, of those that the baseline watches.
    `excused` (reasons by key of the violation) and `complaints` carry over what a baseline said before,
    where only the events of a run are left.
    """
    # Workers are through in any order, and a verdict reads the same.
    operations = {name: operations[name] for name in head.operations if name in operations}
    own = (finding for operation in operations.values() for finding in operation.findings)
    findings = merged(own, head.operations)
    remarks: tuple[str, ...] = ()
    grievances = list(complaints)
    if baseline is not None:
        judged = judge(
            baseline,
            findings,
            operations,
            target=head.target,
            today=head.started[:10],
            verified=verified,
            settings=head.settings,
        )
        findings, remarks = judged.findings, judged.remarks
        grievances += judged.complaints
    if excused:
        findings = tuple(
            replace(finding, baseline=finding.baseline or excused.get(finding.violation.key, ""))
            for finding in findings
        )
    code, reasons = _exit(head, operations, findings, grievances)
    return Verdict(findings, code, (*reasons, *remarks), tuple(grievances))


def _exit(
    head: RunStarted,
    operations: Mapping[str, OperationFinished],
    findings: Sequence[Reported],
    complaints: Sequence[str],
) -> tuple[Literal[0, 1, 4], list[str]]:
    fail_on: Severity = head.settings.get("fail_on", "error")
    grave = [item for item in findings if at_least(item.violation.severity, fail_on)]
    failing = [item for item in grave if not item.baseline]
    covered = len(grave) - len(failing)
    reached = [item for item in operations.values() if item.reached]
    unreached = [item for item in operations.values() if item.implemented and not item.reached]
    reasons = []
    if failing:
        new = " that the baseline does not cover" if covered else ""
        reasons.append(f"{_counted(len(failing))} at severity {fail_on} or above{new}")
    reasons += complaints
    lacking = []
    errored = sum(item.errored for item in operations.values())
    if errored:
        lacking.append(f"{errored} case{'' if errored == 1 else 's'} could not be sent or answered")
    if not reached:
        lacking.append("no operation was reached, so nothing was verified")
    lacking += [
        f"{item.operation} was not reached: {item.unreached}" for item in unreached if not item.excused
    ]
    lacking += _too_little(head, operations.values())
    reasons += lacking
    known = [f"{_counted(covered)} in the baseline"] if covered else []
    if failing or complaints:
        return 1, reasons + known
    if lacking:
        return 4, reasons + known
    if known or len(unreached):
        return 0, [
            "every implemented operation was reached and conforms, but for what the baseline lists",
            *known,
        ]
    return 0, ["every implemented operation was reached and conforms"]


def _too_little(head: RunStarted, operations: Collection[OperationFinished]) -> Iterator[str]:
    """Where a run stays under the shares that were asked of it, in percent."""
    implemented = [item for item in operations if item.implemented]
    reached = sum(item.reached for item in implemented) / len(implemented) if implemented else None
    shares = {
        "fail_under_reached": ("of the implemented operations were reached", reached),
        "fail_under_coverage": ("of what there is was judged", run_coverage(operations).coverage),
    }
    for name, (what, share) in shares.items():
        least = head.settings.get(name)
        if least is not None and (share is None or share * 100 < least):
            yield f"{(share or 0) * 100:.1f} % {what}, under {least:g} %"


def _counted(number: int) -> str:
    return f"{number} violation{'' if number == 1 else 's'}"
