# SPDX-License-Identifier: Apache-2.0
"""Causes: the findings of a run grouped by what a maintainer would mend, those that hurt most first.

It owns the groups, their ids, their order and their representatives, as a function of findings alone. It
refuses to know by which traits findings are grouped (cause_rows.py) and how causes are shown. Baselines and
exit codes are about findings.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from .cause_row import CauseRow
from .cause_rows import row_of
from .cause_words import is_valid
from .events import Reported
from .request_words import leans
from .terms import CauseKind, Severity

__all__ = ["Cause", "cause_key", "causes"]

_LONGEST_TITLE = 200
_ROOM_FOR_MORE = len("; and 1,000 more")
_SEVERITIES: Sequence[Severity] = get_args(Severity)
_KINDS: Sequence[CauseKind] = get_args(CauseKind)


@dataclass(frozen=True, slots=True)
class Cause:
    """What one mend would take away: `title` says what is wrong.

    `id` depends on the kind of fault alone: it is the same in every run, by whatever way a target is reached
    as long as it shows the same, and over its versions. `places` counts findings, `cases` how often they
    occurred, `known` those findings that a baseline excuses. `representative` is the finding with the
    shortest reproduction; `valid` that a client might send it; `sites` are where its crashes happen.
    `reason` says why what differs is one cause.
    """

    id: str
    kind: CauseKind
    title: str
    severity: Severity
    checks: tuple[str, ...]
    places: int
    cases: int
    known: int
    operations: tuple[str, ...]
    sites: tuple[str, ...]
    valid: bool
    representative: Reported
    findings: tuple[str, ...]
    reason: str = ""


def cause_key(finding: Reported) -> tuple[str, ...]:
    """What findings of one cause have in common."""
    row = row_of(finding)
    return (row.checks[0], *row.key(finding))


def causes(findings: Iterable[Reported], *, apart: bool = False) -> tuple[Cause, ...]:
    """The causes of findings, ranked: by severity, then by what hurts users most.

    With `apart`, for comparisons of versions, each member that a resource loses is a cause of its own.
    """
    groups: dict[tuple[str, ...], list[Reported]] = {}
    rows: dict[tuple[str, ...], CauseRow] = {}
    for finding in findings:
        key, row = cause_key(finding), row_of(finding)
        if apart and row.apart and row.part is not None:
            key = (*key, row.part(finding))
        groups.setdefault(key, []).append(finding)
        rows.setdefault(key, row)
    joined = _joined(groups, rows)
    ranked = sorted((_ranked(key, rows[key], group) for key, group in joined), key=lambda pair: pair[0])
    return tuple(cause for _, cause in ranked)


def _joined(
    groups: Mapping[tuple[str, ...], list[Reported]], rows: Mapping[tuple[str, ...], CauseRow]
) -> Iterable[tuple[tuple[str, ...], list[Reported]]]:
    """The groups; what is thrown where a request of the right form runs into the same is of that cause."""
    joining = {
        finding.violation.site: key
        for key, group in groups.items()
        for finding in group
        # What an answer says by itself, such as nothing, is no place.
        if rows[key].joins and " in " in finding.violation.site
    }
    joined: dict[tuple[str, ...], list[Reported]] = {}
    for key, group in groups.items():
        for finding in group:
            other = joining.get(finding.violation.site) if rows[key].yields else None
            joined.setdefault(other or key, []).append(finding)
    return joined.items()


def _ranked(
    key: tuple[str, ...], row: CauseRow, group: Sequence[Reported]
) -> tuple[tuple[object, ...], Cause]:
    """A cause with what it is ordered by."""
    ordered = sorted(group, key=lambda finding: _size(finding, row))
    representative = ordered[0]
    operations = tuple(
        dict.fromkeys(
            name for finding in group for name in finding.operations or (finding.violation.operation,)
        )
    )
    severity = min((finding.violation.severity for finding in group), key=_SEVERITIES.index)
    kind, valid = row.kind(representative), is_valid(representative)
    cause = Cause(
        id=hashlib.sha256("\x1f".join(key).encode("utf-8", "surrogatepass")).hexdigest()[:8],
        kind=kind,
        title=_title(row, ordered),
        severity=severity,
        checks=tuple(dict.fromkeys(sorted(finding.violation.check for finding in group))),
        places=len(group),
        cases=sum(finding.count for finding in group),
        known=sum(bool(finding.baseline) for finding in group),
        operations=operations,
        sites=tuple(sorted({finding.violation.site for finding in group} - {""})),
        valid=valid,
        representative=representative,
        findings=tuple(finding.violation.id for finding in group),
        reason=_reason(row, group),
    )
    return (_rank(cause, row), cause)


def _rank(cause: Cause, row: CauseRow) -> tuple[object, ...]:
    place = _KINDS.index(cause.kind)
    if cause.kind == "crash" and not cause.valid:
        # Under a wrong request a crash is a wrong error.
        place = _KINDS.index("errors")
    return (
        _SEVERITIES.index(cause.severity),
        place,
        cause.kind != "crash",
        row.nearness(cause.representative),
        -len(cause.operations),
        -cause.cases,
        cause.id,
    )


def _reason(row: CauseRow, group: Sequence[Reported]) -> str:
    return row.reason if len(group) > 1 else ""


def _size(finding: Reported, row: CauseRow) -> tuple[object, ...]:
    """How long it takes to see a finding again: gravest first, then what hurts most, then requests that a
    client might send."""
    shown = finding.reproduction
    return (
        # In a summary most findings are told in short, without what can be run.
        not (shown.aws or shown.curl or shown.transcript),
        _SEVERITIES.index(finding.violation.severity),
        _KINDS.index(row.kind(finding)),
        not is_valid(finding),
        # Whoever runs its script begins with a target that holds nothing.
        not shown.source.sent.get("afresh"),
        leans(finding),
        len(shown.transcript),
        len(shown.steps),
        len(shown.aws) + len(shown.curl),
        finding.violation.id,
    )


def _title(row: CauseRow, ordered: Sequence[Reported]) -> str:
    """What the first shows, and as much of what the others show beside as there is room for."""
    title = _cut(row.title(ordered[0]))
    if row.part is None:
        return title
    _, *rest = dict.fromkeys(" ".join(row.part(finding).split()) for finding in ordered)
    while rest and len(title) + len(rest[0]) <= _LONGEST_TITLE - _ROOM_FOR_MORE:
        title += f"; {rest.pop(0)}"
    return f"{title[: _LONGEST_TITLE - _ROOM_FOR_MORE]}; and {len(rest)} more" if rest else title


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TITLE else f"{line[: _LONGEST_TITLE - 3]}..."
