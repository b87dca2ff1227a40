# SPDX-License-Identifier: Apache-2.0
"""A request's document read as AWS reads it: leniently, and complaining in AWS's words.

It owns which JSON types a shape takes and what becomes of them. It refuses to know constraints
(constraints.py): a type error is reported alone and before any of them.

The texts were recorded from an AWS JSON 1.1 service. So were these leniencies: null equals absent, as a
member and as an element of a list; unknown keys are ignored; a decimal for an integer is cut off. Not
recorded, and chosen here: null as a map's value is dropped like any null, but where a list or a map may
hold it; a moment in text is read as it is, and judged by its form later, if at all; a number beyond the
integer's bits is a type error; of several type errors the first in the document's order is reported; texts
for booleans, floats, timestamps and blobs follow the pattern of the recorded ones.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, assert_never

from ..spec.shapes import (
    BlobShape,
    BooleanShape,
    DocumentShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    Service,
    Shape,
    StringShape,
    StructureShape,
    TimestampShape,
)
from ..spec.timestamps import timestamp_format
from .answers import serialization
from .refusal import Refusal
from .store import Document

__all__ = ["Reader", "compile_reader", "read_root"]

# Takes a JSON value that is not null; raises Refusal for the wrong type.
Reader: TypeAlias = Callable[[Any], Any]

_LIST = "Start of list found where not expected"
_MAP = "Start of structure or map found where not expected."


def compile_reader(service: Service, name: str) -> Reader:
    """A function that reads values of that shape; shapes may be recursive."""
    return _InputCompiler(service).reader(name)


def read_root(reader: Reader, document: Any) -> Document:
    """The input's members from a decoded body.

    Recorded: a list at the root is reported as such; a scalar or null is refused without a message.
    """
    if isinstance(document, dict | list):
        members: Document = reader(document)
        return members
    raise serialization()


# What JSON has no numbers for travels as text.
_NONFINITE = frozenset({"NaN", "Infinity", "-Infinity"})


class _InputCompiler:
    """Readers by shape name. A recursive shape refers to its reader by name until that exists."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._readers: dict[str, Reader] = {}
        self._open: set[str] = set()

    def member_reader(self, member: Member) -> Reader:
        """The reader of a member; a moment that its member or shape has as text is read as text."""
        shape = self._service.shape(member.target)
        if isinstance(shape, TimestampShape) and timestamp_format(shape, member, "json") != "unixTimestamp":
            return _string
        return self.reader(member.target)

    def reader(self, name: str) -> Reader:
        if name in self._readers:
            return self._readers[name]
        if name in self._open:
            return lambda value: self._readers[name](value)
        self._open.add(name)
        self._readers[name] = self._compile(self._service.shape(name))
        return self._readers[name]

    def _compile(self, shape: Shape) -> Reader:
        match shape:
            case StructureShape(members=members, event_stream=streamed):
                events = _structure({key: self.member_reader(member) for key, member in members.items()})
                return _list(events, sparse=False) if streamed else events
            case ListShape(member=member, sparse=sparse):
                return _list(self.member_reader(member), sparse)
            case MapShape(value=value, sparse=sparse):
                return _map(self.member_reader(value), sparse)
            case StringShape():
                return _string
            case IntegerShape(bits=bits):
                return _integer(bits)
            case FloatShape(bits=bits):
                return _number("a Float" if bits == 32 else "a Double", _NONFINITE)
            case BooleanShape():
                return _boolean
            case TimestampShape():
                return _number("a Timestamp")
            case BlobShape():
                return _blob
            case DocumentShape():
                return lambda value: value
            case _:
                assert_never(shape)


def _structure(members: dict[str, Reader]) -> Reader:
    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                key: members[key](item) for key, item in value.items() if item is not None and key in members
            }
        raise serialization(_LIST if isinstance(value, list) else "Expected null")

    return read


def _list(element: Reader, sparse: bool) -> Reader:
    def read(value: Any) -> Any:
        if isinstance(value, list):
            return [_or_null(element, item) for item in value if sparse or item is not None]
        raise serialization(_MAP if isinstance(value, dict) else "Expected list or null")

    return read


def _or_null(element: Reader, item: Any) -> Any:
    return None if item is None else element(item)


def _map(element: Reader, sparse: bool) -> Reader:
    def read(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: _or_null(element, item) for key, item in value.items() if sparse or item is not None}
        raise serialization(_LIST if isinstance(value, list) else "Expected map or null")

    return read


def _string(value: Any) -> Any:
    if isinstance(value, str):
        return value
    raise _mismatch(value, "a String")


def _blob(value: Any) -> Any:
    if isinstance(value, str):
        return value
    raise _mismatch(value, "a Blob")


def _boolean(value: Any) -> Any:
    if isinstance(value, bool):
        return value
    raise _mismatch(value, "a Boolean")


def _integer(bits: int) -> Reader:
    noun = "a Long" if bits == 64 else "an Integer"
    limit = 1 << (bits - 1)

    def read(value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            integer = int(value)
            if -limit <= integer < limit:
                return integer
        raise _mismatch(value, noun)

    return read


def _number(noun: str, texts: frozenset[str] = frozenset()) -> Reader:
    def read(value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        if isinstance(value, str) and value in texts:
            return value
        raise _mismatch(value, noun)

    return read


def _mismatch(value: Any, noun: str) -> Refusal:
    match value:
        case list():
            return serialization(_LIST)
        case dict():
            return serialization(_MAP)
        case True:
            token = "TRUE_VALUE"
        case False:
            token = "FALSE_VALUE"
        case str():
            token = "STRING_VALUE"
        case _:
            token = "NUMBER_VALUE"
    return serialization(f"{token} can not be converted to {noun}")
