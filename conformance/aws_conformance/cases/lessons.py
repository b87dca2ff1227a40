# SPDX-License-Identifier: Apache-2.0
"""What a refusal teaches: the changes of a request that are worth a try, the likeliest first.

It owns the reading of refusals as advice: a member that is named and missing, values that are listed, things
that are not there or are there already; and, where a refusal tells nothing, the ladder of variants. What it
advises is a guess: it refuses to judge a target by it.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from ..generate.nodes import (
    EnumNode,
    IntegerNode,
    ListNode,
    MapNode,
    NumberNode,
    StringNode,
)
from .bound_lessons import bounded_values
from .drafts import KEY_PLACE, InputPlace, InputVariant, accepts, as_member, known_forms
from .ladder import as_literal, is_filled, ladder, listed_values
from .links import Links
from .name_reading import is_fabricated, is_own_name, read_name
from .rejection import Rejection, mentions, offers_in, plain_text, sent_at, shows, texts_in

__all__ = ["lessons", "with_new_names"]

_ABSENT = re.compile(
    r"(?i)not ?found|no ?such|does ?n[o']t ?exist|not exist|nonexist|unknown|no .{1,40} found|cannot find"
    r"|does ?n[o']t (?:contain|have)|has no "
    r"|can't find|could not be found|\b404\b|not recognized|invalid.{0,20}\b(?:id|arn|identifier)\b"
)
_PRESENT = re.compile(r"(?i)already|exists|duplicate|in ?use|conflict|taken")
# What is said to those who are not who they say.
_DENIED = re.compile(r"(?i)not ?authori[sz]ed|unauthori[sz]ed|denied|forbidden|incorrect|credential")
# Words for nothing in what Python, JavaScript, Java and Go throw over it.
_NOTHING = re.compile(r"NoneType|of undefined|of null|NullPointer|nil pointer")
# What wants a document in a text, of which the smallest has no members.
_JSON = re.compile(r"(?i)\bjson\b")
_NO_MEMBERS = "{}"
_QUOTED = re.compile(r"['\"`]([^'\"`]{1,100})['\"`]")
_CAPITALS = re.compile(r"\b[A-Z][A-Z0-9]*_?[A-Z0-9_]+\b")
# Words of a sentence, and no keys, though they are in capitals.
_ACRONYMS = frozenset(
    {"API", "ARN", "ARNS", "AWS", "HTTP", "HTTPS", "IAM", "ID", "IDS", "JSON", "REST", "URL", "VPC"}
)
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{1,63}")
_CLAUSE = re.compile(r"; |(?<=[a-z\d])\. ")
_OTHERS = 6
_PASSED = 2
_GATES = 3
# So many of the sets of keys that a text gives are tried.
_EXAMPLES = 8


def lessons(
    links: Links,
    operation: str,
    places: tuple[InputPlace, ...],
    variant: InputVariant,
    refusal: Rejection,
) -> Iterator[InputVariant]:
    """Variants to try after a refusal: what it says, then what it may mean, then the ladder."""
    astray = next((path for path in variant.passed if shows(refusal, path)), None)
    if astray is not None:
        # Another candidate for a place was taken up, and that is what it is refused for.
        if variant.passed[astray] < _PASSED:
            yield replace(variant, passed={**variant.passed, astray: variant.passed[astray] + 1})
        return
    undone = links.undone(operation, refusal.text)
    yield from (variant.after(gate) for gate in undone if gate not in variant.gates)
    yield from _set_before(links, places, variant, refusal)
    yield from _documented(places, variant)
    yield from _unset(places, variant, refusal)
    yield from _said(places, variant, refusal)
    yield from _meant(links, operation, places, variant, refusal)
    yield from _otherwise(places, variant, refusal)
    yield from ladder(operation, places, variant)


def _said(
    places: tuple[InputPlace, ...], variant: InputVariant, refusal: Rejection
) -> Iterator[InputVariant]:
    """A member that is named and missing; a value that is offered."""
    named = [place for place in places if mentions(refusal.text, place.name)]
    # SourceUser.Name rather than any Name.
    dotted = [place for place in named if len(place.path) > 1 and ".".join(place.path) in refusal.text]
    named = dotted or named
    for place in sorted(named, key=lambda place: (-len(place.name), len(place.path))):
        if not is_filled(place, places, variant):
            yield variant.adding(place.path)
    yield from _keyed(places, variant, refusal)
    yield from _of_other_keys(places, variant, refusal)
    offers = list(offers_in(refusal.text))
    for place in [*named, *(place for place in places if place not in named)]:
        if not is_filled(place, places, variant) and place not in named:
            continue
        for offer in offers[:_OTHERS]:
            if place in named or (isinstance(place.node, EnumNode) and offer in place.node.values):
                literal = as_literal(place.node, offer)
                if literal is not None and variant.literals.get(place.path) != literal:
                    yield variant.saying(place.path, literal)
    numbers = [place for place in places if isinstance(place.node, IntegerNode | NumberNode)]
    for place in named or [place for place in numbers if is_filled(place, places, variant)]:
        yield from _bounded(place, variant, refusal)
    for place in named:
        yield from listed_values(place, variant)
    if _JSON.search(refusal.text):
        yield from (
            variant.saying(place.path, _NO_MEMBERS)
            for place in named
            if variant.literals.get(place.path) != _NO_MEMBERS
            and as_literal(place.node, _NO_MEMBERS) is not None
        )


def _bounded(place: InputPlace, variant: InputVariant, refusal: Rejection) -> Iterator[InputVariant]:
    """The numbers and lengths that a refusal's clauses about a place ask for, or all where none names it."""
    clauses = _CLAUSE.split(refusal.message)
    own = [clause for clause in clauses if mentions(clause, place.name)]
    values = bounded_values(place.node, " ".join(own or clauses), sent_at(refusal.sent, place.path))
    for value in values[:_OTHERS]:
        fits = not isinstance(value, str) or accepts(place.node, value)
        if fits and variant.literals.get(place.path) != value:
            yield variant.saying(place.path, value)


