# SPDX-License-Identifier: Apache-2.0
"""The model's constraints on an input, and their failures in AWS's recorded words.

It owns required, length, value, pattern and enum of a document that inputs.py has read. It refuses to
know JSON types and what an operation makes of its input.

Recorded: all failures are reported at once, `N validation errors detected: a; b`; paths are lowerCamel and
count elements from 1 (`userAttributes.1.member.name`); a missing member reads `Value null at`; a
sensitive value is left out (`Value at 'password'`). A scalar element's failure is reported of the whole
list, in one message that lists every constraint of an element, failed or not; a map's keys and values
likewise. Not recorded, and chosen here: the order of failures is the model's; structures within a
reported value are written like maps; nothing of a value is shown if anything within it is sensitive.

AWS matches a pattern against the whole value. Lengths are counted in code points.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, assert_never

from ..spec.patterns.translate import translate
from ..spec.shapes import (
    BlobShape,
    BooleanShape,
    DocumentShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Service,
    Shape,
    StringShape,
    StructureShape,
    TimestampShape,
    reachable,
)
from .refusal import Refusal
from .store import Document

__all__ = ["Checker", "check", "compile_checker"]

# Takes a value and its path, and appends a text for each failure.
Checker: TypeAlias = Callable[[Any, str, list[str]], None]
# One constraint of a value: its text, and whether a value meets it.
_Rule: TypeAlias = tuple[str, Callable[[Any], bool]]


def compile_checker(service: Service, name: str) -> Checker:
    """A function that checks documents of that structure; shapes may be recursive."""
    return _ConstraintCompiler(service).checker(name)


def check(checker: Checker, document: Document) -> None:
    """Refuse the document if it breaks a constraint. Raises Refusal with all failures in one text."""
    failures: list[str] = []
    checker(document, "", failures)
    if failures:
        noun = "error" if len(failures) == 1 else "errors"
        raise Refusal(
            "InvalidParameterException",
            f"{len(failures)} validation {noun} detected: {'; '.join(failures)}",
        )


def _nothing(value: Any, path: str, failures: list[str]) -> None:
    """The checker of a shape without constraints."""


class _ConstraintCompiler:
    """Checkers by shape name; a recursive shape refers to its checker by name until that exists."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._checkers: dict[str, Checker] = {}
        self._open: set[str] = set()

    def checker(self, name: str) -> Checker:
        if name in self._checkers:
            return self._checkers[name]
        if name in self._open:
            return lambda value, path, failures: self._checkers[name](value, path, failures)
        self._open.add(name)
        self._checkers[name] = self._compile(self._service.shape(name))
        return self._checkers[name]

    def _compile(self, shape: Shape) -> Checker:
        match shape:
            case StructureShape():
                return self._structure(shape)
            case ListShape():
                return _both(_own(shape, self._sensitive(shape.name)), self._elements(shape))
            case MapShape():
                return _both(_own(shape, self._sensitive(shape.name)), self._entries(shape))
            case (
                StringShape()
                | BlobShape()
                | IntegerShape()
                | FloatShape()
                | BooleanShape()
                | TimestampShape()
                | DocumentShape()
            ):
                return _own(shape, shape.sensitive)
            case _:
                assert_never(shape)

    def _structure(self, shape: StructureShape) -> Checker:
        members = [
            (key, _lower_camel(key), key in shape.required, self._sensitive(member.target), checker)
            for key, member in shape.members.items()
            if (checker := self.checker(member.target)) is not _nothing or key in shape.required
        ]

        def run(value: Any, path: str, failures: list[str]) -> None:
            for key, name, required, sensitive, checker in members:
                item = value.get(key)
                where = f"{path}.{name}" if path else name
                if item is not None:
                    checker(item, where, failures)
                elif required:
                    subject = "Value" if sensitive else "Value null"
                    failures.append(
                        f"{subject} at '{where}' failed to satisfy constraint: Member must not be null"
                    )

        return run if members else _nothing

    def _sensitive(self, name: str) -> bool:
        """Whether anything within a value of that shape is sensitive: then none of it is shown."""
        return any(self._service.shape(inner).sensitive for inner in reachable(self._service, name))

    def _elements(self, shape: ListShape) -> Checker:
        target = self._service.shape(shape.member.target)
        if not isinstance(target, StructureShape | ListShape | MapShape):
            return _members(
                "Member must satisfy constraint",
                _rules(target),
                list,
                self._sensitive(shape.name),
            )
        checker = self.checker(shape.member.target)
        if checker is _nothing:
            return _nothing

        def run(value: Any, path: str, failures: list[str]) -> None:
            for index, item in enumerate(value, start=1):
                checker(item, f"{path}.{index}.member", failures)

        return run

    def _entries(self, shape: MapShape) -> Checker:
        key = self._service.shape(shape.key.target)
        value = self._service.shape(shape.value.target)
        sensitive = self._sensitive(shape.name)
        keys = _members("Map keys must satisfy constraint", _rules(key), list, sensitive)
        if not isinstance(value, StructureShape | ListShape | MapShape):
            label = "Map value must satisfy constraint"
            return _both(keys, _members(label, _rules(value), lambda mapping: mapping.values(), sensitive))
        checker = self.checker(shape.value.target)

        def run(mapping: Any, path: str, failures: list[str]) -> None:
            for name, item in mapping.items():
                checker(item, f"{path}.{name}.member", failures)

        return _both(keys, run)


