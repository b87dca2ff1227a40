# SPDX-License-Identifier: Apache-2.0
"""What makes two findings about answers one cause: the rows of successes and of errors.

It owns this part of the table of causes; cause_rows.py has the rest, and tells what a row is for.
"""

from __future__ import annotations

from .cause_row import CauseRow, always
from .cause_words import (
    bytes_kind,
    bytes_title,
    json_kind,
    malformed_key,
    malformed_title,
    member,
    sentence,
    text_title,
    unknown_key,
    unknown_title,
)
from .generalised import generalised
from .request_words import (
    form_key,
    form_title,
)

__all__ = ["ANSWER_ROWS"]

_SYSTEMIC = "such bytes come from one serializer, whichever member shows them"

# The first row that fits counts.
ANSWER_ROWS: tuple[CauseRow, ...] = (
    CauseRow(
        ("response.body.type",),
        always("bytes"),
        lambda finding: (finding.violation.expected, json_kind(finding)),
        lambda finding: f"{finding.violation.expected} comes as {json_kind(finding)}: {member(finding)}",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("response.timestamp.form",),
        always("bytes"),
        lambda finding: (json_kind(finding),),
        lambda finding: f"timestamps are {json_kind(finding)}, clients fail: {member(finding)}",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("response.null.member",),
        always("bytes"),
        lambda finding: (),
        lambda finding: "absent members are sent as null",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("response.member.case",),
        always("bytes"),
        lambda finding: (),
        lambda finding: f"members are written in another case, clients drop them: {member(finding)}",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("response.member.echo",),
        always("bytes"),
        lambda finding: (),
        lambda finding: "what no model has is stored and shown again",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("response.member.unknown",),
        always("bytes"),
        unknown_key,
        unknown_title,
        reason="a structure is made in one place, and shown by several operations",
    ),
    CauseRow(
        ("response.constraint.pattern", "response.constraint.length", "response.constraint.range"),
        always("bytes"),
        lambda finding: (),
        lambda finding: (
            f"outputs leave their documented {finding.violation.check.rpartition('.')[2]}: "
            f"{member(finding)} is {finding.violation.got}"
        ),
        reason="nobody is hurt by one of them; AWS itself departs from its documents there",
    ),
    CauseRow(
        ("response.digest",),
        always("bytes"),
        lambda finding: (finding.violation.cause,),
        lambda finding: f"{finding.violation.cause} is not that of its bytes, SDKs fail",
        reason="what computes a digest does so for all operations",
    ),
    CauseRow(
        ("response.member.required", "response.member.changed", "response.enum.value", "response.map.key"),
        always("bytes"),
        lambda finding: (finding.violation.check, member(finding)),
        bytes_title,
        reason="a member is written in one place, and shown by several operations",
    ),
    CauseRow(
        ("response.member.absent",),
        bytes_kind,
        lambda finding: (finding.violation.check,),
        lambda finding: f"members that AWS always sends are absent: {member(finding)}",
        part=member,
        reason="what is not written at all is written where its structure is made",
    ),
    CauseRow(
        ("response.status.error",),
        always("errors"),
        lambda finding: (finding.violation.got, finding.violation.expected),
        lambda finding: f"an error has the status {finding.violation.got}, not {finding.violation.expected}",
    ),
    CauseRow(
        ("response.status.success",),
        bytes_kind,
        lambda finding: (finding.violation.check,),
        lambda finding: f"a success has the status {finding.violation.got}, not {finding.violation.expected}",
        reason="what writes a success gives it its status",
    ),
    CauseRow(
        ("response.request-id",),
        always("bytes"),
        lambda finding: (),
        lambda finding: "answers have no request id",
        reason="what every answer lacks is added in one place",
    ),
    CauseRow(
        ("response.content-type",),
        always("bytes"),
        lambda finding: (finding.violation.got,),
        lambda finding: f"the content type is {finding.violation.got}",
        reason="what every answer has is written in one place",
    ),
    CauseRow(
        ("error.code.unknown",),
        always("errors"),
        lambda finding: (finding.violation.got,),
        lambda finding: f"no SDK knows the error {finding.violation.got}",
        reason="a code is thrown by one class, whichever operation meets it",
    ),
    CauseRow(
        ("error.code.undeclared",),
        always("errors"),
        lambda finding: (finding.violation.got,),
        lambda finding: f"{finding.violation.got} comes from operations that do not declare it",
        reason="a code is thrown by one class, whichever operation meets it",
    ),
    CauseRow(
        ("error.code.form",),
        always("errors"),
        form_key,
        form_title,
        reason="what looks at a request's form stands before all that looks for what it names",
    ),
    CauseRow(
        ("error.code.recorded",),
        always("errors"),
        lambda finding: (finding.violation.expected, finding.violation.got),
        lambda finding: f"{finding.violation.got} where AWS answers {finding.violation.expected}",
        reason="one code is chosen for another, for whatever fault",
    ),
    CauseRow(
        ("error.envelope.type",),
        always("errors"),
        lambda finding: (generalised(finding.violation.got),),
        lambda finding: (
            f"errors are not named in {finding.violation.path.removeprefix('$.')}: {finding.violation.got}"
        ),
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("error.envelope.message",),
        always("errors"),
        lambda finding: (generalised(finding.violation.got),),
        text_title,
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("error.code.contradiction",),
        always("errors"),
        lambda finding: (),
        lambda finding: f"one answer names several errors: {finding.violation.got}",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("server.request-size",),
        always("refused"),
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
    CauseRow(("error.*",), always("errors"), lambda finding: (finding.violation.check,), sentence),
    CauseRow(
        ("signature.*",),
        always("protocol"),
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
)
