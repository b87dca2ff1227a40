# SPDX-License-Identifier: Apache-2.0
"""Validators compiled from JSON Schemas: what of a document does not fit, and where.

It owns the two engines and brings them to one form of finding: jsonschema-rs, fast, on the hot path, and
jsonschema, portable, as a second opinion. It refuses to know how bad a finding is (checks).
"""

from __future__ import annotations

import calendar
import functools
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

__all__ = ["Engine", "SchemaFinding", "Validator", "Validators", "compile_validator"]

Engine: TypeAlias = Literal["rust", "python"]
Path: TypeAlias = tuple[str | int, ...]
_Format: TypeAlias = Callable[[object], bool]


@dataclass(frozen=True, slots=True)
class SchemaFinding:
    """One keyword that a document does not meet.

    `path` leads to the place (for a missing or unknown member, to that member); `bound` is the keyword's
    value, `value` what stood there, `kind` the place's `x-aws-type` or JSON type. `advisory` findings are
    about constraints that the schema only annotates.
    """

    path: Path
    keyword: str
    bound: Any
    value: Any
    kind: str
    advisory: bool = False


@dataclass(frozen=True, slots=True)
class _Broken:
    """An engine's error: the place, the keyword and the subschema that holds it."""

    path: Path
    keyword: str
    holder: Mapping[str, Any]
    advisory: bool
    in_key: bool


class Validator:
    """A compiled schema; asks for findings only when the quick answer is no."""

    __slots__ = ("_is_valid", "_raw")

    def __init__(
        self,
        is_valid: Callable[[Any], bool],
        raw: Callable[[Any], Iterable[_Broken]],
    ) -> None:
        self._is_valid = is_valid
        self._raw = raw

    def is_valid(self, document: Any) -> bool:
        """Whether the document meets every keyword, advisory ones included."""
        try:
            return self._is_valid(document)
        except ValueError:
            # Texts that are no Unicode, and documents that nest too deep: an engine refuses them.
            return self._is_valid(_legible(document))

    def findings(self, document: Any) -> tuple[SchemaFinding, ...]:
        """All findings, each once, sorted by place and keyword; none for a valid document.

        What has the wrong type is not called unlisted as well: one cause is one finding.
        """
        if self.is_valid(document):
            return ()
        legible = _legible(document)
        findings: dict[tuple[str, str, bool], SchemaFinding] = {}
        for broken in self._raw(legible):
            for finding in _expand(legible, broken):
                findings.setdefault((repr(finding.path), finding.keyword, finding.advisory), finding)
        mistyped = {path for path, keyword, _ in findings if keyword == "type"}
        return tuple(
            findings[key] for key in sorted(findings) if not (key[1] == "enum" and key[0] in mistyped)
        )


@dataclass(frozen=True, slots=True)
class Validators:
    """The compiled schemas of one operation: its output, and each of its service's errors by code."""

    output: Validator
    error: Callable[[str], Validator | None]


def _expand(document: Any, broken: _Broken) -> Iterable[SchemaFinding]:
    """One engine's error as findings: one a missing or unknown member, where engines lump them or don't."""
    path, holder, keyword, advisory = broken.path, broken.holder, broken.keyword, broken.advisory
    value = _at(document, path)
    if broken.in_key:
        # Engines differ in how deep they look into a key; that a key does not fit is what matters.
        return [SchemaFinding(path, "propertyNames", None, value, "map", advisory)]
    kind = str(holder.get("x-aws-type", holder.get("type", "")))
    bound = holder.get(keyword)
    low, high = holder.get("x-aws-min-bytes"), holder.get("x-aws-max-bytes")
    if keyword == "format" and str(bound).startswith(_BYTES):
        keyword = "minLength" if _has_bytes(value, 0, high) else "maxLength"
    if kind == "blob" and keyword in ("minLength", "maxLength"):
        bound = low if keyword == "minLength" else high
    if keyword == "required":
        missing = [name for name in bound or () if name not in value]
        return [SchemaFinding((*path, name), keyword, name, None, kind, advisory) for name in missing]
    if keyword == "additionalProperties":
        known = holder.get("properties", {})
        return [
            SchemaFinding((*path, name), keyword, sorted(known), item, kind, advisory)
            for name, item in value.items()
            if name not in known
        ]
    return [SchemaFinding(path, keyword, bound, value, kind, advisory)]


