# SPDX-License-Identifier: Apache-2.0
"""How the operations of a service hang together, by their names and shapes: who makes what others name.

It owns the reading of an operation's name (its verb, what it is about) and the ranking of what may give a
member its value. It refuses to know any target, and it knows no service by name.

Rules, by what their absence costs (a prototype on eleven services): an operation's noun (DescribeKey <-
CreateKey); the identity of shapes; names of members in outputs; suffixes (FunctionName <- CreateFunction);
pairs (Untag <- Tag).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..spec.shapes import ListShape, Operation, Service, StringShape, StructureShape
from .api_words import GATE_VERBS, GENERIC_NAMES, MAKING_VERBS, words_of
from .name_reading import IDENTIFYING_END, is_left_alone, is_own_name, name_parts, plain_name, read_name

__all__ = ["Links", "Need", "fit", "links_of", "noun_at"]

_GENERIC = GENERIC_NAMES
# What things of any kind are called.
_ANYTHING = frozenset({"resource", "source", "target"})
_QUALIFIED = re.compile(
    r"(?:Source|source|Parent|parent|Base|Existing|Original|Current|Primary|Root|Linked|Destination)(?=[A-Z])"
)
# What a shape's name ends with where its texts name something, whatever the member is called: ShardToMerge.
_IDENTITIES = frozenset({"arn", "id", "identifier"})
_DEPTH = 5
_OTHER_KIND = 4
_SENT_DEPTH = 2
# What has to be done before it can be undone.
_INVERSES: Mapping[str, tuple[str, ...]] = {
    "Start": ("Stop",),
    "Resume": ("Pause", "Suspend"),
    "Restore": ("Delete",),
}
# What gives a thing that is there a value.
_SETTING = frozenset({"Set", "Put"})
# A noun that is no longer than this stands in many a text by chance.
_SHORTEST = 3


@dataclass(frozen=True)
class Need:
    """A text that an operation asks for: the member, its shape, its holder's member, and the operation.

    `kind` is what a member beside it says that it names (`ResourceType`).
    """

    member: str
    shape: str
    operation: str
    holder: str = ""
    kind: str = ""

    @property
    def is_general(self) -> bool:
        """Whether it may name things of many kinds (ResourceArn)."""
        return name_parts(self.member)[0] in _ANYTHING

    @functools.cached_property
    def nouns(self) -> tuple[str, ...]:
        """What the value may belong to, most telling first."""
        stem = self.stem
        reading = read_name(self.operation)
        nouns = [stem] if stem and stem not in _ANYTHING else []
        qualified = _QUALIFIED.match(self.member)
        if qualified and len(qualified[0]) < len(self.member) and stem not in _ANYTHING:
            # A SourceTableName names a table.
            nouns.append(name_parts(self.member[len(qualified[0]) :])[0])
        if self.kind:
            nouns.insert(0, plain_name(self.kind))
        if self.holder:
            # The digest in an ImageId is one of an image.
            nouns += [plain_name(self.holder), name_parts(self.holder)[0]]
        if self.member.lower() in _GENERIC or not stem or stem in _ANYTHING:
            about = reading.about
            nouns += ["".join(about[:count]) for count in range(len(about), 0, -1)]
            nouns += ["".join(about[start:]) for start in range(1, len(about))]
        return tuple(dict.fromkeys(noun for noun in nouns if noun))

    @property
    def is_identity(self) -> bool:
        """Whether the member's name, or its shape's, says that it names something."""
        return bool(self.parts[1]) or plain_name(self.member) == "resource"

    @property
    def stem(self) -> str:
        """What the member's name is about, without how it names it."""
        return self.parts[0]

    @functools.cached_property
    def parts(self) -> tuple[str, str]:
        """What it is about, and how it names it, by the member's name or else by its shape's."""
        parts, shaped = name_parts(self.member), name_parts(self.shape)
        return shaped if not parts[1] and shaped[0] and shaped[1] in _IDENTITIES else parts


