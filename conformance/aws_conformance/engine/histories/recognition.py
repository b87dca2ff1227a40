# SPDX-License-Identifier: Apache-2.0
"""Requests of others held against a lifecycle's templates: which resource each is about, and how far it fits.

It owns that recognition. It refuses to know what is believed of a resource, and what an answer shows.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...cases.lifecycles.model import Action, ReadAction
from ...cases.lifecycles.predicates import UNKNOWN
from ...cases.symbols import is_symbol

__all__ = ["Fit", "fit_of", "fitted", "identity_of", "key_of", "row_facts", "rows_of", "texts_of"]


@dataclass(frozen=True, slots=True)
class Fit:
    """How a request fits a template: by which identifiers, on what, and whether in every member."""

    own: Mapping[str, Any]
    scope: Mapping[str, Any]
    exact: bool


def key_of(readers: tuple[ReadAction, ...]) -> tuple[str, ...]:
    """The members that tell a resource from others of its kind."""
    keys = [reader.key for reader in readers if reader.key]
    if keys:
        return keys[0]
    alone = next((reader for reader in readers if reader.shows is not None), None)
    return tuple(sorted(_own_names(alone.input))) if alone is not None else ()


def identity_of(key: tuple[str, ...], document: Any) -> dict[str, Any] | None:
    """The members that tell a resource from others; None where the document does not have them all.

    What recorders put in the place of a secret is nobody's.
    """
    if not key or not isinstance(document, Mapping):
        return None
    identity = {name: document.get(name) for name in key}
    return (
        identity
        if all(isinstance(value, str) and not _is_masked(value) for value in identity.values())
        else None
    )


def _is_masked(value: str) -> bool:
    lowered = value.lower()
    return not value.strip("*xX-") or any(
        word in lowered for word in ("redacted", "filtered", "masked", "hidden_due", "***")
    )


def texts_of(value: Any) -> Iterator[str]:
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, Mapping):
            left += item.values()
        elif isinstance(item, list | tuple):
            left += item


def _own_names(template: Any) -> set[str]:
    if is_symbol(template):
        return {str(name) for word, name in template.items() if word == "$own"}
    if isinstance(template, Mapping):
        return {name for item in template.values() for name in _own_names(item)}
    return set()


def fitted(action: Action, sent: Mapping[str, Any]) -> Fit:
    """How a request fits an action, in the variant that it fits best."""
    fits = [fit_of({**action.input, **variant.input}, sent) for variant in action.variants]
    return next((fit for fit in fits if fit.exact), fits[0])


def fit_of(template: Any, sent: Mapping[str, Any]) -> Fit:
    own: dict[str, Any] = {}
    scope: dict[str, Any] = {}
    exact = _fits(template if isinstance(template, Mapping) else {}, sent, own, scope)
    return Fit(own, scope, exact)


def _fits(template: Any, value: Any, own: dict[str, Any], scope: dict[str, Any]) -> bool:
    """Whether a value is as a template has it; what stands for its symbols is put into `own` and `scope`."""
    if is_symbol(template):
        ((word, name),) = template.items()
        if value is not None and word in ("$own", "$from"):
            (own if word == "$own" else scope)[str(name)] = value
        return value is not None
    if isinstance(template, Mapping):
        if not isinstance(value, Mapping):
            return False
        # All are looked at, because identifiers may stand in any of them.
        fitting = [_fits(item, value.get(name), own, scope) for name, item in template.items()]
        return all(fitting) and set(value) <= set(template)
    if isinstance(template, list):
        if not isinstance(value, list) or len(value) != len(template):
            return False
        pairs = zip(template, value, strict=True)
        fitting = [_fits(item, element, own, scope) for item, element in pairs]
        return all(fitting)
    return bool(template == value)


def row_facts(action: Action) -> tuple[str, ...]:
    """The facts that hold how many rows an uploaded file has: those that do in every variant."""
    files = [variant for variant in action.variants if variant.csv is not None and variant.csv.rows]
    counts = {len(variant.csv.rows) for variant in files if variant.csv is not None}
    if len(counts) < 2:
        return ()
    names = set.intersection(*(set(variant.facts) for variant in files))
    return tuple(
        name
        for name in sorted(names)
        if all(variant.csv is not None and variant.facts[name] == len(variant.csv.rows) for variant in files)
    )


def rows_of(body: bytes) -> Any:
    """How many rows a file of comma-separated values has below its header; UNKNOWN where that is doubtful."""
    try:
        rows = list(csv.reader(io.StringIO(body.decode("utf-8"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error):
        return UNKNOWN
    if not rows or not all(rows):
        return UNKNOWN
    return len(rows) - 1
