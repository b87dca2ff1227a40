# SPDX-License-Identifier: Apache-2.0
"""A page and the model of its service together: exact names, and all that only the wire needs.

It owns what may be taken from a model: the spelling of members that a page shows as options only, members
that awscli's paging hides, protocol, endpoints, wire names, errors. It refuses to take what the page
states itself: members, types, enum values, constraints and requiredness stay the page's, so that a page
joined with a newer model can still be compared with it.
"""

from __future__ import annotations

import dataclasses
import functools
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from ..botocore import data_folder, paginators, service_names
from ..shapes import (
    ListShape,
    MapShape,
    Member,
    Operation,
    Service,
    Shape,
    StructureShape,
    TimestampShape,
    reachable,
)
from .names import kebab_case
from .page import Option, Page

__all__ = ["join", "service_of"]

# Services whose command is not named as botocore's folder.
_COMMANDS = {"s3api": "s3", "deploy": "codedeploy", "configservice": "config"}

#: awscli puts a word before a member whose option would be one of its global options (`--api-version`).
_TAKEN = frozenset({"version", "query", "output", "endpoint", "region", "start", "end"})


@functools.cache
def _uids(folder: Path) -> Mapping[str, str]:
    """Folder names by service uid.

    Only the first kilobytes of each model are read: its metadata stands before its shapes.
    """
    uids: dict[str, str] = {}
    for name in service_names(folder):
        for version in sorted((folder / name).iterdir()):
            for file in ("service-2.json.gz", "service-2.json"):
                if (version / file).exists():
                    match = re.search(rb'"uid"\s*:\s*"([^"]+)"', _head(version / file))
                    if match:
                        uids[match[1].decode()] = name
                    break
    return MappingProxyType(uids)


def _head(path: Path, size: int = 4096) -> bytes:
    with path.open("rb") as file:
        start = file.read(size)
    if path.suffix != ".gz":
        return start
    return zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(start, size)


def service_of(uid: str, command: str, folder: Path | None = None) -> str | None:
    """The folder of the model that a page's link or command names; None if there is none.

    The date in the uid may be another one than the model's: services change it now and then.
    """
    uids = _uids(folder or data_folder())
    if uid in uids:
        return uids[uid]
    undated = re.sub(r"-\d{4}-\d{2}-\d{2}$", "", uid)
    for other, name in uids.items():
        if undated and re.sub(r"-\d{4}-\d{2}-\d{2}$", "", other) == undated:
            return name
    folder_name = _COMMANDS.get(command, command)
    return folder_name if folder_name in uids.values() else None


def join(page: Page, model: Service, *, folder: Path | None = None) -> Page:
    """The page with what `model` knows of the same service; `folder` holds the model's neighbours (paging).

    If the model has no such operation, only what concerns the whole service is taken.
    """
    operation = _operation(page, model)
    joined = _Joined(page, model)
    if operation is None:
        absent = f"{model.origin or model.name} has no operation {page.operation}."
        return dataclasses.replace(
            page, service=joined.service(page.service.operations), limits=(*_unlifted_limits(page), absent)
        )
    paging = paginators(model.name, folder).get(operation.name, {}) if page.paged else {}
    hidden = _hidden(page, model.structure(operation.input), paging)
    options, names = _options(page, model.structure(operation.input), paging)
    mine = page.service.operations[page.operation]
    joined.borrow(operation.errors)
    joined.borrow(model.structure(operation.input).members[name].target for name in hidden)
    input_name = joined.side(mine.input, operation.input, names, hidden, f"{page.operation}Input")
    output_name = joined.side(mine.output, operation.output, {}, (), f"{page.operation}Output")
    limits = [
        *_unlifted_limits(page),
        f"Errors, protocol and wire names are those of {model.origin or model.name}.",
    ]
    if hidden:
        limits.append(f"Hidden by awscli's paging, taken from the model: {', '.join(hidden)}.")
    guessed = [option.name for option in options if option.guessed]
    if guessed:
        limits.append(f"Member names made up from option names: {', '.join(guessed)}.")
    result = dataclasses.replace(operation, input=input_name, output=output_name)
    carries = page.carries | {"input.members"} if hidden or not page.paged else page.carries
    return dataclasses.replace(
        page,
        service=joined.service({operation.name: result}),
        operation=operation.name,
        options=options,
        carries=carries,
        limits=tuple(limits),
        tentative=frozenset(joined.done.get(name, name) for name in page.tentative),
    )


