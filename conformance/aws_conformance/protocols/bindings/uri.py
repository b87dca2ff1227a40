# SPDX-License-Identifier: Apache-2.0
"""Which operation of a REST service a request is for, and what of its URI is whose value.

It owns URI templates, percent-encoding and the order in which operations are tried. It refuses to know
shapes: labels and parameters are texts here.

Sources: Smithy's HTTP bindings: labels, greedy labels, precedence of literal segments, query literals. For
operations that share method and template (28 of S3), members that each request must have tell them apart.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote, unquote_to_bytes

from ...http import Headers, Request
from ...spec.shapes import Operation, Service
from .places import places_of

__all__ = ["MatchedOperation", "Parameters", "Target", "expand", "route", "template_parameters", "unquoted"]

Parameters: TypeAlias = tuple[tuple[str, str], ...]

_LABEL = re.compile(r"\{([^}+]+)(\+?)\}")

_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
# What stands in any query and belongs to no operation: signatures, and the operation's name that the
# AWS SDKs for JavaScript and Rust add.
_FOREIGN = re.compile(
    r"(?:x-id|X-Amz-(?:Algorithm|Credential|Date|Expires|Security-Token|Signature|SignedHeaders))"
)

# Behind every segment's rank.
_END_RANK = 4


@dataclass(frozen=True, slots=True)
class Target:
    """What a request's line says: method, path as it was sent, parameters in order, decoded."""

    method: str
    path: str
    parameters: Parameters
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatchedOperation:
    """The operation that a request is for, the texts of its labels and the parameters that are left."""

    operation: Operation
    labels: Mapping[str, str]
    parameters: Parameters
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Template:
    operation: Operation
    pattern: re.Pattern[str]
    labels: tuple[str, ...]
    fixed: Parameters
    rank: tuple[int, ...]


def expand(template: str, label: Callable[[str], str]) -> str:
    """A URI template without its query, with the text of each label percent-encoded."""
    path = template.partition("?")[0]

    def encoded(match: re.Match[str]) -> str:
        return quote(label(match[1]), safe="/~" if match[2] else "~", errors="surrogatepass")

    return _LABEL.sub(encoded, path)


def template_parameters(template: str) -> str:
    """The fixed part of a template's query, as it stands there."""
    return template.partition("?")[2]


def unquoted(text: str, *, plus: bool = False) -> tuple[str, str | None]:
    """A percent-encoded text decoded, and what is wrong with it if anything is."""
    raw = unquote_to_bytes(text.replace("+", " ") if plus else text)
    try:
        decoded = raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("utf-8", "replace"), f"bytes that are no UTF-8 in {text[:60]!r}"
    wrong = _PERCENT.search(text)
    return decoded, f"a lone % in {text[:60]!r}" if wrong else None


def _target(request: Request) -> Target:
    path, _, query = request.path.partition("?")
    parameters, faults = [], []
    for part in query.split("&") if query else ():
        if not part:
            continue
        name, _, text = part.partition("=")
        pair = []
        for side in (name, text):
            decoded, fault = unquoted(side, plus=True)
            pair.append(decoded)
            if fault:
                faults.append(fault)
        parameters.append((pair[0], pair[1]))
    return Target(request.method, path, tuple(parameters), tuple(faults))


def route(service: Service, request: Request) -> MatchedOperation | None:
    """The operation of the service that a request is for; None if its method and path belong to none."""
    target = _target(request)
    names = {name for name, _ in target.parameters}
    matches = [
        (template, match)
        for template in service.derived(_templates).get(target.method, ())
        if (match := template.pattern.fullmatch(target.path)) and _has(target.parameters, template.fixed)
    ]
    if not matches:
        return None
    template, match = min(matches, key=lambda fit: _order(service, fit[0], names, request.headers))
    labels, faults = {}, list(target.faults)
    for name, text in zip(template.labels, match.groups(), strict=True):
        labels[name], fault = unquoted(text)
        if fault:
            faults.append(fault)
    left = [pair for pair in target.parameters if not _FOREIGN.fullmatch(pair[0])]
    for pair in template.fixed:
        if pair in left:
            left.remove(pair)
    return MatchedOperation(template.operation, labels, tuple(left), tuple(faults))


def _has(parameters: Parameters, fixed: Parameters) -> bool:
    return all(pair in parameters for pair in fixed)


def _order(
    service: Service, template: _Template, names: set[str], headers: Headers
) -> tuple[tuple[int, ...], int, int, int, bool]:
    """The smaller, the better a template fits: literal segments, fixed parameters, required members."""
    places = places_of(service, template.operation.input, "request")
    present = names | {name.lower() for name, _ in headers}
    required = places.required_queries | places.required_headers
    missing = len(required - present)
    return (
        template.rank,
        -len(template.fixed),
        missing,
        missing - len(required),
        template.operation.deprecated is not None,
    )


def _templates(service: Service) -> Mapping[str, tuple[_Template, ...]]:
    templates: dict[str, list[_Template]] = {}
    for operation in service.operations.values():
        templates.setdefault(operation.method, []).append(_template(operation))
    return {method: tuple(group) for method, group in templates.items()}


def _template(operation: Operation) -> _Template:
    path, _, query = operation.uri.partition("?")
    segments = path.split("/")
    return _Template(
        operation,
        re.compile("/".join(_segment_pattern(segment) for segment in segments)),
        tuple(match[1] for match in _LABEL.finditer(path)),
        _target(Request("GET", f"/?{query}")).parameters,
        # Compared from the left: a literal goes before a label, a label before a greedy one.
        # What ends sooner is behind what goes on: a greedy label takes whatever would follow it.
        (*(_segment_rank(segment) for segment in segments), _END_RANK),
    )


def _segment_pattern(segment: str) -> str:
    return "".join(_pieces(segment))


def _pieces(segment: str) -> Iterator[str]:
    last = 0
    for match in _LABEL.finditer(segment):
        yield re.escape(segment[last : match.start()])
        yield "(.+)" if match[2] else "([^/]+)"
        last = match.end()
    yield re.escape(segment[last:])


def _segment_rank(segment: str) -> int:
    match = _LABEL.search(segment)
    if match is None:
        return 0
    if match[2]:
        return 3
    return 2 if match[0] == segment else 1
