# SPDX-License-Identifier: Apache-2.0
"""The transcript of a script: what was sent, with variables for what only a run knows, and what came.

It owns how a walk is told. It refuses to know what is sent next and what it is worth.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ...cases.oracles.script import Move, Script
from ...cases.setup import SetupStep
from ...cases.symbols import is_symbol, substitute, symbols, value_at
from ...reproduce.transcript import Transcript, TranscriptStep
from ..histories.harness import variable

__all__ = ["ScriptTeller"]

_INPUT = "$in."


@dataclass(slots=True)
class ScriptTeller:
    """Writes down the steps of one walk; `resolve` gives a symbol's value, for what no answer shows."""

    service: str
    script: Script
    # The region in which somebody else asks.
    elsewhere: str = ""
    steps: list[TranscriptStep] = field(default_factory=list)
    # What the steps of the setup are told to have been sent, by their names.
    _setup: dict[str, Any] = field(default_factory=dict)

    def setup(self, steps: Iterable[SetupStep], prefix: str) -> None:
        """Tell what the script stands on, as far as it asks for it."""
        needed = set(self._sources())
        asked: list[SetupStep] = []
        for step in reversed(list(steps)):
            if step.name not in {source.partition(".")[0] for source in needed}:
                continue
            needed |= {str(symbol["$from"]) for symbol in symbols(step.input) if "$from" in symbol}
            asked.append(step)
        for step in reversed(asked):

            def stand_in(symbol: Mapping[str, Any]) -> Any:
                (word, name), *_ = symbol.items()
                if word != "$name":
                    return self._sent_before(str(name)) or f"${variable(str(name))}"
                return str(name).replace("{}", prefix) if "{}" in str(name) else f"{prefix}-{name}"

            document = self._setup[step.name] = substitute(step.input, stand_in)
            self.steps.append(
                TranscriptStep(
                    "request",
                    -1,
                    operation=step.operation,
                    document=document,
                    answer="success",
                    saves=_saves(step.name, needed),
                )
            )

    def tell(
        self, index: int, move: Move, said: str, resolve: Callable[[Mapping[str, Any]], Any], *, success: bool
    ) -> None:
        """Tell a request with its answer; what was sent at once and answered alike is one step."""
        several = move.times > 1
        last = self.steps[-1] if self.steps else None
        if several and last is not None and last.move == index and last.answer == said:
            self.steps[-1] = replace(last, times=last.times + 1)
            return

        def stand_in(symbol: Mapping[str, Any]) -> Any:
            source = str(symbol.get("$from", ""))
            if sent := self._sent_before(source):
                return sent
            if earlier := self._symbol_sent(source):
                return stand_in(earlier)
            return resolve(symbol) if not self._is_shown(source) else f"${variable(source)}"

        self.steps.append(
            TranscriptStep(
                "request",
                index,
                operation=move.operation,
                document=substitute(dict(move.input), stand_in),
                answer=said,
                success=success,
                region=self.elsewhere if move.role == "elsewhere" else "",
                saves={} if several else _saves(move.label, set(self._sources())),
                at_once=several,
            )
        )

    def note(self, text: str) -> None:
        """Something to be said of the last step."""
        self.steps[-1] = replace(self.steps[-1], believed=text)

    def transcript(self) -> Transcript:
        """All that was told."""
        return Transcript(self.service, tuple(self.steps))

    def _sent_before(self, source: str) -> Any:
        """What a step of the setup is told to have been sent at a place; None for any other source."""
        label, _, path = source.partition(".")
        document: Any = self._setup.get(label) if path.startswith(_INPUT) else None
        for step in path.removeprefix(_INPUT).split("."):
            document = document.get(step) if isinstance(document, Mapping) else None
        return document

    def _symbol_sent(self, source: str) -> Mapping[str, Any] | None:
        """The symbol for another's answer that a move was sent at a place; None for anything else."""
        label, _, path = source.partition(".")
        move = next((move for move in self.script.moves if move.label == label), None)
        if move is None or not path.startswith(_INPUT):
            return None
        item = value_at(dict(move.input), path.removeprefix(_INPUT).split("."))
        return item if is_symbol(item) and "$from" in item else None

    def _is_shown(self, source: str) -> bool:
        """Whether a symbol stands for what an earlier step's answer is saved from."""
        return any(variable(source) in step.saves for step in self.steps)

    def _sources(self) -> Iterator[str]:
        """Where the script's requests take values from."""
        for move in self.script.moves:
            for symbol in symbols(dict(move.input)):
                if "$from" in symbol:
                    yield str(symbol["$from"])


def _saves(label: str, sources: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The variables that are had from the answer to a step, each with its path."""
    paths = {source: source.partition(".")[2] for source in sources if source.partition(".")[0] == label}
    return {
        variable(source): tuple(path.split("."))
        for source, path in sorted(paths.items())
        if not path.startswith(_INPUT)
    }
