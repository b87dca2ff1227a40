# SPDX-License-Identifier: Apache-2.0
"""Which operation produces what another one needs: recipes, and the order in which to follow them.

It owns the reading of data/recipes.yaml; a service without one gets what its model tells (derivation.py). It
refuses to know how a step is sent (engine/) and what its answer is worth.
"""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import yaml

from ..results.terms import Provenance
from ..spec.shapes import Operation
from .contract import Contract
from .derivation import derived_chain
from .expectations import Earns
from .setup import SetupStep, Upload

__all__ = ["Prerequisites", "Probe", "modelled_prerequisites", "prerequisites_for", "salt_of"]


@dataclass(frozen=True, slots=True)
class Probe:
    """A request with an expectation of its own, mostly that it provokes a documented error.

    `input` overrides members, `without` leaves steps out, `principal` "other" signs as another account,
    `twice` sends the request again after it was accepted. `codes` are what may answer.
    """

    title: str
    codes: tuple[str, ...]
    evidence: str
    provenance: Provenance
    earns: Earns = "refused"
    input: Mapping[str, Any] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    principal: str = ""
    twice: bool = False


@dataclass(frozen=True, slots=True)
class Prerequisites:
    """What an operation needs: steps in order, and which members of its input they fill.

    `bind` maps top-level members to symbols; `fresh` are steps that an accepted request uses up; `own` is
    the operation itself as a step, if what it makes can be undone. `salt` tells its names from those of other
    operations, where what was made may outlive its undoing. `fallback` has a
    well-formed value, by the source of a symbol, for where the step that should make it does not succeed.
    `base` is an input that is known to be accepted, or hinted at: what a case is not about is taken from it.
    """

    steps: tuple[SetupStep, ...] = ()
    bind: Mapping[str, Any] = field(default_factory=dict)
    fresh: frozenset[str] = frozenset()
    after: tuple[SetupStep, ...] = ()
    omit: tuple[str, ...] = ()
    exclusive: str = ""
    probes: tuple[Probe, ...] = ()
    others: Mapping[str, str] = field(default_factory=dict)
    own: SetupStep | None = None
    salt: str = ""
    fallback: Mapping[str, Any] = field(default_factory=dict)
    base: Mapping[str, Any] = field(default_factory=dict)


@functools.cache
def _raw() -> Mapping[str, Any]:
    text = resources.files("aws_conformance").joinpath("data/recipes.yaml").read_text("utf-8")
    raw: Mapping[str, Any] = yaml.safe_load(text)
    return raw


def prerequisites_for(contract: Contract, operation: Operation) -> Prerequisites:
    """The recipe of an operation: what was learned of a target, else what models and recipes tell."""
    learned = contract.learned.get(operation.name)
    return learned if isinstance(learned, Prerequisites) else modelled_prerequisites(contract, operation)


def modelled_prerequisites(contract: Contract, operation: Operation) -> Prerequisites:
    """The recipe of an operation, whatever the target: its links and what is said of it."""
    service = contract.service
    if service.name not in _raw():
        return _derived(contract, operation)
    raw = _raw().get(service.name, {})
    own = raw.get("operations", {}).get(operation.name, {})
    members = service.structure(operation.input).members
    names = own.get("names", ())
    produced = _produced_here(raw, operation.name)
    bind: dict[str, Any] = {
        member: {"$from": source}
        for member, source in raw.get("links", {}).items()
        if member in members and member not in names and not source.startswith(produced)
    }
    bind |= {member: {"$name": member.lower()} for member in names if member in members}
    sources = [str(symbol["$from"]).partition(".")[0] for symbol in bind.values() if "$from" in symbol]
    steps = _ordered(raw, [*sources, *own.get("steps", ())])
    return Prerequisites(
        steps=tuple(
            step for step in steps if step.name != operation.name or step.name in own.get("fresh", ())
        ),
        bind=bind,
        fresh=with_dependents(steps, own.get("fresh", ())),
        after=tuple(_undo_of(raw, name) for name in own.get("after", ())),
        omit=tuple(own.get("omit", ())),
        exclusive=own.get("exclusive", ""),
        probes=tuple(_probe(item) for item in own.get("probes", ())),
        others=raw.get("others", {}),
        own=_own_step(raw, operation.name),
    )


def _derived(contract: Contract, operation: Operation) -> Prerequisites:
    chain = derived_chain(contract.service, operation, contract.minimal)
    return Prerequisites(
        steps=chain.steps,
        bind=chain.bind,
        fresh=chain.fresh,
        own=chain.own,
        salt=salt_of(operation),
        fallback=chain.fallback,
        omit=chain.omit,
    )


def salt_of(operation: Operation) -> str:
    """What tells the names of an operation's state from those of other operations."""
    return hashlib.sha256(operation.name.encode()).hexdigest()[:4]


def _produced_here(raw: Mapping[str, Any], operation: str) -> str:
    """What the operation itself produces can't be bound in its own input (a creator's name)."""
    return f"{operation}." if operation in raw.get("steps", {}) else "\0"


def _own_step(raw: Mapping[str, Any], name: str) -> SetupStep | None:
    known = raw.get("steps", {}).get(name, {})
    return _step(raw, name) if "undo" in known else None


def _ordered(raw: Mapping[str, Any], names: Iterable[str]) -> tuple[SetupStep, ...]:
    """The wanted steps and all that they need, each once, what is needed first."""
    steps: dict[str, SetupStep] = {}

    def add(name: str) -> None:
        if name in steps:
            return
        step = _step(raw, name)
        for needed in step.needs:
            add(needed)
        steps[name] = step

    for name in names:
        add(name)
    return tuple(steps.values())


def _step(raw: Mapping[str, Any], name: str) -> SetupStep:
    item = raw["steps"][name]
    upload = item.get("upload")
    undo = item.get("undo")
    return SetupStep(
        name=name,
        operation=item.get("operation", ""),
        input=item.get("input"),
        upload=Upload(upload["url"], upload["headers"], upload["columns"], tuple(upload["rows"]))
        if upload
        else None,
        needs=tuple(item.get("needs", ())),
        undo=SetupStep(f"undo {name}", undo["operation"], undo["input"]) if undo else None,
    )


def _undo_of(raw: Mapping[str, Any], name: str) -> SetupStep:
    undo = _step(raw, name).undo
    if undo is None:
        raise KeyError(f"recipes.yaml: {name} has no undo")
    return undo


def with_dependents(steps: tuple[SetupStep, ...], fresh: Iterable[str]) -> frozenset[str]:
    """The fresh steps, and those that stand on them."""
    closure = set(fresh)
    for step in steps:
        if closure.intersection(step.needs):
            closure.add(step.name)
    return frozenset(closure)


def _probe(item: Mapping[str, Any]) -> Probe:
    return Probe(
        title=item["title"],
        codes=tuple(item["codes"]),
        evidence=item["evidence"],
        provenance=item["provenance"],
        earns=item.get("earns", "refused"),
        input=item.get("input", {}),
        without=tuple(item.get("without", ())),
        principal=item.get("principal", ""),
        twice=bool(item.get("twice")),
    )
