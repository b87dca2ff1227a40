# SPDX-License-Identifier: Apache-2.0
"""Where scalars stand in JSON text, and which of them belong to sensitive shapes.

It owns the walk through the text, so that what is masked leaves every other character as it was. It refuses
to know what sensitive values are replaced by (masking.py).
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator

from ..spec.shapes import ListShape, MapShape, Service, Shape, StructureShape
from .record import Masking, Scalar, ScalarKind

__all__ = ["JSON_MASKING"]

_DEPTH = 200
# Raw control characters within a text are read: whether they may stand there is not asked here.
_DECODER = json.JSONDecoder(strict=False)
_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^\s,\]}\[{\":]+")
_KINDS: dict[str, ScalarKind] = {"null": "null", "true": "boolean", "false": "boolean"}


def _scalars(service: Service, root: str | None, text: str) -> Iterator[Scalar]:
    """The scalars of a body; in text that is no JSON, sensitive members by their names."""
    try:
        yield from _JsonWalk(service, text).of(root)
    except (ValueError, IndexError, RecursionError):
        for match in _by_name(service).finditer(text):
            yield _scalar(text, match.start(2), match.end(2), sensitive=True)


def _scalar(text: str, start: int, end: int, *, sensitive: bool) -> Scalar:
    literal = text[start:end]
    if literal.startswith('"'):
        return Scalar(start, end, "text", _unquoted(literal), sensitive)
    return Scalar(start, end, _KINDS.get(literal, "number"), literal, sensitive)


def _literal(kind: ScalarKind, text: str) -> str:
    return json.dumps(text, ensure_ascii=False) if kind == "text" else text


def _escapes(text: str) -> tuple[str, ...]:
    return (json.dumps(text)[1:-1],)


JSON_MASKING = Masking("utf-8", _scalars, _literal, _escapes)


def _unquoted(literal: str) -> str:
    try:
        return _string(literal, 0)[0]
    except ValueError:
        return literal.strip('"')


def _string(text: str, start: int) -> tuple[str, int]:
    """The string whose opening quote stands at `start`, and where it ends."""
    if text[start] != '"':
        raise ValueError("no string")
    value, end = _DECODER.raw_decode(text, start)
    return str(value), end


@functools.cache
def _named(members: tuple[str, ...]) -> re.Pattern[str]:
    if not members:
        return re.compile(r"(?!)()()")
    names = "|".join(map(re.escape, members))
    # The closing quote may be what is missing.
    return re.compile(rf'("(?:{names})"\s*:\s*)("(?:[^"\\]|\\.)*"?|[^\s,\]}}\[{{"]+)', re.IGNORECASE)


def _by_name(service: Service) -> re.Pattern[str]:
    return _named(tuple(sorted(service.sensitive_names)))


class _JsonWalk:
    """The scalars of a JSON text, in order; raises ValueError or IndexError for what is no JSON."""

    def __init__(self, service: Service, text: str) -> None:
        self._shapes = service.shapes
        self._names = service.sensitive_names
        self._text = text

    def of(self, root: str | None) -> list[Scalar]:
        scalars: list[Scalar] = []
        end = self._value(self._skip(0), self._shape(root), False, scalars, 0)
        if self._skip(end) != len(self._text):
            raise ValueError("more than one value")
        return scalars

    def _shape(self, name: str | None) -> Shape | None:
        return self._shapes.get(name) if name is not None else None

    def _skip(self, position: int) -> int:
        match = _SPACE.match(self._text, position)
        return match.end() if match else position

    def _value(self, start: int, shape: Shape | None, secret: bool, scalars: list[Scalar], depth: int) -> int:
        if depth > _DEPTH:
            raise ValueError("too deep")
        secret = secret or (shape is not None and shape.sensitive)
        opening = self._text[start]
        if opening in "{[":
            return self._inside(start, shape, secret, scalars, depth)
        if opening == '"':
            _, end = _string(self._text, start)
        else:
            scalar = _SCALAR.match(self._text, start)
            if scalar is None:
                raise ValueError("no value")
            end = scalar.end()
        scalars.append(_scalar(self._text, start, end, sensitive=secret))
        return end

    def _inside(
        self, start: int, shape: Shape | None, secret: bool, scalars: list[Scalar], depth: int
    ) -> int:
        text = self._text
        closing = "}" if text[start] == "{" else "]"
        position = self._skip(start + 1)
        if text[position] == closing:
            return position + 1
        while True:
            inner, hidden = self._shape(shape.member.target) if isinstance(shape, ListShape) else None, secret
            if closing == "}":
                name, end = _string(text, position)
                if isinstance(shape, MapShape) and self._secret_keys(shape):
                    scalars.append(_scalar(text, position, end, sensitive=True))
                position = self._skip(end)
                if text[position] != ":":
                    raise ValueError("no colon")
                position = self._skip(position + 1)
                inner = self._under(shape, name)
                # Where no shape says anything of a member, its name does.
                known = inner is not None or isinstance(shape, MapShape)
                hidden = secret or (not known and name.lower() in self._names)
            position = self._skip(self._value(position, inner, hidden, scalars, depth + 1))
            if text[position] == closing:
                return position + 1
            if text[position] != ",":
                raise ValueError("no comma")
            position = self._skip(position + 1)

    def _secret_keys(self, shape: MapShape) -> bool:
        return self._shapes[shape.key.target].sensitive

    def _under(self, shape: Shape | None, name: str) -> Shape | None:
        if isinstance(shape, StructureShape) and name in shape.members:
            return self._shape(shape.members[name].target)
        return self._shape(shape.value.target) if isinstance(shape, MapShape) else None
