# SPDX-License-Identifier: Apache-2.0
"""The traits by which findings are one cause, and its name in one sentence, for each kind of check.

It owns the reading of a finding: of its place, of what was expected and came, of the rule that it breaks. It
refuses to know which traits make a cause (cause_rows.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

from .events import Reported, Violation
from .generalised import generalised

__all__ = [
    "CONSTRAINTS",
    "CauseKind",
    "below_document_key",
    "below_document_title",
    "bytes_kind",
    "bytes_title",
    "constraint_kind",
    "constraint_title",
    "crash_key",
    "crash_kind",
    "crash_title",
    "form_key",
    "form_title",
    "holder",
    "is_below_document",
    "is_unchecked",
    "is_valid",
    "json_kind",
    "late_title",
    "malformed_key",
    "malformed_title",
    "member",
    "oracle_title",
    "refusal",
    "refusal_title",
    "refused_title",
    "repeats",
    "rule",
    "sentence",
    "story_title",
    "subject",
    "text_title",
    "unchecked_key",
    "unchecked_title",
    "unknown_key",
    "unknown_title",
    "unsupported_title",
]

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


def member(finding: Reported) -> str:
    """The name of the member that a finding is about, without what leads there."""
    parts = _members(finding.violation.path)
    return parts[-1] if parts else finding.violation.path


def _members(path: str) -> list[str]:
    return [part for part in re.sub(r"\[[^]]*\]", "", path).removeprefix("$").split(".") if part]


def holder(finding: Reported) -> str:
    """The name of the structure that holds the member, empty at the root."""
    parts = _members(finding.violation.path)
    return re.sub(r"s$", "", parts[-2]) if len(parts) > 1 else ""


def unknown_key(finding: Reported) -> tuple[str, ...]:
    """Of an unknown member, what holds it; at the root, its own name."""
    if repeats(finding):
        return ("repeated",)
    within = holder(finding)
    return ("", within) if within else ("root", member(finding))


def unknown_title(finding: Reported) -> str:
    """What is wrong with an unknown member."""
    if repeats(finding):
        return "members that no model has are stored and shown again"
    within = holder(finding)
    what = f"{within} has members" if within else "answers have a member"
    return f"{what} that no model has, clients drop them: {member(finding)}"


# Crashes.

_FATES: Mapping[str, str] = {
    "died": "the target ends",
    "dropped": "the connection is closed without an answer",
    "malformed": "the answer is no HTTP",
}


def crash_kind(finding: Reported) -> CauseKind:
    return "death" if finding.violation.got.startswith("died") else "crash"


# Requests whose form is wrong, by keyword: a check at the door takes away all that they run into behind it.
_UNCHECKED: Mapping[str, str] = {
    "type": "under a wrong JSON type",
    "required": "under a missing required member",
}
# How the languages of targets call types in what they throw.
_TYPES = re.compile(
    r"\b(?:NoneType|None|bool(?:ean)?|bytes|dict|float|function|int|list|null|number|object|set|str(?:ing)?"
    r"|tuple|undefined)\b"
)


def is_unchecked(finding: Reported) -> bool:
    violation = finding.violation
    return violation.check == "server.crash" and violation.cause in _UNCHECKED and bool(violation.thrown)


def unchecked_key(finding: Reported) -> tuple[str, ...]:
    """What was thrown, without the values and the types that it was about."""
    return ("form", _thrown_by_any(finding.violation))


def _thrown_by_any(violation: Violation) -> str:
    """What was thrown, without the operation, the member and the types that it was about."""
    operation = violation.operation.partition(":")[2]
    named = (operation, *re.findall(r"/(\w+)", violation.path))
    return _TYPES.sub("...", generalised(violation.thrown, named))


def unchecked_title(finding: Reported) -> str:
    violation = finding.violation
    return f"{_exception(violation)}: {violation.thrown}, {_UNCHECKED[violation.cause]}"


def _exception(violation: Violation) -> str:
    name, _, place = violation.site.partition(" in ")
    return name if place else violation.site.partition(":")[0]


def is_below_document(finding: Reported) -> bool:
    """Whether a crash is of what no operation has a part in: the request can't be read."""
    return finding.violation.scope == "target" and bool(finding.violation.thrown)


