# SPDX-License-Identifier: Apache-2.0
"""Scripts: short histories of one resource, made of its family alone, as plain values with stable ids.

It owns what is done, in which order. It refuses to know how a script goes (engine/oracles) and what its
answers ought to tell (checks/oracles).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, islice
from operator import itemgetter
from typing import Any

from ..contract import Contract, OperationContract
from .alternatives import named_otherwise
from .association_scripts import association_scripts
from .creator_leaves import arn_shown_by
from .families import CREATE, RelatedOperation, families_of
from .filters import Facet, Narrowing, facets_of
from .places import elements_of, structures
from .samples import refused_again, refused_members
from .script import Move, Script
from .script_moves import READERS, FamilyMoves
from .tagging import Tagging, creation_tags
from .values import Change, weight
from .versions import two_values, version_moves
from .words import is_identifying

__all__ = ["scripts_for"]

# So many things fill a page and begin another, where a page may be small enough.
_PAGED, _MOST_PAGED = 3, 22
_LONG = 16
_AT_ONCE = 8
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


class _Maker(FamilyMoves):
    """Makes the scripts of one family."""

    def of_creator(self) -> Iterator[Script]:
        """What is made is as it was asked for, made once, and not made by a request that is refused."""
        family, create = self.family, self.create()
        looks = self.looks()
        if not looks:
            return
        if elsewhere := list(self.elsewhere()):
            yield self.script("made in one region", [create, *elsewhere])
        yield from self._tagged_at_once()
        yield from self._replayed()
        yield from self._known_refusals_of_creator()
        for broken in self.broken(family.creator, family.template):
            refused = {**create.input, broken.member: broken.value}
            move = replace(create, role="refuse", input=refused)
            yield self.script(f"refused for {broken.pointer}", [move, *self.seen_by_name(move)])
        if family.naming:
            again = self.again(create)
            yield self.script("made twice under one name", [create, again, *looks])
            for change in self.changes_of_the_same():
                other = self.again(self.telling(create, change))
                yield self.script("made twice, the second time otherwise", [create, *looks, other, *looks])
                break
            yield from self._replaced(create)
            for earlier, later in two_values(self.contract.service, family, self.changes_of_the_same()):
                again = self.again(self.telling(create, later))
                yield from self._versions([self.telling(create, earlier), again], earlier.pointer)
            together = replace(create, times=_AT_ONCE)
            yield self.script("made by several requests at once", [together, *looks])
        for change in self.changes_of(family.creator, family.template):
            moves = [self.telling(create, change)]
            yield self.script(f"told {change.pointer} ({change.label})", [*moves, *self.reads()])

    def _replaced(self, create: Move) -> Iterator[Script]:
        """What is made again under its name, with something that reads show, does not replace the first."""
        family, reads = self.family, self.reads(listed=False)
        shown = {
            name
            for reader in family.readers
            for _, holder in structures(self.contract.service, reader.operation.output)
            for name in holder.members
            if not is_identifying(name)
        }
        for change in self.changes_of_the_same():
            if weight(change.value) and shown & {*change.pointer.split("/")[1:3]}:
                told = self.telling(create, change)
                after = [replace(read, label=f"{read.label} after") for read in reads]
                # What is not the same twice is not to be compared with what comes after.
                twice = [replace(read, label=f"{read.label} at first") for read in reads]
                moves = [create, *twice, *reads, self.again(told), *after]
                yield self.script(f"made twice, the second time told {change.pointer}", moves)
                return

    def _tagged_at_once(self) -> Iterator[Script]:
        """What is tagged as it is made has its tags."""
        family, create = self.family, self.create()
        tags = creation_tags(self.contract.service, family.creator, family.noun, _TAGS)
        if tags is None:
            return
        member, value = tags
        if isinstance(value, Mapping) and isinstance(create.input.get(member), Mapping):
            value = {**create.input[member], **value}
        show = [Move("tags", "tags", *family.tag_reader)] if family.tag_reader else []
        moves = [replace(create, input={**create.input, member: value}), *self.reads(), *show]
        yield self.script("made with tags", moves)

    def _replayed(self) -> Iterator[Script]:
        """What is asked for twice with one token is made once."""
        family, create = self.family, self.create()
        members = self.contract.service.structure(family.creator.input).members
        token = next((name for name, member in members.items() if member.idempotency_token), None)
        if token is None:
            return
        validator = self.contract.validator(family.creator.name, "input")
        for word in (_TOKEN, _TOKEN[:32]):
            if not any(finding.path[:1] == (token,) for finding in validator.findings({token: word})):
                create = replace(create, input={**create.input, token: word})
                again = replace(self.again(create), label="replay", role="replay")
                yield self.script("made twice with one token", [create, again, *self.looks()])
                return

    def of_reader(self, reader: RelatedOperation) -> Iterator[Script]:
        """What was made is shown, and shown twice alike."""
        read = self.read(reader)
        moves = [self.create(), read, replace(read, label=f"{read.label} again")]
        yield self.script(f"made and shown by {reader.name}", moves, reader.name)
        if reader not in self.family.readers[:READERS]:
            yield from self._gone(reader, read)
        yield from self._named_otherwise([self.create(), read], reader, read)
        yield from self._known_refusals(reader, read)

    def of_list(self, listing: RelatedOperation) -> Iterator[Script]:
        """What was made is listed, on one page or on several."""
        create, every = self.create(), self.list_of(listing)
        yield self.script(f"made and listed by {listing.name}", [create, every], listing.name)
        if listing not in self.family.lists[:1]:
            yield from self._gone(listing, every)
        yield from self._named_otherwise([create, *self.reads(listed=False)[:1], every], listing, every)
        for narrowing in listing.narrowings:
            yield self._narrowed(listing, narrowing)
        shown = (self.family.creator, *(reader.operation for reader in self.family.readers))
        narrowed = {narrowing.label for narrowing in listing.narrowings}
        for facet in facets_of(self.contract.service, listing.operation, self.family.noun, shown):
            if facet.label not in narrowed:
                yield self._in_one_state(listing, facet)
        for change in islice(self._listed_changes(listing), _LISTED):
            told = self.telling(create, change)
            title = f"told {change.pointer} and listed by {listing.name}"
            yield self.script(title, [told, every], listing.name)
        yield from self._known_refusals(listing, every)
        paging = self.paging(listing)
        if not (paging.tokens and paging.limit):
            return
        # Two more than a page holds, where what is there besides does not fill it.
        count = min(max(_PAGED, paging.least + 2), _MOST_PAGED)
        several = [self.numbered(create, number) for number in range(1, count + 1)]
        least = {**every.input, paging.limit: paging.least}
        page = Move(f"{every.label} by pages", "page", listing.name, least)
        yield self.script("several, listed by pages", [*several, every, page], listing.name)
        if paging.opaque:
            forged = {**every.input, **dict.fromkeys(paging.tokens, _FORGED)}
            move = Move(f"{every.label} from nowhere", "forge", listing.name, forged)
            yield self.script("a page that nobody was sent to", [create, every, move], listing.name)

    def of_batch(self, batch: RelatedOperation) -> Iterator[Script]:
        """What was taken away is shown no more among several."""
        create, family = self.saying(), self.family
        shown = {
            name
            for element in elements_of(self.contract.service, batch.operation)
            for name in element.members
            if not is_identifying(name)
        }
        for change in self.changes_of(family.creator, family.template):
            if change.member in shown and weight(change.value) and not shown & create.input.keys():
                # What is shown of it has to be there.
                create = self.telling(create, change)
                break
        yield from self._gone(batch, Move(batch.name, "batch", batch.name, batch.template), create)

    def _gone(self, related: RelatedOperation, look: Move, create: Move | None = None) -> Iterator[Script]:
        """What was taken away is not shown by a look that those of its deleter leave out."""
        for deleter in self.family.deleters[:1]:
            delete = Move("delete", "delete", deleter.name, self.input_of(deleter))
            before = replace(look, label=f"{look.label} before")
            moves = [create or self.saying(), before, delete, look]
            yield self.script(f"taken away, and shown by {related.name}", moves, related.name)

    def _listed_changes(self, listing: RelatedOperation) -> Iterator[Change]:
        """What a creator can be told that elements of a list show, once each, where reads show it as well.

        Where nothing reads, whatever the creator is told is looked for in the list.
        """
        family, service = self.family, self.contract.service
        told = service.structure(family.creator.input).members
        listed = {
            name
            for element in self.paging(listing).shapes(service, listing.operation)
            for name, member in element.members.items()
            if name in told and told[name].target == member.target
        }
        for change in self.changes_of(family.creator, family.template) if family.readers and listed else ():
            if change.member in listed and weight(change.value):
                listed.remove(change.member)
                yield change

    def _named_otherwise(
        self, before: Sequence[Move], related: RelatedOperation, move: Move, after: Sequence[Move] = ()
    ) -> Iterator[Script]:
        """What was made is named by its ARN, or its name, where documents say that either will do."""
        service, family = self.contract.service, self.family
        name = f"{CREATE}.$in.{family.naming[0]}" if family.naming else ""
        for shown in before:
            arn = arn_shown_by(service, service.operations[shown.operation], family.noun)
            if arn is None or shown.role not in ("create", "read"):
                continue
            asked = named_otherwise(service, related.operation, move.input, name, f"{shown.label}.{arn}")
            if asked is not None:
                other = replace(move, label=f"{move.label} otherwise", input=asked)
                yield self.script(
                    f"named otherwise in {related.name}", [*before, other, *after], related.name
                )
            return

    def _known_refusals(self, related: RelatedOperation, move: Move) -> Iterator[Script]:
        """What AWS is known to refuse, asked of what was made."""
        for members in refused_members(self.contract.service.name, related.name):
            unmet = Move("refused", "unmet", related.name, {**move.input, **members})
            yield self.script(f"refused for {', '.join(members)}", [self.create(), move, unmet], related.name)

    def _known_refusals_of_creator(self) -> Iterator[Script]:
        """The same of creations: of something new, and of what is there already."""
        service, create = self.contract.service.name, self.create()
        for again, samples in ((False, refused_members), (True, refused_again)):
            for members in samples(service, create.operation):
                other = self.again(create) if again else self.numbered(create, 2)
                unmet = replace(other, label="refused", role="unmet", input={**other.input, **members})
                title = f"made and refused for {', '.join(members)}{' there' if again else ''}"
                yield self.script(title, [create, *self.looks(), unmet])

    def _narrowed(self, listing: RelatedOperation, narrowing: Narrowing) -> Script:
        """Of two things, the list is asked for the first."""
        create, every = self.create(), self.list_of(listing)
        first = replace(create, input={**create.input, **narrowing.first})
        other = self.numbered(replace(create, input={**create.input, **narrowing.other}), 2)
        asked = {**every.input, **narrowing.asks}
        move = Move(f"{every.label} by a filter", "filter", listing.name, asked)
        title = f"two, and one asked for by {narrowing.label}"
        moves = [first, every, move] if narrowing.alone else [first, other, every, move]
        return self.script(title, moves, listing.name)

    def _in_one_state(self, listing: RelatedOperation, facet: Facet) -> Script:
        """The list is asked for what is in one state, in another, and in the first again."""
        every = self.list_of(listing)
        moves = [
            Move(f"{every.label} {word}", "facet", listing.name, {**every.input, **asks})
            for word, asks in (("first", facet.first), ("other", facet.other), ("again", facet.first))
        ]
        title = f"made and asked for by {facet.label}"
        return self.script(title, [self.create(), every, *moves], listing.name)

    def of_updater(self, updater: RelatedOperation) -> Iterator[Script]:
        """What is changed is shown, and what is refused changes nothing."""
        create, reads = self.create(), [*self.reads(listed=False), *self.descriptions()]
        if not reads:
            return
        before = [replace(read, label=f"{read.label} before") for read in reads]
        valid = tuple(self.changes_of(updater.operation, updater.template))
        for start in range(0, len(valid), _TOGETHER):
            moves = [create]
            for number, change in enumerate(valid[start : start + _TOGETHER]):
                update = self.update(updater, change)
                moves += [replace(move, label=f"{move.label} {number}") for move in (update, *reads)]
            first, last = valid[start], valid[min(start + _TOGETHER, len(valid)) - 1]
            yield self.script(f"changed {first.pointer} to {last.pointer}", moves, updater.name)
        for change in valid[:1]:
            update = self.update(updater, change)
            yield from self._named_otherwise([create, *reads[:1], update], updater, update, reads)
            yield from self._too_late(update, updater.name)
        for first, second in two_values(self.contract.service, self.family, valid):
            writes = [
                replace(self.update(updater, change), label=label)
                for label, change in (("first", first), ("second", second))
            ]
            yield from self._versions(writes, first.pointer, updater.name, [create])
        for broken in self.broken(updater.operation, updater.template):
            other = next((change for change in valid if change.member != broken.member), None)
            refused = self.update(updater, broken)
            if other is not None:
                refused = replace(refused, input={**refused.input, other.member: other.value})
            # What is not the same twice is not to be compared with what comes after.
            twice = [replace(read, label=f"{read.label} at first") for read in reads]
            moves = [create, *twice, *before, replace(refused, role="refuse"), *reads]
            yield self.script(f"a change refused for {broken.pointer}", moves, updater.name)

    def of_deleter(self, deleter: RelatedOperation) -> Iterator[Script]:
        """What was taken away is shown no more."""
        delete = Move("delete", "delete", deleter.name, self.input_of(deleter))
        looks = self.looks()
        before = [replace(look, label=f"{look.label} before") for look in looks]
        moves = [self.saying(), *before, delete, *looks]
        yield self.script("made and taken away", moves, deleter.name)
        vain = replace(delete, label="delete again", role="vain")
        yield self.script("taken away twice", [self.saying(), *before, delete, vain], deleter.name)
        yield from self._named_otherwise([self.saying(), *before], deleter, delete, looks)
        for members in refused_members(self.contract.service.name, deleter.name):
            unmet = Move("refused", "unmet", deleter.name, {**delete.input, **members})
            title = f"not taken away for {', '.join(members)}"
            yield self.script(title, [self.create(), *looks, unmet], deleter.name)

    def of_action(self, action: RelatedOperation) -> Iterator[Script]:
        """What was taken away is not there for anything else either, and what is there has both its names."""
        reads = [*self.descriptions(), *self.reads(listed=False)][:1]
        act = Move("act", "act", action.name, self.input_of(action))
        yield from self._named_otherwise([self.create(), *reads, act], action, act)
        for deleter in self.family.deleters[:1] if reads else ():
            before = [replace(read, label=f"{read.label} before") for read in reads]
            delete = Move("delete", "delete", deleter.name, self.input_of(deleter))
            misuse = replace(act, label="misuse", role="misuse")
            moves = [self.saying(), *before, delete, *reads, misuse]
            yield self.script("used after it was taken away", moves, action.name)

    def of_tagging(self, tagging: Tagging, subject: str) -> Iterator[Script]:
        """Tags that are added are shown, in their last form, until they are taken away."""
        show = Move("tags", "tags", tagging.show, tagging.inputs[tagging.show])
        add = Move("tag", "tag", tagging.add, tagging.adding({"first": "a value", "second": "another"}))
        moves = [self.create(), add, show]
        if subject == tagging.add:
            yield from self._too_late(add, subject)
            again = Move("tag again", "tag", tagging.add, tagging.adding({"first": "a newer value"}))
            moves += [again, replace(show, label="tags again")]
        else:
            remove = Move("untag", "untag", tagging.remove, tagging.removing("first"))
            again = replace(remove, label="untag again")
            moves += [remove, replace(show, label="tags left"), again]
        yield self.script("tagged", moves, subject)

    def _versions(
        self, writes: Sequence[Move], place: str, subject: str = "", before: Sequence[Move] = ()
    ) -> Iterator[Script]:
        """What was written first is shown by its version, whatever was written after it."""
        moves = version_moves(self.contract.service, self.family, writes)
        if moves:
            yield self.script(f"two versions that differ in {place}", [*before, *moves], subject)

    def _too_late(self, change: Move, subject: str) -> Iterator[Script]:
        """What was taken away is changed, or tagged."""
        reads = [*self.descriptions(), *self.reads(listed=False)][:1]
        for deleter in self.family.deleters[:1] if reads else ():
            delete = Move("delete", "delete", deleter.name, self.input_of(deleter))
            moves = [self.saying(), delete, *reads, replace(change, label="too late", role="late")]
            yield self.script("changed after it was taken away", moves, subject)
