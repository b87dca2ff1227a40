# SPDX-License-Identifier: Apache-2.0
"""What a case should earn: the data table of broken constraints, and expectations as values.

It owns the reading of data/expectations.yaml and refuses to know how answers are judged (checks/).
"""

from __future__ import annotations

import fnmatch
import functools
from dataclasses import dataclass
from importlib import resources
from typing import Any, Literal, TypeAlias

import yaml

from ..errors import UsageError, did_you_mean
from ..results.terms import Provenance

__all__ = [
    "Earns",
    "Expectation",
    "Row",
    "add_row",
    "expectation_of",
    "expectation_table",
    "signature_expectations",
]

# accepted: success unless state forbids; answered: any documented answer; the rest as in the table.
Earns: TypeAlias = Literal["accepted", "answered", "refused", "tolerated", "unknown"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a case should earn, and why.

    `codes` are the error codes on record for it (empty: any documented refusal will do); `envelope` is
    False where AWS answers outside of the protocol's error envelope (a wrong content type).
    `injected` marks a case that asks the target for the error by name. `pointer` and `keyword` name what
    is broken in the request, if anything is; `protocol_level` that it is below the document, so that
    every operation has the same cause; `accepted_before` that the same request met the same state before
    and was accepted. `forgery` names what is wrong with the request's signature, and
    `status` is what its refusal was recorded with (0: not on record). `state` names the action and the state
    that it meets, where a lifecycle has a word on it. `nonexistent` tells that it names what nobody has.
    `recorded` are the codes on record for breaking this kind of constraint in this service.
    """

    earns: Earns
    evidence: str = ""
    provenance: Provenance = "MODEL"
    codes: tuple[str, ...] = ()
    envelope: bool = True
    injected: bool = False
    pointer: str = ""
    keyword: str = ""
    protocol_level: bool = False
    accepted_before: bool = False
    forgery: str = ""
    status: int = 0
    state: str = ""
    nonexistent: bool = False
    recorded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; `keyword`, `value` and `place` are globs.

    `codes` and `status` are what refusals were recorded with; they are given for signatures only. `services`
    are those that were recorded (none: what was seen is taken for a habit of the protocol). `answers` tells
    by which code the refusal comes: the protocol's for what can't be read, or the service's for constraints.
    """

    earns: Earns
    provenance: Provenance
    evidence: str
    keyword: str = "*"
    value: str = "*"
    place: str = "*"
    codes: tuple[str, ...] = ()
    status: int = 0
    services: tuple[str, ...] = ()
    answers: Literal["", "serialization", "validation"] = ""


@functools.cache
def _validation_codes() -> dict[str, str]:
    """The code by which each service, as far as that is on record, refuses what breaks a constraint."""
    text = resources.files("aws_conformance").joinpath("data/validation.yaml").read_text("utf-8")
    return {service: row["code"] for service, row in yaml.safe_load(text).items()}


@functools.cache
def expectation_table() -> dict[str, tuple[Row, ...]]:
    """The rows by protocol, in order."""
    text = resources.files("aws_conformance").joinpath("data/expectations.yaml").read_text("utf-8")
    raw: dict[str, list[dict[str, Any]]] = yaml.safe_load(text)
    return {
        protocol: tuple(
            Row(**row | {key: tuple(row.get(key, ())) for key in ("codes", "services")}) for row in rows
        )
        for protocol, rows in raw.items()
    }


def add_row(protocol: str, row: Row) -> None:
    """Put a row in front of a protocol's, so that it decides. Raises UsageError for an unknown protocol."""
    table = expectation_table()
    if protocol not in table:
        hint = did_you_mean(protocol, table) or f"There is {', '.join(table)}."
        raise UsageError(f"There is no table of expectations for {protocol!r}.", hint)
    _added.setdefault(protocol, []).insert(0, row)
    expectation_of.cache_clear()


_added: dict[str, list[Row]] = {}


@functools.cache
def signature_expectations(protocol: str) -> tuple[Expectation, ...]:
    """What each forged signature should earn; none for a protocol whose refusals are not on record."""
    return tuple(
        Expectation(
            row.earns,
            row.evidence,
            row.provenance,
            row.codes,
            keyword=row.value,
            protocol_level=True,
            forgery=row.value,
            status=row.status,
        )
        for row in expectation_table().get(protocol, ())
        if row.keyword == "signature"
    )


def _recorded(row: Row, service: str) -> tuple[str, ...]:
    if row.answers == "serialization":
        return ("SerializationException",)
    code = _validation_codes().get(service) if row.answers == "validation" else None
    return (code,) if code else ()


@functools.lru_cache(maxsize=4096)
def expectation_of(
    protocol: str, keyword: str, value_class: str, place: str, service: str = ""
) -> Expectation:
    """What breaking that keyword with that kind of value at that kind of place of a service should earn.

    A protocol without a table knows nothing: then nothing is judged above a warning.
    """
    for row in (*_added.get(protocol, ()), *expectation_table().get(protocol, ())):
        fits = (
            fnmatch.fnmatchcase(keyword, row.keyword)
            and fnmatch.fnmatchcase(value_class, row.value)
            and fnmatch.fnmatchcase(place, row.place)
            and (not row.services or service in row.services)
        )
        if fits:
            envelope = keyword != "content-type"
            recorded = _recorded(row, service)
            return Expectation(row.earns, row.evidence, row.provenance, envelope=envelope, recorded=recorded)
    return Expectation("unknown", "No table of expectations for this protocol yet.")
