"""What a refusal's text says: that the request's form is at fault, and by which constraint.

It owns the reading of such texts, in AWS's words and in those that emulators have made their own. It refuses
to know whether the request deserved the refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

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
_MISSING = re.compile(r"at '([\w.]+)' failed to satisfy constraint: Member must not be null")


def blames_form(answer: DecodedResponse) -> bool:
    """Whether a refusal says that the request's form or a constraint is at fault."""
    if answer.kind != "error" or answer.error is None:
        return False
    return answer.code in _FORM_CODES or bool(_FORM_TEXT.search(answer.error.message or ""))


def unmodelled_constraint(answer: DecodedResponse) -> str:
    """The constraint that a refusal cites and that the operation's input does not have, or the empty string.

    Where it cites several, one that the model has is enough for it to be held to that.
    """
    text = (answer.error.message or "") if answer.error is not None else ""
    cited = list(_cited(text))
    if not cited:
        return ""
    known = set(_modelled(answer.service, answer.operation.input))
    return cited[0][1] if not any(constraint in known for constraint, _ in cited) else ""


def _cited(text: str) -> Iterator[tuple[tuple[str, Any], str]]:
    """Constraints in a text, each with its words."""
    for match in _BOUND.finditer(text):
        yield ("bound", int(next(filter(None, match.groups())))), match[0]
    for match in _PATTERN.finditer(text):
        yield ("pattern", match[1].strip()), match[0]
    for match in _ENUM.finditer(text):
        yield ("enum", frozenset(part.strip() for part in match[1].split(","))), match[0]
    for match in _MISSING.finditer(text):
        yield ("required", match[1].rpartition(".")[2].lower()), match[0]


def _modelled(service: Service, root: str | None) -> Iterator[tuple[str, Any]]:
    """All constraints anywhere in an input."""
    left, seen = [root], set()
    while left:
        name = left.pop()
        if name is None or name in seen:
            continue
        seen.add(name)
        shape = service.shapes[name]
        match shape:
            case StructureShape(members=members, required=required):
                yield from (("required", member.lower()) for member in required)
                left += [member.target for member in members.values()]
            case ListShape(member=member):
                left.append(member.target)
            case MapShape(key=key, value=value):
                left += [key.target, value.target]
            case StringShape(pattern=pattern, enum=enum):
                if pattern is not None:
                    yield "pattern", pattern
                if enum:
                    yield "enum", frozenset(enum)
            case _:
                pass
        if isinstance(shape, StringShape | ListShape | MapShape | BlobShape | IntegerShape):
            yield from (("bound", bound) for bound in (shape.min, shape.max) if bound is not None)
