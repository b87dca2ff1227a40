# SPDX-License-Identifier: Apache-2.0
"""`reproduce`: a script for each cause of a report, or for one cause or finding.

It owns which findings are meant and where scripts go. It refuses to know how a script is written
(reproduce/case_script.py) and which causes there are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...errors import ConformanceError, UsageError, did_you_mean
from ...results.causes import Cause, causes
from ...results.events import Reported
from ...results.reports.escape import printable
from ...results.reports.reading import Report, read_report
from ...results.terms import at_least

if TYPE_CHECKING:
    from ...cases.case import Case
    from ...cases.contract import OperationContract

__all__ = ["reproduce"]

_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class _ReproducedItem:
    """A finding to write a script for, the title that it gets, and the name of its file."""

    finding: Reported
    title: str
    name: str


@click.command()
@click.argument("report", metavar="REPORT", type=click.Path(path_type=Path))
@click.argument("name", metavar="[ID]", required=False)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Write each to a file here.",
)
@click.option(
    "--pytest",
    "tests",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write tests instead, which need pytest and boto3 alone: of each finding that fails the run.",
)
def reproduce(report: Path, name: str | None, out: Path | None, tests: Path | None) -> int:
    """Print a script that shows a cause or a finding of a report (JSON or NDJSON) again.

    \b
    ID     of a cause or of a finding; all causes if none is given
    \b
    The script makes what it needs on a target that runs afresh: ENDPOINT_URL=http://... bash SCRIPT
    """
    read = read_report(report)
    if tests is not None:
        return _export(read, name, tests)
    scripts: dict[str, str] = {}
    failed = 0
    for subject in _subjects(read, name):
        try:
            scripts[subject.name] = _script(read, subject)
        except UsageError as error:
            failed += 1
            click.echo(f"{subject.name}: {error}", err=True)
    if out is None:
        for script in scripts.values():
            click.echo(script)
    else:
        _write(scripts, out)
        click.echo(f"{len(scripts)} scripts in {out}")
    return 2 if failed else 0


def _subjects(read: Report, name: str | None) -> list[_ReproducedItem]:
    ranked = causes(read.findings)
    if name is None:
        return [_of_cause(cause, number) for number, cause in enumerate(ranked, 1)]
    by_cause: Mapping[str, Cause] = {cause.id: cause for cause in ranked}
    if name in by_cause:
        return [_of_cause(by_cause[name], 1)]
    for finding in read.findings:
        if finding.violation.id == name:
            return [_ReproducedItem(finding, finding.violation.message, f"{name}.sh")]
    known = [*by_cause, *(finding.violation.id for finding in read.findings)]
    hint = did_you_mean(name, known) or f"Its causes are {', '.join(known[:10]) or 'none'}."
    raise UsageError(f"{read.path} has no cause and no finding {name}.", hint)


def _of_cause(cause: Cause, number: int) -> _ReproducedItem:
    title = f"{cause.title} (cause {cause.id}, {cause.places} places)"
    return _ReproducedItem(cause.representative, title, f"{number:02}-{cause.kind}-{cause.id}.sh")


def _script(read: Report, subject: _ReproducedItem) -> str:
    """The script of a finding. Raises UsageError where the report holds too little of it."""
    from ...reproduce.case_script import case_script, history_script

    finding = subject.finding
    region = str(read.settings.get("region") or _REGION)
    endpoint = read.target if "://" in read.target else ""
    shown = finding.reproduction
    if shown.case.phase == "stateful" or finding.violation.check.startswith("cli."):
        if not shown.aws:
            raise UsageError("it is told in short here.", "Read the NDJSON report of the run.")
        return history_script(finding, subject.title, endpoint, region)
    contract, case = _case_of(read, finding)
    return case_script(contract, case, finding, subject.title, endpoint, region)


def _case_of(read: Report, finding: Reported) -> tuple[OperationContract, Case]:
    """The case of a finding, made again. Raises UsageError where that can't be, and for a history."""
    from ...cases.compile import contract_of
    from ...reproduce.rebuild import as_learned, rebuilt

    shown = finding.reproduction
    if shown.case.phase == "stateful":
        raise UsageError("a history is more than a case.")
    service, _, name = finding.violation.operation.partition(":")
    contract = contract_of(service, read.settings.get("protocol"))
    if name not in contract.service.operations:
        raise UsageError(f"{service} has no operation {name!r} any more.")
    learned = as_learned(contract.of(contract.operation(name)), shown)
    return learned, rebuilt(learned, shown, tuple(read.settings.get("claims", ())))


def _export(read: Report, name: str | None, file: Path) -> int:
    """Write tests of a cause, of a finding, or of all that fails the run; says what can't be a test."""
    from ...reproduce.pytest_file import exported_test, pytest_file

    tests, reasons = [], Counter[str]()
    for finding in _failing(read, name):
        try:
            contract, case = _case_of(read, finding)
            tests.append(exported_test(contract, case, finding))
        except UsageError as error:
            reasons[str(error)] += 1
    if not tests:
        raise UsageError(f"{read.path} has nothing that can be a test.", "; ".join(reasons))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        title = f"What {read.target} failed in a run of aws-conformance."
        file.write_text(pytest_file(tests, printable(title)), "utf-8", "backslashreplace")
    except OSError as error:
        raise ConformanceError(f"{file} cannot be written: {error.strerror}.") from None
    click.echo(f"{len(tests)} tests in {file}: ENDPOINT_URL=http://... pytest {file}")
    for reason, number in reasons.most_common():
        click.echo(f"{number} left out: {reason}", err=True)
    return 0


def _failing(read: Report, name: str | None) -> Sequence[Reported]:
    """The findings of a cause or the finding of that name; without one, all that fails the run."""
    fail_on = read.settings.get("fail_on", "error")
    if name is None:
        return [
            finding
            for finding in read.findings
            if at_least(finding.violation.severity, fail_on) and not finding.baseline
        ]
    by_cause = {cause.id: cause for cause in causes(read.findings)}
    ids = (
        set(by_cause[name].findings) if name in by_cause else {_subjects(read, name)[0].finding.violation.id}
    )
    return [finding for finding in read.findings if finding.violation.id in ids]


def _write(scripts: Mapping[str, str], out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, script in scripts.items():
            (out / name).write_text(script, "utf-8")
            (out / name).chmod(0o755)
    except OSError as error:
        raise ConformanceError(f"{error.filename} cannot be written: {error.strerror}.") from None
