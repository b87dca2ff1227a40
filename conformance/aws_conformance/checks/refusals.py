"""What a refusal's text says: that the request's form is at fault, and by which constraint.

It owns the reading of such texts, in AWS's words and in those that emulators have made their own. It refuses
to know whether the request deserved the refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from ..spec.shapes import (
    BlobShape,
    IntegerShape,
    ListShape,
    MapShape,
    Service,
    StringShape,
    StructureShape,
)
from .response import DecodedResponse

__all__ = ["blames_form", "unmodelled_constraint"]

# Answers that blame the form of a request, rather than the state it meets.
_FORM_CODES = frozenset({"SerializationException", "MalformedHttpRequestException"})
_FORM_TEXT = re.compile(
    r"validation errors? detected|failed to satisfy constraint|Member must |can not be converted"
    r"|Start of (?:list|structure)|Expected (?:list|map|null)|[Pp]arameter validation failed"
    r"|Invalid length for parameter|Invalid type for parameter|Missing required parameter in input"
)
# Constraints as refusals cite them: AWS's front ends, then botocore's own validator, as emulators use it.
_BOUND = re.compile(
    r"(?:greater|less) than or equal to (-?\d+)|(?:min|max) (?:length|value): (-?\d+)"
    r"|(?:at least|at most) (\d+)"
)
_PATTERN = re.compile(r"regular expression pattern: (\S.*?)(?:;|$)", re.MULTILINE)
_ENUM = re.compile(r"enum value set: \[([^\]]*)\]")
_MISSING = re.compile(r"Member must not be null")
# Several faults in one text, and the member that each is about.
_CLAUSE = re.compile(r"; (?=Value)")
_MEMBER = re.compile(r"at '([\w.]+)'")
# A kind of constraint with its value.
_Constraint: TypeAlias = tuple[str, Any]


def blames_form(answer: DecodedResponse) -> bool:
    """Whether a refusal says that the request's form or a constraint is at fault."""
    if answer.kind != "error" or answer.error is None:
        return False
    return answer.code in _FORM_CODES or bool(_FORM_TEXT.search(answer.error.message or ""))


def unmodelled_constraint(answer: DecodedResponse) -> str:
    """The constraint that a refusal cites and that the operation's input does not have, or the empty string.

    Where it cites several, one that the model has is enough for it to be held to that. A member that the
    text names is looked up by its name, anything else in the whole input.
    """
    text = (answer.error.message or "") if answer.error is not None else ""
    by_member: dict[str, set[_Constraint]] = {}
    for member, constraint in _modelled(answer.service, answer.operation.input):
        by_member.setdefault(member, set()).add(constraint)
        by_member.setdefault("", set()).add(constraint)
    unmodelled = ""
    for clause in _CLAUSE.split(text):
        named = _MEMBER.search(clause)
        member = named[1].rpartition(".")[2].lower() if named else ""
        known = by_member.get(member if member in by_member else "", set())
        for constraint, words in _cited(clause):
            if constraint in known:
                return ""
            unmodelled = unmodelled or words
    return unmodelled


def _cited(text: str) -> Iterator[tuple[_Constraint, str]]:
    """Constraints in a clause, each with its words."""
    for match in _BOUND.finditer(text):
        yield ("bound", int(next(filter(None, match.groups())))), match[0]
    for match in _PATTERN.finditer(text):
        yield ("pattern", match[1].strip()), match[0]
    for match in _ENUM.finditer(text):
        yield ("enum", frozenset(part.strip() for part in match[1].split(","))), match[0]
    for match in _MISSING.finditer(text):
        yield ("required", True), match[0]


def _modelled(service: Service, root: str | None) -> Iterator[tuple[str, _Constraint]]:
    """All constraints anywhere in an input, each with the name in lower case of the member that has it."""
    left: list[tuple[str, str | None]] = [("", root)]
    seen = set()
    while left:
        member, name = left.pop()
        if name is None or (member, name) in seen:
            continue
        seen.add((member, name))
        shape = service.shapes[name]
        match shape:
            case StructureShape(members=members, required=required):
                yield from ((key.lower(), ("required", True)) for key in required)
                left += [(key.lower(), inner.target) for key, inner in members.items()]
            case ListShape(member=inner):
                left.append((member, inner.target))
            case MapShape(key=key, value=value):
                left += [(member, key.target), (member, value.target)]
            case StringShape(pattern=pattern, enum=enum):
                if pattern is not None:
                    yield member, ("pattern", pattern)
                if enum:
                    yield member, ("enum", frozenset(enum))
            case _:
                pass
        if isinstance(shape, StringShape | ListShape | MapShape | BlobShape | IntegerShape):
            for bound in (shape.min, shape.max):
                if bound is not None:
                    yield member, ("bound", bound)
