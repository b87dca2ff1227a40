"""What makes two findings one cause: a row for each kind of check, in words for whoever mends it.

It owns the table: by which of its traits a finding is grouped, how its cause is called in one sentence, and
how much it hurts. A row that joins several checks or kinds says why. It refuses to know how causes are
counted (causes.py), and how they look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal, TypeAlias

from .events import Reported, Violation
from .generalised import generalised

__all__ = ["CauseKind", "CauseRow", "is_valid", "row_of"]

# death: the target ended; story: a history departs from the documented life of a resource; crash: an
# exception or no answer; refused: a right request is refused; bytes: a success is wrong; errors: a refusal
# is wrong; accepted: a constraint is not enforced; protocol: a malformed request is accepted.
CauseKind: TypeAlias = Literal[
    "death", "story", "crash", "refused", "bytes", "errors", "accepted", "protocol"
]

_VALID_KINDS = frozenset({"positive", "unbound", "probe", "path", "walk", "race"})


def is_valid(finding: Reported) -> bool:
    """Whether what was sent is a request that a client might send."""
    return finding.reproduction.case.kind in _VALID_KINDS


@dataclass(frozen=True, slots=True)
class CauseRow:
    """Findings of some checks (globs), grouped by `key`, called by `title`; `nearness` orders equal kinds.

    `where` narrows a row further.

    `reason` says why findings of several checks, places or kinds are one cause, for a row that joins them.
    """

    checks: tuple[str, ...]
    kind: Callable[[Reported], CauseKind]
    key: Callable[[Reported], tuple[str, ...]]
    title: Callable[[Reported], str]
    nearness: Callable[[Reported], int] = lambda finding: 0
    where: Callable[[Reported], bool] = lambda finding: True
    reason: str = ""

    def fits(self, finding: Reported) -> bool:
        """Whether the row is about a finding."""
        checked = any(fnmatchcase(finding.violation.check, check) for check in self.checks)
        return checked and self.where(finding)


def row_of(finding: Reported) -> CauseRow:
    """The row that a finding is grouped by: the first that fits."""
    return next(row for row in _ROWS if row.fits(finding))


def _always(kind: CauseKind) -> Callable[[Reported], CauseKind]:
    return lambda finding: kind


def _member(finding: Reported) -> str:
    """The name of the member that a finding is about, without what leads there."""
    parts = _members(finding.violation.path)
    return parts[-1] if parts else finding.violation.path


def _members(path: str) -> list[str]:
    return [part for part in re.sub(r"\[[^]]*\]", "", path).removeprefix("$").split(".") if part]


def _holder(finding: Reported) -> str:
    """The name of what holds the member; at the root, the operation."""
    parts = _members(finding.violation.path)
    name = parts[-2] if len(parts) > 1 else finding.violation.operation.partition(":")[2]
    return re.sub(r"s$", "", name)


# Crashes.

_FATES: Mapping[str, str] = {
    "died": "the target ends",
    "dropped": "the connection is closed without an answer",
    "malformed": "the answer is no HTTP",
}


def _crash_kind(finding: Reported) -> CauseKind:
    return "death" if finding.violation.got.startswith("died") else "crash"


# Requests whose form is wrong, by keyword: a check at the door takes away all that they run into behind it.
_UNCHECKED: Mapping[str, str] = {
    "type": "under a wrong JSON type",
    "required": "under a missing required member",
}


def _is_unchecked(finding: Reported) -> bool:
    violation = finding.violation
    return violation.check == "server.crash" and violation.cause in _UNCHECKED and bool(violation.thrown)


def _unchecked_title(finding: Reported) -> str:
    violation = finding.violation
    name, _, place = violation.site.partition(" in ")
    name = name if place else violation.site.partition(":")[0]
    return f"{name}: {violation.thrown}, {_UNCHECKED[violation.cause]}"


def _crash_key(finding: Reported) -> tuple[str, ...]:
    return (finding.violation.site or generalised(_told(finding.violation)),)


def _told(violation: Violation) -> str:
    """What an answer said, out of a report that is older than `site`: its code, and its text if it has
    one."""
    kind, _, body = violation.got.partition(': "')
    text = re.search(r'"message": ?"([^"]*)', body.replace('\\"', '"'), re.IGNORECASE)
    return f"{kind}: {text[1]}" if text else kind


def _crash_title(finding: Reported) -> str:
    violation = finding.violation
    name, _, place = violation.site.partition(" in ")
    if place:
        function = re.split(r"[.](?![^()]*\))", place)[-1]
        said = f": {violation.thrown}" if violation.thrown else ""
        return f"{name}{said} in {function}"
    fate = violation.got.partition(":")[0]
    if fate in _FATES:
        return _FATES[fate]
    kind = violation.site.partition(":")[0]
    return f"{kind}: {violation.thrown}" if violation.thrown else violation.site or _told(violation)


# Constraints of requests.

# By keyword: how near breaking it is to what users send, and what it is called.
_CONSTRAINTS: Mapping[str, tuple[int, str]] = {
    "required": (0, "required members may be left out"),
    "type": (1, "values of a wrong JSON type are accepted"),
    "enum": (2, "values outside of an enumeration are accepted"),
    "minimum": (3, "numbers below their minimum are accepted"),
    "maximum": (3, "numbers above their maximum are accepted"),
    "minLength": (4, "texts that are too short are accepted"),
    "maxLength": (4, "texts that are too long are accepted"),
    "minItems": (5, "lists with too few items are accepted"),
    "maxItems": (5, "lists with too many items are accepted"),
    "minProperties": (5, "structures and maps with too few members are accepted"),
    "maxProperties": (5, "structures and maps with too many members are accepted"),
    "uniqueItems": (5, "items that must differ may be equal"),
    "propertyNames": (6, "keys of maps are not checked"),
    "pattern": (7, "patterns are not enforced"),
    "additionalProperties": (8, "members that no model has are accepted"),
}
_MALFORMED: Mapping[str, str] = {
    "malformed": "a body that is not of the protocol is accepted",
    "body type": "a document that is no structure is accepted",
    "content-type": "a wrong content type is accepted",
    "target": "a wrong or missing operation name is accepted",
    "signature": "a wrong signature is accepted",
}


def _is_malformation(finding: Reported) -> bool:
    return finding.violation.scope == "target" or finding.violation.cause in _MALFORMED


def _constraint_kind(finding: Reported) -> CauseKind:
    return "protocol" if _is_malformation(finding) else "accepted"


def _constraint_title(finding: Reported) -> str:
    keyword = finding.violation.cause
    if keyword in _CONSTRAINTS:
        return _CONSTRAINTS[keyword][1]
    if keyword in _MALFORMED:
        return _MALFORMED[keyword]
    if finding.violation.scope == "target" and finding.reproduction.case.title:
        return f"accepted: {finding.reproduction.case.title}"
    return f"{keyword} is not enforced" if keyword else "a wrong request is accepted"


# Stories.


def _rule(finding: Reported) -> str:
    """The documented sentence that a history breaks, or what tells the breach apart."""
    documented = re.search(r"\((.+)\)$", finding.violation.expected)
    return documented[1].rpartition(": ")[2] if documented else finding.violation.cause


def _refusal_title(finding: Reported) -> str:
    case, cause = finding.reproduction.case, finding.violation.cause
    if case.lifecycle and case.state and cause.endswith(f" in {case.state}"):
        action = cause.removesuffix(f" in {case.state}")
        article = "an" if case.state[0].lower() in "aeiou" else "a"
        return f"{action} of {article} {case.state} {_subject(finding)} is accepted"
    return f"not refused: {_rule(finding)}"


def _story_title(finding: Reported) -> str:
    violation = finding.violation
    expected = re.sub(r" \(.*\)$", "", violation.expected)
    what = _member(finding) if violation.path.startswith("$") else violation.cause
    before = f"{violation.cause}: " if violation.check == "lifecycle.effect" else ""
    return f"{before}{what} is {violation.got}, not {expected}"


def _subject(finding: Reported) -> str:
    return (finding.reproduction.case.lifecycle or "resource").replace("-", " ")


# Right requests that are refused.


def _refused_title(finding: Reported) -> str:
    code, _, words = finding.violation.got.partition(":")
    what = finding.reproduction.case.title
    return f"a valid request ({what}) is refused: {code}{':' if words else ''}{words}"


def _refusal(finding: Reported) -> tuple[str, ...]:
    """The code, the member that the refusal names, and its words without what varies."""
    code, _, words = finding.violation.got.partition(":")
    member = re.search(r"at '([\w.]+)'", words)
    return (code, member[1] if member else "", generalised(words))


# Successes.

_JSON_KINDS: tuple[tuple[str, str], ...] = (
    (r'^"', "text"),
    (r"^-?\d+$", "a whole number"),
    (r"^-?\d", "a decimal"),
    (r"^(?:true|false)$", "a boolean"),
    (r"^null$", "null"),
    (r"^\[", "a list"),
    (r"^\{", "an object"),
)


def _json_kind(finding: Reported) -> str:
    return next(
        (kind for form, kind in _JSON_KINDS if re.match(form, finding.violation.got)), "another value"
    )


def _bytes_title(finding: Reported) -> str:
    violation = finding.violation
    return f"{_member(finding)}: expected {violation.expected}, got {violation.got}"


def _bytes_kind(finding: Reported) -> CauseKind:
    """What is odd in the answer to a request that should be refused is a wrong refusal."""
    tolerated = finding.reproduction.case.kind == "tolerance"
    return "bytes" if tolerated or is_valid(finding) else "errors"


def _sentence(finding: Reported) -> str:
    """What the check requires, as what is not so."""
    violation = finding.violation
    return f"{violation.check}: expected {violation.expected}, got {violation.got}"


def _repeats(finding: Reported) -> bool:
    """Whether an unknown member came with the request."""
    return finding.reproduction.case.keyword == "additionalProperties"


_SYSTEMIC = "such bytes come from one serializer, whichever member shows them"

# The first row that fits counts; the last fits every check.
_ROWS: tuple[CauseRow, ...] = (
    CauseRow(
        ("server.crash",),
        _crash_kind,
        lambda finding: (finding.violation.cause, generalised(finding.violation.thrown)),
        _unchecked_title,
        where=_is_unchecked,
        reason="nothing looks at a request's form, so that a wrong type surfaces wherever it is used first",
    ),
    CauseRow(
        ("server.crash",),
        _crash_kind,
        _crash_key,
        _crash_title,
        reason="one exception of one function is mended once, whichever request runs into it",
    ),
    CauseRow(("server.timeout",), _always("crash"), lambda finding: (), lambda finding: "no answer in time"),
    CauseRow(
        ("server.unsupported",),
        _always("refused"),
        _crash_key,
        lambda finding: f"not supported: {finding.violation.thrown or finding.violation.got}",
    ),
    CauseRow(
        ("request.invalid.accepted", "request.invalid.tolerated"),
        _constraint_kind,
        lambda finding: (finding.violation.cause,),
        _constraint_title,
        lambda finding: _CONSTRAINTS.get(finding.violation.cause, (8, ""))[0],
        reason="a keyword is enforced in one place of a framework; whether AWS's refusal is on record tells "
        "the two checks apart, and nothing in the target",
    ),
    CauseRow(
        ("lifecycle.refusal", "lifecycle.refusal.unrecorded"),
        _always("story"),
        lambda finding: (finding.reproduction.case.lifecycle, _rule(finding)),
        _refusal_title,
        reason="they break one documented sentence; whether AWS's refusal is on record tells them apart",
    ),
    CauseRow(
        ("lifecycle.transition",),
        _always("story"),
        lambda finding: (finding.reproduction.case.lifecycle, finding.violation.cause),
        lambda finding: f"a {_subject(finding)} goes {finding.violation.cause}",
    ),
    CauseRow(
        ("lifecycle.stuck",),
        _always("story"),
        lambda finding: (finding.reproduction.case.lifecycle, finding.violation.cause),
        lambda finding: f"a {_subject(finding)} stays {finding.violation.cause}",
    ),
    CauseRow(
        ("lifecycle.effect", "lifecycle.concurrency"),
        _always("story"),
        lambda finding: (
            finding.violation.check,
            finding.reproduction.case.lifecycle,
            finding.violation.cause,
        ),
        _story_title,
    ),
    CauseRow(
        ("lifecycle.*",),
        _always("story"),
        lambda finding: (finding.violation.check, finding.reproduction.case.lifecycle, _member(finding)),
        _story_title,
        reason="a member that is wrong in one state is mostly wrong in each, and wherever it is shown",
    ),
    CauseRow(
        ("request.valid.refused",),
        _always("refused"),
        _refusal,
        _refused_title,
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
        lambda finding: (finding.violation.expected, _json_kind(finding)),
        lambda finding: f"{finding.violation.expected} comes as {_json_kind(finding)}: {_member(finding)}",
        reason=_SYSTEMIC,
    ),
    CauseRow(
        ("response.timestamp.form",),
        _always("bytes"),
        lambda finding: (_json_kind(finding),),
        lambda finding: f"timestamps are {_json_kind(finding)}, clients fail: {_member(finding)}",
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
        lambda finding: f"members are written in another case, clients drop them: {_member(finding)}",
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
        lambda finding: ("repeated",) if _repeats(finding) else ("", _holder(finding)),
        lambda finding: (
            "members that no model has are stored and shown again"
            if _repeats(finding)
            else f"{_holder(finding)} has members that no model has, clients drop them: {_member(finding)}"
        ),
        reason="a structure is made in one place, and shown by several operations",
    ),
    CauseRow(
        ("response.constraint.pattern", "response.constraint.length", "response.constraint.range"),
        _always("bytes"),
        lambda finding: (finding.violation.check,),
        lambda finding: (
            f"outputs leave their documented {finding.violation.check.rpartition('.')[2]}: "
            f"{_member(finding)} is {finding.violation.got}"
        ),
        reason="nobody is hurt by one of them; AWS itself departs from its documents there",
    ),
    CauseRow(
        ("response.member.required", "response.member.changed", "response.enum.value", "response.map.key"),
        _always("bytes"),
        lambda finding: (finding.violation.check, _member(finding)),
        _bytes_title,
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
        ("error.code.recorded", "error.code.form"),
        _always("errors"),
        lambda finding: (finding.violation.expected, finding.violation.got),
        lambda finding: f"{finding.violation.got} where AWS answers {finding.violation.expected}",
        reason="one code is chosen for another, for whatever fault",
    ),
    CauseRow(("error.*",), _always("errors"), lambda finding: (finding.violation.check,), _sentence),
    CauseRow(
        ("signature.*",),
        _always("protocol"),
        lambda finding: (finding.violation.check, finding.violation.cause),
        _sentence,
    ),
    CauseRow(
        ("response.body.malformed",),
        _bytes_kind,
        lambda finding: (_bytes_kind(finding), generalised(finding.violation.got)),
        lambda finding: f"a body is no {finding.violation.expected}: {finding.violation.got}",
        reason=_SYSTEMIC,
    ),
    CauseRow(("*",), _bytes_kind, lambda finding: (finding.violation.check,), _sentence),
)