def compile_validator(schema: Mapping[str, Any], engine: Engine = "rust") -> Validator:
    """A validator of a schema; advisory constraints are judged as well, and marked as such."""
    formats = dict(_FORMATS)
    judged = _hoist(schema, formats)
    return _rust(judged, formats) if engine == "rust" else _python(judged, formats)


def _hoist(schema: Any, formats: dict[str, _Format]) -> Any:
    """The schema with all of the vocabulary that asserts in words that engines know.

    Each `x-aws-advisory` is turned into an assertion that can be told apart; bounds on a blob's bytes become
    formats, which are added to `formats`.
    """
    if isinstance(schema, Mapping):
        hoisted = {key: _hoist(value, formats) for key, value in schema.items() if key != "x-aws-advisory"}
        _bound_bytes(hoisted, formats)
        if "x-aws-advisory" in schema:
            kind = schema.get("x-aws-type", schema.get("type"))
            hoisted["allOf"] = [{"x-aws-type": kind, _ADVISORY: True, **schema["x-aws-advisory"]}]
            _bound_bytes(hoisted["allOf"][0], formats)
        return hoisted
    if isinstance(schema, list):
        return [_hoist(item, formats) for item in schema]
    return schema


# The length of base64 text says how many bytes it holds but for two: the format tells the rest.
_BYTES = "aws-bytes "


def _bound_bytes(schema: dict[str, Any], formats: dict[str, _Format]) -> None:
    low, high = schema.get("x-aws-min-bytes"), schema.get("x-aws-max-bytes")
    if not isinstance(low, int | None) or not isinstance(high, int | None) or (low, high) == (None, None):
        return
    name = f"{_BYTES}{low} to {high}"
    schema["format"] = name
    formats[name] = functools.partial(_has_bytes, low=low or 0, high=high)


def _has_bytes(value: object, low: int, high: int | None) -> bool:
    """Whether base64 text holds so many bytes; what is no text, or no base64, is found by other keywords."""
    if not isinstance(value, str) or len(value) % 4:
        return True
    size = len(value) // 4 * 3 - value.count("=", max(0, len(value) - 2))
    return low <= size and (high is None or size <= high)


# Put into a hoisted constraint, by which an error of either engine is known for advisory. A path would
# not do: there are members named allOf.
_ADVISORY = "x-aws-judged-as-advisory"


def _rust(schema: Mapping[str, Any], formats: Mapping[str, _Format]) -> Validator:
    import jsonschema_rs

    compiled = jsonschema_rs.validator_for(
        dict(schema), formats=dict(formats), validate_formats=True, ignore_unknown_formats=True
    )

    @functools.cache
    def careful() -> Validator:
        return _python(schema, formats)

    def raw(document: Any) -> Iterable[_Broken]:
        if _has_unclear_key(document):
            yield from careful()._raw(document)
            return
        for error in compiled.iter_errors(document):
            steps = error.schema_path
            holder = _resolve(schema, steps[:-1])
            if steps[-1] == "pattern" and _fits_after_all(holder, error.instance):
                continue
            yield _Broken(
                path=tuple(error.instance_path),
                keyword=str(steps[-1]),
                holder=holder,
                advisory=_ADVISORY in holder,
                in_key=isinstance(error.kind, jsonschema_rs.ValidationErrorKind.PropertyNames),
            )

    def is_valid(document: Any) -> bool:
        return compiled.is_valid(document) or (_has_long_text(document) and not any(raw(document)))

    return Validator(is_valid, raw)


# From so many characters on the fast engine may give up on a pattern, which it calls a breach: it takes at
# most a million steps, and of each character some.
_LONG = 50_000


def _fits_after_all(holder: Mapping[str, Any], text: object) -> bool:
    """Whether a text that the fast engine gave up on has the form of its pattern."""
    return isinstance(text, str) and len(text) >= _LONG and bool(re.search(holder["pattern"], text))


def _has_long_text(value: Any) -> bool:
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str) and len(item) >= _LONG:
            return True
        if isinstance(item, dict):
            left += item.values()
        elif isinstance(item, list):
            left += item
    return False


