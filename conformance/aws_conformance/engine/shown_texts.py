# SPDX-License-Identifier: Apache-2.0
"""Every text that the steps of a chain have shown or were sent, and which of them may stand where.

It owns the texts with where each comes from, and what undoes a step by them. It refuses to know how steps
are carried out, and to choose which are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ..cases.contract import Contract, OperationContract
from ..cases.drafts import NOTHING, InputPlace, InputVariant, accepts, draft
from ..cases.links import fit, links_of, noun_at
from ..cases.name_reading import is_own_name, read_name
from ..cases.setup import SetupStep
from ..cases.symbols import symbols, value_at
from ..spec.shapes import ListShape, MapShape, Service, StringShape, StructureShape

__all__ = ["ShownTexts", "needs_of", "texts_in", "value_of"]

_ELEMENTS = 3
# A source of a member of an input itself has so many dots: `Step.$in.Member`.
_TOP = 2
_DEPTH = 6
# A text that long, with a digit in it, is no other's by chance.
_TELLING = 8


@dataclass(frozen=True, slots=True)
class KnownText:
    """A text that a step has shown or was sent: its symbol, member, shape, and what its step is about."""

    source: str
    name: str
    shape: str
    noun: str
    text: str
    step: int
    sent: bool
    verb: str


class ShownTexts:
    """The texts of steps that were carried out one after the other, each known by its name."""

    def __init__(self) -> None:
        self._steps: list[SetupStep] = []
        self._texts: list[KnownText] = []
        self._answered: dict[tuple[str, str], str] = {}

    def add(self, contract: Contract, step: SetupStep, document: Any, sent: Any) -> None:
        """A step was sent a document, and answered with one."""
        operation = contract.operation(step.operation.rpartition(":")[2])
        self._steps.append(step)
        number = len(self._steps)
        root = contract.service.structure(operation.output)
        for member in root.members.values():
            text = value_at(document, (member.name,))
            if isinstance(text, str) and text:
                self._answered[member.name, member.target] = text
        reading = read_name(operation.name)
        for path, name, shape, text in texts_in(contract.service, operation.output, document):
            source = ".".join((step.name, *path))
            noun = noun_at(_holder(path), reading.noun)
            self._texts.append(KnownText(source, name, shape, noun, text, number, False, reading.verb))
        for path, name, shape, text in texts_in(contract.service, operation.input, sent):
            origin = value_at(step.input, path)
            if isinstance(origin, dict) and "$from" in origin:
                # What was taken from elsewhere belongs to where it came from.
                continue
            source = ".".join((step.name, "$in", *path))
            noun = noun_at(_holder(path), reading.noun)
            self._texts.append(KnownText(source, name, shape, noun, text, number, True, reading.verb))

    def answered(self, name: str, shape: str) -> str | None:
        """What the last answer gave that had a text of that name and shape at its root; None where none."""
        return self._answered.get((name, shape))

    def candidates(
        self, contract: Contract, place: InputPlace, operation: str, *, fitting: bool = False
    ) -> list[dict[str, str]]:
        """Symbols of known texts that may stand at a place, the likeliest first.

        Only those of a form that the model allows, if they have to be `fitting`.
        """
        need = place.need(operation)
        common = links_of(contract.service).common
        ranked: list[tuple[tuple[int, ...], KnownText]] = []
        for text in self._texts:
            rank = fit(text.name, text.shape, text.noun, need, common)
            if rank is None or (text.sent and not self._may_echo(text, need.nouns, rank)):
                continue
            unfit = 0 if accepts(place.node, text.text) else 3
            if fitting and unfit:
                continue
            order = (rank + unfit, text.verb == "read", text.sent, -text.step)
            ranked.append((tuple(map(int, order)), text))
        ranked.sort(key=lambda pair: pair[0])
        seen: dict[str, KnownText] = {}
        for _, known in ranked:
            seen.setdefault(known.text, known)
        return [{"$from": text.source} for text in seen.values()]

    def first_source(self, source: str) -> str:
        """The earliest source of the text that a source gives; the same where none was before.

        Short texts and mere words may be equal by chance, and need not be so again.
        """
        known = next((text for text in self._texts if text.source == source), None)
        if known is None or len(known.text) < _TELLING or not any(map(str.isdecimal, known.text)):
            return source
        same = [text for text in self._texts if text.text == known.text]
        return min(same, key=lambda text: (text.step, text.sent)).source

    def _may_echo(self, text: KnownText, nouns: Iterable[str], rank: int) -> bool:
        """Whether a text that was sent names what its step is about, rather than being any text."""
        step = self._steps[text.step - 1]
        if is_own_name(text.name, step.operation):
            return True
        # Deeper inside there may be anything of that name.
        return text.source.count(".") == _TOP and (rank <= 2 or text.noun in nouns)

    def undo(self, contract: Contract, step: SetupStep) -> SetupStep | None:
        """The operation that takes away what a step made, with what the texts know of it."""
        service, _, own = step.operation.rpartition(":")
        for name in links_of(contract.service).undoers(own):
            template = self._bound_only(contract.of(contract.operation(name)))
            if template is not None and step.name in needs_of(template):
                return SetupStep(f"undo {step.name}", f"{service}:{name}" if service else name, template)
        return None

    def _bound_only(self, contract: OperationContract) -> Any:
        """An operation's input of nothing but what the texts know; None where they do not know all."""
        unbound: list[str] = []

        def choose(place: InputPlace) -> Any:
            symbols = self.candidates(contract.service_contract, place, contract.name)
            if not symbols:
                unbound.append(place.name)
            return symbols[0] if symbols else NOTHING

        template = draft(contract, InputVariant(), choose)
        return template if isinstance(template, dict) and not unbound else None


