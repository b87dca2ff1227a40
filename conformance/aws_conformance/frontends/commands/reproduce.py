"""`reproduce`: a script for each cause of a report, or for one cause or finding.

It owns which findings are meant and where scripts go. It refuses to know how a script is written
(reproduce/case_script.py) and which causes there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from ...errors import ConformanceError, UsageError, did_you_mean
from ...results.causes import Cause, causes
from ...results.events import Reported
from ...results.reports.reading import Report, read_report

__all__ = ["reproduce"]

_REGION = "us-east-1"


@dataclass(frozen=True, slots=True)
class _Subject:
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
def reproduce(report: Path, name: str | None, out: Path | None) -> int:
    """Print a script that shows a cause or a finding of a report (JSON or NDJSON) again.

    \b
    ID     of a cause or of a finding; all causes if none is given
    The script makes what it needs on a target that runs afresh: ENDPOINT_URL=http://... bash SCRIPT
    """
    read = read_report(report)
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


def _subjects(read: Report, name: str | None) -> list[_Subject]:
    ranked = causes(read.findings)
    if name is None:
        return [_of_cause(cause, number) for number, cause in enumerate(ranked, 1)]
    by_cause: Mapping[str, Cause] = {cause.id: cause for cause in ranked}
    if name in by_cause:
        return [_of_cause(by_cause[name], 1)]
    for finding in read.findings:
        if finding.violation.id == name:
            return [_Subject(finding, finding.violation.message, f"{name}.sh")]
    known = [*by_cause, *(finding.violation.id for finding in read.findings)]
    hint = did_you_mean(name, known) or f"Its causes are {', '.join(known[:10]) or 'none'}."
    raise UsageError(f"{read.path} has no cause and no finding {name}.", hint)


def _of_cause(cause: Cause, number: int) -> _Subject:
    title = f"{cause.title} (cause {cause.id}, {cause.places} places)"
    return _Subject(cause.representative, title, f"{number:02}-{cause.kind}-{cause.id}.sh")


def _script(read: Report, subject: _Subject) -> str:
    """The script of a finding. Raises UsageError where the report holds too little of it."""
    from ...cases.compile import contract_of
    from ...reproduce.case_script import case_script, history_script
    from ...reproduce.rebuild import rebuilt

    finding = subject.finding
    region = str(read.settings.get("region") or _REGION)
    endpoint = read.target if "://" in read.target else ""
    shown = finding.reproduction
    if shown.case.phase == "stateful" or finding.violation.check.startswith("cli."):
        if not shown.aws:
            raise UsageError("it is told in short here.", "Read the NDJSON report of the run.")
        return history_script(finding, subject.title, endpoint, region)
    service, _, name = finding.violation.operation.partition(":")
    contract = contract_of(service, read.settings.get("protocol"))
    if name not in contract.service.operations:
        raise UsageError(f"{service} has no operation {name!r} any more.")
    operation = contract.operation(name)
    case = rebuilt(contract, operation, shown, tuple(read.settings.get("claims", ())))
    return case_script(contract, operation, case, finding, subject.title, endpoint, region)


def _write(scripts: Mapping[str, str], out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, script in scripts.items():
            (out / name).write_text(script, "utf-8")
            (out / name).chmod(0o755)
    except OSError as error:
        raise ConformanceError(f"{error.filename} cannot be written: {error.strerror}.") from None
