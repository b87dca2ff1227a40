# SPDX-License-Identifier: Apache-2.0
"""Whether the parts of a lifecycle fit together: symbols lead somewhere, members exist, nothing lacks a line.

It owns what only the whole of a file can be held to, and tells it in one line with its place. It refuses to
know how a file is read (file_schema.py, load.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...errors import did_you_mean
from ...spec.shapes import ListShape, Service, StructureShape
from ..symbols import SYMBOLS
from .file_schema import LifecycleText
from .model import NOWHERE, Lifecycle

__all__ = ["check_coherence"]

_At = tuple[str | int, ...]
_ABOUT_MEMBERS = ("has", "lacks", "values", "counts", "sum", "constant", "same", "given")


def check_coherence(
    page: LifecycleText, lifecycle: Lifecycle, service: Service, facts: Iterable[str]
) -> None:
    """Raises UsageError, with the line, for the first thing that does not fit."""
    _Coherence(page, lifecycle, service, frozenset(facts)).check()


class _Coherence:
    def __init__(
        self, page: LifecycleText, lifecycle: Lifecycle, service: Service, facts: frozenset[str]
    ) -> None:
        self._page = page
        self._lifecycle = lifecycle
        self._service = service
        self._facts = facts

    def check(self) -> None:
        self._symbols()
        self._setup()
        self._shown_members()
        self._lists()
        self._refused_members()
        self._races()
        self._complete()

    def _symbols(self) -> None:
        """Every symbol is one that there is, and leads somewhere."""
        steps = {step.name: step for step in self._lifecycle.setup}
        for part in ("setup", "settings", "actions", "readers", "refusals", "documents", "effects"):
            for at, word, name in _symbols_in(self._page.raw.get(part, {}), (part,)):
                if word not in SYMBOLS:
                    self._page.wrong(at, f"there is no symbol {word}.", _among(word, sorted(SYMBOLS)))
                if word in ("$each", "$any"):
                    continue
                if not isinstance(name, str):
                    self._page.wrong(at, f"{word} takes a text.")
                match word:
                    case "$from":
                        step, _, path = name.partition(".")
                        if step not in steps:
                            self._page.wrong(at, f"no step of the setup gives {name!r}.", _among(step, steps))
                        self._leads(at, steps[step].operation, path)
                    case "$other" if name not in self._lifecycle.others:
                        hint = _among(name, self._lifecycle.others)
                        self._page.wrong(at, f"no identifier {name!r} is among the others.", hint)
                    case "$fact" if name not in self._facts:
                        hint = _among(name, sorted(self._facts))
                        self._page.wrong(at, f"no resource has the fact {name!r}.", hint)

    def _leads(self, at: _At, operation: str, path: str) -> None:
        shape = self._service.operations[operation].output
        for step in path.split(".") if path else ():
            members = self._members(shape)
            if step not in members:
                what = f"the output of {operation} has no member {step!r}."
                self._page.wrong(at, what, did_you_mean(step, members))
            shape = members[step].target

    def _setup(self) -> None:
        """Steps need earlier ones, and undo and change members that there are."""
        earlier: list[str] = []
        for step in self._lifecycle.setup:
            for need in step.needs:
                if need not in earlier:
                    self._page.wrong(("setup", step.name, "needs"), f"{need} is no step before {step.name}.")
            earlier.append(step.name)
            if step.undo is not None:
                self._check_input(("setup", step.name, "undo", "input"), step.undo.operation, step.undo.input)
        by_name = {step.name: step for step in self._lifecycle.setup}
        for setting in self._lifecycle.settings:
            for name, change in setting.change.items():
                at = ("settings", setting.name, "change", name)
                self._check_input(at, by_name[name].operation, change)

    def _shown_members(self) -> None:
        """What lines say of documents is about members that some answer has."""
        known = {name for shape in self._documents() for name in self._members(shape)}
        for index, item in enumerate(self._page.raw.get("documents", ())):
            for key in _ABOUT_MEMBERS:
                for name in item.get(key, ()):
                    if name not in known:
                        hint = did_you_mean(name, known)
                        what = f"no answer shows a {self._lifecycle.resource} with a member {name!r}."
                        self._page.wrong(("documents", index, key), what, hint)
            creators = {line.by for line in self._lifecycle.transitions if line.origin == NOWHERE}
            for name in creators if "given" in item else ():
                at = ("documents", index, "given")
                asked = dict.fromkeys(item["given"].values())
                self._check_input(at, self._lifecycle.actions[name].operation, asked)

    def _documents(self) -> Iterator[str | None]:
        """The shapes of all documents of the resource."""
        life = self._lifecycle
        for action in life.actions.values():
            if action.shows is not None:
                yield self._at_path(action.operation, action.shows)
        for reader in life.readers.values():
            shape = self._at_path(reader.operation, reader.shows or reader.lists or ())
            yield self._element(shape) if reader.lists is not None else shape

    def _lists(self) -> None:
        """A list has elements with its key, and pages with their token."""
        for reader in self._lifecycle.readers.values():
            at = ("readers", reader.name)
            if reader.lists is not None:
                element = self._element(self._at_path(reader.operation, reader.lists))
                members = self._members(element)
                for name in reader.key:
                    if name not in members:
                        what = f"what {reader.operation} lists has no member {name!r}."
                        self._page.wrong((*at, "key"), what, did_you_mean(name, members))
            if reader.token:
                self._check_input((*at, "token"), reader.operation, {reader.token: ""})
            if reader.next:
                self._leads((*at, "next"), reader.operation, reader.next)

    def _refused_members(self) -> None:
        for index, line in enumerate(self._lifecycle.refusals):
            operation = self._lifecycle.actions[line.of].operation
            if line.replace and not operation:
                self._page.wrong(("refusals", index, "with"), f"{line.of} is an upload, and has no members.")
            if line.replace:
                self._check_input(("refusals", index, "with"), operation, line.replace)

    def _races(self) -> None:
        creators = {line.by for line in self._lifecycle.transitions if line.origin == NOWHERE}
        for race in self._lifecycle.races:
            for act in race.acts:
                if act.action in creators:
                    what = f"{act.action} makes a resource, and races are about one."
                    self._page.wrong(("races", race.name, "acts"), what)

    def _complete(self) -> None:
        """In every state, every action is either a transition or a refusal; and a resource can be made."""
        lifecycle = self._lifecycle
        if not any(line.origin == NOWHERE for line in lifecycle.transitions):
            self._page.wrong(("transitions",), "no action creates the resource: one needs no from.")
        creators = {line.by for line in lifecycle.transitions if line.origin == NOWHERE}
        legal = {(line.by, line.origin) for line in lifecycle.transitions if line.by}
        refused = {
            (line.of, state) for line in lifecycle.refusals if not line.replace for state in line.states
        }
        for action in lifecycle.actions:
            for state in lifecycle.states:
                if action not in creators and not {(action, state)} & (legal | refused):
                    self._page.wrong(
                        ("actions", action),
                        f"{action} in {state} is neither a transition nor a refusal.",
                        "Add a line; `unknown` is an answer too.",
                    )

    def _check_input(self, at: _At, operation: str, members: Mapping[str, Any]) -> None:
        known = self._members(self._service.operations[operation].input)
        for name in members:
            if name not in known:
                what = f"the input of {operation} has no member {name!r}."
                self._page.wrong((*at, name), what, did_you_mean(name, known))

    def _at_path(self, operation: str, path: tuple[str, ...]) -> str | None:
        shape = self._service.operations[operation].output
        for step in path:
            shape = self._members(shape)[step].target
        return shape

    def _element(self, name: str | None) -> str | None:
        shape = self._service.shapes.get(name) if name else None
        return shape.member.target if isinstance(shape, ListShape) else None

    def _members(self, name: str | None) -> Mapping[str, Any]:
        shape = self._service.shapes.get(name) if name else None
        return shape.members if isinstance(shape, StructureShape) else {}


def _among(word: str, known: Iterable[str]) -> str:
    names = list(known)
    return did_you_mean(word, names) or f"There is {', '.join(names) or 'none'}."


def _symbols_in(raw: Any, at: _At) -> Iterator[tuple[_At, str, Any]]:
    """All symbols in a part of the file: place, word and name of each."""
    if isinstance(raw, Mapping):
        if len(raw) == 1 and str(next(iter(raw))).startswith("$"):
            (word, name), *_ = raw.items()
            yield at, word, name
            return
        for key, item in raw.items():
            yield from _symbols_in(item, (*at, str(key)))
    elif isinstance(raw, list):
        for index, item in enumerate(raw):
            yield from _symbols_in(item, (*at, index))
