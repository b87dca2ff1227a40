# SPDX-License-Identifier: Apache-2.0
"""Two descriptions of a service become the list of what differs between them.

It owns what counts as a difference and whom it breaks. It refuses to know where a description was read:
a page, a model and another version's model are all a Service. What one of them cannot say at all is a
`Source`'s `carries`: absence counts as a statement only where the silent side carries the aspect, so a
page, which has no errors, never makes every error of the model look added.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from .difference import Difference, Kind, Side
from .shapes import (
    BlobShape,
    BooleanShape,
    DocumentShape,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    Operation,
    Service,
    Shape,
    StringShape,
    StructureShape,
    TimestampShape,
)

__all__ = ["ASPECTS", "ModelSource", "differences", "type_name", "untold"]

#: Everything that a description can carry; a model carries all of it. `.nested` is all below the first level.
ASPECTS = frozenset(
    {
        "operations",
        "errors",
        "sensitivity",
        "streaming",
        "unions",
        "input.members",
        "input.members.nested",
        "input.required",
        "input.required.nested",
        "input.enums",
        "input.constraints",
        "output.members",
        "output.members.nested",
        "output.required",
        "output.required.nested",
        "output.enums",
        "output.constraints",
    }
)


@dataclass(frozen=True, slots=True)
class ModelSource:
    """A Service, and the aspects (of ASPECTS) that its silence speaks about.

    `tentative` names shapes that are told in part: strings whose enum values stand in prose, and structures
    whose members are left out. What they list is compared; what they don't is no statement.
    """

    service: Service
    carries: frozenset[str] = ASPECTS
    tentative: frozenset[str] = frozenset()


def differences(
    old: Service | ModelSource, new: Service | ModelSource, operations: Sequence[str] | None = None
) -> tuple[Difference, ...]:
    """What differs, in the order of the old description; `operations` restricts it to these names.

    A pair of structures that is met again (recursion, or a second member of the same shape) is compared once,
    at the first path that leads to it.
    """
    before = old if isinstance(old, ModelSource) else ModelSource(old)
    after = new if isinstance(new, ModelSource) else ModelSource(new)
    differing: list[Difference] = []
    names = [*before.service.operations]
    names += [name for name in after.service.operations if name not in before.service.operations]
    for name in names:
        if operations is not None and name not in operations:
            continue
        mine, theirs = before.service.operations.get(name), after.service.operations.get(name)
        if mine is not None and theirs is not None:
            differing.extend(_operation(name, mine, theirs, before, after))
        elif mine is not None and "operations" in after.carries:
            differing.append(
                Difference(name, None, "", "operation removed", breaks_requests=True, breaks_responses=True)
            )
        elif theirs is not None and "operations" in before.carries:
            differing.append(Difference(name, None, "", "operation added"))
    return tuple(differing)


def untold(
    old: Service | ModelSource, new: Service | ModelSource, operations: Sequence[str] | None = None
) -> tuple[str, ...]:
    """What one side declares of the compared operations where the other cannot speak, one sentence each.

    These are no differences, but whoever reads a page should know that it is silent about them.
    """
    before = old if isinstance(old, ModelSource) else ModelSource(old)
    after = new if isinstance(new, ModelSource) else ModelSource(new)
    sentences: list[str] = []
    for silent, speaking, words in ((before, after, "old"), (after, before, "new")):
        if "errors" in silent.carries or "errors" not in speaking.carries:
            continue
        for name in silent.service.operations:
            if name not in speaking.service.operations or (operations is not None and name not in operations):
                continue
            errors = speaking.service.operations[name].errors
            if errors:
                sentences.append(f"{name}: the {words} description cannot carry errors; {', '.join(errors)}.")
    return tuple(sentences)


def _operation(
    name: str, mine: Operation, theirs: Operation, before: ModelSource, after: ModelSource
) -> Iterator[Difference]:
    for side, old_root, new_root in (
        ("input", mine.input, theirs.input),
        ("output", mine.output, theirs.output),
    ):
        walk = _Comparison(name, "input" if side == "input" else "output", before, after)
        yield from walk.structures(
            before.service.structure(old_root), after.service.structure(new_root), "$", nested=False
        )
    old_errors, new_errors = dict.fromkeys(mine.errors), dict.fromkeys(theirs.errors)
    if "errors" in after.carries:
        for error in old_errors:
            if error not in new_errors:
                yield Difference(name, "error", "", "error removed", old=error)
    if "errors" in before.carries:
        for error in new_errors:
            if error not in old_errors:
                yield Difference(name, "error", "", "error added", new=error)
    for error in old_errors:
        if error in new_errors and {"errors"} <= before.carries & after.carries:
            walk = _Comparison(name, "error", before, after)
            yield from walk.structures(
                before.service.structure(error), after.service.structure(error), error, nested=False
            )


@dataclass(slots=True)
class _Comparison:
    """One side of one operation: both descriptions walked together."""

    operation: str
    side: Side
    before: ModelSource
    after: ModelSource
    seen: set[tuple[str, str]] = field(default_factory=set)

    def structures(
        self, old: StructureShape, new: StructureShape, path: str, *, nested: bool
    ) -> Iterator[Difference]:
        for name, member in old.members.items():
            if name in new.members:
                other = new.members[name]
                yield from self._required(old, new, name, path, nested=nested)
                yield from self._members(member, other, f"{path}.{name}")
            elif self._counts(self.after, "members", nested) and new.name not in self.after.tentative:
                yield self._difference(
                    f"{path}.{name}",
                    "member removed",
                    old=type_name(self.before.service.shape(member.target)),
                    requests=True,
                    responses=True,
                )
        for name, member in new.members.items():
            if name in old.members or old.name in self.before.tentative:
                continue
            if self._counts(self.before, "members", nested):
                yield self._difference(
                    f"{path}.{name}",
                    "member added",
                    new=type_name(self.after.service.shape(member.target)),
                    requests=name in new.required and not member.idempotency_token,
                )
        if old.union != new.union and self._both("unions"):
            kind: Kind = "became a union" if new.union else "became a plain structure"
            yield self._difference(path, kind, requests=new.union, responses=True)

    def _required(
        self, old: StructureShape, new: StructureShape, name: str, path: str, *, nested: bool
    ) -> Iterator[Difference]:
        was, is_ = name in old.required, name in new.required
        # Whoever sends an idempotency token has it made: pages and clients do not ask for it.
        token = old.members[name].idempotency_token or new.members[name].idempotency_token
        if was == is_ or token:
            return
        if is_ and self._counts(self.before, "required", nested):
            yield self._difference(f"{path}.{name}", "became required", requests=True)
        elif was and self._counts(self.after, "required", nested):
            yield self._difference(f"{path}.{name}", "became optional", responses=True)

    def _members(self, old: Member, new: Member, path: str) -> Iterator[Difference]:
        was, now = self.before.service.shape(old.target), self.after.service.shape(new.target)
        yield from self._shapes(was, now, path)
        if isinstance(was, BlobShape) and isinstance(now, BlobShape) and self._both("streaming"):
            # Models mark a stream on the shape or on the member that refers to it.
            flows, will_flow = was.streaming or old.streaming, now.streaming or new.streaming
            if flows != will_flow:
                yield self._difference(
                    path, "streaming changed", old=flows, new=will_flow, requests=True, responses=True
                )

    def _shapes(self, old: Shape, new: Shape, path: str) -> Iterator[Difference]:
        if type_name(old) != type_name(new):
            yield self._difference(
                path, "type changed", old=type_name(old), new=type_name(new), requests=True, responses=True
            )
            return
        if old.sensitive != new.sensitive and self._both("sensitivity"):
            yield self._difference(path, "sensitivity changed", old=old.sensitive, new=new.sensitive)
        if isinstance(old, StructureShape | ListShape | MapShape) and not self._first_time(old, new):
            return
        match old, new:
            case StructureShape(), StructureShape():
                yield from self.structures(old, new, path, nested=True)
            case ListShape(), ListShape():
                yield from self._constraints(old, new, path)
                yield from self._members(old.member, new.member, f"{path}[]")
            case MapShape(), MapShape():
                yield from self._constraints(old, new, path)
                yield from self._members(old.key, new.key, f"{path}{{key}}")
                yield from self._members(old.value, new.value, f"{path}{{}}")
            case StringShape(), StringShape():
                yield from self._enum(old, new, path)
                yield from self._constraints(old, new, path)
            case BlobShape() | IntegerShape() | FloatShape(), BlobShape() | IntegerShape() | FloatShape():
                yield from self._constraints(old, new, path)
            case _:
                return

    def _first_time(self, old: Shape, new: Shape) -> bool:
        pair = old.name, new.name
        if pair in self.seen:
            return False
        self.seen.add(pair)
        return True

    def _enum(self, old: StringShape, new: StringShape, path: str) -> Iterator[Difference]:
        aspect = "enums"
        if not old.enum and not new.enum:
            return
        # Values that both list are compared even if one lists them in prose; none at all may be silence.
        if not old.enum:
            if self._counts(self.before, aspect) and new.name not in self.after.tentative:
                yield self._difference(path, "constraint added", new={"enum": list(new.enum)}, requests=True)
            return
        if not new.enum:
            if self._counts(self.after, aspect) and old.name not in self.before.tentative:
                yield self._difference(
                    path, "constraint removed", old={"enum": list(old.enum)}, responses=True
                )
            return
        # A list in prose need not have all.
        for value in old.enum:
            if value not in new.enum and new.name not in self.after.tentative:
                yield self._difference(path, "enum value removed", old=value, requests=True)
        for value in new.enum:
            if value not in old.enum and old.name not in self.before.tentative:
                yield self._difference(path, "enum value added", new=value, responses=True)

    def _constraints(
        self,
        old: StringShape | BlobShape | ListShape | MapShape | IntegerShape | FloatShape,
        new: StringShape | BlobShape | ListShape | MapShape | IntegerShape | FloatShape,
        path: str,
    ) -> Iterator[Difference]:
        for keyword, was, now in (
            ("min", old.min, new.min),
            ("max", old.max, new.max),
            ("pattern", getattr(old, "pattern", None), getattr(new, "pattern", None)),
        ):
            if was == now:
                continue
            if was is None:
                if self._counts(self.before, "constraints"):
                    yield self._difference(path, "constraint added", new={keyword: now}, requests=True)
            elif now is None:
                if self._counts(self.after, "constraints"):
                    yield self._difference(path, "constraint removed", old={keyword: was})
            else:
                # Whether one pattern accepts all that another does is not known; the cautious answer is no.
                tighter = (
                    keyword == "pattern"
                    or (keyword == "min" and now > was)
                    or (keyword == "max" and now < was)
                )
                yield self._difference(
                    path, "constraint changed", old={keyword: was}, new={keyword: now}, requests=tighter
                )

    def _counts(self, silent: ModelSource, aspect: str, nested: bool = False) -> bool:
        """Whether the silence of that source about this aspect says something."""
        if self.side == "error":
            return "errors" in silent.carries
        return f"{self.side}.{aspect}{'.nested' if nested else ''}" in silent.carries

    def _both(self, aspect: str) -> bool:
        return aspect in self.before.carries and aspect in self.after.carries

    def _difference(
        self,
        path: str,
        kind: Kind,
        *,
        old: Any = None,
        new: Any = None,
        requests: bool = False,
        responses: bool = False,
    ) -> Difference:
        asks = self.side == "input"
        return Difference(
            self.operation, self.side, path, kind, old, new, requests and asks, responses and not asks
        )


def type_name(shape: Shape) -> str:
    """The word that a page or model has for the type of a shape."""
    match shape:
        case StructureShape():
            return "structure"
        case ListShape():
            return "list"
        case MapShape():
            return "map"
        case StringShape():
            return "string"
        case BlobShape():
            return "blob"
        case BooleanShape():
            return "boolean"
        case IntegerShape(bits=bits):
            return "long" if bits == 64 else "integer"
        case FloatShape(bits=bits):
            return "float" if bits == 32 else "double"
        case TimestampShape():
            return "timestamp"
        case DocumentShape():
            return "document"
        case _:
            assert_never(shape)
