# SPDX-License-Identifier: Apache-2.0
"""Cases: request templates with their expectations and how they were made.

It owns which cases an operation has, in which order and under which ids. A template holds symbols where
only a run knows the value, so an id never depends on a run. It refuses to know how cases are sent.

Positives come first: what is refused afterwards counts only in an operation that was reached.
"""

from __future__ import annotations

import functools
import hashlib
import itertools
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any, Literal

from ..choices import Choices, RecordedChoices, SeededChoices, pick
from ..generate.boundaries import WIDTHS, Boundary, boundaries, document_at, pointer_text
from ..generate.mutations import Mutation, enumerated_mutations, mutations_at, places_within
from ..generate.nodes import ObjectNode, Tree
from ..generate.places import Pointer
from ..generate.values import generate, with_elements
from ..http import uncarriable
from ..results.events import CaseInfo, Kind, Phase
from .case import Case
from .contract import OperationContract
from .excluding import excludes_itself, excluding_documents
from .expectations import Expectation, expectation_of, signature_expectations
from .grafting import grafted
from .malformed import can_spoil, with_content
from .prerequisites import Prerequisites, modelled_prerequisites, prerequisites_for

__all__ = [
    "CaseMaker",
    "accepted_first",
    "cases_for",
    "distinct",
    "enumerated_cases",
    "first_case",
    "random_case",
    "shrunk_case",
]


def enumerated_cases(contract: OperationContract, claims: tuple[str, ...] = ()) -> Iterator[Case]:
    """Each boundary and each single mutation once, the protocol's mutations, probes and faults.

    Exhaustive, without randomness, with stable ids: equal models give equal cases. What a target `claims`
    adds cases (`sigv4`: forged signatures) and changes none.
    """
    maker = CaseMaker(contract, "enumerated")
    own = [
        *(case for boundary in boundaries(maker.tree) if (case := maker.at_boundary(boundary)) is not None),
        *maker.negatives(),
    ]
    yield from distinct([*accepted_first(own), *maker.others(claims)])


def accepted_first(cases: Iterable[Case]) -> list[Case]:
    """Cases in the order of their kinds: what should be refused may spoil the state that others meet."""
    order: tuple[Kind, ...] = ("positive", "unbound", "tolerance", "negative")
    return sorted(cases, key=lambda case: order.index(case.info.kind))


def distinct(cases: Iterable[Case]) -> Iterator[Case]:
    """The cases without repeats: two ways to the same request are one case."""
    seen: set[str] = set()
    for case in cases:
        if case.info.id not in seen:
            seen.add(case.info.id)
            yield case


def first_case(contract: OperationContract) -> Case | None:
    """The smallest valid request, which every enumeration begins with; None if HTTP can't carry it."""
    maker = CaseMaker(contract, "enumerated")
    return maker.at_boundary(next(boundaries(maker.tree)))


def random_case(contract: OperationContract, seed: int, index: int) -> Case:
    """The random case of that index: even ones valid, odd ones with one constraint broken.

    Depends on the seed, the operation and the index alone.
    """
    return CaseMaker(contract, "random").numbered(seed, index)


def shrunk_case(contract: OperationContract, case: Case, offsets: tuple[int, ...]) -> Case:
    """A random case made again from other choices; of the same kind."""
    kind: Literal["positive", "negative"] = "negative" if case.info.kind == "negative" else "positive"
    return CaseMaker(contract, "random").random(kind, RecordedChoices(offsets))


def cases_for(
    contract: OperationContract,
    phases: tuple[Phase, ...],
    seed: int,
    max_examples: int,
    claims: tuple[str, ...] = (),
) -> Iterator[Case]:
    """All cases of an operation, each once: enumerated ones first, then up to `max_examples` random ones."""
    enumerated = enumerated_cases(contract, claims) if "enumerated" in phases else ()
    drawer = CaseMaker(contract, "random")
    drawn = (drawer.numbered(seed, index) for index in range(max_examples if "random" in phases else 0))
    yield from distinct(itertools.chain(enumerated, drawn))


def _is_beyond_width(mutation: Mutation) -> bool:
    """Whether a number is too large for its type, rather than for a bound that the model states."""
    return mutation.keyword in ("minimum", "maximum") and mutation.bound in _WIDTHS


_WIDTHS = frozenset(map(str, WIDTHS))

