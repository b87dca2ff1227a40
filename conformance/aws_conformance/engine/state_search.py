# SPDX-License-Identifier: Apache-2.0
"""The search for a state in which an operation succeeds: producers carried out, refusals learned from.

It owns the order of tries, how many there may be, and what is remembered between searches on one target. It
refuses to judge: what it learns is how a request can succeed, and nothing of what a target does wrong.
"""

from __future__ import annotations

import itertools
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..cases.api_words import words_of
from ..cases.contract import Contract, OperationContract
from ..cases.drafts import NOTHING, InputPlace, InputVariant, Path, accepts, draft, places
from ..cases.hints import Hints, hints_of
from ..cases.lessons import Rejection, lessons, with_new_names
from ..cases.links import links_of
from ..cases.name_reading import is_fabricated, is_left_alone, is_own_name, read_name
from ..cases.prerequisites import Prerequisites, modelled_prerequisites, salt_of
from ..cases.setup import SetupStep, with_dependents
from ..cases.symbols import is_symbol, substitute
from .evidence import is_unknown
from .session import Session
from .shown_texts import needs_of
from .trial_chain import TrialChain

__all__ = ["LearnedChain", "StateSearch", "learned_prerequisites"]

_REQUESTS = 90
_NESTED = 14
_MAKING = 30
# So often in vain, and a producer is tried no more.
_FAILURES = 2
# So many lessons are taken of a refusal that was met before with other values.
_AGAIN = 1
_DEEPEST = 5
_PRODUCERS = 4
# So many places may get a new name where one is taken.
_RENEWALS = 3
# How a new name may be written where its place does not take the usual way.
_FORMS = (
    "{}",
    "{}.example.com",
    "{}@example.com",
    "/{}",
    "alias/{}",
    "arn:aws:iam::123456789012:role/{}",
    "https://{}.example.com/",
)


@dataclass(frozen=True, slots=True)
class LearnedChain:
    """What a search came to: steps and an input that succeeded, or the refusal of the first try.

    `steps` are those that it stands on as far as can be told, `every` those that were carried out. `used_up`
    are those that a success uses up: none where the same request succeeded twice in a row, so that the steps
    serve many cases; else the last ones with which it succeeded once more, or all.
    """

    steps: tuple[SetupStep, ...] = ()
    every: tuple[SetupStep, ...] = ()
    input: Mapping[str, Any] | None = None
    undo: SetupStep | None = None
    used_up: frozenset[str] = frozenset()
    refusal: str = ""
    requests: int = 0


@dataclass(slots=True)
class _SearchMemory:
    """What is known of one service on one target."""

    variants: dict[str, InputVariant] = field(default_factory=dict)
    dead: dict[str, str] = field(default_factory=dict)
    failed: dict[str, int] = field(default_factory=dict)
    places: dict[str, tuple[InputPlace, ...]] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)


def learned_prerequisites(
    session: Session,
    contract: OperationContract,
    prefix: str,
    expired: Callable[[], bool] = lambda: False,
) -> Iterator[Prerequisites]:
    """What an operation needs on this target, as a search of its own shows; nothing where none succeeds.

    First what it seems to stand on; then, for when that was not enough, all that was done.
    """
    chain = StateSearch(session, expired).search(contract, f"{prefix}{salt_of(contract.operation)}s")
    if chain.input is None:
        return
    modelled = modelled_prerequisites(contract)
    own = SetupStep(contract.name, contract.name, chain.input, undo=chain.undo) if chain.undo else None
    for steps in (chain.steps, chain.every):
        yield replace(
            modelled,
            steps=steps,
            bind={name: item for name, item in chain.input.items() if is_symbol(item)},
            base=chain.input,
            # What can't be done twice in one state gets a state for each case.
            fresh=with_dependents(steps, chain.used_up.intersection(step.name for step in steps)),
            after=(),
            own=own,
            salt=salt_of(contract.operation),
            fallback={},
        )
        if len(chain.every) == len(chain.steps):
            return