def _python(schema: Mapping[str, Any], formats: Mapping[str, _Format]) -> Validator:
    import jsonschema

    checker = jsonschema.FormatChecker(formats=())
    for name, function in formats.items():
        checker.checks(name)(function)
    compiled = jsonschema.Draft202012Validator(schema, format_checker=checker)

    def raw(document: Any) -> Iterable[_Broken]:
        for error in compiled.iter_errors(_finite(document)):
            yield _Broken(
                path=tuple(error.absolute_path),
                keyword=error.validator,
                holder=error.schema,
                advisory=_ADVISORY in error.schema,
                in_key=_enters_key(error.absolute_schema_path),
            )

    def is_valid(document: Any) -> bool:
        return bool(compiled.is_valid(_finite(_legible(document))))

    return Validator(is_valid, raw)


_UNCLEAR_KEY = re.compile(r"\+?[0-9]*", re.ASCII)


def _has_unclear_key(value: Any) -> bool:
    """Whether some key is empty or a number: paths of jsonschema-rs lose these, or make indices of them."""
    match value:
        case dict():
            return any(_UNCLEAR_KEY.fullmatch(key) or _has_unclear_key(item) for key, item in value.items())
        case list():
            return any(_has_unclear_key(item) for item in value)
        case _:
            return False


def _enters_key(steps: Iterable[str | int]) -> bool:
    """Whether a path in a schema leads through `propertyNames`, the keyword; it may be a member's name."""
    walk = iter(steps)
    for step in walk:
        if step == "propertyNames":
            return True
        if step == "properties":
            next(walk, None)
    return False


# JSON's own limits are wider, but no AWS document comes near these, and engines give up beyond them: one
# cannot even say which number of thousands of digits is wrong.
_MOST_BITS = 1000
_DEEPEST = 200


def _legible(value: Any, depth: int = 0) -> Any:
    """The document as every engine can read it: huge numbers cut, lone surrogates replaced, not too deep.

    What was changed stays as wrong, or as right, as it was.
    """
    match value:
        case str():
            return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
        case bool():
            return value
        case int():
            return value if value.bit_length() <= _MOST_BITS else (1 if value > 0 else -1) << _MOST_BITS
        case dict() | list() if depth >= _DEEPEST:
            return None
        case dict():
            return {_legible(key): _legible(item, depth + 1) for key, item in value.items()}
        case list():
            return [_legible(item, depth + 1) for item in value]
        case _:
            return value


def _finite(value: Any) -> Any:
    """The document with null for what JSON has no number for, as the other engine reads it."""
    match value:
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: _finite(item) for key, item in value.items()}
        case list():
            return [_finite(item) for item in value]
        case _:
            return value


def _at(document: Any, path: Path) -> Any:
    for step in path:
        document = document[step]
    return document


def _resolve(root: Any, path: Iterable[str | int]) -> Any:
    """The subschema at a place of the schema document."""
    here = root
    for step in path:
        here = here[int(step)] if isinstance(here, list) else here[step]
    return here


_SURROGATE = re.compile(r"[\ud800-\udfff]")
_DATE_TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T", re.ASCII)
_HTTP_DATE = re.compile(r"([A-Z][a-z]{2}), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def _is_date_time(value: object) -> bool:
    """The calendar's part of an ISO 8601 timestamp: the day exists. The form is the pattern's part."""
    # Formats are about texts alone, and only texts are sure to be hashable.
    return not isinstance(value, str) or _is_existing_day(value)


def _is_http_date(value: object) -> bool:
    """The calendar's part of an HTTP date: the day exists and falls on that day of the week."""
    return not isinstance(value, str) or _is_existing_weekday(value)


@functools.lru_cache(maxsize=4096)
def _is_existing_day(text: str) -> bool:
    match = _DATE_TIME.match(text)
    return match is None or _day_exists(*(int(part) for part in match.groups()))


@functools.lru_cache(maxsize=4096)
def _is_existing_weekday(text: str) -> bool:
    match = _HTTP_DATE.match(text)
    if match is None or match[3] not in _MONTHS:
        return True
    year, month, day = int(match[4]), _MONTHS.index(match[3]) + 1, int(match[2])
    return _day_exists(year, month, day) and _DAYS[calendar.weekday(year, month, day)] == match[1]


def _day_exists(year: int, month: int, day: int) -> bool:
    return year > 0 and 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]


_FORMATS: Mapping[str, _Format] = {
    "date-time": _is_date_time,
    "aws-http-date": _is_http_date,
}
