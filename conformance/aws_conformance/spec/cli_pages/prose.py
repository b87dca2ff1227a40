# SPDX-License-Identifier: Apache-2.0
"""What the text below a header tells about values: enums and constraints.

It owns the phrases that pages use. It refuses to know whose text it reads, and to guess: a list whose
bullets are not all values is no enum.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .nodes import Facts

__all__ = ["has_constraints", "read_facts"]

_BULLET = re.compile(r"^( *)(?:\*|[-+•·]|o) +(.*\S)")
_LITERAL = re.compile(r"``([^`]+)``|\"([^\"]+)\"|`([^`]+)`")
# A rendering shows a literal as plain text: then only `Value`, `Value - text` and `Value: text` are sure.
_PLAIN = re.compile(r"([A-Za-z0-9_][\w.:/+-]*)(?: +[-–—] .*| ?:(?: .*)?)?$")
_LISTED = re.compile(r"^ *Possible values: *$", re.MULTILINE)
_CONSTRAINTS = re.compile(r"^ *Constraints: *$", re.MULTILINE)
_CONSTRAINT = re.compile(r"^ *(?:\*|[-+•·]|o) +(min|max|pattern): (?:``(.*)``|(.*?)) *$")
_INTRODUCTION = re.compile(
    r"(?:one of (?:the following|these)|(?:valid|possible|allowed|supported|acceptable|accepted) values?"
    r"|valid options|(?:the )?following values)[^.;]*:? *$",
    re.IGNORECASE,
)
_INLINE = re.compile(
    r"(?:valid|possible|allowed) values?(?: are| is| include)?:? +"
    r"(``[^`]+`` *(?:(?:\||,|\bor\b|\band\b)[ ,]*(?:or +|and +)?``[^`]+`` *)+)",
    re.IGNORECASE,
)
_INLINE_VALUE = re.compile(r"``([^`]+)``")
# Values of an enum are names; an example, an ARN or a number in a bullet is none.
_VALUE = re.compile(r"^[^\s,;<>{}$\"'`()]+(?: [^\s,;<>{}$\"'`()]+){0,3}$")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?$")


def read_facts(kind: str, lines: Sequence[str]) -> Facts:
    """Enum values and constraints in the text below the header of a member of this kind."""
    text = "\n".join(lines)
    enum: tuple[str, ...] = ()
    listed = False
    if kind == "string" and text:
        if "Possible values:" in text:
            # The list by rule is the last and has values and nothing else; a writer's own list explains them.
            ends = [match.end() for match in _LISTED.finditer(text)]
            enum = _bullets(text[ends[-1] :], bare=True) if ends else ()
            listed = bool(enum)
        if not enum:
            enum = _from_prose(text)
    low, high, pattern = _constraints(text) if "Constraints:" in text else (None, None, None)
    return Facts(enum, listed, low, high, pattern)


def _from_prose(text: str) -> tuple[str, ...]:
    folded = text.casefold()
    if "value" not in folded and "one of" not in folded and "valid options" not in folded:
        return ()
    enum: list[str] = []
    lines = text.split("\n")
    for number, line in enumerate(lines):
        if _INTRODUCTION.search(line):
            values = _bullets("\n".join(lines[number + 1 :]), bare=False)
            if len(values) > 1:
                # Two lists of values for one member are values for two cases; neither is the enum.
                if enum:
                    return ()
                enum.extend(values)
    if enum:
        return tuple(enum)
    inline = [match for match in map(str.strip, _INLINE.findall(text)) if match]
    if len(inline) == 1:
        return _distinct(_INLINE_VALUE.findall(inline[0]))
    return ()


def _bullets(text: str, *, bare: bool) -> tuple[str, ...]:
    """The value at the head of each bullet of the list that the text begins with; none if one has none.

    `bare`: the bullet is the value, and nothing else can stand in it.
    """
    values: list[str] = []
    column: int | None = None
    for line in text.split("\n"):
        if not line or line.isspace():
            continue
        match = _BULLET.match(line)
        if match is None:
            if column is None or len(line) - len(line.lstrip()) <= column:
                break
            continue
        indent, item = len(match[1]), match[2]
        if column is None:
            column = indent
        if indent > column:
            continue
        literal = _LITERAL.match(item)
        if bare:
            if (literal and literal.end() != len(item)) or (not literal and not _VALUE.match(item)):
                return ()
            values.append(_inner(literal) if literal else item)
        elif literal:
            values.append(_inner(literal))
        elif plain := _PLAIN.match(item):
            values.append(plain[1])
        else:
            return ()
    return _distinct(values) if bare else _distinct([v for v in values if _VALUE.match(v)], len(values))


def _inner(literal: re.Match[str]) -> str:
    # Some writers put a literal in quotes as well.
    return next(part for part in literal.groups() if part is not None).strip().strip('"')


def _distinct(values: Sequence[str], expected: int | None = None) -> tuple[str, ...]:
    if expected is not None and len(values) != expected:
        return ()
    return tuple(dict.fromkeys(values))


def has_constraints(text: str) -> bool:
    """Whether constraints are listed in a text by rule."""
    starts = (match.end() for match in _CONSTRAINTS.finditer(text))
    following = (next(filter(None, map(str.rstrip, text[start:].split("\n"))), "") for start in starts)
    return any(_CONSTRAINT.match(line) for line in following)


def _constraints(text: str) -> tuple[float | None, float | None, str | None]:
    match = _CONSTRAINTS.search(text)
    if match is None:
        return None, None, None
    constraints: dict[str, str] = {}
    for line in text[match.end() :].split("\n"):
        if not line or line.isspace():
            continue
        bullet = _CONSTRAINT.match(line)
        if bullet is None:
            break
        constraints[bullet[1]] = bullet[2] if bullet[2] is not None else bullet[3]
    return _number(constraints.get("min")), _number(constraints.get("max")), constraints.get("pattern")


def _number(text: str | None) -> float | None:
    if text is None or not _NUMBER.match(text):
        return None
    return float(text) if set(text) & set(".eE") else int(text)