def needs_of(template: Any) -> set[str]:
    """The names of the steps that a template takes values from."""
    return {symbol["$from"].partition(".")[0] for symbol in symbols(template) if "$from" in symbol}


def value_of(source: str, answers: Mapping[str, Any], sent: Mapping[str, Any]) -> Any:
    """What a symbol's source stands for, by what each step answered and was sent; None for nothing."""
    step, _, path = source.partition(".")
    document = answers.get(step)
    if path == "$in" or path.startswith("$in."):
        document, path = sent.get(step), path[4:]
    return value_at(document, path.split(".") if path else ())


def _holder(path: tuple[str, ...]) -> str:
    """The member that a text's member stands under."""
    names = [part for part in path if not part.isdecimal()]
    return names[-2] if len(names) > 1 else ""


def texts_in(
    service: Service, root: str | None, document: Any, elements: int = _ELEMENTS
) -> Iterator[tuple[tuple[str, ...], str, str, str]]:
    """The texts of a document: path, member's name, shape and text; those near the root first.

    Of a list or a map no more than so many `elements` are looked at.
    """
    level: list[tuple[tuple[str, ...], str, str, Any]] = [((), "", root, document)] if root else []
    for _ in range(2 * _DEPTH):
        below: list[tuple[tuple[str, ...], str, str, Any]] = []
        for path, name, target, value in level:
            shape = service.shapes.get(target)
            if isinstance(shape, StringShape) and isinstance(value, str):
                if value and not shape.enum:
                    yield path, name, target, value
            elif isinstance(shape, StructureShape) and isinstance(value, dict):
                below += [
                    ((*path, key), key, member.target, value[key])
                    for key, member in shape.members.items()
                    if key in value
                ]
            elif isinstance(shape, ListShape) and isinstance(value, list):
                below += [
                    ((*path, str(index)), name, shape.member.target, item)
                    for index, item in enumerate(value[:elements])
                ]
            elif isinstance(shape, MapShape) and isinstance(value, dict):
                below += [
                    ((*path, key), key, shape.value.target, item)
                    for key, item in list(value.items())[:elements]
                    if "." not in key
                ]
        level = below
        if not level:
            return