def below_document_key(finding: Reported) -> tuple[str, ...]:
    violation = finding.violation
    return ("below", violation.cause, _exception(violation), _thrown_by_any(violation))


def below_document_title(finding: Reported) -> str:
    violation = finding.violation
    case = finding.reproduction.case.title
    return f"{_exception(violation)}: {violation.thrown}{f', under {case}' if case else ''}"


def crash_key(finding: Reported) -> tuple[str, ...]:
    return (finding.violation.site or generalised(_answered_text(finding.violation)),)


def _answered_text(violation: Violation) -> str:
    """What an answer said, out of a report that is older than `site`: its code, and its text if it has
    one."""
    kind, _, body = violation.got.partition(': "')
    text = re.search(r'"message": ?"([^"]*)', body.replace('\\"', '"'), re.IGNORECASE)
    return f"{kind}: {text[1]}" if text else kind


def crash_title(finding: Reported) -> str:
    violation = finding.violation
    name, _, place = violation.site.partition(" in ")
    if place:
        function = re.split(r"[.](?![^()]*\))", place)[-1]
        # Every class has these: the module tells which.
        function = place if function.startswith("__") else function
        said = f": {violation.thrown}" if violation.thrown else ""
        return f"{name}{said} in {function}"
    fate = violation.got.partition(":")[0]
    if fate in _FATES:
        return _FATES[fate]
    kind = violation.site.partition(":")[0]
    return f"{kind}: {violation.thrown}" if violation.thrown else violation.site or _answered_text(violation)


def unsupported_title(finding: Reported) -> str:
    said = finding.violation.thrown or finding.violation.got
    says = re.search(
        r"unsupported|not (?:yet |currently |been )?(?:supported|implemented)", said, re.IGNORECASE
    )
    return said if says else f"not supported: {said}"


# Refusals of a form.

_OF_FORM = re.compile(
    r"Validation|Serialization|Malformed|BadRequest"
    r"|(?:Invalid|Missing)(?:Input|Request|Argument|Param|Query|Action)"
)


def form_key(finding: Reported) -> tuple[str, ...]:
    """The code that AWS answers, and the other one if that is of a form as well."""
    violation = finding.violation
    return (violation.expected, violation.got if _OF_FORM.search(violation.got) else "state")


def form_title(finding: Reported) -> str:
    violation = finding.violation
    instead = f"{violation.got} where AWS answers {violation.expected}"
    return instead if _OF_FORM.search(violation.got) else f"state is looked at before the form: {instead}"


# Constraints of requests.

# By keyword: how near breaking it is to what users send, and what it is called.
CONSTRAINTS: Mapping[str, tuple[int, str]] = {
    "required": (0, "required members may be left out"),
    "type": (1, "values of a wrong type are accepted"),
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
    "checksum": "a checksum that is not the body's is accepted",
    "target": "a wrong or missing operation name is accepted",
    "signature": "a wrong signature is accepted",
}


def _is_malformation(finding: Reported) -> bool:
    return finding.violation.scope == "target" or finding.violation.cause in _MALFORMED


def constraint_kind(finding: Reported) -> CauseKind:
    return "protocol" if _is_malformation(finding) else "accepted"


def constraint_title(finding: Reported) -> str:
    keyword = finding.violation.cause
    if keyword in CONSTRAINTS:
        return CONSTRAINTS[keyword][1]
    if keyword in _MALFORMED:
        return _MALFORMED[keyword]
    if finding.violation.scope == "target" and finding.reproduction.case.title:
        return f"accepted: {finding.reproduction.case.title}"
    return f"{keyword} is not enforced" if keyword else "a wrong request is accepted"


# Stories.