def _unlifted_limits(page: Page) -> Iterator[str]:
    """The page's limits but for those that a model lifts."""
    lifted = ("No page carries", "The protocol is unknown", "awscli's own paging", "Member names made up")
    for limit in page.limits:
        if not limit.startswith(lifted):
            yield limit
    yield "No page carries sensitivity."


def _operation(page: Page, model: Service) -> Operation | None:
    if page.operation in model.operations:
        return model.operations[page.operation]
    # A page without a link has a name made up from its command.
    command = kebab_case(page.operation)
    return next(
        (operation for name, operation in model.operations.items() if kebab_case(name) == command), None
    )


def _hidden(page: Page, structure: StructureShape, paging: Mapping[str, Any]) -> tuple[str, ...]:
    """Members of the input that awscli's paging takes off the page."""
    if not paging:
        return ()
    tokens = paging.get("input_token", ())
    names: list[str] = [tokens] if isinstance(tokens, str) else list(tokens)
    if "limit_key" in paging:
        names.append(paging["limit_key"])
    shown = {option.name for option in page.options if option.member is not None}
    own = {option.name for option in page.options if option.member is None}
    # A member whose option has the name of one of awscli's paging options has lost it to that.
    names += [name for name in structure.members if name not in names and f"--{kebab_case(name)}" in own]
    return tuple(name for name in names if name in structure.members and f"--{kebab_case(name)}" not in shown)


def _options(
    page: Page, structure: StructureShape, paging: Mapping[str, Any]
) -> tuple[tuple[Option, ...], dict[str, str]]:
    """The options with exact names, and those names by the page's own."""
    by_option = {kebab_case(name): name for name in structure.members}
    by_letters = {option.replace("-", ""): name for option, name in by_option.items()}
    claimed = {by_option.get(option.name[2:]) for option in page.options}
    options: list[Option] = []
    names: dict[str, str] = {}
    for option in page.options:
        if option.member is None:
            # Without a limit to set, awscli has no option for it, and the page's is the operation's.
            own = option.name == "--page-size" and bool(paging) and "limit_key" not in paging
            fills = by_option.get("page-size") if own else None
            options.append(dataclasses.replace(option, member=fills))
            continue
        word = option.name.removeprefix("--")
        exact = by_option.get(word) or by_letters.get(word.replace("-", ""))
        if exact is None:
            last = word.rpartition("-")[2]
            first = word.partition("-")[0]
            renamed = last if last in _TAKEN else first if first in _TAKEN else ""
            candidate = by_option.get(renamed)
            exact = candidate if candidate not in claimed else None
        names[option.member] = exact or option.member
        options.append(
            dataclasses.replace(option, member=exact, guessed=False) if exact is not None else option
        )
    return tuple(options), names


_WIRE = (
    "idempotency_token",
    "location",
    "location_name",
    "query_name",
    "flattened",
    "xml_attribute",
    "xml_namespace",
    "streaming",
    "json_value",
    "host_label",
    "event_payload",
    "event_header",
    "context_param",
)
_STRUCTURE = (
    "payload",
    "event_stream",
    "event",
    "wrapper",
    "xml_order",
    "xml_namespace",
    "location_name",
)


