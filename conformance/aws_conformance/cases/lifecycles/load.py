# SPDX-License-Identifier: Apache-2.0
"""From a lifecycle's file to its values: names resolved, sources cited.

It owns the values that a file's parts become, and tells what is wrong in one line with its place. It refuses
to know targets, and whether the parts fit together (lint.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from ...errors import UsageError, did_you_mean
from ...spec.shapes import Service, StructureShape
from ..derivation import derived_step
from ..setup import SetupStep
from .file_schema import LifecycleText, parse
from .lint import check_coherence
from .model import (
    NOWHERE,
    Act,
    Action,
    Citation,
    Csv,
    DocumentLine,
    Effect,
    Lifecycle,
    Put,
    Race,
    ReadAction,
    RefusalRule,
    Setting,
    State,
    Transition,
    Variant,
    Waiting,
)
from .predicates import Is, OthersIn, Predicate
from .predicates import parse as parse_predicates

__all__ = ["read_lifecycle"]

_At = tuple[str | int, ...]


def _no_input(service: Service, operation: str) -> Any:
    return None


def read_lifecycle(
    text: str, source: str, load_service: Any, smallest: Callable[[Service, str], Any] = _no_input
) -> Lifecycle:
    """The lifecycle that a text is.

    `load_service` gives a service by its name, `smallest` the input of an operation of which a step of the
    setup has only the name. Raises UsageError, with the line, for the first mistake.
    """
    return _LifecycleReading(parse(text, source), load_service, smallest).lifecycle()


class _LifecycleReading:
    """One file on its way to a lifecycle."""

    def __init__(
        self, page: LifecycleText, load_service: Any, smallest: Callable[[Service, str], Any]
    ) -> None:
        self._page = page
        self._smallest = smallest
        self._raw: Mapping[str, Any] = page.raw
        try:
            self._service: Service = load_service(self._raw["service"])
        except UsageError as error:
            page.wrong(("service",), error.message, error.hint)
        self._states: tuple[str, ...] = tuple(self._raw["states"])
        self._facts: set[str] = set()

    def lifecycle(self) -> Lifecycle:
        raw = self._raw
        if NOWHERE in self._states:
            self._page.wrong(("states", NOWHERE), f"{NOWHERE} is what a resource is before it is created.")
        self._facts = set(self._all_facts())
        lifecycle = Lifecycle(
            name=raw["name"],
            service=raw["service"],
            resource=raw["resource"],
            title=raw["title"],
            subject=self._operation(("subject",), raw["subject"]),
            setup=tuple(self._step(name, item) for name, item in raw.get("setup", {}).items()),
            settings=tuple(self._setting(name, item or {}) for name, item in raw["settings"].items()),
            states={name: self._state(name, item or {}) for name, item in raw["states"].items()},
            actions={name: self._action(name, item) for name, item in raw["actions"].items()},
            readers={name: self._reader(name, item) for name, item in raw["readers"].items()},
            transitions=tuple(self._lines("transitions", self._transitions)),
            refusals=tuple(self._lines("refusals", self._refusals)),
            documents=tuple(self._lines("documents", self._document)),
            effects=tuple(self._effect(name, item) for name, item in raw.get("effects", {}).items()),
            races=tuple(self._race(name, item) for name, item in raw.get("races", {}).items()),
            facts=raw.get("facts", {}),
            others=raw.get("others", {}),
            tidy=tuple(self._known(("tidy",), raw.get("tidy", ()), raw["actions"], "action")),
            exclusive=raw.get("exclusive", ""),
            waiting=self._waiting(),
            source=self._page.source,
        )
        check_coherence(self._page, lifecycle, self._service, self._facts)
        return lifecycle

    def _waiting(self) -> Waiting:
        waiting = self._raw.get("wait", {})
        return Waiting(waiting.get("pause", 1.0), waiting.get("at-most", 300.0))

    def _lines(self, part: str, make: Any) -> Iterator[Any]:
        for index, item in enumerate(self._raw.get(part, ())):
            yield from make((part, index), item)

    # Parts of the file, one function each.

    def _step(self, name: str, item: Mapping[str, Any] | None) -> SetupStep:
        at = ("setup", name)
        if item is None:
            # By name: as whatever else needs that operation has it.
            operation = self._operation(at, name)
            step = derived_step(self._service, operation, partial(self._smallest, self._service))
            if step is None:
                self._page.wrong(at, f"no input can be made for {name}; write operation and input.")
            return step
        undo = item.get("undo")
        if undo is not None:
            self._operation((*at, "undo", "operation"), undo["operation"])
        return SetupStep(
            name=name,
            operation=self._operation((*at, "operation"), item["operation"]),
            input=self._input((*at, "input"), item["operation"], item["input"]),
            needs=tuple(self._known((*at, "needs"), item.get("needs", ()), self._raw["setup"], "step")),
            undo=SetupStep(f"undo {name}", undo["operation"], undo["input"]) if undo else None,
        )

    def _setting(self, name: str, item: Mapping[str, Any]) -> Setting:
        change = item.get("change", {})
        list(self._known(("settings", name, "change"), change, self._raw.get("setup", {}), "step"))
        return Setting(name, item.get("facts", {}), change)

    def _state(self, name: str, item: Mapping[str, Any]) -> State:
        return State(name, item.get("shown", {}), item.get("absent", ""))

    def _action(self, name: str, item: Mapping[str, Any]) -> Action:
        at = ("actions", name)
        put, operation = item.get("put"), item.get("operation", "")
        if (put is None) == (not operation):
            self._page.wrong(at, f"{name} needs an operation or a put, and not both.")
        if operation:
            self._operation((*at, "operation"), operation)
            self._input((*at, "input"), operation, item.get("input", {}))
        variants = tuple(
            self._variant((*at, "variants", key), key, value or {}, operation)
            for key, value in item.get("variants", {}).items()
        )
        if put is not None and not all(variant.csv for variant in variants or (Variant(),)):
            self._page.wrong(at, f"each variant of {name} needs a csv: it is what is put.")
        return Action(
            name=name,
            operation=operation,
            input=item.get("input", {}) if operation else None,
            put=Put(put["url"], put.get("headers", {}), put["columns"]) if put else None,
            shows=self._shows((*at, "shows"), operation, item["shows"]) if "shows" in item else None,
            variants=variants or (Variant(),),
            then=tuple(self._known((*at, "then"), item.get("then", ()), self._raw["actions"], "action")),
            answers=item.get("answers", {}),
        )

    def _variant(self, at: _At, name: str, item: Mapping[str, Any], operation: str) -> Variant:
        csv = item.get("csv")
        if "input" in item and operation:
            self._input((*at, "input"), operation, item["input"])
        return Variant(
            name=name,
            input=item.get("input", {}),
            csv=Csv(
                rows=tuple(csv.get("rows", ())),
                leave_out=tuple(csv.get("leave-out", ())),
                before=csv.get("before", ""),
                text=csv.get("text"),
                width=csv.get("width", 0),
                pad=tuple(csv.get("pad", ())),
            )
            if csv is not None
            else None,
            facts=item.get("facts", {}),
        )

    def _reader(self, name: str, item: Mapping[str, Any]) -> ReadAction:
        at = ("readers", name)
        operation = self._operation((*at, "operation"), item["operation"])
        if ("shows" in item) == ("lists" in item):
            self._page.wrong(at, f"{name} needs shows or lists, and not both.")
        if "lists" in item and "key" not in item:
            self._page.wrong(at, f"{name} lists resources, and needs a key to find one by.")
        side = "shows" if "shows" in item else "lists"
        path = self._shows((*at, side), operation, item[side])
        return ReadAction(
            name=name,
            operation=operation,
            input=self._input((*at, "input"), operation, item["input"]),
            shows=path if side == "shows" else None,
            lists=path if side == "lists" else None,
            key=tuple(item.get("key", ())),
            token=item.get("token", ""),
            next=item.get("next", ""),
        )

    def _transitions(self, at: _At, item: Mapping[str, Any]) -> Iterator[Transition]:
        by = item.get("by", "")
        if by:
            list(self._known((*at, "by"), [by], self._raw["actions"], "action"))
        elif "from" not in item:
            self._page.wrong(at, "a transition needs the action that it is by, or a state that it is from.")
        origins = self._in_states((*at, "from"), item["from"]) if "from" in item else (NOWHERE,)
        after = tuple(item["after"]) if "after" in item else None
        if after is not None and (by or after[0] > after[1]):
            self._page.wrong(
                (*at, "after"), "after is the least and the most time of what happens by itself."
            )
        for origin in origins:
            yield Transition(
                by,
                origin,
                self._in_states((*at, "to"), item["to"]),
                self._when(at, item),
                self._source(at, item),
                (after[0], after[1]) if after is not None else None,
                self._when(at, item, "try"),
            )

    def _refusals(self, at: _At, item: Mapping[str, Any]) -> Iterator[RefusalRule]:
        list(self._known((*at, "of"), [item["of"]], self._raw["actions"], "action"))
        if "with" in item and "title" not in item:
            self._page.wrong(at, "a refusal of other members needs a title: what is wrong with them?")
        yield RefusalRule(
            item["of"],
            self._in_states((*at, "in"), item["in"]),
            self._when(at, item),
            self._source(at, item),
            item.get("code", ""),
            item.get("with", {}),
            item.get("title", ""),
        )

    def _document(self, at: _At, item: Mapping[str, Any]) -> Iterator[DocumentLine]:
        if ("sum" in item) != ("is" in item or "at-most" in item):
            self._page.wrong(at, "a sum goes with what it is, or is at most.")
        if "is" in item and "at-most" in item:
            self._page.wrong((*at, "at-most"), "a sum is something, or at most something.")
        at_most = "at-most" in item
        shows = (*self._raw["readers"], *self._raw["actions"])
        yield DocumentLine(
            source=self._source(at, item),
            states=frozenset(self._in_states((*at, "in"), item["in"]) if "in" in item else ()),
            when=self._when(at, item),
            shown_by=tuple(self._known((*at, "shown-by"), item.get("shown-by", ()), shows, "reader")),
            has=tuple(item.get("has", ())),
            lacks=tuple(item.get("lacks", ())),
            values=item.get("values", {}),
            counts=item.get("counts", {}),
            sums=tuple(item.get("sum", ())),
            totals=(item["at-most"],) if at_most else tuple(item.get("is", ())),
            at_most=at_most,
            constant=tuple(item.get("constant", ())),
            same=tuple(item.get("same", ())),
            requested=item.get("given", {}),
        )

    def _effect(self, name: str, item: Mapping[str, Any]) -> Effect:
        at = ("effects", name)
        operation = self._operation((*at, "operation"), item["operation"])
        if "each" in item and item["each"] not in self._facts:
            self._page.wrong((*at, "each"), f"no resource has the fact {item['each']!r}.")
        return Effect(
            name=name,
            states=frozenset(self._in_states((*at, "in"), item["in"])),
            when=self._when(at, item),
            operation=operation,
            input=self._input((*at, "input"), operation, item["input"]),
            source=self._source(at, item),
            each=item.get("each", ""),
            shows=item.get("shows", {}),
            refused=item.get("refused", ""),
        )

    def _race(self, name: str, item: Mapping[str, Any]) -> Race:
        at = ("races", name)
        for index, act in enumerate(item["acts"]):
            list(self._known((*at, "acts", index), [act["act"]], self._raw["actions"], "action"))
            if "operation" not in self._raw["actions"][act["act"]]:
                self._page.wrong((*at, "acts", index), f"{act['act']} is an upload, which can't be raced.")
        acts = tuple(Act(act["act"], act.get("times", 1)) for act in item["acts"])
        state = self._in_states((*at, "in"), item["in"])[0]
        return Race(name, state, self._when(at, item), acts, self._source(at, item))

    # What several parts share.

    def _when(self, at: _At, item: Mapping[str, Any], word: str = "when") -> tuple[Predicate, ...]:
        predicates: list[Predicate] = []
        for index, entry in enumerate(item.get(word, ())):
            for predicate in parse_predicates(entry):
                match predicate:
                    case Is(fact=fact) if fact not in self._facts:
                        hint = (
                            did_you_mean(fact, self._facts) or f"There is {', '.join(sorted(self._facts))}."
                        )
                        self._page.wrong((*at, word, index), f"no resource has the fact {fact!r}.", hint)
                    case OthersIn(states=states):
                        self._in_states((*at, word, index), sorted(states))
                predicates.append(predicate)
        return tuple(predicates)

    def _source(self, at: _At, item: Mapping[str, Any]) -> Citation:
        words = [word for word in ("doc", "observed", "unknown") if word in item]
        if len(words) != 1:
            self._page.wrong(at, "each line says who says so: one of doc, observed and unknown.")
        word, text = words[0], item[words[0]]
        if word == "unknown":
            return Citation(text, "DOC", known=False)
        sources = self._raw.get("sources", {})
        name, _, where = text.partition(":")
        if name not in sources:
            hint = did_you_mean(name, sources) or f"There is {', '.join(sources) or 'none'}."
            self._page.wrong((*at, word), f"{name!r} is no source of this file.", hint)
        cited = f"{sources[name]}{f':{where}' if where else ''}"
        return Citation(cited, "DOC" if word == "doc" else "OBSERVED")

    def _in_states(self, at: _At, raw: Any) -> tuple[str, ...]:
        names = [raw] if isinstance(raw, str) else list(raw)
        return tuple(self._known(at, names, self._states, "state"))

    def _known(self, at: _At, names: Iterable[str], known: Iterable[str], what: str) -> Iterator[str]:
        for name in names:
            if name not in known:
                hint = did_you_mean(name, known) or f"There is {', '.join(known) or 'none'}."
                self._page.wrong(at, f"there is no {what} {name!r}.", hint)
            yield name

    def _operation(self, at: _At, name: str) -> str:
        if name not in self._service.operations:
            hint = did_you_mean(name, self._service.operations)
            self._page.wrong(at, f"{self._service.name} has no operation {name!r}.", hint)
        return name

    def _input(self, at: _At, operation: str, members: Mapping[str, Any]) -> Mapping[str, Any]:
        shape = self._service.structure(self._service.operations[operation].input)
        for name in members:
            if name not in shape.members:
                hint = did_you_mean(name, shape.members)
                self._page.wrong((*at, name), f"the input of {operation} has no member {name!r}.", hint)
        return members

    def _shows(self, at: _At, operation: str, path: str) -> tuple[str, ...]:
        """A dotted path into the output; the empty one is the output itself."""
        steps = tuple(path.split(".")) if path else ()
        if not operation:
            self._page.wrong(at, "an upload shows nothing.")
        name = self._service.operations[operation].output
        for step in steps:
            shape = self._service.shapes.get(name) if name else None
            if not isinstance(shape, StructureShape) or step not in shape.members:
                known = shape.members if isinstance(shape, StructureShape) else ()
                self._page.wrong(
                    at, f"the output of {operation} has no member {step!r}.", did_you_mean(step, known)
                )
            name = shape.members[step].target
        return steps

    def _all_facts(self) -> Iterator[str]:
        yield from self._raw.get("facts", {})
        for item in self._raw["settings"].values():
            yield from (item or {}).get("facts", {})
        for action in self._raw["actions"].values():
            for variant in action.get("variants", {}).values():
                yield from (variant or {}).get("facts", {})