def _both(first: Checker, second: Checker) -> Checker:
    if first is _nothing or second is _nothing:
        return second if first is _nothing else first

    def run(value: Any, path: str, failures: list[str]) -> None:
        first(value, path, failures)
        second(value, path, failures)

    return run


def _own(shape: Shape, sensitive: bool) -> Checker:
    """The checker of a value's own constraints, one failure for each that it breaks."""
    rules = _rules(shape)
    if not rules:
        return _nothing

    def run(value: Any, path: str, failures: list[str]) -> None:
        for text, holds in rules:
            if not holds(value):
                subject = "Value" if sensitive else f"Value '{_java(value)}'"
                failures.append(f"{subject} at '{path}' failed to satisfy constraint: {text}")

    return run


def _members(label: str, rules: list[_Rule], items: Callable[[Any], Any], sensitive: bool) -> Checker:
    """The checker of scalars in a collection, which are reported as one failure of the whole collection."""
    if not rules:
        return _nothing
    text = f"{label}: [{', '.join(text for text, _ in rules)}]"

    def run(value: Any, path: str, failures: list[str]) -> None:
        if not all(holds(item) for item in items(value) for _, holds in rules):
            subject = "Value" if sensitive else f"Value '{_java(value)}'"
            failures.append(f"{subject} at '{path}' failed to satisfy constraint: {text}")

    return run


def _rules(shape: Shape) -> list[_Rule]:
    match shape:
        case StringShape(enum=enum) if enum:
            values = frozenset(enum)
            return [(f"Member must satisfy enum value set: [{', '.join(enum)}]", values.__contains__)]
        case StringShape(min=low, max=high, pattern=pattern):
            return [*_bounds("length", low, high, len), *(_pattern(pattern) if pattern is not None else ())]
        case ListShape(min=low, max=high) | MapShape(min=low, max=high):
            return _bounds("length", low, high, len)
        case BlobShape(min=low, max=high):
            # Base64 of the protocol; three bytes for each four characters.
            return _bounds("length", low, high, lambda text: len(text) * 3 // 4 - text.count("="))
        case IntegerShape(min=low, max=high) | FloatShape(min=low, max=high):
            return _bounds("value", low, high, lambda number: number)
        case BooleanShape() | TimestampShape() | DocumentShape() | StructureShape():
            return []
        case _:
            assert_never(shape)


def _bounds(noun: str, low: float | None, high: float | None, measure: Callable[[Any], float]) -> list[_Rule]:
    rules: list[_Rule] = []
    if high is not None:
        text = f"Member must have {noun} less than or equal to {high}"
        rules.append((text, lambda value: measure(value) <= high))
    if low is not None:
        text = f"Member must have {noun} greater than or equal to {low}"
        rules.append((text, lambda value: measure(value) >= low))
    return rules


def _pattern(source: str) -> list[_Rule]:
    matches = re.compile(translate(source)).match
    text = f"Member must satisfy regular expression pattern: {source}"
    return [(text, lambda value: matches(value) is not None)]


def _lower_camel(name: str) -> str:
    return name[:1].lower() + name[1:]


def _java(value: Any) -> str:
    """A value as AWS's servers print it into a message."""
    match value:
        case bool():
            return "true" if value else "false"
        case list():
            return f"[{', '.join(_java(item) for item in value)}]"
        case Mapping():
            return f"{{{', '.join(f'{key}={_java(item)}' for key, item in value.items())}}}"
        case _:
            return str(value)
