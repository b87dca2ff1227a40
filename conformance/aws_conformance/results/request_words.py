# SPDX-License-Identifier: Apache-2.0
"""The traits by which what a request ran into is one cause, and its name in one sentence: crashes, wrong and
undeserved refusals, constraints that are not enforced.

It owns the reading of such findings: of the exception and its place, of what is wrong with the request. It
refuses to know which traits make a cause (cause_rows.py), and what successes show (cause_words.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from .events import Reported, Violation
from .generalised import generalised
from .terms import CauseKind

__all__ = [
    "CONSTRAINTS",
    "constraint_kind",
    "constraint_title",
    "crash_key",
    "crash_kind",
    "crash_title",
    "exception",
    "form_key",
    "form_title",
    "is_unchecked",
    "is_unreadable",
    "leans",
    "refusal",
    "refused_title",
    "unchecked_key",
    "unchecked_title",
    "unreadable_key",
    "unreadable_kind",
    "unreadable_title",
    "unsupported_title",
]

# Crashes.

_FATES: Mapping[str, str] = {
    "died": "the target ends",
    "dropped": "the connection is closed without an answer",
    "malformed": "the answer is no HTTP",
}


# So much of what was thrown stands in a title, which has to say where as well.
_LONGEST_SAID = 100
_LISTS = re.compile(r"(?:List|Describe|BatchGet|Scan|Search|Query)")


def leans(finding: Reported) -> bool:
    """Whether a crash is of a list whose elements others have made: no request of its own says which."""
    violation, shown = finding.violation, finding.reproduction
    alone = not shown.steps and not shown.transcript
    lists = _LISTS.match(violation.operation.partition(":")[2])
    return violation.check == "server.crash" and alone and lists is not None


def crash_kind(finding: Reported) -> CauseKind:
    return "death" if finding.violation.got.startswith("died") else "crash"


# Requests whose form is wrong, by keyword: a check at the door takes away all that they run into behind it.
_UNCHECKED: Mapping[str, str] = {
    "type": "a wrong type",
    "required": "a missing required member",
}
# By the model's type: what a value of it is. Of a case there is only its title that says what was expected.
_VALUES: Mapping[str, str] = {
    "string": "a text",
    "blob": "bytes",
    "base64": "bytes",
    "boolean": "a boolean",
    "list": "a list",
    "map": "an object",
    "structure": "an object",
    # Times are numbers where nothing else is said, and read as such.
    "timestamp": "a number",
    **dict.fromkeys(("byte", "short", "integer", "long", "bigInteger"), "a number"),
    **dict.fromkeys(("float", "double", "bigDecimal"), "a number"),
}
# How the languages of targets call types in what they throw.
_TYPES = re.compile(
    r"\b(?:NoneType|None|bool(?:ean)?|bytes|dict|float|function|int|list|null|number|object|set|str(?:ing)?"
    r"|tuple|undefined)\b"
)


def is_unchecked(finding: Reported) -> bool:
    """Whether a crash is of a request whose form nobody looked at."""
    violation = finding.violation
    answered = bool(violation.thrown) or (bool(_value(finding)) and not _fate(violation))
    return violation.check == "server.crash" and bool(_form(finding)) and answered


def unchecked_key(finding: Reported) -> tuple[str, ...]:
    """What was missing; of a wrong type, the one that should have been there."""
    violation, form, value = finding.violation, _form(finding), _value(finding)
    if form == "type" and not value:
        # Reports of old did not say what was expected.
        return ("form", _thrown_by_any(violation))
    return ("form", form, value, _fate(violation))


def _form(finding: Reported) -> str:
    """The keyword of a form that is wrong. What no decoder can read is of a wrong type."""
    if finding.violation.cause == "pattern" and _expected(finding) == "base64":
        return "type"
    return finding.violation.cause if finding.violation.cause in _UNCHECKED else ""


def _value(finding: Reported) -> str:
    expected = _expected(finding)
    return _VALUES.get(expected, expected) if _form(finding) == "type" else ""


def _expected(finding: Reported) -> str:
    expected = re.search(r"\(wanted (\w+)\)$", finding.reproduction.case.title)
    return expected[1] if expected else ""


def _thrown_by_any(violation: Violation) -> str:
    """What was thrown, without the operation, the member and the types that it was about."""
    operation = violation.operation.partition(":")[2]
    named = (operation, *re.findall(r"/(\w+)", violation.path))
    return _TYPES.sub("...", generalised(violation.thrown, named))


def unchecked_title(finding: Reported) -> str:
    """What is wrong with the request, and what it runs into."""
    value = _value(finding)
    wrong = f"{_UNCHECKED[_form(finding)]}{f' for {value}' if value else ''}"
    return f"{wrong}: {exception(finding)}"


def exception(finding: Reported) -> str:
    """What was thrown, by its class and with its text; else the answer's own words."""
    violation = finding.violation
    return f"{_exception(violation)}: {violation.thrown}" if violation.thrown else violation.site


