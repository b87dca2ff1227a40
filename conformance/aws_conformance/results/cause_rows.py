# SPDX-License-Identifier: Apache-2.0
"""What makes two findings one cause: a row for each kind of check.

It owns the table: by which of its traits a finding is grouped, how its cause is called, and how much it
hurts. A row that joins several checks or kinds says why. It refuses to know how traits are read from a
finding (cause_words.py), how causes are counted (causes.py), and how they look.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .cause_words import (
    CONSTRAINTS,
    CauseKind,
    below_document_key,
    below_document_title,
    bytes_kind,
    bytes_title,
    constraint_kind,
    constraint_title,
    crash_key,
    crash_kind,
    crash_title,
    form_key,
    form_title,
    is_below_document,
    is_unchecked,
    json_kind,
    late_title,
    malformed_key,
    malformed_title,
    member,
    oracle_title,
    refusal,
    refusal_title,
    refused_title,
    rule,
    sentence,
    story_title,
    subject,
    text_title,
    unchecked_key,
    unchecked_title,
    unknown_key,
    unknown_title,
    unsupported_title,
)
from .events import Reported
from .generalised import generalised

__all__ = ["CauseRow", "row_of"]


@dataclass(frozen=True, slots=True)
class CauseRow:
    """Findings of some checks (globs), grouped by `key`, called by `title`; `nearness` orders equal kinds.

    `where` narrows a row further.

    Of findings with one site those of a row that `yields` are of the cause of one that `joins`.
    `reason` says why findings of several checks, places or kinds are one cause, for a row that joins them.
    """

    checks: tuple[str, ...]
    kind: Callable[[Reported], CauseKind]
    key: Callable[[Reported], tuple[str, ...]]
    title: Callable[[Reported], str]
    nearness: Callable[[Reported], int] = lambda finding: 0
    where: Callable[[Reported], bool] = lambda finding: True
    reason: str = ""
    yields: bool = False
    joins: bool = False

    def fits(self, finding: Reported) -> bool:
        """Whether the row is about a finding."""
        checked = any(fnmatchcase(finding.violation.check, check) for check in self.checks)
        return checked and self.where(finding)


def row_of(finding: Reported) -> CauseRow:
    """The row that a finding is grouped by: the first that fits."""
    return next(row for row in _ROWS if row.fits(finding))


def _always(kind: CauseKind) -> Callable[[Reported], CauseKind]:
    return lambda finding: kind


_SYSTEMIC = "such bytes come from one serializer, whichever member shows them"

# The first row that fits counts; the last fits every check.
_ROWS: tuple[CauseRow, ...] = (
    CauseRow(
        ("server.crash",),
        crash_kind,
        below_document_key,
        below_document_title,
        where=is_below_document,
        reason="what reads requests stands before all operations, wherever it is missed first",
    ),
    CauseRow(
        ("server.crash",),
        crash_kind,
        unchecked_key,
        unchecked_title,
        where=is_unchecked,
        yields=True,
        reason="nothing looks at a request's form, so that a wrong type, or nothing, surfaces wherever it is "
        "used first",
    ),
    CauseRow(
        ("server.crash",),
        crash_kind,
        crash_key,
        crash_title,
        reason="one exception of one function is mended once, whichever request runs into it",
        joins=True,
    ),
    CauseRow(("server.timeout",), _always("crash"), lambda finding: (), lambda finding: "no answer in time"),
    CauseRow(
        ("server.unsupported",),
        _always("refused"),
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
        _always("story"),
        lambda finding: (finding.reproduction.case.lifecycle, rule(finding)),
        refusal_title,
        reason="they break one documented sentence; whether AWS's refusal is on record tells them apart",
    ),
    CauseRow(
        ("lifecycle.transition",),
        _always("story"),
        lambda finding: (finding.reproduction.case.lifecycle, finding.violation.cause),
        lambda finding: f"a {subject(finding)} goes {finding.violation.cause}",
    ),
    CauseRow(
        ("lifecycle.stuck",),
        _always("story"),
        lambda finding: (finding.reproduction.case.lifecycle, finding.violation.cause),
        lambda finding: f"a {subject(finding)} stays {finding.violation.cause}",
    ),
    CauseRow(
        ("lifecycle.effect", "lifecycle.concurrency"),
        _always("story"),
        lambda finding: (
            finding.violation.check,
            finding.reproduction.case.lifecycle,
            finding.violation.cause,
        ),
        story_title,
    ),
    CauseRow(
        ("lifecycle.*",),
        _always("story"),
        lambda finding: (finding.violation.check, finding.reproduction.case.lifecycle, member(finding)),
        story_title,
        reason="a member that is wrong in one state is mostly wrong in each, and wherever it is shown",
    ),
    CauseRow(
        ("oracle.arn",),
        _always("story"),
        lambda finding: (finding.violation.expected, member(finding)),
        oracle_title,
        reason="an ARN is made in one place, and shown by several operations",
    ),
    CauseRow(
        ("oracle.delete.changed", "oracle.delete.used"),
        _always("story"),
        lambda finding: (finding.violation.check, finding.violation.cause),
        late_title,
        reason="whether a thing is still there is asked in front of whatever is done to it",
    ),
    CauseRow(
        ("oracle.*",),
        _always("story"),
        lambda finding: (finding.violation.check, finding.violation.operation, finding.violation.path),
        oracle_title,
        reason="a member that is lost is mostly lost whoever wrote it",
    ),
    CauseRow(
        ("request.valid.refused",),
        _always("refused"),
        refusal,
        refused_title,
    ),
    CauseRow(
        ("request.valid.unmodelled",),
        _always("refused"),
        lambda finding: (finding.violation.cause,),
        lambda finding: f"a constraint that no model has: {finding.violation.cause}",
    ),
    CauseRow(
        ("request.tolerance.refused",),
        _always("refused"),
        lambda finding: (finding.violation.cause,),
        lambda finding: f"what AWS tolerates ({finding.violation.cause}) is refused: {finding.violation.got}",
    ),
    CauseRow(
        ("request.nonexistent.accepted",),
        _always("accepted"),
        lambda finding: (),
        lambda finding: "requests for what nobody has are accepted",
        reason="an operation that looks nothing up has mostly been left empty, as others have",
    ),
    CauseRow(
        ("response.body.type",),
        _always("bytes"),
        lambda finding: (finding.violation.expected, json_kind(finding)),
        lambda finding: f"{finding.violation.expected} comes as {json_kind(finding)}: {member(finding)}",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("response.timestamp.form",),
        _always("bytes"),
        lambda finding: (json_kind(finding),),
        lambda finding: f"timestamps are {json_kind(finding)}, clients fail: {member(finding)}",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("response.null.member",),
        _always("bytes"),
        lambda finding: (),
        lambda finding: "absent members are sent as null",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("response.member.case",),
        _always("bytes"),
        lambda finding: (),
        lambda finding: f"members are written in another case, clients drop them: {member(finding)}",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("response.member.echo",),
        _always("bytes"),
        lambda finding: (),
        lambda finding: "what no model has is stored and shown again",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("response.member.unknown",),
        _always("bytes"),
        unknown_key,
        unknown_title,
        reason="a structure is made in one place, and shown by several operations",
    ),
    CauseRow(
        ("response.constraint.pattern", "response.constraint.length", "response.constraint.range"),
        _always("bytes"),
        lambda finding: (finding.violation.check,),
        lambda finding: (
            f"outputs leave their documented {finding.violation.check.rpartition('.')[2]}: "
            f"{member(finding)} is {finding.violation.got}"
        ),
        reason="nobody is hurt by one of them; AWS itself departs from its documents there",
    ),
    CauseRow(
        ("response.digest",),
        _always("bytes"),
        lambda finding: (finding.violation.cause,),
        lambda finding: f"{finding.violation.cause} is not that of its bytes, SDKs fail",
        reason="what computes a digest does so for all operations",
    ),
    CauseRow(
        ("response.member.required", "response.member.changed", "response.enum.value", "response.map.key"),
        _always("bytes"),
        lambda finding: (finding.violation.check, member(finding)),
        bytes_title,
        reason="a member is written in one place, and shown by several operations",
    ),
    CauseRow(
        ("response.status.error",),
        _always("errors"),
        lambda finding: (finding.violation.got, finding.violation.expected),
        lambda finding: f"an error has the status {finding.violation.got}, not {finding.violation.expected}",
    ),
    CauseRow(
        ("response.request-id",),
        _always("bytes"),
        lambda finding: (),
        lambda finding: "answers have no request id",
        reason="what every answer lacks is added in one place",
    ),
    CauseRow(
        ("response.content-type",),
        _always("bytes"),
        lambda finding: (finding.violation.got,),
        lambda finding: f"the content type is {finding.violation.got}",
        reason="what every answer has is written in one place",
    ),
    CauseRow(
        ("error.code.unknown",),
        _always("errors"),
        lambda finding: (finding.violation.got,),
        lambda finding: f"no SDK knows the error {finding.violation.got}",
        reason="a code is thrown by one class, whichever operation meets it",
    ),
    CauseRow(
        ("error.code.undeclared",),
        _always("errors"),
        lambda finding: (finding.violation.got,),
        lambda finding: f"{finding.violation.got} comes from operations that do not declare it",
        reason="a code is thrown by one class, whichever operation meets it",
    ),
    CauseRow(
        ("error.code.form",),
        _always("errors"),
        form_key,
        form_title,
        reason="what looks at a request's form stands before all that looks for what it names",
    ),
    CauseRow(
        ("error.code.recorded",),
        _always("errors"),
        lambda finding: (finding.violation.expected, finding.violation.got),
        lambda finding: f"{finding.violation.got} where AWS answers {finding.violation.expected}",
        reason="one code is chosen for another, for whatever fault",
    ),
    CauseRow(
        ("error.envelope.type",),
        _always("errors"),
        lambda finding: (generalised(finding.violation.got),),
        lambda finding: (
            f"errors are not named in {finding.violation.path.removeprefix('$.')}: {finding.violation.got}"
        ),
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("error.envelope.message",),
        _always("errors"),
        lambda finding: (generalised(finding.violation.got),),
        text_title,
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("error.code.contradiction",),
        _always("errors"),
        lambda finding: (),
        lambda finding: f"one answer names several errors: {finding.violation.got}",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("server.request-size",),
        _always("refused"),
        lambda finding: (),
        lambda finding: f"requests of a documented size are too large: {finding.violation.got}",
        reason="what reads requests stands before all operations",
    ),
    CauseRow(
        ("response.document.foreign",),
        bytes_kind,
        lambda finding: (),
        lambda finding: f"a success has none of its operation's members: {finding.violation.got}",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("response.success.error",),
        bytes_kind,
        lambda finding: (),
        lambda finding: f"errors are sent as successes: {finding.violation.got}",
        reason=_SYSTEMIC,
    ),
    CauseRow(("error.*",), _always("errors"), lambda finding: (finding.violation.check,), sentence),
    CauseRow(
        ("signature.*",),
        _always("protocol"),
        lambda finding: (finding.violation.check, finding.violation.cause),
        sentence,
    ),
    CauseRow(
        ("response.body.malformed",),
        bytes_kind,
        malformed_key,
        malformed_title,
        reason=_SYSTEMIC,
    ),
    CauseRow(("*",), bytes_kind, lambda finding: (finding.violation.check,), sentence),
)
