# SPDX-License-Identifier: Apache-2.0
"""What makes two findings one cause: a row for each kind of check.

It owns the table: by which of its traits a finding is grouped, how its cause is called, and how much it
hurts. A row that joins several checks or kinds says why. It refuses to know how traits are read from a
finding (cause_words.py, request_words.py), how causes are counted (causes.py), and how they look.
"""

from __future__ import annotations

from .answer_rows import ANSWER_ROWS
from .cause_row import CauseRow, always
from .cause_words import (
    association_title,
    bytes_kind,
    is_lost,
    late_title,
    lost_key,
    lost_title,
    member,
    oracle_title,
    refusal_title,
    rule,
    sentence,
    story_title,
    subject,
)
from .events import Reported
from .request_words import (
    CONSTRAINTS,
    constraint_kind,
    constraint_title,
    crash_key,
    crash_kind,
    crash_title,
    exception,
    is_unchecked,
    is_unreadable,
    refusal,
    refused_title,
    unchecked_key,
    unchecked_title,
    unreadable_key,
    unreadable_kind,
    unreadable_title,
    unsupported_title,
)

__all__ = ["row_of"]


def row_of(finding: Reported) -> CauseRow:
    """The row that a finding is grouped by: the first that fits."""
    return next(row for row in _ROWS if row.fits(finding))


# The first row that fits counts; the last fits every check.
_ROWS: tuple[CauseRow, ...] = (
    CauseRow(
        (
            "request.invalid.accepted",
            "request.invalid.tolerated",
            "server.crash",
            "server.unsupported",
            "error.code.form",
        ),
        unreadable_kind,
        unreadable_key,
        unreadable_title,
        where=is_unreadable,
        part=unreadable_title,
        reason="what reads requests stands before all operations, whatever they make of what it lets through",
    ),
    CauseRow(
        ("server.crash",),
        crash_kind,
        unchecked_key,
        unchecked_title,
        where=is_unchecked,
        part=exception,
        yields=True,
        reason="nothing looks at a request's form, so that a wrong type, or nothing, surfaces wherever it is "
        "used first, and as whatever that throws",
    ),
    CauseRow(
        ("server.crash",),
        crash_kind,
        crash_key,
        crash_title,
        reason="one exception of one function is mended once, whichever request runs into it",
        joins=True,
    ),
    CauseRow(("server.timeout",), always("crash"), lambda finding: (), lambda finding: "no answer in time"),
    CauseRow(
        ("server.unsupported",),
        always("refused"),
        crash_key,
        unsupported_title,
    ),
    CauseRow(
        ("request.invalid.accepted", "request.invalid.tolerated"),
        constraint_kind,
        lambda finding: (finding.violation.cause,),
        constraint_title,
        lambda finding: CONSTRAINTS.get(finding.violation.cause, (8, ""))[0],
        reason="a keyword is enforced in one place of a framework; whether AWS's refusal is on record tells "
        "the two checks apart, and nothing in the target",
    ),
    CauseRow(
        ("lifecycle.refusal", "lifecycle.refusal.unrecorded"),
        always("story"),
        lambda finding: (finding.reproduction.case.lifecycle, rule(finding)),
        refusal_title,
        reason="they break one documented sentence; whether AWS's refusal is on record tells them apart",
    ),
    CauseRow(
        ("lifecycle.transition",),
        always("story"),
        lambda finding: (finding.reproduction.case.lifecycle, finding.violation.cause),
        lambda finding: f"a {subject(finding)} goes {finding.violation.cause}",
    ),
    CauseRow(
        ("lifecycle.stuck",),
        always("story"),
        lambda finding: (finding.reproduction.case.lifecycle, finding.violation.cause),
        lambda finding: f"a {subject(finding)} stays {finding.violation.cause}",
    ),
    CauseRow(
        ("lifecycle.effect", "lifecycle.concurrency"),
        always("story"),
        lambda finding: (
            finding.violation.check,
            finding.reproduction.case.lifecycle,
            finding.violation.cause,
        ),
        story_title,
    ),
    CauseRow(
        ("lifecycle.*",),
        always("story"),
        lambda finding: (finding.violation.check, finding.reproduction.case.lifecycle, member(finding)),
        story_title,
        reason="a member that is wrong in one state is mostly wrong in each, and wherever it is shown",
    ),
    CauseRow(
        ("oracle.arn",),
        always("story"),
        lambda finding: (member(finding),),
        oracle_title,
        reason="an ARN is made in one place, and shown by several operations",
    ),
    CauseRow(
        ("oracle.association.*",),
        always("story"),
        lambda finding: (finding.violation.check, finding.violation.cause),
        association_title,
        reason="what lies between two things is written in one place, whichever side shows it",
    ),
    CauseRow(
        ("oracle.delete.changed", "oracle.delete.used"),
        always("story"),
        lambda finding: (finding.violation.check, finding.violation.cause),
        late_title,
        reason="whether a thing is still there is asked in front of whatever is done to it",
    ),
    CauseRow(
        ("oracle.read.value", "response.member.changed"),
        lambda finding: "story" if finding.violation.check == "oracle.read.value" else "bytes",
        lost_key,
        lost_title,
        where=is_lost,
        part=member,
        apart=True,
        reason="what a resource keeps is written in one place, whoever shows it and whatever it lacks",
    ),
    CauseRow(
        ("oracle.page.*",),
        always("story"),
        lambda finding: (finding.violation.operation,),
        oracle_title,
        reason="the pages of a list are made in one place",
    ),
    CauseRow(
        ("oracle.*",),
        always("story"),
        lambda finding: (finding.violation.check, finding.violation.operation, finding.violation.path),
        oracle_title,
        reason="a member that is lost is mostly lost whoever wrote it",
    ),
    CauseRow(
        ("request.valid.refused",),
        always("refused"),
        refusal,
        refused_title,
    ),
    CauseRow(
        ("request.valid.unmodelled",),
        always("refused"),
        lambda finding: (finding.violation.cause,),
        lambda finding: f"a constraint that no model has: {finding.violation.cause}",
    ),
    CauseRow(
        ("request.tolerance.refused",),
        always("refused"),
        lambda finding: (finding.violation.cause,),
        lambda finding: f"what AWS tolerates ({finding.violation.cause}) is refused: {finding.violation.got}",
    ),
    CauseRow(
        ("request.nonexistent.accepted",),
        always("accepted"),
        lambda finding: (),
        lambda finding: "requests for what nobody has are accepted",
        reason="an operation that looks nothing up has mostly been left empty, as others have",
    ),
    *ANSWER_ROWS,
    CauseRow(("*",), bytes_kind, lambda finding: (finding.violation.check,), sentence),
)