@dataclass(slots=True)
class _Joined:
    """The shapes under way: the page's, with wire traits, beside those borrowed from the model."""

    page: Page
    model: Service
    shapes: dict[str, Shape] = field(default_factory=dict)
    done: dict[str, str] = field(default_factory=dict)

    def borrow(self, roots: Any) -> None:
        for root in roots:
            for name in reachable(self.model, root):
                self.shapes[name] = self.model.shapes[name]

    def side(
        self,
        mine: str | None,
        theirs: str | None,
        names: Mapping[str, str],
        hidden: tuple[str, ...],
        fallback: str,
    ) -> str | None:
        """Input or output; `names` are its members' exact names, `hidden` are taken over as they are."""
        if mine is None and not hidden:
            return None
        structure = self.page.service.structure(mine)
        other = self.model.structure(theirs)
        renamed = {
            names.get(name, name): dataclasses.replace(member, name=names.get(name, name))
            for name, member in structure.members.items()
        }
        for name in hidden:
            renamed.setdefault(name, other.members[name])
        own = dataclasses.replace(
            structure,
            name=mine or fallback,
            members=MappingProxyType(renamed),
            required=(
                *(names.get(name, name) for name in structure.required),
                *(name for name in hidden if name in other.required),
            ),
        )
        return self._structure(own, other, borrowed=frozenset(hidden))

    def _structure(
        self, mine: StructureShape, theirs: StructureShape | None, *, borrowed: frozenset[str] = frozenset()
    ) -> str:
        name = self._reserve(mine)
        members = {
            key: member
            if key in borrowed
            else self._member(member, theirs.members.get(key) if theirs else None)
            for key, member in mine.members.items()
        }
        traits = {trait: getattr(theirs, trait) for trait in _STRUCTURE} if theirs else {}
        if traits.get("payload") not in members:
            traits.pop("payload", None)
        self.shapes[name] = dataclasses.replace(mine, name=name, members=MappingProxyType(members), **traits)
        return name

    def _reserve(self, mine: Shape) -> str:
        name = mine.name
        while name in self.shapes:
            # An error's shapes keep the names that the model gives them.
            name += "OfPage"
        self.done[mine.name] = name
        self.shapes[name] = mine
        return name

    def _member(self, mine: Member, theirs: Member | None) -> Member:
        target = self._target(mine.target, theirs.target if theirs else None)
        if theirs is None:
            return dataclasses.replace(mine, target=target)
        shape = self.model.shapes[theirs.target]
        form = theirs.timestamp_format or (shape.format if isinstance(shape, TimestampShape) else None)
        traits = {trait: getattr(theirs, trait) for trait in _WIRE}
        return dataclasses.replace(mine, target=target, timestamp_format=form, **traits)

    def _target(self, mine: str, theirs: str | None) -> str:
        if mine in self.done:
            return self.done[mine]
        shape = self.page.service.shapes[mine]
        other = self.model.shapes[theirs] if theirs is not None else None
        match shape:
            case StructureShape():
                return self._structure(shape, other if isinstance(other, StructureShape) else None)
            case ListShape():
                name = self._reserve(shape)
                same = other if isinstance(other, ListShape) else None
                self.shapes[name] = dataclasses.replace(
                    shape,
                    name=name,
                    member=self._member(shape.member, same.member if same else None),
                    sparse=same.sparse if same else False,
                    flattened=same.flattened if same else False,
                )
                return name
            case MapShape():
                name = self._reserve(shape)
                alike = other if isinstance(other, MapShape) else None
                self.shapes[name] = dataclasses.replace(
                    shape,
                    name=name,
                    key=self._member(shape.key, alike.key if alike else None),
                    value=self._member(shape.value, alike.value if alike else None),
                    sparse=alike.sparse if alike else False,
                    flattened=alike.flattened if alike else False,
                )
                return name
            case _:
                name = self._reserve(shape)
                self.shapes[name] = dataclasses.replace(shape, name=name)
                return name

    def service(self, operations: Mapping[str, Operation]) -> Service:
        """The page's service with all that concerns the model's as a whole."""
        page = self.page.service
        protocols = page.protocols or self.model.protocols
        return dataclasses.replace(
            self.model,
            protocols=protocols,
            operations=MappingProxyType(dict(operations)),
            shapes=MappingProxyType(self.shapes or dict(page.shapes)),
            uid=page.uid or self.model.uid,
            api_version=page.api_version or self.model.api_version,
            origin=page.origin,
        )
