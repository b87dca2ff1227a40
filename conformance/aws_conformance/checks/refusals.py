# SPDX-License-Identifier: Apache-2.0
"""What a refusal's text says: that the request's form is at fault, and by which constraint.

It owns the reading of such texts, in AWS's words and in those that emulators have made their own. It refuses
to know whether the request deserved the refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from ..spec.shapes import (
    BlobShape,
    IntegerShape,
    ListShape,
    MapShape,
    Service,
    Shape,
    StringShape,
    StructureShape,
)
from .response import DecodedResponse

__all__ = ["blames_form", "unmodelled_constraint"]

# Answers that blame the form of a request, rather than the state it meets.
_FORM_CODES = frozenset({"SerializationException", "MalformedHttpRequestException"})
# Of a value that could not be read, or that botocore's validator, which emulators use, refused.
_UNREADABLE = re.compile(
    r"can not be converted|Start of (?:list|structure)|Expected (?:list|map|null)"
    r"|[Pp]arameter validation failed|Invalid length for parameter|Invalid type for parameter"
    r"|Missing required parameter in input"
)
# AWS's words for a broken constraint. "N validation errors detected" alone says nothing of the kind: services
# put whatever their own rules find behind it.
_UNSATISFIED = re.compile(r"at '[^']*' failed to satisfy constraint|Member must ")
# Constraints as refusals cite them: AWS's front ends, then botocore's own validator, as emulators use it.
_BOUND = re.compile(
    r"(?:greater|less) than or equal to (-?\d+)|(?:min|max) (?:length|value): (-?\d+)"
    r"|(?:at least|at most) (\d+)"
)
_PATTERN = re.compile(r"regular expression pattern: (\S.*?)(?:;|$)", re.MULTILINE)
_ENUM = re.compile(r"enum value set: \[([^\]]*)\]")
_MISSING = re.compile(r"Member must not be null")
# The same in the words of botocore's validator.
_NAMED_MISSING = re.compile(r"""Missing required parameter in [\w.\[\]]+: ["'](\w+)["']""")
# Several faults in one text, and the member that each is about.
_CLAUSE = re.compile(r"; (?=Value)")
_MEMBER = re.compile(r"at '([\w.-]+)'")
# What stands behind these words is the constraint; where nothing does, a refusal cites none.
_UNCITED = re.compile(r"failed to satisfy constraint:\s*(\S[^\n]{0,100})|(Member must [^\n]{1,100})")
# A kind of constraint with its value.
_Constraint: TypeAlias = tuple[str, Any]
_REQUIRED: _Constraint = ("required", True)
# What a request has at a place: nothing, or nobody can say what.
_ABSENT, _UNKNOWN = object(), object()


def blames_form(answer: DecodedResponse) -> bool:
    """Whether a refusal says that the request's form or a constraint is at fault."""
    if answer.kind != "error" or answer.error is None:
        return False
    text = answer.error.message or ""
    return answer.code in _FORM_CODES or any(form.search(text) for form in (_UNREADABLE, _UNSATISFIED))


def unmodelled_constraint(answer: DecodedResponse) -> str:
    """The constraint that a refusal cites and that the operation's input does not have, or the empty string.

    Where it cites several, one that the model has is enough for it to be held to that. A member whose path
    the text tells (`keys.3.member.name`) is looked up there, one that it only names by that name, anything
    else in the whole input. What stands where a constraint is cited and is none that a model can have is one
    that it does not have. So is any constraint on a member that the model leaves open and nobody has sent:
    such a refusal asks for the member. One that asks for a member which was sent empty, as the model lets it
    be, wants something in it.
    """
    text = (answer.error.message or "") if answer.error is not None else ""
    by_member: dict[str, set[_Constraint]] = {"": set()}
    for member, constraint in _modelled(answer.service, answer.operation.input):
        by_member.setdefault(member, set()).add(constraint)
        by_member[""].add(constraint)
    unmodelled = ""
    for missing in _NAMED_MISSING.finditer(text):
        name = missing[1].lower()
        if any(map(_is_empty, _values_of(answer.sent, name))):
            unmodelled = f"'{name}' must not be empty"
        elif _REQUIRED in by_member.get(name, ()):
            return ""
        else:
            unmodelled = f"'{name}' must be there"
    for clause in _CLAUSE.split(text):
        known = _at_path(answer.service, answer.operation.input, clause)
        if known is None:
            known = by_member.get(_member_of(clause), by_member[""])
        sent = _sent_at(answer.service, answer.operation.input, answer.sent, clause)
        if _REQUIRED not in known and sent is _ABSENT:
            unmodelled = unmodelled or f"'{_member_of(clause)}' must be there"
            continue
        for constraint, words in _cited(clause):
            if constraint == _REQUIRED and _is_empty(sent):
                words = f"'{_member_of(clause)}' must not be empty"
            elif constraint in known:
                return ""
            unmodelled = unmodelled or words
        uncited = _UNCITED.search(clause)
        if uncited and not any(_cited(clause)):
            unmodelled = unmodelled or (uncited[1] or uncited[2]).strip()
    return unmodelled


def _at_path(service: Service, root: str | None, clause: str) -> set[_Constraint] | None:
    """The constraints of the member whose path a clause tells; None where it leads to none."""
    named = _MEMBER.search(clause)
    if named is None:
        return None
    place, required = root, False
    for step in named[1].lower().split("."):
        shape = service.shapes.get(place or "")
        match shape:
            case StructureShape(members=members):
                name = next((name for name in members if name.lower() == step), None)
                if name is None:
                    return None
                place, required = members[name].target, name in shape.required
            case ListShape(member=inner):
                place, required = (place, required) if step.isdigit() else (inner.target, False)
            case MapShape(key=key, value=value):
                place, required = (key if step == "key" else value).target, False
            case _:
                return None
    constraints = set(_own(service.shapes[place])) if place else set()
    return constraints | ({_REQUIRED} if required else set())


def _sent_at(service: Service, root: str | None, document: Any, clause: str) -> Any:
    """What a request has at the path that a clause tells; `_UNKNOWN` where that can't be said.

    `member` stands behind the number of an element.
    """
    named = _MEMBER.search(clause)
    if named is None or document is None:
        return _UNKNOWN
    place = root
    for step in named[1].lower().split("."):
        shape = service.shapes.get(place or "")
        match shape, document:
            case StructureShape(members=members), Mapping():
                name = next((name for name in members if name.lower() == step), None)
                if name is None and step == "member":
                    continue
                if name is None or name not in document:
                    return _ABSENT
                place, document = members[name].target, document[name]
            case MapShape(value=value), Mapping():
                # What is asked for in a map's key or value is never a member.
                key = next((key for key in document if str(key).lower() == step), None)
                if key is None:
                    return _UNKNOWN if step in ("key", "value", "member") else _ABSENT
                place, document = value.target, document[key]
            case ListShape(member=inner), list() if step.isdigit() and 0 < int(step) <= len(document):
                place, document = inner.target, document[int(step) - 1]
            case _:
                if step != "member":
                    return _UNKNOWN
    return document


def _values_of(document: Any, member: str) -> Iterator[Any]:
    """What stands anywhere in a document under a name, which is in lower case."""
    match document:
        case Mapping():
            for name, value in document.items():
                if str(name).lower() == member:
                    yield value
                yield from _values_of(value, member)
        case list():
            for item in document:
                yield from _values_of(item, member)


def _is_empty(value: Any) -> bool:
    return value in ("", [], {})


def _member_of(clause: str) -> str:
    """The name in lower case of the member that a clause is about, or the empty string.

    Elements of lists are members of no name: `keys.3.member` is about `keys`.
    """
    named = _MEMBER.search(clause)
    steps = named[1].lower().split(".") if named else []
    return next((step for step in reversed(steps) if step != "member" and not step.isdigit()), "")


def _cited(text: str) -> Iterator[tuple[_Constraint, str]]:
    """Constraints in a clause, each with its words."""
    for match in _BOUND.finditer(text):
        yield ("bound", int(next(filter(None, match.groups())))), match[0]
    for match in _PATTERN.finditer(text):
        yield ("pattern", match[1].strip()), match[0]
    for match in _ENUM.finditer(text):
        yield ("enum", frozenset(part.strip() for part in match[1].split(","))), match[0]
    for match in _MISSING.finditer(text):
        yield _REQUIRED, match[0]


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
                yield from ((key.lower(), _REQUIRED) for key in required)
                left += [(key.lower(), inner.target) for key, inner in members.items()]
            case ListShape(member=inner):
                left.append((member, inner.target))
            case MapShape(key=key, value=value):
                left += [(member, key.target), (member, value.target)]
            case _:
                pass
        yield from ((member, constraint) for constraint in _own(shape))


def _own(shape: Shape) -> Iterator[_Constraint]:
    """The constraints of a shape itself."""
    if isinstance(shape, StringShape):
        if shape.pattern is not None:
            yield "pattern", shape.pattern
        if shape.enum:
            yield "enum", frozenset(shape.enum)
    if isinstance(shape, StringShape | ListShape | MapShape | BlobShape | IntegerShape):
        for bound in (shape.min, shape.max):
            if bound is not None:
                yield "bound", bound
