"""Secrets in bytes: JSON text with sensitive values replaced and every other character left as it was.

It owns where sensitive values stand in a body, whole or broken, and which texts they are. A body is not
decoded and written anew, because the very form of what a target sent is what checks are about. What is
kept apart in redact.py are documents and headers, whose form is ours.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterable, Iterator

from ..spec.shapes import ListShape, MapShape, Service, Shape, StructureShape
from .redacted import REDACTED

__all__ = [
    "fixed",
    "mask_body",
    "mask_repeated",
    "mask_urls",
    "of_same_form",
    "secrets_in",
    "without_secrets",
]

# Shorter texts stand everywhere by chance; replacing them would only garble what is shown.
_SHORTEST = 6
# Bytes of a body that are searched for secrets; what is shown of a longer one is its beginning.
_LONGEST = 64 * 1024
_DEPTH = 200
# Raw control characters within a text are read: whether they may stand there is not asked here.
_DECODER = json.JSONDecoder(strict=False)

_SPACE = re.compile(r"[ \t\r\n]*")
_SCALAR = re.compile(r"[^\s,\]}\[{\":]+")
_SIGNED = re.compile(
    r"((?:X-Amz-(?:Signature|Credential|Security-Token)|AWSAccessKeyId|Signature)=)[^&\"'\\\s<>]+",
    re.IGNORECASE,
)


def mask_urls(text: str) -> str:
    """The text with the credentials and signatures of presigned URLs replaced."""
    return _SIGNED.sub(lambda match: f"{match[1]}{REDACTED}", text)


def fixed(literal: str) -> str:
    """The replacement for reports: says nothing of the value but that it is one."""
    return "null" if literal == "null" else f'"{REDACTED}"'


def of_same_form(literal: str) -> str:
    """The replacement for recordings: the same JSON type, and text as long, so that verdicts stay.

    Only the length of a secret can be read from it.
    """
    if literal in ("null", '""'):
        return literal
    if literal in ("true", "false"):
        return "false"
    if not literal.startswith('"'):
        return "0"
    return f'"{"x" * len(_unquoted(literal))}"'


def mask_body(service: Service, root: str | None, body: str, replace: Callable[[str], str]) -> str:
    """A JSON body without the values of sensitive shapes; `replace` gets each one's literal.

    `root` is the shape of the whole (None: none is known to be sensitive by its place). In text that is no
    JSON, sensitive members are found by their names.
    """
    body = mask_urls(body)
    if not _may_hold_secrets(service, root, body):
        return body
    try:
        spans = list(_Spans(service, body).of(root))
    except (ValueError, IndexError, RecursionError):
        return _by_name(service).sub(lambda match: f"{match[1]}{replace(match[2])}", body)
    parts, last = [], 0
    for start, end in spans:
        parts += [body[last:start], replace(body[start:end])]
        last = end
    return "".join([*parts, body[last:]])


def _may_hold_secrets(service: Service, root: str | None, body: str) -> bool:
    """Whether a body is worth a closer look: most of them name no sensitive member, and some are huge."""
    if root is not None and root in service.shapes and service.shapes[root].sensitive:
        return True
    folded = body.lower()
    # Names may be written with escapes.
    return bool(body.strip()) and ("\\u" in folded or any(name in folded for name in service.secret_holders))


def secrets_in(service: Service, root: str | None, body: bytes) -> tuple[str, ...]:
    """The texts that sensitive members of a body hold, the longest first."""
    texts: list[str] = []

    def collect(literal: str) -> str:
        if literal.startswith('"'):
            texts.append(_unquoted(literal))
        return literal

    mask_body(service, root, body[:_LONGEST].decode("utf-8", "replace"), collect)
    return tuple(sorted({text for text in texts if len(text) >= _SHORTEST}, key=len, reverse=True))


def mask_repeated(service: Service, body: str, secrets: Iterable[str]) -> str:
    """A JSON body without texts that stood in sensitive members elsewhere, by texts of the same length.

    Only within values: a member's name may be somebody's password, and is still the member's name.
    """
    forms = {form: "x" * len(secret) for secret in secrets for form in (secret, json.dumps(secret)[1:-1])}
    if not any(form in body for form in forms):
        return body
    try:
        spans = list(_Spans(service, body, everything=True).of(None))
    except (ValueError, IndexError, RecursionError):
        spans = [(0, len(body))]
    parts, last = [], 0
    for start, end in spans:
        value = body[start:end]
        for form, mask in forms.items():
            value = value.replace(form, mask)
        parts += [body[last:start], value]
        last = end
    return "".join([*parts, body[last:]])


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """The text without any of the secrets, and without one's beginning where the text was cut."""
    for secret in secrets:
        for form in dict.fromkeys((secret, json.dumps(secret)[1:-1])):
            text = text.replace(form, REDACTED)
        if len(secret) > _SHORTEST:
            text = _cut_short(text, secret)
    return text


def _cut_short(text: str, secret: str) -> str:
    """The text without beginnings of the secret: whatever shows values shortens them, and may leave one."""
    start = text.find(secret[:_SHORTEST])
    while start >= 0:
        end = start
        while end < len(text) and end - start < len(secret) and text[end] == secret[end - start]:
            end += 1
        if end == len(text) or text.startswith(("...", '"...', "\\"), end):
            text = f"{text[:start]}{REDACTED}{text[end:]}"
        start = text.find(secret[:_SHORTEST], start + 1)
    return text


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


class _Spans:
    """Where the scalars stand that belong to sensitive shapes, in order; raises ValueError for no JSON.

    With `everything`, where all scalars stand.
    """

    def __init__(self, service: Service, text: str, *, everything: bool = False) -> None:
        self._shapes = service.shapes
        self._names = service.sensitive_names
        self._text = text
        self._everything = everything

    def of(self, root: str | None) -> Iterator[tuple[int, int]]:
        spans: list[tuple[int, int]] = []
        end = self._value(self._skip(0), self._shape(root), self._everything, spans, 0)
        if self._skip(end) != len(self._text):
            raise ValueError("more than one value")
        yield from spans

    def _shape(self, name: str | None) -> Shape | None:
        return self._shapes.get(name) if name is not None else None

    def _skip(self, position: int) -> int:
        match = _SPACE.match(self._text, position)
        return match.end() if match else position

    def _value(
        self, start: int, shape: Shape | None, secret: bool, spans: list[tuple[int, int]], depth: int
    ) -> int:
        if depth > _DEPTH:
            raise ValueError("too deep")
        secret = secret or (shape is not None and shape.sensitive)
        opening = self._text[start]
        if opening in "{[":
            return self._inside(start, shape, secret, spans, depth)
        if opening == '"':
            _, end = _string(self._text, start)
        else:
            scalar = _SCALAR.match(self._text, start)
            if scalar is None:
                raise ValueError("no value")
            end = scalar.end()
        if secret:
            spans.append((start, end))
        return end

    def _inside(
        self, start: int, shape: Shape | None, secret: bool, spans: list[tuple[int, int]], depth: int
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
                    spans.append((position, end))
                position = self._skip(end)
                if text[position] != ":":
                    raise ValueError("no colon")
                position = self._skip(position + 1)
                inner = self._under(shape, name)
                # Where no shape says anything of a member, its name does.
                known = inner is not None or isinstance(shape, MapShape)
                hidden = secret or (not known and name.lower() in self._names)
            position = self._skip(self._value(position, inner, hidden, spans, depth + 1))
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