def rule(finding: Reported) -> str:
    """The documented sentence that a history breaks, or what tells the breach apart."""
    documented = re.search(r"\((.+)\)$", finding.violation.expected)
    return documented[1].rpartition(": ")[2] if documented else finding.violation.cause


def refusal_title(finding: Reported) -> str:
    case, cause = finding.reproduction.case, finding.violation.cause
    if case.lifecycle and case.state and cause.endswith(f" in {case.state}"):
        action = cause.removesuffix(f" in {case.state}")
        article = "an" if case.state[0].lower() in "aeiou" else "a"
        return f"{action} of {article} {case.state} {subject(finding)} is accepted"
    return f"not refused: {rule(finding)}"


def story_title(finding: Reported) -> str:
    violation = finding.violation
    expected = re.sub(r" \(.*\)$", "", violation.expected)
    what = member(finding) if violation.path.startswith("$") else violation.cause
    before = f"{violation.cause}: " if violation.check == "lifecycle.effect" else ""
    return f"{before}{what} is {violation.got}, not {expected}"


# A longer answer would hide what was expected of it.
_SAID_AT_A_GLANCE = 30


def oracle_title(finding: Reported) -> str:
    """What an operation shows that no resource should, in a line."""
    violation = finding.violation
    operation = violation.operation.partition(":")[2]
    where = f" at {violation.path}" if violation.path.startswith("$") else ""
    if len(violation.got) > _SAID_AT_A_GLANCE:
        return _short(f"{operation}{where}: expected {violation.expected}, got {violation.got}")
    return _short(f"{operation}{where}: {violation.got}, not {violation.expected}")


def late_title(finding: Reported) -> str:
    """What is accepted of something that was taken away, in a line."""
    operation = finding.violation.operation.partition(":")[2]
    accepted = "uses" if finding.violation.check == "oracle.delete.used" else "changes"
    return _short(f"{accepted} {finding.violation.cause} are accepted: {operation}")


def _short(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def subject(finding: Reported) -> str:
    return (finding.reproduction.case.lifecycle or "resource").replace("-", " ")


# Right requests that are refused.


def refused_title(finding: Reported) -> str:
    code, _, words = finding.violation.got.partition(":")
    what = finding.reproduction.case.title
    return f"a valid request ({what}) is refused: {code}{':' if words else ''}{words}"


def refusal(finding: Reported) -> tuple[str, ...]:
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


def json_kind(finding: Reported) -> str:
    return next(
        (kind for form, kind in _JSON_KINDS if re.match(form, finding.violation.got)), "another value"
    )


def bytes_title(finding: Reported) -> str:
    violation = finding.violation
    return f"{member(finding)}: expected {violation.expected}, got {violation.got}"


def bytes_kind(finding: Reported) -> CauseKind:
    """What is odd in the answer to a request that should be refused is a wrong refusal."""
    tolerated = finding.reproduction.case.kind == "tolerance"
    return "bytes" if tolerated or is_valid(finding) else "errors"


def malformed_title(finding: Reported) -> str:
    got = finding.violation.got
    page = re.search(r"<(?:!doctype|html)", got, re.IGNORECASE)
    return (
        "a web page comes where a document should"
        if page
        else f"a body is no {finding.violation.expected}: {got}"
    )


def malformed_key(finding: Reported) -> tuple[str, ...]:
    title = malformed_title(finding)
    return (bytes_kind(finding), generalised(title))


def sentence(finding: Reported) -> str:
    """What the check requires, as what is not so."""
    violation = finding.violation
    return f"{violation.check}: expected {violation.expected}, got {violation.got}"


def text_title(finding: Reported) -> str:
    """Where an error's text stands, and where SDKs look for it."""
    violation = finding.violation
    if not violation.got.startswith("it "):
        return f"an error's text is not where SDKs look: {violation.got}"
    return f"an error's text stands {violation.got.removeprefix('it ')}, expected {violation.expected}"


def repeats(finding: Reported) -> bool:
    """Whether an unknown member came with the request."""
    return finding.reproduction.case.keyword == "additionalProperties"