def _set_before(
    links: Links, places: tuple[InputPlace, ...], variant: InputVariant, refusal: Rejection
) -> Iterator[InputVariant]:
    """What has to be set by another operation before it is believed: a password."""
    if not (_DENIED.search(refusal.text) or refusal.status in (401, 403)):
        return
    names = [place.name for place in places if is_filled(place, places, variant)]
    names += [as_member(key) for keys in variant.keys.values() for key in keys]
    for name in dict.fromkeys(names):
        yield from (variant.after(gate) for gate in links.setters(name) if gate not in variant.gates)


def _documented(places: tuple[InputPlace, ...], variant: InputVariant) -> Iterator[InputVariant]:
    """The keys that a text gives a map, each set with the value that it stands under."""
    kinds = {
        value: place.path
        for place in places
        if isinstance(place.node, EnumNode) and is_filled(place, places, variant)
        for value in place.node.values
    }
    for place in places:
        if place.path in variant.keys or not isinstance(place.node, MapNode):
            continue
        examples = dict.fromkeys(
            example
            for example in place.key_examples
            if variant.literals.get(kinds.get(example.term, ()), example.term) == example.term
        )
        # One of each kind first.
        firsts = {example.term: example for example in reversed(examples)}
        for example in itertools.islice(dict.fromkeys([*reversed(firsts.values()), *examples]), _EXAMPLES):
            keyed = variant.keyed(place.path, example.keys)
            yield keyed.saying(kinds[example.term], example.term) if example.term in kinds else keyed


def _unset(
    places: tuple[InputPlace, ...], variant: InputVariant, refusal: Rejection
) -> Iterator[InputVariant]:
    """What may be missing where a target throws over nothing: all numbers at once, then all texts."""
    if not _NOTHING.search(refusal.text):
        return
    near = [place for place in places if len(place.path) == 1 and not is_filled(place, places, variant)]
    for kinds in (IntegerNode | NumberNode, StringNode | EnumNode):
        missing = [place.path for place in near if isinstance(place.node, kinds)]
        if missing:
            yield variant.adding(*missing)


def _otherwise(
    places: tuple[InputPlace, ...], variant: InputVariant, refusal: Rejection
) -> Iterator[InputVariant]:
    """The same in another form: texts that were made up by a member's name, where such have several."""
    for place in places:
        sent = sent_at(refusal.sent, place.path)
        forms = list(known_forms(place.name, place.node)) if isinstance(sent, str) else []
        if sent in forms:
            for form in forms:
                if form != sent:
                    yield variant.saying(place.path, form)


def _keyed(
    places: tuple[InputPlace, ...], variant: InputVariant, refusal: Rejection
) -> Iterator[InputVariant]:
    """A key that a map of texts may lack: a word in quotes or in capitals."""
    elsewhere = {value for place in places if isinstance(place.node, EnumNode) for value in place.node.values}
    elsewhere |= {place.name.lower() for place in places if len(place.path) == 1}
    words = dict.fromkeys(
        word
        for word in [*_QUOTED.findall(refusal.text), *_CAPITALS.findall(refusal.text)]
        if _KEY.fullmatch(word)
        and not word.endswith(("Type", "Error", "Exception"))
        and word not in _ACRONYMS
        # What is said of another member is no key of this one.
        and word not in elsewhere
        and word.lower() not in elsewhere
    )
    for place in places:
        if not isinstance(place.node, MapNode) or place.name.lower().endswith("tags"):
            continue
        keys = variant.keys.get(place.path, ())
        for word in list(words)[:_OTHERS]:
            if word not in keys and word not in texts_in(refusal.sent):
                yield variant.keyed(place.path, (*keys, word))