class StateSearch:
    """Searches on one target, which remember what earlier ones have learned of it."""

    def __init__(self, session: Session, expired: Callable[[], bool] = lambda: False) -> None:
        self._session = session
        self._expired = expired

    def search(self, contract: OperationContract, prefix: str) -> LearnedChain:
        """A chain on which the operation succeeds, looked for in a state of its own."""
        chain = TrialChain(self._session, prefix)
        trial = _SearchTrial(self, chain, _REQUESTS)
        try:
            return trial.learned(contract)
        finally:
            trial.clean(contract.service_contract)

    def memory(self, contract: Contract) -> _SearchMemory:
        """What is known of a service."""
        key = f"{contract.service.name} {contract.protocol_name}"
        memory: _SearchMemory = self._session.memory.setdefault(key, _SearchMemory())
        return memory

    def is_absent(self, contract: OperationContract, refusal: Rejection) -> bool:
        """Whether the first refusal of an operation shows that the target lacks it."""
        if refusal.status == 501:
            return True
        if any(signature in refusal.text for signature in self._session.not_implemented):
            return True
        memory = self.memory(contract.service_contract)
        if contract.name in memory.present or refusal.response is None:
            return False
        if is_unknown(self._session, contract, refusal.sent, refusal.response):
            return True
        memory.present.add(contract.name)
        return False

    def is_over(self) -> bool:
        """Whether no more is to be sent."""
        return self._expired() or self._session.liveness.gone