@dataclass(frozen=True, slots=True)
class Leaf:
    """A text in an output or input: its path (`*` for a list's first element), its member's name, its shape.

    `holder` is the member that it stands under, if any.
    """

    path: tuple[str, ...]
    name: str
    shape: str
    holder: str = ""


def fit(name: str, shape: str, noun: str, need: Need, common: frozenset[str]) -> int | None:
    """How well a text that an operation about a noun shows gives what is needed; the smaller the better.

    None where it does not. `common` are shapes that too many members share to tell anything. Of another
    kind than what is asked for, by a member beside it or by a refusal, it is the last to try.
    """
    rank = _fit_by_name(name, shape, noun, need, common)
    other = rank is not None and need.kind and noun != plain_name(need.kind)
    return rank + _OTHER_KIND if rank is not None and other else rank


def _fit_by_name(name: str, shape: str, noun: str, need: Need, common: frozenset[str]) -> int | None:
    same_shape = shape == need.shape and shape not in common
    plain, member = plain_name(name), plain_name(need.member)
    stem, end = need.parts
    related = noun in need.nouns
    if plain == member and plain not in _GENERIC:
        return 0 if same_shape else 1
    if plain == member and (name == need.member or same_shape) and related:
        return 1
    if same_shape and (related or plain not in _GENERIC):
        return 2
    if end and related and plain in (end, f"{noun}{end}"):
        return 3
    if end and plain == f"{stem}{end}":
        return 3
    if related and (end or member in (noun, "resource")) and plain in _names_of(noun):
        # What is called an id or a name is often taken as an ARN as well.
        return 4 if end in ("arn", "") and plain.endswith("arn") else 5
    if same_shape:
        return 6
    if need.is_general and end and plain.endswith(end):
        return 6 if not need.kind else 7
    return None


# What holds an answer without saying what it holds.
_HOLDERS = re.compile(
    r"(?:summary|detail|metadata|item|result|response|configuration|info|information|description|data|list"
    r"|entry|record|output|input|status|request)$"
)


@functools.lru_cache(maxsize=65536)
def noun_at(holder: str, noun: str) -> str:
    """What a text is about that stands under a member of an operation about a noun."""
    plain = _HOLDERS.sub("", plain_name(holder))
    if not plain or noun.startswith(plain) or plain.startswith(noun) or plain.endswith(noun):
        return noun
    return plain


def _place_as_gate(name: str) -> int:
    """What is likelier to have come before, first."""
    word = read_name(name).word
    return GATE_VERBS.index(word) if word in GATE_VERBS else len(GATE_VERBS)


@functools.cache
def _participle(verb: str) -> re.Pattern[str]:
    """What a verb has become where it is done, after a "not": stopped, enabled, linked, applied."""
    stem = verb.lower()
    stem = f"{stem[:-1]}i" if stem.endswith("y") else stem.removesuffix("e")
    return re.compile(rf"(?i)\bn[o']t\b(?: [a-z]+){{0,2}} {stem}{stem[-1:]}?ed\b")


def _names_of(noun: str) -> tuple[str, ...]:
    return ("arn", f"{noun}arn", "id", f"{noun}id", "name", f"{noun}name", noun)


def links_of(service: Service) -> Links:
    """The links of a service, made once for as long as the service lives."""
    return service.derived(Links)