def _of_other_keys(
    places: tuple[InputPlace, ...], variant: InputVariant, refusal: Rejection
) -> Iterator[InputVariant]:
    """Another candidate for the key of a map that is refused: what is named there may go by another text."""
    for place in places:
        sent = sent_at(refusal.sent, place.path)
        path = (*place.path, KEY_PLACE)
        if not isinstance(place.node, MapNode) or not isinstance(sent, Mapping) or place.path in variant.keys:
            continue
        blamed = mentions(refusal.text, place.name) or any(key in refusal.message for key in sent)
        if blamed and variant.passed.get(path, 0) < _PASSED:
            yield replace(variant, passed={**variant.passed, path: variant.passed.get(path, 0) + 1})


def _meant(
    links: Links,
    operation: str,
    places: tuple[InputPlace, ...],
    variant: InputVariant,
    refusal: Rejection,
) -> Iterator[InputVariant]:
    """Something is not there: bind what may name it, or do first what makes it. Or it is there already."""
    filled = [
        place for place in places if isinstance(place.node, StringNode) and is_filled(place, places, variant)
    ]
    yield from with_new_names(operation, places, variant, refusal)
    others: list[InputVariant] = []
    absent = bool(_ABSENT.search(refusal.text)) or refusal.status == 404
    about = plain_text(refusal.text)
    identities = [
        place for place in filled if place.need(operation).is_identity and place.path not in variant.literals
    ]
    if absent:
        for place in places:
            left = place.optional and len(place.path) == 1 and isinstance(place.node, StringNode | ListNode)
            if left and not is_filled(place, places, variant) and _is_about(refusal, place, operation):
                yield variant.adding(place.path)
        blamed = [place.path for place in identities if _blames(refusal, place)]
        blamed += [place.path for place in identities if _is_about(refusal, place, operation)]
        blamed = list(dict.fromkeys([*blamed, *(place.path for place in identities)]))
        others = [
            replace(variant, passed={**variant.passed, path: variant.passed.get(path, 0) + 1})
            for path in blamed
            if variant.passed.get(path, 0) < _PASSED
        ]
        others = [*_of_other_kinds(links, operation, identities, variant, refusal), *others]
        others += [
            variant.after(creator)
            for _, creator in links.creators_in(plain_text(refusal.text))
            if creator != operation and creator not in variant.gates
        ][:_GATES]
    gates = [variant.after(gate) for gate in links.gates(operation) if gate not in variant.gates][:_GATES]
    # What the operation is about is not there, though all that it names may be.
    noun = read_name(operation).noun
    elsewhere = all(place.need(operation).stem != noun for place in identities)
    gates_first = not absent or (noun in about and elsewhere)
    yield from (*gates, *others) if gates_first else (*others, *gates)


def with_new_names(
    operation: str, places: tuple[InputPlace, ...], variant: InputVariant, refusal: Rejection
) -> Iterator[InputVariant]:
    """Where a refusal says that something is there already: a new name at one place, the likeliest first."""
    if not _PRESENT.search(refusal.text):
        return
    chosen = [
        place
        for place in places
        if isinstance(place.node, StringNode)
        and is_filled(place, places, variant)
        and place.path not in variant.fresh | variant.literals.keys()
    ]
    for place in sorted(
        chosen, key=lambda place: (_rank_as_name(place, operation), not shows(refusal, place.path))
    ):
        yield replace(variant, fresh=variant.fresh | {place.path})


def _of_other_kinds(
    links: Links, operation: str, identities: list[InputPlace], variant: InputVariant, refusal: Rejection
) -> Iterator[InputVariant]:
    """A thing that the refusal calls by another name than the place that names it: an "event bus"."""
    for noun, creator in links.creators_in(plain_text(refusal.text)):
        for place in identities:
            value = sent_at(refusal.sent, place.path)
            blamed = isinstance(value, str) and len(value) > 2 and value in refusal.message
            if (
                (blamed or len(identities) == 1)
                and place.need(operation).stem != noun
                and creator != operation
            ):
                kinds = {**variant.kinds, place.path: noun}
                yield replace(variant.after(creator), kinds=kinds)


def _is_about(refusal: Rejection, place: InputPlace, operation: str) -> bool:
    """Whether a refusal is about what a place names: "the user with name X cannot be found"."""
    need = place.need(operation)
    words = re.sub(r"[^a-z ]", " ", re.sub(r"([a-z])([A-Z])", r"\1 \2", refusal.text).lower()).split()
    stem = need.stem
    if not stem or not (need.is_identity or isinstance(place.node, ListNode)):
        return False
    pairs = {"".join(words[start : start + count]) for start in range(len(words)) for count in (1, 2, 3)}
    return stem in pairs or f"{stem}s" in pairs


def _rank_as_name(place: InputPlace, operation: str) -> int:
    """What a creator calls its thing first, then what sounds like a name."""
    if is_own_name(place.name, operation):
        return 0
    return 1 if is_fabricated(place.name) else 2


def _blames(refusal: Rejection, place: InputPlace) -> bool:
    return shows(refusal, place.path) or mentions(refusal.text, place.name)