# Of a valid document of which a request can't say all that is required.
_UNSAID = "The wire has no words for a value that is required."

# Of a valid document that has members of which documents allow one.
_EXCLUDED = "The documents say that some of its members exclude each other."

# Of the edge of an integer's width where the model states no bound.
_NO_BOUND = "The model has no bound; services may have one of their own."


class CaseMaker:
    """Makes the cases of one operation; holds what they have in common."""

    def __init__(self, contract: OperationContract, phase: Phase) -> None:
        self._contract = contract
        self._phase: Phase = phase
        self._name = contract.full_name
        self.tree: Tree = contract.tree
        # Ids, kinds and order are those of the model; what is sent, what a target was seen to accept.
        self.recipe: Prerequisites = modelled_prerequisites(contract)
        self._learned = prerequisites_for(contract)
        self._healthy: dict[Pointer, Any] = {}

    def valid(
        self,
        document: Any,
        pointer: tuple[str | int, ...],
        label: str,
        *,
        extreme: bool = False,
        unsaid: bool = False,
        **extra: Any,
    ) -> Case:
        """A valid request: bound to existing state, unless the boundary is of what names that state."""
        identity = self._names_state(pointer)
        template = self._bound(document, keep=pointer if identity else ())
        kind: Kind = "unbound" if identity else "positive"
        earns: Literal["answered", "accepted"] = "answered" if identity else "accepted"
        where = pointer_text(pointer) or "/"
        symbol = self.recipe.bind.get(str(pointer[0])) if identity else None
        expectation = Expectation("tolerated", _NO_BOUND) if extreme and not identity else Expectation(earns)
        if unsaid and not identity:
            expectation = Expectation("tolerated", _UNSAID)
        if not identity and excludes_itself(self._contract, document):
            expectation = Expectation("tolerated", _EXCLUDED)
        if symbol is not None and "$from" in symbol:
            expectation = Expectation(earns, pointer=where, nonexistent=True)
        return self._case(kind, template, expectation, f"{label} at {where}", pointer, label, **extra)

    def sends(self, document: Any) -> bool:
        """Whether a request says a valid document: headers hold ASCII, and the wire has words for all of it.

        A required list that is empty is no parameter of a query, and no element where it is flat.
        """
        contract = self._contract
        request = contract.encode_request(document)
        if uncarriable(request):
            return False
        decoded = contract.protocol.decode_request(contract.service, request)
        if not decoded.readable or decoded.operation != contract.name:
            return False
        return not contract.validator("input").findings(decoded.document)

    @functools.cached_property
    def _smallest(self) -> Any:
        """The smallest document that the wire has words for."""
        return self._in_words(generate(self.tree, RecordedChoices(())))

    def _in_words(self, document: Any) -> Any:
        """The document, with an element in its empty lists where the wire has no words for none."""
        filled = with_elements(self.tree, self.tree.root, document)
        return document if filled == document or self.sends(document) else filled

    def _names_state(self, pointer: tuple[str | int, ...]) -> bool:
        if not pointer:
            return False
        symbol = self.recipe.bind.get(str(pointer[0]))
        return (symbol is not None and "$from" in symbol) or pointer[0] in self.recipe.omit

    def at_boundary(self, boundary: Boundary) -> Case | None:
        """The case of a boundary, or None if HTTP can't carry it."""
        document = boundary.document if boundary.pointer else self._in_words(boundary.document)
        if not self.sends(document):
            return None
        return self.valid(document, boundary.pointer, boundary.label, extreme=boundary.extreme)

    def at_mutation(self, mutation: Mutation) -> Case | None:
        """The case of an enumerated mutation, or None if the wire can't express that it is broken."""
        return self.broken(mutation, self._healthy_at(mutation.site, mutation.healthy))

    def _healthy_at(self, site: Pointer, healthy: Any) -> Any:
        """The smallest document that has a place, in words; the same for all that is broken there."""
        if site not in self._healthy:
            self._healthy[site] = self._in_words(document_at(self.tree, site, healthy))
        return self._healthy[site]

    def negatives(self) -> Iterator[Case]:
        for mutation in enumerated_mutations(self.tree):
            case = self.at_mutation(mutation)
            if case is not None:
                yield case

    def others(self, claims: tuple[str, ...]) -> Iterator[Case]:
        """The cases that are of no place of the input: of bytes, of the signer, of state, of faults."""
        yield from self.tampered()
        if "sigv4" in claims:
            yield from self.forged()
        yield from self.excluding()
        yield from self.probes()
        yield from self.faults()

    def broken(self, mutation: Mutation, healthy: Any, **extra: Any) -> Case | None:
        """The case of a mutation, or None if the wire can't express that it is broken.

        `healthy` is the document before it was mutated, in words.
        """
        if not self._still_broken(mutation):
            return None
        expectation = expectation_of(
            self._contract.protocol_name,
            mutation.keyword,
            "beyond width" if _is_beyond_width(mutation) else mutation.value_class,
            mutation.node_kind,
            self._contract.service.name,
        )
        # What is wrong with the whole body is one cause for all operations.
        body_type = not mutation.pointer and mutation.keyword == "type"
        keyword = "body type" if body_type else mutation.keyword
        expectation = replace(expectation, pointer=mutation.place, keyword=keyword, protocol_level=body_type)
        kind: Kind = "tolerance" if expectation.earns == "tolerated" else "negative"
        template = self._bound(mutation.document, keep=mutation.pointer)
        where = mutation.place or "/"
        title = f"{mutation.keyword} broken at {where}: {mutation.value_class} (wanted {mutation.bound[:60]})"
        return self._case(
            kind,
            template,
            expectation,
            title,
            mutation.pointer,
            mutation.keyword,
            mutation.value_class,
            twin=self._sent(self._bound(healthy, keep=()), mutation.pointer),
            place_kind=mutation.node_kind,
            **extra,
        )

    def _still_broken(self, mutation: Mutation) -> bool:
        """Whether the server, having decoded the bytes, meets a document with just this one fault.

        Proved on the document before symbols are put in: what they will stand for is valid.
        """
        contract = self._contract
        request = contract.encode_request(mutation.document)
        if uncarriable(request):
            return False
        decoded = contract.protocol.decode_request(contract.service, request)
        if not decoded.readable or decoded.operation != contract.name:
            # An empty label of a URI is another path, which is refused for another reason.
            return False
        findings = contract.validator("input").findings(decoded.document)
        return len(findings) == 1 and findings[0].keyword == mutation.keyword

    def tampered(self) -> Iterator[Case]:
        document = self._smallest
        for malformation in self._contract.protocol.malformations:
            of_content = malformation.keyword == "checksum"
            spoilt = with_content(self._contract, document) if of_content else document
            if not can_spoil(self._contract, malformation, spoilt):
                continue
            name, keyword = malformation.name, malformation.keyword
            known = expectation_of(
                self._contract.protocol_name, keyword, name, "request", self._contract.service.name
            )
            if keyword == "checksum" and known.earns == "unknown":
                # The model has a place for a checksum, and no word on whether it is looked at.
                continue
            cause = keyword if keyword in ("malformed", "checksum") else name
            template = self._bound(spoilt, keep=())
            yield self._case(
                "negative",
                template,
                replace(known, keyword=cause, protocol_level=True),
                malformation.title,
                (),
                keyword,
                name,
                tamper=name,
                twin=self._sent(template, ()),
            )

    def forged(self) -> Iterator[Case]:
        """A valid request whose signature alone gives a reason to refuse it."""
        if not self._contract.operation.signed:
            return
        smallest = self._bound(self._smallest, keep=())
        for expectation in signature_expectations(self._contract.protocol_name):
            forgery = expectation.forgery
            title = f"{forgery.replace('-', ' ')}, and otherwise a valid request"
            yield self._case(
                "negative", smallest, expectation, title, (), "signature", forgery, signature=forgery
            )

    def excluding(self) -> Iterator[Case]:
        """What is valid by its shapes, and sends two members of which the documents allow one."""
        for pair in excluding_documents(self._contract):
            pointer = (pair.name,)
            earns: Literal["refused", "unknown"] = "refused" if pair.exclusion.strict else "unknown"
            title = f"{pair.name} beside {pair.exclusion.other}"
            evidence = f'documented: "{pair.exclusion.sentence}"'
            expectation = Expectation(
                earns, evidence, "DOC", pointer=pointer_text(pointer), keyword=pair.keyword
            )
            if self.sends(pair.document):
                template = self._bound(pair.document, keep=())
                twin = self._sent(self._bound(pair.single, keep=()), pointer)
                # Whatever else a target was seen to accept, it is about these two.
                both = {name: template[name] for name in (pair.name, pair.exclusion.other)}
                extra = {"twin": twin, "sent": {**self._sent(template, pointer), **both}}
                yield self._case(
                    "negative", template, expectation, title, pointer, "exclusive", pair.keyword, **extra
                )

    def probes(self) -> Iterator[Case]:
        smallest = self._bound(self._smallest, keep=())
        for probe in self.recipe.probes:
            template = {**smallest, **probe.input} if isinstance(smallest, dict) else smallest
            sent = self._sent(smallest, ())
            sent = {**sent, **probe.input} if isinstance(sent, dict) else sent
            expectation = Expectation(probe.earns, probe.evidence, probe.provenance, probe.codes)
            yield self._case(
                "probe",
                template,
                expectation,
                probe.title,
                (),
                "state",
                probe.title,
                principal=probe.principal,
                without=probe.without,
                twice=probe.twice,
                sent=sent,
            )

    def faults(self) -> Iterator[Case]:
        smallest = self._bound(self._smallest, keep=())
        for shape in self._contract.operation.errors:
            code = self._contract.service.error_code(shape)
            expectation = Expectation(
                "refused", "Asked for by fault injection.", "MODEL", (code,), injected=True
            )
            title = f"{code} by fault injection"
            yield self._case("fault", smallest, expectation, title, (), "fault", code, fault=code)

    def numbered(self, seed: int, index: int) -> Case:
        """The random case of that index: even ones valid, odd ones with one constraint broken."""
        kind: Literal["positive", "negative"] = "positive" if index % 2 == 0 else "negative"
        return self.random(kind, SeededChoices(f"{seed}:{self._name}:{index}"))

    def random(self, kind: Literal["positive", "negative"], choices: Choices) -> Case:
        document = generate(self.tree, choices)
        for name in self.recipe.omit:
            document.pop(name, None)
        answers = tuple(getattr(choices, "answers", ()))
        if kind == "positive":
            return self.valid(document, (), "random", unsaid=not self.sends(document), choices=answers)
        places = places_within(self.tree, document)
        place = pick(choices, places)
        mutations = mutations_at(self.tree, document, place, choices)
        start = choices.integer(0, max(0, len(mutations) - 1))
        answers = tuple(getattr(choices, "answers", ()))
        healthy = self._in_words(document)
        for offset in range(len(mutations)):
            mutation = mutations[(start + offset) % len(mutations)]()
            case = self.broken(mutation, healthy, choices=answers)
            if case is not None:
                return case
        return self.valid(document, (), "random", choices=answers)

    def _bound(self, document: Any, keep: tuple[str | int, ...]) -> Any:
        """The document with symbols for what names state, but for the member that the case is about."""
        if not isinstance(document, dict) or not isinstance(self.tree.resolve(self.tree.root), ObjectNode):
            return document
        subject = str(keep[0]) if keep else None
        bound = {
            name: symbol for name, symbol in self.recipe.bind.items() if name in document and name != subject
        }
        return {
            name: bound.get(name, item)
            for name, item in document.items()
            if name == subject or name not in self.recipe.omit
        }

    def _case(
        self,
        kind: Kind,
        template: Any,
        expectation: Expectation,
        title: str,
        pointer: tuple[str | int, ...] = (),
        keyword: str = "",
        value_class: str = "",
        **extra: Any,
    ) -> Case:
        sent = extra.pop("sent", None)
        how = {key: value for key, value in extra.items() if key not in ("choices", "twin", "place_kind")}
        identity = json.dumps([self._name, kind, template, how], sort_keys=True, default=str)
        info = CaseInfo(
            id=hashlib.sha256(identity.encode()).hexdigest()[:12],
            operation=self._name,
            phase=self._phase,
            kind=kind,
            title=title,
            pointer=pointer_text(pointer),
            keyword=keyword,
            value_class=value_class,
        )
        return Case(info, self._sent(template, pointer) if sent is None else sent, expectation, **extra)

    def _sent(self, template: Any, pointer: tuple[str | int, ...]) -> Any:
        """A template as it is sent: what the case is not about is what the target was seen to accept."""
        return grafted(template, pointer, self._learned)
