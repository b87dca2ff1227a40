# SPDX-License-Identifier: Apache-2.0
"""Scripts: short histories of one resource, made of its family alone, as plain values with stable ids.

It owns what is done, in which order. It refuses to know how a script goes (engine/oracles) and what its
answers ought to tell (checks/oracles).
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from ...results.events import CaseInfo
from ...spec.shapes import Operation
from ..contract import Contract, OperationContract
from ..symbols import is_symbol, with_value
from .alternatives import named_otherwise
from .association_scripts import association_scripts
from .creator_leaves import arn_shown_by
from .families import CREATE, Family, RelatedOperation, families_of
from .filters import Facet, Narrowing, facets_of
from .names_within import places_of_names, with_own_names
from .paging import Paging, paging_of
from .places import elements_of, structures
from .samples import fixed_members, is_global, refused_again, refused_members
from .script import Move, Script
from .tagging import Tagging, creation_tags
from .values import Change, broken_changes, changes, weight
from .words import is_identifying, verb_of

__all__ = ["scripts_for"]

# So many things fill a page and begin another, where a page may be small enough.
_PAGED, _MOST_PAGED = 3, 22
_LONG = 16
_AT_ONCE = 8
_READERS = 3
_LISTED = 4
# So many changes are made to one resource.
_TOGETHER = 6
# A token that no target has issued.
_FORGED = "bm9ib2R5LWlzc3VlZC10aGlz"
_TAGS = {"first": "a value", "second": "another"}
# A token by which a repetition is known as one.
_TOKEN = "conformance-0123456789-0123456789-token"


def scripts_for(contract: OperationContract) -> tuple[Script, ...]:
    """The scripts that belong to an operation; worked out once."""
    known: dict[str, tuple[Script, ...]] = contract.service.derived(_nothing_yet)
    if contract.name not in known:
        service = contract.service_contract
        every = chain(_scripts(service, contract.name), association_scripts(service, contract.name))
        known[contract.name] = tuple(_by_novelty(_unique(every)))
    return known[contract.name]


def _nothing_yet(service: Any) -> dict[str, tuple[Script, ...]]:
    return {}


def _unique(scripts: Iterator[Script]) -> Iterator[Script]:
    seen: set[str] = set()
    for script in scripts:
        if script.info.id not in seen:
            seen.add(script.info.id)
            yield script


def _by_novelty(scripts: Iterator[Script]) -> list[Script]:
    """Scripts in the order in which a run that may be cut short should walk them.

    Those come first that send members to operations as none before them does; other values of the same
    members come last, and what takes many requests comes with them.
    """
    times: Counter[tuple[Any, ...]] = Counter()
    ranked = []
    for script in scripts:
        form = tuple((move.role, move.operation, *sorted(move.input)) for move in script.moves)
        ranked.append((times[form] + (len(script.moves) > _LONG), script))
        times[form] += 1
    return [script for _, script in sorted(ranked, key=itemgetter(0))]


def _scripts(contract: Contract, name: str) -> Iterator[Script]:
    for family in families_of(contract):
        maker = _Maker(contract, family)
        if family.creator.name == name:
            yield from maker.of_creator()
        if family.tagging is not None and name in (family.tagging.add, family.tagging.remove):
            yield from maker.of_tagging(family.tagging, name)
        for related, make in (
            (family.readers, maker.of_reader),
            (family.lists, maker.of_list),
            (family.updaters, maker.of_updater),
            (family.deleters, maker.of_deleter),
            (family.actions, maker.of_action),
            (family.batches, maker.of_batch),
        ):
            for member in related:
                if member.name == name:
                    yield from make(member)


class _Maker:
    """Makes the scripts of one family."""

    def __init__(self, contract: Contract, family: Family) -> None:
        self._contract = contract
        self._family = family

    def of_creator(self) -> Iterator[Script]:
        """What is made is as it was asked for, made once, and not made by a request that is refused."""
        family, create = self._family, self._create()
        looks = self._looks()
        if not looks:
            return
        if elsewhere := list(self._elsewhere()):
            yield self._script("made in one region", [create, *elsewhere])
        yield from self._tagged_at_once()
        yield from self._replayed()
        yield from self._known_refusals_of_creator()
        for broken in self._broken(family.creator, family.template):
            refused = {**create.input, broken.member: broken.value}
            move = replace(create, role="refuse", input=refused)
            yield self._script(f"refused for {broken.pointer}", [move, *self._seen_by_name(move)])
        if family.naming:
            again = self._again(create)
            yield self._script("made twice under one name", [create, again, *looks])
            for change in self._changes_of_the_same():
                other = self._again(self._telling(create, change))
                yield self._script("made twice, the second time otherwise", [create, *looks, other, *looks])
                break
            yield from self._replaced(create)
            together = replace(create, times=_AT_ONCE)
            yield self._script("made by several requests at once", [together, *looks])
        for change in self._changes(family.creator, family.template):
            moves = [self._telling(create, change)]
            yield self._script(f"told {change.pointer} ({change.label})", [*moves, *self._reads()])

    def _replaced(self, create: Move) -> Iterator[Script]:
        """What is made again under its name, with something that reads show, does not replace the first."""
        family, reads = self._family, self._reads(listed=False)
        shown = {
            name
            for reader in family.readers
            for _, holder in structures(self._contract.service, reader.operation.output)
            for name in holder.members
            if not is_identifying(name)
        }
        for change in self._changes_of_the_same():
            if weight(change.value) and shown & {*change.pointer.split("/")[1:3]}:
                told = self._telling(create, change)
                after = [replace(read, label=f"{read.label} after") for read in reads]
                # What is not the same twice is not to be compared with what comes after.
                twice = [replace(read, label=f"{read.label} at first") for read in reads]
                moves = [create, *twice, *reads, self._again(told), *after]
                yield self._script(f"made twice, the second time told {change.pointer}", moves)
                return

    def _tagged_at_once(self) -> Iterator[Script]:
        """What is tagged as it is made has its tags."""
        family, create = self._family, self._create()
        tags = creation_tags(self._contract.service, family.creator, family.noun, _TAGS)
        if tags is None:
            return
        member, value = tags
        if isinstance(value, Mapping) and isinstance(create.input.get(member), Mapping):
            value = {**create.input[member], **value}
        show = [Move("tags", "tags", *family.tag_reader)] if family.tag_reader else []
        moves = [replace(create, input={**create.input, member: value}), *self._reads(), *show]
        yield self._script("made with tags", moves)

    def _replayed(self) -> Iterator[Script]:
        """What is asked for twice with one token is made once."""
        family, create = self._family, self._create()
        members = self._contract.service.structure(family.creator.input).members
        token = next((name for name, member in members.items() if member.idempotency_token), None)
        if token is None:
            return
        validator = self._contract.validator(family.creator.name, "input")
        for word in (_TOKEN, _TOKEN[:32]):
            if not any(finding.path[:1] == (token,) for finding in validator.findings({token: word})):
                create = replace(create, input={**create.input, token: word})
                again = replace(self._again(create), label="replay", role="replay")
                yield self._script("made twice with one token", [create, again, *self._looks()])
                return

    def of_reader(self, reader: RelatedOperation) -> Iterator[Script]:
        """What was made is shown, and shown twice alike."""
        read = self._read(reader)
        moves = [self._create(), read, replace(read, label=f"{read.label} again")]
        yield self._script(f"made and shown by {reader.name}", moves, reader.name)
        if reader not in self._family.readers[:_READERS]:
            yield from self._gone(reader, read)
        yield from self._named_otherwise([self._create(), read], reader, read)
        yield from self._known_refusals(reader, read)

    def of_list(self, listing: RelatedOperation) -> Iterator[Script]:
        """What was made is listed, on one page or on several."""
        create, every = self._create(), self._list(listing)
        yield self._script(f"made and listed by {listing.name}", [create, every], listing.name)
        if listing not in self._family.lists[:1]:
            yield from self._gone(listing, every)
        yield from self._named_otherwise([create, *self._reads(listed=False)[:1], every], listing, every)
        for narrowing in listing.narrowings:
            yield self._narrowed(listing, narrowing)
        shown = (self._family.creator, *(reader.operation for reader in self._family.readers))
        narrowed = {narrowing.label for narrowing in listing.narrowings}
        for facet in facets_of(self._contract.service, listing.operation, self._family.noun, shown):
            if facet.label not in narrowed:
                yield self._in_one_state(listing, facet)
        for change in islice(self._listed_changes(listing), _LISTED):
            told = self._telling(create, change)
            title = f"told {change.pointer} and listed by {listing.name}"
            yield self._script(title, [told, every], listing.name)
        yield from self._known_refusals(listing, every)
        paging = self._paging(listing)
        if not (paging.tokens and paging.limit):
            return
        # Two more than a page holds, where what is there besides does not fill it.
        count = min(max(_PAGED, paging.least + 2), _MOST_PAGED)
        several = [self._numbered(create, number) for number in range(1, count + 1)]
        least = {**every.input, paging.limit: paging.least}
        page = Move(f"{every.label} by pages", "page", listing.name, least)
        yield self._script("several, listed by pages", [*several, every, page], listing.name)
        if paging.opaque:
            forged = {**every.input, **dict.fromkeys(paging.tokens, _FORGED)}
            move = Move(f"{every.label} from nowhere", "forge", listing.name, forged)
            yield self._script("a page that nobody was sent to", [create, every, move], listing.name)

    def of_batch(self, batch: RelatedOperation) -> Iterator[Script]:
        """What was taken away is shown no more among several."""
        create, family = self._saying(), self._family
        shown = {
            name
            for element in elements_of(self._contract.service, batch.operation)
            for name in element.members
            if not is_identifying(name)
        }
        for change in self._changes(family.creator, family.template):
            if change.member in shown and weight(change.value) and not shown & create.input.keys():
                # What is shown of it has to be there.
                create = self._telling(create, change)
                break
        yield from self._gone(batch, Move(batch.name, "batch", batch.name, batch.template), create)

    def _gone(self, related: RelatedOperation, look: Move, create: Move | None = None) -> Iterator[Script]:
        """What was taken away is not shown by a look that those of its deleter leave out."""
        for deleter in self._family.deleters[:1]:
            delete = Move("delete", "delete", deleter.name, self._input(deleter))
            before = replace(look, label=f"{look.label} before")
            moves = [create or self._saying(), before, delete, look]
            yield self._script(f"taken away, and shown by {related.name}", moves, related.name)

    def _listed_changes(self, listing: RelatedOperation) -> Iterator[Change]:
        """What a creator can be told that elements of a list show, once each, where reads show it as well.

        Where nothing reads, whatever the creator is told is looked for in the list.
        """
        family, service = self._family, self._contract.service
        told = service.structure(family.creator.input).members
        listed = {
            name
            for element in self._paging(listing).shapes(service, listing.operation)
            for name, member in element.members.items()
            if name in told and told[name].target == member.target
        }
        for change in self._changes(family.creator, family.template) if family.readers and listed else ():
            if change.member in listed and weight(change.value):
                listed.remove(change.member)
                yield change

    def _named_otherwise(
        self, before: Sequence[Move], related: RelatedOperation, move: Move, after: Sequence[Move] = ()
    ) -> Iterator[Script]:
        """What was made is named by its ARN, or its name, where documents say that either will do."""
        service, family = self._contract.service, self._family
        name = f"{CREATE}.$in.{family.naming[0]}" if family.naming else ""
        for shown in before:
            arn = arn_shown_by(service, service.operations[shown.operation], family.noun)
            if arn is None or shown.role not in ("create", "read"):
                continue
            asked = named_otherwise(service, related.operation, move.input, name, f"{shown.label}.{arn}")
            if asked is not None:
                other = replace(move, label=f"{move.label} otherwise", input=asked)
                yield self._script(
                    f"named otherwise in {related.name}", [*before, other, *after], related.name
                )
            return

    def _known_refusals(self, related: RelatedOperation, move: Move) -> Iterator[Script]:
        """What AWS is known to refuse, asked of what was made."""
        for members in refused_members(self._contract.service.name, related.name):
            unmet = Move("refused", "unmet", related.name, {**move.input, **members})
            yield self._script(
                f"refused for {', '.join(members)}", [self._create(), move, unmet], related.name
            )

    def _known_refusals_of_creator(self) -> Iterator[Script]:
        """The same of creations: of something new, and of what is there already."""
        service, create = self._contract.service.name, self._create()
        for again, samples in ((False, refused_members), (True, refused_again)):
            for members in samples(service, create.operation):
                other = self._again(create) if again else self._numbered(create, 2)
                unmet = replace(other, label="refused", role="unmet", input={**other.input, **members})
                title = f"made and refused for {', '.join(members)}{' there' if again else ''}"
                yield self._script(title, [create, *self._looks(), unmet])

    def _narrowed(self, listing: RelatedOperation, narrowing: Narrowing) -> Script:
        """Of two things, the list is asked for the first."""
        create, every = self._create(), self._list(listing)
        first = replace(create, input={**create.input, **narrowing.first})
        other = self._numbered(replace(create, input={**create.input, **narrowing.other}), 2)
        asked = {**every.input, **narrowing.asks}
        move = Move(f"{every.label} by a filter", "filter", listing.name, asked)
        title = f"two, and one asked for by {narrowing.label}"
        moves = [first, every, move] if narrowing.alone else [first, other, every, move]
        return self._script(title, moves, listing.name)

    def _in_one_state(self, listing: RelatedOperation, facet: Facet) -> Script:
        """The list is asked for what is in one state, in another, and in the first again."""
        every = self._list(listing)
        moves = [
            Move(f"{every.label} {word}", "facet", listing.name, {**every.input, **asks})
            for word, asks in (("first", facet.first), ("other", facet.other), ("again", facet.first))
        ]
        title = f"made and asked for by {facet.label}"
        return self._script(title, [self._create(), every, *moves], listing.name)

    def of_updater(self, updater: RelatedOperation) -> Iterator[Script]:
        """What is changed is shown, and what is refused changes nothing."""
        create, reads = self._create(), [*self._reads(listed=False), *self._descriptions()]
        if not reads:
            return
        before = [replace(read, label=f"{read.label} before") for read in reads]
        valid = tuple(self._changes(updater.operation, updater.template))
        for start in range(0, len(valid), _TOGETHER):
            moves = [create]
            for number, change in enumerate(valid[start : start + _TOGETHER]):
                update = self._update(updater, change)
                moves += [replace(move, label=f"{move.label} {number}") for move in (update, *reads)]
            first, last = valid[start], valid[min(start + _TOGETHER, len(valid)) - 1]
            yield self._script(f"changed {first.pointer} to {last.pointer}", moves, updater.name)
        for change in valid[:1]:
            update = self._update(updater, change)
            yield from self._named_otherwise([create, *reads[:1], update], updater, update, reads)
            yield from self._too_late(update, updater.name)
        for broken in self._broken(updater.operation, updater.template):
            other = next((change for change in valid if change.member != broken.member), None)
            refused = self._update(updater, broken)
            if other is not None:
                refused = replace(refused, input={**refused.input, other.member: other.value})
            # What is not the same twice is not to be compared with what comes after.
            twice = [replace(read, label=f"{read.label} at first") for read in reads]
            moves = [create, *twice, *before, replace(refused, role="refuse"), *reads]
            yield self._script(f"a change refused for {broken.pointer}", moves, updater.name)

    def of_deleter(self, deleter: RelatedOperation) -> Iterator[Script]:
        """What was taken away is shown no more."""
        delete = Move("delete", "delete", deleter.name, self._input(deleter))
        looks = self._looks()
        before = [replace(look, label=f"{look.label} before") for look in looks]
        moves = [self._saying(), *before, delete, *looks]
        yield self._script("made and taken away", moves, deleter.name)
        vain = replace(delete, label="delete again", role="vain")
        yield self._script("taken away twice", [self._saying(), *before, delete, vain], deleter.name)
        yield from self._named_otherwise([self._saying(), *before], deleter, delete, looks)
        for members in refused_members(self._contract.service.name, deleter.name):
            unmet = Move("refused", "unmet", deleter.name, {**delete.input, **members})
            title = f"not taken away for {', '.join(members)}"
            yield self._script(title, [self._create(), *looks, unmet], deleter.name)

    def of_action(self, action: RelatedOperation) -> Iterator[Script]:
        """What was taken away is not there for anything else either, and what is there has both its names."""
        reads = [*self._descriptions(), *self._reads(listed=False)][:1]
        act = Move("act", "act", action.name, self._input(action))
        yield from self._named_otherwise([self._create(), *reads, act], action, act)
        for deleter in self._family.deleters[:1] if reads else ():
            before = [replace(read, label=f"{read.label} before") for read in reads]
            delete = Move("delete", "delete", deleter.name, self._input(deleter))
            misuse = replace(act, label="misuse", role="misuse")
            moves = [self._saying(), *before, delete, *reads, misuse]
            yield self._script("used after it was taken away", moves, action.name)

    def of_tagging(self, tagging: Tagging, subject: str) -> Iterator[Script]:
        """Tags that are added are shown, in their last form, until they are taken away."""
        show = Move("tags", "tags", tagging.show, tagging.inputs[tagging.show])
        add = Move("tag", "tag", tagging.add, tagging.adding({"first": "a value", "second": "another"}))
        moves = [self._create(), add, show]
        if subject == tagging.add:
            yield from self._too_late(add, subject)
            again = Move("tag again", "tag", tagging.add, tagging.adding({"first": "a newer value"}))
            moves += [again, replace(show, label="tags again")]
        else:
            remove = Move("untag", "untag", tagging.remove, tagging.removing("first"))
            again = replace(remove, label="untag again")
            moves += [remove, replace(show, label="tags left"), again]
        yield self._script("tagged", moves, subject)

    def _too_late(self, change: Move, subject: str) -> Iterator[Script]:
        """What was taken away is changed, or tagged."""
        reads = [*self._descriptions(), *self._reads(listed=False)][:1]
        for deleter in self._family.deleters[:1] if reads else ():
            delete = Move("delete", "delete", deleter.name, self._input(deleter))
            moves = [self._saying(), delete, *reads, replace(change, label="too late", role="late")]
            yield self._script("changed after it was taken away", moves, subject)

    def _create(self) -> Move:
        family = self._family
        fixed = fixed_members(self._contract.service.name, family.creator.name)
        return Move(CREATE, "create", family.creator.name, {**family.template, **fixed})

    def _saying(self) -> Move:
        """The creation, with something to see where the least says nothing."""
        create, family = self._create(), self._family
        bound = _bound(family.template)
        if family.naming or any(weight(item) for name, item in create.input.items() if name not in bound):
            return create
        change = max(
            self._changes(family.creator, family.template),
            key=lambda change: weight(change.value),
            default=None,
        )
        return self._telling(create, change) if change else create

    def _numbered(self, create: Move, number: int) -> Move:
        label = CREATE if number == 1 else f"{CREATE}{number}"
        return replace(create, label=label, about=label)

    def _again(self, create: Move) -> Move:
        new = (name for name, item in create.input.items() if is_symbol(item) and "$name" in item)
        inputs = create.input
        for name in (*self._family.naming, *new):
            inputs = with_value(inputs, name, {"$from": f"{CREATE}.$in.{name}"})
        return replace(create, label="again", role="again", input=inputs)

    def _read(self, reader: RelatedOperation) -> Move:
        return Move(reader.name, "read", reader.name, self._input(reader))

    def _list(self, listing: RelatedOperation) -> Move:
        return Move(listing.name, "list", listing.name, self._input(listing))

    def _update(self, updater: RelatedOperation, change: Change) -> Move:
        update = Move("update", "update", updater.name, self._input(updater))
        return self._telling(update, change)

    def _telling(self, move: Move, change: Change) -> Move:
        """A move that tells something else, and not what documents say can't be beside it."""
        operation = self._contract.operation(move.operation)
        structure = self._contract.service.structure(operation.input)
        excluded = {
            name
            for name, member in structure.members.items()
            if name not in structure.required
            and any(exclusion.other == change.member for exclusion in member.exclusions)
        }
        inputs = {name: item for name, item in move.input.items() if name not in excluded}
        return replace(move, input={**inputs, change.member: change.value})

    def _reads(self, *, listed: bool = True) -> list[Move]:
        reads = [self._read(reader) for reader in self._family.readers[:_READERS]]
        return reads or ([self._list(listing) for listing in self._family.lists[:1]] if listed else [])

    def _descriptions(self) -> list[Move]:
        """Looks at what only a list describes, as whole as it is, and not only sums up."""
        listings = [listing for listing in self._family.describers if verb_of(listing.name) == "read"]
        return [self._list(listing) for listing in listings[:1]]

    def _looks(self) -> list[Move]:
        return [*self._reads(listed=False), *(self._list(listing) for listing in self._family.lists[:1])]

    def _elsewhere(self) -> Iterator[Move]:
        for listing in self._family.lists[:1]:
            every = self._list(listing)
            if not is_global(self._contract.service.name) and not any(
                "$from" in str(item) for item in every.input.values()
            ):
                yield every
                yield replace(every, label=f"{every.label} elsewhere", role="elsewhere")

    def _seen_by_name(self, refused: Move) -> Iterator[Move]:
        """Looks at what a refused request may have left behind, by what it was told."""
        for look in self._looks():
            sources = [str(item["$from"]) for item in look.input.values() if _is_from(item)]
            by_name = {
                name: {"$from": f"{CREATE}.$in.{self._family.naming[0]}"} if _is_answer(item) else item
                for name, item in look.input.items()
                if self._family.naming
            }
            if not any(source.startswith(f"{CREATE}.") for source in sources):
                yield look
            elif by_name and self._family.naming[0].rpartition(".")[2].lower() in map(str.lower, look.input):
                yield replace(look, input=by_name)

    def _input(self, related: RelatedOperation) -> Mapping[str, Any]:
        return {**related.template, **fixed_members(self._contract.service.name, related.name)}

    def _paging(self, listing: RelatedOperation) -> Paging:
        return paging_of(self._contract.service, listing.operation, self._family.noun)

    def _changes(self, operation: Operation, template: Mapping[str, Any]) -> Iterator[Change]:
        named = places_of_names(self._family.naming)
        every = changes(self._contract.of(operation), _bound(template))
        return (change for change in every if change.pointer not in named)

    def _changes_of_the_same(self) -> Iterator[Change]:
        """Changes of a creation that leave it about the same thing.

        A scope that has to be said by whoever asks for the thing is part of its name.
        """
        family = self._family
        sources = {
            str(item.get("$from"))
            for related in family.related
            for item in related.template.values()
            if is_symbol(item)
        }
        for change in self._changes(family.creator, family.template):
            if f"{CREATE}.$in.{change.member}" not in sources:
                yield change

    def _broken(self, operation: Operation, template: Mapping[str, Any]) -> Iterator[Change]:
        """Two ways to be refused, for two kinds of constraint."""
        named = places_of_names(self._family.naming)
        every = broken_changes(self._contract.of(operation), _bound(template))
        return islice((broken for broken in every if broken.pointer not in named), 2)

    def _named(self, move: Move) -> Mapping[str, Any]:
        """What a move sends; a creation that repeats no name has a name of its own."""
        family = self._family
        creates = move.operation == family.creator.name and move.role not in ("again", "replay")
        return with_own_names(move.input, family.naming, family.template) if creates else move.input

    def _script(self, title: str, moves: list[Move], subject: str = "") -> Script:
        family = self._family
        subject = subject or family.creator.name
        moves = [replace(move, input=_with_names(self._named(move))) for move in moves]
        identity = json.dumps([subject, [asdict(move) for move in moves]], sort_keys=True, default=str)
        info = CaseInfo(
            id=hashlib.sha256(identity.encode()).hexdigest()[:12],
            operation=f"{self._contract.service.name}:{subject}",
            phase="stateful",
            kind="path",
            title=title,
            lifecycle=f"oracles of {family.creator.name}",
        )
        return Script(info, family, subject, tuple(moves))


def _with_names(template: Mapping[str, Any]) -> dict[str, Any]:
    """A template that calls one thing by one name: what identifies it stands the same further down."""
    symbols = {
        name: item
        for name, item in template.items()
        if isinstance(item, Mapping) and ("$from" in item or "$name" in item)
    }

    def named(value: Any) -> Any:
        if isinstance(value, Mapping):
            return {
                key: symbols[key] if key in symbols and isinstance(item, str) else named(item)
                for key, item in value.items()
            }
        return [named(item) for item in value] if isinstance(value, list) else value

    return {name: item if name in symbols else named(item) for name, item in template.items()}


def _is_from(item: Any) -> bool:
    return isinstance(item, Mapping) and "$from" in item


def _is_answer(item: Any) -> bool:
    """Whether a symbol is for what the creator's answer shows, or for a name that it was told."""
    return _is_from(item) and str(item["$from"]).startswith(f"{CREATE}.")


def _bound(template: Mapping[str, Any]) -> frozenset[str]:
    """Members that say what a request is about."""
    return frozenset(
        name
        for name, item in template.items()
        if isinstance(item, Mapping) and ("$from" in item or "$name" in item)
    )