class Links:
    """Who makes what, in one service."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._about: dict[str, list[str]] = {}
        self._leaves: dict[str | None, tuple[Leaf, ...]] = {}
        self._producers: dict[Need, tuple[str, ...]] = {}
        for name in service.operations:
            self._about.setdefault(read_name(name).noun, []).append(name)

    @functools.cached_property
    def common(self) -> frozenset[str]:
        """Shapes of texts that stand under so many names that sharing them tells nothing."""
        names: dict[str, set[str]] = {}
        for shape in self._service.shapes.values():
            if isinstance(shape, StructureShape):
                for name, member in shape.members.items():
                    names.setdefault(member.target, set()).add(plain_name(name))
            elif isinstance(shape, ListShape):
                names.setdefault(shape.member.target, set())
        return frozenset(name for name, used in names.items() if len(used) > 4)

    def leaves(self, root: str | None) -> tuple[Leaf, ...]:
        """Texts in a document of that shape, those near the root first."""
        if root not in self._leaves:
            self._leaves[root] = tuple(self._walk(root))
        return self._leaves[root]

    def _walk(self, root: str | None) -> Iterator[Leaf]:
        level = [Leaf((), "", root)] if root else []
        seen: set[str] = set()
        for _ in range(_DEPTH):
            below: list[Leaf] = []
            for place in level:
                shape = self._service.shapes.get(place.shape)
                if isinstance(shape, StringShape):
                    if not shape.enum:
                        yield place
                elif isinstance(shape, ListShape):
                    below.append(replace(place, path=(*place.path, "*"), shape=shape.member.target))
                elif isinstance(shape, StructureShape) and not shape.event_stream and place.shape not in seen:
                    seen.add(place.shape)
                    below += [
                        Leaf((*place.path, key), key, member.target, place.name)
                        for key, member in shape.members.items()
                    ]
            level = below

    def producers(self, need: Need) -> tuple[str, ...]:
        """Operations that may show what is needed, the likeliest first."""
        if need not in self._producers:
            self._producers[need] = tuple(self._ranked(need))
        return self._producers[need]

    def _ranked(self, need: Need) -> Iterator[str]:
        ranked: list[tuple[int, int, int, str]] = []
        for name, operation in self._service.operations.items():
            if name == need.operation:
                continue
            rank = self._rank(name, operation, need)
            if rank is not None:
                ranked.append((*rank, len(words_of(name)), name))
        yield from (name for *_, name in sorted(ranked))
        if need.is_general:
            known = {name for *_, name in ranked}
            yield from (name for name in self._creators_showing(need) if name not in known)

    def _creators_showing(self, need: Need) -> Iterator[str]:
        """Creators that show the same end of a name, by which anything may be meant; the simplest first."""
        suffix = IDENTIFYING_END.search(need.member)
        end = plain_name(suffix[0]) if suffix else "arn"
        names = [
            name
            for name, operation in self._service.operations.items()
            if read_name(name).word in MAKING_VERBS
            and any(plain_name(leaf.name).endswith(end) for leaf in self.leaves(operation.output))
        ]
        inputs = {name: self._service.operations[name].input for name in names}
        required = {name: len(self._service.structure(root).required) for name, root in inputs.items()}
        yield from sorted(names, key=lambda name: (read_name(name).word != "Create", required[name], name))

    def _rank(self, name: str, operation: Operation, need: Need) -> tuple[int, int] | None:
        reading = read_name(name)
        if reading.verb == "destroy":
            return None
        shown = [
            rank
            for leaf in self.leaves(operation.output)
            if not is_left_alone(leaf.name)
            and (rank := fit(leaf.name, leaf.shape, noun_at(leaf.holder, reading.noun), need, self.common))
            is not None
        ]
        if reading.verb == "create":
            shown += list(self._sent_ranks(name, operation, need))
        if not shown:
            return None
        best = min(shown)
        nouns = need.nouns
        place = nouns.index(reading.noun) if reading.noun in nouns else len(nouns)
        kind = {"create": 0, "change": 2, "read": 4, "destroy": 9}[reading.verb]
        if reading.noun not in nouns:
            kind += 3 if reading.verb == "create" else 1
        if reading.verb == "create" and reading.word != "Create":
            # Enabling, starting, restoring: mostly of what is there already; so is putting what is created.
            creators = (read_name(other).word == "Create" for other in self._about[reading.noun])
            kind += 1 if reading.word not in MAKING_VERBS or any(creators) else 0
        return kind + min(place, 2) + best // 2, best

    def _sent_ranks(self, name: str, operation: Operation, need: Need) -> Iterator[int]:
        """How well what a creator is sent gives what is needed: what it calls the thing need not be shown."""
        noun = read_name(name).noun
        for leaf in self.leaves(operation.input):
            if len(leaf.path) > _SENT_DEPTH or "*" in leaf.path:
                continue
            rank = fit(leaf.name, leaf.shape, noun_at(leaf.holder, noun), need, self.common)
            if rank is not None and is_own_name(leaf.name, name):
                yield rank
            elif noun in need.nouns and leaf.name == need.member and read_name(name).word in MAKING_VERBS:
                yield 2

    def makers(self, need: Need) -> tuple[str, ...]:
        """Operations that make what a member is called after."""
        nouns = dict.fromkeys((*need.nouns, plain_name(need.member)))
        names = (name for noun in nouns for name in self._about.get(noun, ()))
        return tuple(name for name in names if read_name(name).verb == "create" and name != need.operation)

    def givers(self, need: Need) -> tuple[str, ...]:
        """Operations that are about what is needed, and show it at the root of their answer.

        A GetShardIterator gives a ShardIterator; what an operation is itself about, it is given.
        """
        plain = plain_name(need.member)
        if read_name(need.operation).noun == plain:
            return ()
        return tuple(
            name
            for name in self._about.get(plain, ())
            if name != need.operation
            and any(
                plain_name(leaf.name) == plain and leaf.shape == need.shape and len(leaf.path) == 1
                for leaf in self.leaves(self._service.operations[name].output)
            )
        )

    def creators_in(self, text: str) -> Iterator[tuple[str, str]]:
        """What a text in lower case without spaces speaks of, and what makes it; long words first."""
        for noun in sorted(self._about, key=len, reverse=True):
            if len(noun) > _SHORTEST and noun in text:
                makers = [name for name in self._about[noun] if read_name(name).word in MAKING_VERBS]
                if makers:
                    yield noun, min(makers, key=lambda name: read_name(name).word != "Create")

    def gates(self, operation: str) -> tuple[str, ...]:
        """Operations about the same thing that may have to come before, though they give no value."""
        reading = read_name(operation)
        if reading.verb == "create":
            return ()
        names = [
            name
            for name in self._about.get(reading.noun, ())
            if name != operation and read_name(name).verb in ("create", "change")
        ]
        makers = [name for name in names if read_name(name).verb == "create"]
        return tuple(sorted(makers or names, key=_place_as_gate))

    def setters(self, member: str) -> tuple[str, ...]:
        """Operations that do nothing but set what a member is called, the same member being required of them.

        An identifier is given by what makes the thing, and is set by none.
        """
        plain = plain_name(member)
        if name_parts(member)[1]:
            return ()
        return tuple(
            name
            for name, operation in self._service.operations.items()
            if (reading := read_name(name)).word in _SETTING
            and reading.about
            and plain_name(reading.about[-1]) == plain
            and any(plain_name(key) == plain for key in self._service.structure(operation.input).required)
        )

    def undone(self, operation: str, text: str) -> tuple[str, ...]:
        """Operations about the same thing of which a text says that they were not done: "is not stopped".

        Where it speaks of a state, that is what the operation brings back from.
        """
        reading = read_name(operation)
        inverse = _INVERSES.get(reading.word, ()) if re.search(r"(?i)state|status", text) else ()
        return tuple(
            name
            for name in self._about.get(reading.noun, ())
            if name != operation
            and (read_name(name).word in inverse or _participle(read_name(name).word).search(text))
        )

    def undoers(self, operation: str) -> tuple[str, ...]:
        """Operations that may take away what one makes, the likeliest first."""
        reading = read_name(operation)
        if reading.verb != "create":
            return ()
        order = ("Delete", "Deregister", "Terminate", "Release", "Remove", "Cancel", "Schedule")
        names = [
            name
            for name in self._about.get(reading.noun, ())
            if read_name(name).verb == "destroy" and read_name(name).word in order
        ]
        # A key is not deleted, its deletion is scheduled.
        names += [
            name for name in self._about.get(f"{reading.noun}deletion", ()) if name.startswith("Schedule")
        ]
        return tuple(sorted(names, key=lambda name: order.index(read_name(name).word)))