def _exception(violation: Violation) -> str:
    name, _, place = violation.site.partition(" in ")
    return name if place else violation.site.partition(":")[0]


# What can't be read.


def is_unreadable(finding: Reported) -> bool:
    """Whether a finding is of a request that no operation has a part in, because it can't be read."""
    violation = finding.violation
    crashed = violation.check == "server.crash"
    return violation.scope == "target" and bool(violation.cause) and (bool(violation.thrown) or not crashed)


def unreadable_key(finding: Reported) -> tuple[str, ...]:
    """What can't be read, whatever came of it."""
    return (finding.violation.cause.removesuffix(finding.violation.got).rstrip(),)


def unreadable_kind(finding: Reported) -> CauseKind:
    match finding.violation.check:
        case "server.crash":
            return crash_kind(finding)
        case "server.unsupported":
            return "refused"
        case "error.code.form":
            return "errors"
        case _:
            return constraint_kind(finding)


def unreadable_title(finding: Reported) -> str:
    """What came of what can't be read."""
    case = finding.reproduction.case.title
    match finding.violation.check:
        case "server.crash":
            return f"{exception(finding)}{f', under {case}' if case else ''}"
        case "server.unsupported":
            return unsupported_title(finding)
        case "error.code.form":
            return form_title(finding)
        case _:
            return constraint_title(finding)


def crash_key(finding: Reported) -> tuple[str, ...]:
    return (finding.violation.site or generalised(_answered_text(finding.violation)),)


def _answered_text(violation: Violation) -> str:
    """What an answer said, out of a report that is older than `site`: its code, and its text if it has
    one."""
    kind, _, body = violation.got.partition(': "')
    text = re.search(r'"message": ?"([^"]*)', body.replace('\\"', '"'), re.IGNORECASE)
    return f"{kind}: {text[1]}" if text else kind


def _fate(violation: Violation) -> str:
    fate = violation.got.partition(":")[0]
    return fate if fate in _FATES else ""


def crash_title(finding: Reported) -> str:
    violation = finding.violation
    name, _, place = violation.site.partition(" in ")
    if place:
        function = re.split(r"[.](?![^()]*\))", place)[-1]
        # Every class has these: the module tells which.
        function = place if function.startswith("__") else function
        said = f": {_in_short(violation.thrown)}" if violation.thrown else ""
        return f"{name}{said} in {function}"
    if fate := _fate(violation):
        return _FATES[fate]
    kind = violation.site.partition(":")[0]
    return f"{kind}: {violation.thrown}" if violation.thrown else violation.site or _answered_text(violation)


def _in_short(text: str) -> str:
    """A text that leaves room for where it was said."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_SAID else f"{line[: _LONGEST_SAID - 3]}..."


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
    """Both codes if the other one is of a form as well; else nothing of what was looked at first."""
    violation = finding.violation
    return (violation.expected, violation.got) if _OF_FORM.search(violation.got) else ("state",)


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
