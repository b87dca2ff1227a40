# SPDX-License-Identifier: Apache-2.0
"""The traits by which findings are one cause, and its name in one sentence, for each kind of check.

It owns the reading of a finding: of its place, of what was expected and came, of the rule that it breaks. It
refuses to know which traits make a cause (cause_rows.py).
"""

from __future__ import annotations

import re

from .events import Reported
from .generalised import generalised
from .terms import CauseKind

__all__ = [
    "association_title",
    "bytes_kind",
    "bytes_title",
    "holder",
    "is_lost",
    "is_valid",
    "json_kind",
    "late_title",
    "lost_key",
    "lost_title",
    "malformed_key",
    "malformed_title",
    "member",
    "oracle_title",
    "refusal_title",
    "repeats",
    "resource",
    "rule",
    "sentence",
    "story_title",
    "subject",
    "text_title",
    "unknown_key",
    "unknown_title",
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


def is_lost(finding: Reported) -> bool:
    """Whether a member that was sent is not shown again, by a read or by the answer itself."""
    violation = finding.violation
    if violation.check == "oracle.read.value":
        return violation.got == "nothing"
    return violation.check == "response.member.changed" and violation.cause == "lost"


def resource(finding: Reported) -> str:
    """The noun of an operation's name: `UserPool` of CreateUserPool and of DescribeUserPool."""
    name = finding.violation.operation.partition(":")[2]
    return re.sub(r"^(?:Admin)?[A-Z][a-z]+(?=[A-Z])", "", name)


def lost_key(finding: Reported) -> tuple[str, ...]:
    """What has lost a member, however many of it there are."""
    return (resource(finding).removesuffix("s"),)


def lost_title(finding: Reported) -> str:
    """Which member of what is lost."""
    return f"{resource(finding)} loses {member(finding)}"


def unknown_key(finding: Reported) -> tuple[str, ...]:
    """Of an unknown member, what holds it; at the root, its own name.

    Where that is made of the operation's, it is of all operations alike.
    """
    if repeats(finding):
        return ("repeated",)
    within = holder(finding)
    return ("", within) if within else ("root", _of_any_operation(finding))


def unknown_title(finding: Reported) -> str:
    """What is wrong with an unknown member."""
    if repeats(finding):
        return "members that no model has are stored and shown again"
    within = holder(finding)
    what = f"{within} has members" if within else "answers have a member"
    name = member(finding) if within else _of_any_operation(finding)
    return f"{what} that no model has, clients drop them: {name}"


def _of_any_operation(finding: Reported) -> str:
    """The name of a member, with a word for the operation's where it begins with that."""
    operation, name = finding.violation.operation.rpartition(":")[2], member(finding)
    return f"<operation>{name.removeprefix(operation)}" if operation and name.startswith(operation) else name


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
    instead = "expected" if violation.expected.startswith("no ") else "not"
    return _short(f"{operation}{where}: {violation.got}, {instead} {violation.expected}")


def association_title(finding: Reported) -> str:
    """What is wrong between two things, after what was done to them, in a line."""
    return _short(f"{finding.violation.cause}: {oracle_title(finding)}")


def late_title(finding: Reported) -> str:
    """What is accepted of something that was taken away, in a line."""
    operation = finding.violation.operation.partition(":")[2]
    accepted = "uses" if finding.violation.check == "oracle.delete.used" else "changes"
    return _short(f"{accepted} {finding.violation.cause} are accepted: {operation}")


def _short(text: str, limit: int = 120) -> str:
    return text if len(text) <= limit else f"{text[: limit - 3]}..."


def subject(finding: Reported) -> str:
    return (finding.reproduction.case.lifecycle or "resource").replace("-", " ")


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


_PAGE = re.compile(r"<(?:!doctype|html)", re.IGNORECASE)


def malformed_title(finding: Reported) -> str:
    """What comes where a document should; after which request, if that was wrong."""
    under = f", under {finding.reproduction.case.title}" if bytes_kind(finding) == "errors" else ""
    if _PAGE.search(finding.violation.got):
        return f"a web page comes where a document should{under}"
    return f"a body is no {finding.violation.expected}: {finding.violation.got}{under}"


def malformed_key(finding: Reported) -> tuple[str, ...]:
    """What is wrong with the bytes, without what they begin with."""
    violation = finding.violation
    wrong = "" if _PAGE.search(violation.got) else re.sub(r": *<.*", "", violation.got)
    return (bytes_kind(finding), violation.expected if wrong else "page", generalised(wrong))


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