class _SearchTrial:
    """One search: a chain, and how many requests it may still send."""

    def __init__(self, search: StateSearch, chain: TrialChain, requests: int) -> None:
        self._search = search
        self._chain = chain
        self._most = requests
        # Gates that could not be passed, with how many steps there were then.
        self._shut: dict[str, int] = {}

    def learned(self, contract: OperationContract) -> LearnedChain:
        outcome = self._attained(contract, (), self._most)
        if isinstance(outcome, Rejection):
            return LearnedChain(refusal=str(outcome), requests=self._chain.requests)
        variant, _ = outcome
        last = self._chain.steps[-1]
        template = last.input
        likely = self._chain.pruned(contract.name, template)
        every = tuple(self._chain.steps[:-1])
        steps = tuple(step for step in likely if step is not last)
        again = None if self._search.is_over() else self._repeated(contract, variant, template)
        used_up: frozenset[str] = frozenset()
        if again is None:
            used_up = self._used_up(contract, template, steps, every)
        return LearnedChain(
            steps=steps,
            every=every,
            input=template if again is None else again,
            undo=last.undo,
            used_up=used_up,
            requests=self._chain.requests,
        )

    def _used_up(
        self,
        contract: OperationContract,
        template: Any,
        steps: Sequence[SetupStep],
        every: Iterable[SetupStep],
    ) -> frozenset[str]:
        """The steps that have to be carried out anew before the operation succeeds once more: the fewest.

        What was done last is the likeliest to be used up: a token rather than whose it is. All that was done
        where that is not found out.
        """
        for number in range(1, len(steps)):
            if self._search.is_over():
                break
            last = steps[-number:]
            if not self._chain.renew(contract.service_contract, last):
                continue
            document = self._chain.send(contract, template)
            if not isinstance(document, Rejection):
                # It may have made one more of the same.
                self._add(contract, template, document, (), "")
                return frozenset(step.name for step in last)
        return frozenset(step.name for step in every)

    def _repeated(self, contract: OperationContract, variant: InputVariant, template: Any) -> Any:
        """The input with which an operation that has succeeded succeeds once more in the same state.

        That is the same, or one with a new name where that is taken by now; None where nothing is accepted.
        """
        twice = self._chain.send(contract, template)
        renewed = template
        if isinstance(twice, Rejection):
            known = self._places(contract)
            for other in itertools.islice(with_new_names(contract.name, known, variant, twice), _RENEWALS):
                # All else stays: what the first success has shown is no part of its own state.
                renewed = template
                for place in known:
                    if place.path in other.fresh - variant.fresh:
                        renewed = _put(template, place.path, _new_name(place))
                twice = self._chain.send(contract, renewed)
                if not isinstance(twice, Rejection):
                    break
        if isinstance(twice, Rejection):
            return None
        # It may have made one more of the same.
        self._add(contract, renewed, twice, (), "")
        return renewed

    def clean(self, contract: Contract) -> list[str]:
        """Undo what the search has made."""
        return self._chain.undo_all(contract)

    def _attained(
        self, contract: OperationContract, way: tuple[str, ...], most: int, mode: str = ""
    ) -> tuple[InputVariant, Any] | Rejection:
        """Carry out an operation, by whatever variant succeeds; the refusal of the first if none does.

        `mode` is what hints call one of its ways.
        """
        memory, chain = self._search.memory(contract.service_contract), self._chain
        name = contract.name
        full = f"{contract.service.name}:{name}"
        hints = hints_of(contract.service.name)
        start = memory.variants.get(name + mode) or _first(hints, name, mode)
        tried: set[str] = set()
        refusals: dict[str, set[str]] = {}
        first: Rejection | None = None
        waiting = deque([start])
        if start != InputVariant():
            waiting.append(InputVariant())
        limit = chain.requests + most
        while waiting and chain.requests < min(limit, self._most) and not self._search.is_over():
            variant = waiting.popleft()
            if variant.key in tried:
                continue
            tried.add(variant.key)
            for gate in variant.gates:
                self._pass_gate(contract.service_contract, gate, (*way, full), most // 3)
            literals = {
                path: self._placed(contract.service_contract, literal, (*way, full), most)
                for path, literal in variant.literals.items()
            }
            choice = self._choice(contract, variant, way, most)
            template = draft(contract, replace(variant, literals=literals), choice)
            if not isinstance(template, dict):
                return first or Rejection(0, "", "no valid input can be put together")
            if self._search.is_over():
                # What the input needs took the rest of the time.
                break
            answer = chain.send(contract, template)
            if not isinstance(answer, Rejection):
                memory.variants[name + mode] = replace(variant, passed={}, fresh=frozenset())
                self._add(contract, template, answer, way, mode)
                return variant, template
            if answer.status == 0:
                # Nobody answers, or no recording has it: there is nothing to learn.
                return first or answer
            if first is None:
                first = answer
                if self._search.is_absent(contract, answer):
                    memory.dead[name] = str(answer)
                    return answer
            waiting.extendleft(reversed(self._learned(contract, variant, answer, refusals)))
            # Whatever was carried out since may have answered with what belongs here.
            waiting.extendleft(
                other for other in self._as_answered(contract, start) if other.key not in tried
            )
        return first or Rejection(0, "", "no time was left to try")

    def _learned(
        self,
        contract: OperationContract,
        variant: InputVariant,
        refusal: Rejection,
        refusals: dict[str, set[str]],
    ) -> list[InputVariant]:
        """What a refusal teaches: all of one that is new, the likeliest of one that other values met before.

        `refusals` has those that were met, each with the listed values that it was met with.
        """
        listed = {place.path for place in self._places(contract) if place.listed_values}
        values = repr(sorted(item for item in variant.literals.items() if item[0] in listed))
        met = refusals.setdefault(refusal.key, set())
        if values in met:
            return []
        most = None if not met else _AGAIN
        met.add(values)
        more = lessons(links_of(contract.service), contract.name, self._places(contract), variant, refusal)
        return list(itertools.islice(more, most))

    def _as_answered(self, contract: OperationContract, variant: InputVariant) -> Iterator[InputVariant]:
        """The variant with what earlier answers gave under the very names of members here: a session."""
        texts: list[Path] = []
        kinds: dict[Path, Any] = {}
        for place in self._places(contract):
            text = self._chain.texts.answered(place.name, place.shape) if len(place.path) == 1 else None
            if text is None or place.path in variant.literals:
                continue
            if place.enumerates(text):
                kinds[place.path] = text
            elif place.optional and place.is_text and not is_left_alone(place.name):
                texts.append(place.path)
        if texts:
            answered = variant.adding(*texts)
            yield replace(
                answered,
                optional=answered.optional.union(kinds),
                literals={**answered.literals, **kinds},
            )

    def _add(
        self,
        contract: OperationContract,
        template: Any,
        document: Any,
        way: tuple[str, ...],
        mode: str,
    ) -> None:
        chain = self._chain
        template = chain.grounded(template)
        own = contract.service.name
        outer = way[0].partition(":")[0] if way else own
        full = contract.name if own == outer else f"{own}:{contract.name}"
        step = SetupStep(
            chain.free_name(full + mode), full, template, needs=tuple(sorted(needs_of(template)))
        )
        chain.add(contract.service_contract, step, document)
        undo = chain.texts.undo(contract.service_contract, step)
        if undo is not None:
            chain.steps[-1] = replace(step, undo=undo)

    def _pass_gate(self, contract: Contract, gate: str, way: tuple[str, ...], most: int) -> None:
        source, slash, mode = gate.partition("/")
        owner = contract.owner(source)
        full = owner.full_name
        known = self._chain.step_of(gate)
        if known is not None:
            self._chain.gates.add(known.name)
            return
        if full + slash + mode in way or owner.name in self._search.memory(owner.service_contract).dead:
            return
        if len(way) > _DEEPEST or self._shut.get(gate) == len(self._chain.steps):
            return
        outcome = self._attained(owner, way, max(most, 4), slash + mode)
        if isinstance(outcome, Rejection):
            self._shut[gate] = len(self._chain.steps)
        else:
            self._chain.gates.add(self._chain.steps[-1].name)

    def _places(self, contract: OperationContract) -> tuple[InputPlace, ...]:
        memory = self._search.memory(contract.service_contract)
        if contract.name not in memory.places:
            memory.places[contract.name] = tuple(places(contract))
        return memory.places[contract.name]

    def _choice(
        self, contract: OperationContract, variant: InputVariant, way: tuple[str, ...], most: int
    ) -> Callable[[InputPlace], Any]:
        """What stands at the places of a draft: names of its own, what the chain knows, what can be made."""
        hints = hints_of(contract.service.name)

        here = (*way, contract.full_name)

        def choose(place: InputPlace) -> Any:
            if is_left_alone(place.name):
                return NOTHING
            creates = read_name(contract.name).verb == "create"
            own = hints.own_value(place.name)
            if own is not None and (creates or not is_symbol(own)):
                return own
            if place.path in variant.fresh or (creates and is_own_name(place.name, contract.name)):
                return _new_name(place)
            link = hints.link(place.name, contract.name)
            linked = self._linked(contract.service_contract, link, here, most) if link else None
            if linked is not None:
                return linked
            passed = variant.passed.get(place.path, 0)
            known = self._chain.candidates
            fitting = (
                known(contract.service_contract, place, contract.name, fitting=True) if place.is_text else []
            )
            symbols = known(contract.service_contract, place, contract.name) if place.is_text else []
            # A name where an ARN is asked for may have an answer yet to come that shows the ARN.
            if len(symbols) > passed and (fitting or passed):
                return symbols[passed]
            common = hints.common_value(place.name)
            if common is not None and (not isinstance(common, str) or accepts(place.node, common)):
                return common
            if place.is_text and (passed or self._may_be_produced(contract, place)):
                symbols = self._produced(contract, place, way, most)
            return symbols[min(passed, len(symbols) - 1)] if symbols else NOTHING

        return choose

    def _may_be_produced(self, contract: OperationContract, place: InputPlace) -> bool:
        """Whether it is worth a try to have some operation show what a place asks for."""
        need = place.need(contract.name)
        if links_of(contract.service).makers(need):
            return True
        if links_of(contract.service).givers(need):
            return True
        # Names that nothing makes are made up, and so are versions; identifiers come from somewhere.
        return need.is_identity and not is_fabricated(place.name) and not place.name.endswith("Version")

    def _linked(self, contract: Contract, link: str, way: tuple[str, ...], most: int) -> Any:
        """The symbol of a hinted source, after the operation that it names; None where that fails."""
        source, _, path = link.partition(".")
        self._pass_gate(contract, source, way, most // 2)
        step = self._chain.step_of(source)
        symbol = {"$from": f"{step.name}.{path}"} if step is not None else None
        # What is there to be listed may be nothing.
        return symbol if symbol is not None and self._chain.fill(symbol) != "" else None

    def _placed(self, contract: Contract, literal: Any, way: tuple[str, ...], most: int) -> Any:
        """A hinted value with the sources in it carried out."""

        def resolve(symbol: Mapping[str, str]) -> Any:
            if "$from" not in symbol:
                return dict(symbol)
            return self._linked(contract, symbol["$from"], way, most) or ""

        return substitute(literal, resolve)

    def _produced(
        self, contract: OperationContract, place: InputPlace, way: tuple[str, ...], most: int
    ) -> list[dict[str, str]]:
        """Symbols for a place after what may show it was carried out."""
        memory, chain = self._search.memory(contract.service_contract), self._chain
        here = (*way, contract.full_name)
        if len(here) > _DEEPEST:
            return []
        tried = 0
        before = chain.candidates(contract.service_contract, place, contract.name)
        for name in links_of(contract.service).producers(place.need(contract.name)):
            full = f"{contract.service.name}:{name}"
            if name in memory.dead or full in here or chain.step_of(name) is not None:
                continue
            if tried >= _PRODUCERS or chain.requests >= self._most:
                break
            limit = min(_MAKING if read_name(name).word == "Create" else _NESTED, most // 2)
            outcome = self._attained(
                contract.service_contract.of(contract.service_contract.operation(name)), here, limit
            )
            # What a target lacks altogether is no try.
            tried += name not in memory.dead
            failed = isinstance(outcome, Rejection) and limit >= _NESTED and name not in memory.dead
            # What no time was left for says nothing of the next search.
            if failed and not self._search.is_over():
                memory.failed[name] = memory.failed.get(name, 0) + 1
                if memory.failed[name] >= _FAILURES:
                    memory.dead[name] = str(outcome)
            # Though it failed, what it needs itself may have shown the value.
            symbols = chain.candidates(contract.service_contract, place, contract.name)
            if symbols == before and not isinstance(outcome, Rejection):
                symbols = self._read_again(contract, name, place, here)
            if symbols != before:
                return symbols
        return chain.candidates(contract.service_contract, place, contract.name)

    def _read_again(
        self, contract: OperationContract, name: str, place: InputPlace, way: tuple[str, ...]
    ) -> list[dict[str, str]]:
        """Symbols for a place, after what a reader reads of was made where there was nothing to read."""
        chain, service_contract = self._chain, contract.service_contract
        if read_name(name).verb == "read":
            for gate in links_of(contract.service).gates(name)[:2]:
                self._pass_gate(service_contract, gate, way, _NESTED)
                if chain.step_of(gate) is not None:
                    self._attained(service_contract.of(service_contract.operation(name)), way, 3)
                    break
        return chain.candidates(service_contract, place, contract.name)


def _first(hints: Hints, operation: str, mode: str) -> InputVariant:
    """The variant that hints describe; of a mode, on top of what they say of the operation."""
    inputs = {**hints.inputs(operation), **(hints.inputs(operation + mode) if mode else {})}
    literals: dict[Path, Any] = {(name,): value for name, value in inputs.items()}
    # A search sends operations alone: what an upload brings about is for who knows when it is called for.
    gates = tuple(gate for gate in hints.before(operation + mode) if hints.upload(gate) is None)
    return InputVariant(optional=frozenset(literals), literals=literals, gates=gates)


def _put(template: Any, path: Path, item: Any) -> Any:
    """The template with something else at a place, of a list in its first element."""
    match template, path:
        case _, ():
            return template if item is NOTHING else item
        case [first, *others], ("*", *rest):
            return [_put(first, tuple(rest), item), *others]
        case dict(), (str(name), *rest) if name in template:
            return {**template, name: _put(template[name], tuple(rest), item)}
        case _:
            return template


def _new_name(place: InputPlace) -> Any:
    """A symbol for a name that nothing has yet, of a form that the place allows."""
    word = "".join(words_of(place.name)).lower()[:8] or "name"
    for form in (word, *_FORMS):
        sample = form.replace("{}", "run0aaaa12") if "{}" in form else f"run0aaaa-{form}-12"
        if accepts(place.node, sample):
            return {"$name": form}
    return NOTHING
