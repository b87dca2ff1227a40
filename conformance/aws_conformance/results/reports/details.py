# SPDX-License-Identifier: Apache-2.0
"""All that a run has to tell, for `--verbose`: each cause with all its places, each operation, what went
undecided.

It owns the listing. It refuses to know what a reader needs first (first_screen.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from rich.table import Table
from rich.text import Text

from ..causes import Cause
from ..events import OperationFinished, Reported
from .escape import printable
from .finding_text import STYLES, Line, counted, finding_in_full, hanging
from .plain_text import cut, unrepeated_text
from .summary import TALLIES, Summary

__all__ = ["cause_details", "operation_table", "remarks"]

# Headings for a narrow terminal.
_SHORT: Mapping[str, str] = {"inconclusive": "inconcl.", "not implemented": "not impl."}
# What the kinds of histories are called.
_KINDS: Mapping[str, str] = {"path": "legal path", "forbidden": "illegal transition", "race": "race"}


def cause_details(cause: Cause, findings: Mapping[str, Reported], *, width: int) -> Iterable[Line]:
    """A cause: its title, its representative in full, and a line for each other place; `findings` are by
    id."""
    many = ", ".join(
        (
            counted(cause.places, "place"),
            counted(cause.cases, "case"),
            counted(len(cause.operations), "operation"),
        )
    )
    yield Text.assemble((printable(cause.title), "bold"), f"   {cause.kind} {cause.id}, {many}")
    if cause.reason:
        yield from hanging("  one cause", cause.reason, width)
    yield from finding_in_full(cause.representative, width=width)
    others = [name for name in cause.findings if name != cause.representative.violation.id]
    if others:
        yield Text("  also at", style="dim")
    for name in others:
        finding = findings[name]
        violation = finding.violation
        place = f"{violation.operation} {violation.path}"
        text = (
            f"    {name}  {finding.count:>6,}x  {printable(place)}: {cut(violation.thrown or violation.got)}"
        )
        yield Text(text, style="" if violation.severity == cause.severity else STYLES[violation.severity])


def operation_table(operations: Sequence[OperationFinished], width: int) -> Table:
    """A line for each operation with what came of its cases."""
    # Columns that most runs have no use for appear only when they hold something.
    columns = [name for name in TALLIES if name not in ("errored", "flaky")]
    columns += [
        name for name in ("errored", "flaky") if any(getattr(operation, name) for operation in operations)
    ]
    headings = ["reached", "cases", *map(_spoken, columns)]
    names = [printable(operation.operation) for operation in operations]
    longest = max(map(len, names), default=0)
    if longest + sum(len(heading) + 2 for heading in headings) > width:
        headings = [_SHORT.get(heading, heading) for heading in headings]
        if len({name.partition(":")[0] for name in names}) == 1:
            names = [name.partition(":")[2] or name for name in names]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.add_column("operation", overflow="fold")
    for heading in headings:
        table.add_column(heading, justify="left" if heading == "reached" else "right", no_wrap=True)
    for name, operation in zip(names, operations, strict=True):
        reached = "yes" if operation.reached else "no" if operation.implemented else "-"
        counts = [f"{getattr(operation, column):,}" for column in ("cases", *columns)]
        style = "" if operation.reached else "yellow" if operation.implemented else "dim"
        table.add_row(Text(name), reached, *counts, style=style)
    return table


def _unrepeated(operations: Sequence[OperationFinished]) -> Iterable[Line]:
    """Grave violations that are no findings, because they did not show again."""
    violations = [item for operation in operations for item in operation.unrepeated]
    if not violations:
        return
    yield from _title("Seen once, and not again")
    for item in violations:
        head, reason, *exchange = unrepeated_text(item).splitlines()
        yield Text(f"  {head}")
        yield Text(f"    {reason}")
        yield from (Text(f"      {line}") for line in exchange)


def remarks(summary: Summary, *, width: int) -> Iterable[Line]:
    """What the table has no room for: error codes, histories, what is undecided, why operations were not
    reached."""
    operations = summary.operations
    yield from _error_codes(operations, width=width)
    yield from _histories(operations)
    yield from _unreached(operations)
    yield from _deaths(operations)
    yield from _unrepeated(operations)
    if summary.unfinished:
        yield from _title("Not finished before the run ended")
        yield from hanging("", ", ".join(map(printable, summary.unfinished)), width)
    yield from _not_implemented(operations)


def _error_codes(operations: Sequence[OperationFinished], *, width: int) -> Iterable[Line]:
    provoked = [operation for operation in operations if operation.errors]
    if provoked:
        yield from _title("Error codes provoked")
    for operation in provoked:
        yield Text(f"  {printable(operation.operation)}")
        yield from _ways(operation.errors.items(), width)


def _unreached(operations: Sequence[OperationFinished]) -> Iterable[Line]:
    unreached = [operation for operation in operations if operation.implemented and not operation.reached]
    if unreached:
        yield from _title("Not reached")
    for operation in unreached:
        yield Text(f"  {printable(operation.operation)}: {cut(operation.unreached) or 'no 2xx was seen'}")


def _deaths(operations: Sequence[OperationFinished]) -> Iterable[Line]:
    deaths = [(operation.operation, death) for operation in operations for death in operation.deaths]
    if deaths:
        yield from _title("The target died, and nothing that was sent kills it again")
    for name, death in deaths:
        yield Text(f"  {printable(name)}: {cut(death)}")


def _not_implemented(operations: Sequence[OperationFinished]) -> Iterable[Line]:
    missing = [operation for operation in operations if not operation.implemented]
    if missing:
        yield from _title("Not implemented, by this evidence")
    for operation in missing:
        yield Text(f"  {printable(operation.operation)}: {cut(operation.evidence)}")


def _histories(operations: Sequence[OperationFinished]) -> Iterable[Line]:
    """Histories that need no chance: how many of each kind went as documented, and each with its outcome."""
    histories = [history for operation in operations for history in operation.histories]
    if histories:
        yield from _title("Histories")
    for lifecycle in dict.fromkeys(history.case.lifecycle for history in histories):
        for kind, noun in _KINDS.items():
            own = [
                history
                for history in histories
                if (history.case.lifecycle, history.case.kind) == (lifecycle, kind)
            ]
            if not own:
                continue
            verified = sum(history.outcome == "verified" for history in own)
            yield Text(f"  {printable(lifecycle)}: {verified} of {counted(len(own), noun)} verified")
            for history in own:
                reason = f": {cut(history.reason)}" if history.reason else ""
                yield Text(f"    {history.outcome:<15} {printable(history.case.title)}{reason}")


def _spoken(name: str) -> str:
    return name.replace("_", " ")


def _title(text: str) -> Iterable[Line]:
    yield Text()
    yield Text(text, style="bold")


def _ways(provoked: Iterable[tuple[str, str]], width: int) -> Iterable[Line]:
    """Error codes by the way in which they were provoked."""
    ways: dict[str, list[str]] = {}
    for code, way in sorted(provoked):
        ways.setdefault(way, []).append(printable(code))
    for way in sorted(ways, reverse=True):
        yield from hanging(f"    by {way:<15}", ", ".join(ways[way]), width)
