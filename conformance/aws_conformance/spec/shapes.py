# SPDX-License-Identifier: Apache-2.0
"""The frozen shapes of an AWS model: what a service says it takes and gives.

It owns the vocabulary (Shape, Member, Operation, Service) and nothing else: it knows neither where a
shape was read (botocore.py, spec/cli_pages/) nor what is made of it (spec/schema, protocols). Shapes refer
to one another by name, because models are recursive; `Service.shape` resolves a name.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, TypeVar

__all__ = [
    "UNKNOWN_MEMBER",
    "BlobShape",
    "BooleanShape",
    "Deprecation",
    "DocumentShape",
    "ErrorTraits",
    "Exclusion",
    "FloatShape",
    "IntegerShape",
    "KeyExample",
    "ListShape",
    "MapShape",
    "Member",
    "Operation",
    "Service",
    "Shape",
    "StringShape",
    "StructureShape",
    "TimestampFormat",
    "TimestampShape",
    "XmlNamespace",
    "reachable",
]

TimestampFormat = Literal["unixTimestamp", "iso8601", "rfc822"]
T = TypeVar("T")
# A member that no structure has, for requests that are to hold one; its value is "unknown".
UNKNOWN_MEMBER = "NotAMember"


@dataclass(frozen=True, slots=True)
class Deprecation:
    """That a shape, member or operation is deprecated, and since when (free text of the model)."""

    since: str | None = None


@dataclass(frozen=True, slots=True)
class XmlNamespace:
    uri: str
    prefix: str | None = None


@dataclass(frozen=True, slots=True)
class ErrorTraits:
    """How an exception travels: its code on the wire, its HTTP status, whose fault it is.

    `code` is None when the shape's own name is the code; `status` is None when the model gives none
    (the protocol's default then holds: 500 for a `fault`, otherwise 400).
    """

    code: str | None = None
    status: int | None = None
    fault: bool = False
    # Whether its text says that it is what a token is refused with that was sent before.
    of_token: bool = False


@dataclass(frozen=True, slots=True)
class KeyExample:
    """Keys that a text says a map has together, and the term they stand under, mostly a value elsewhere."""

    term: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Another member that a text says is not sent beside its own, with the sentence.

    `strict` tells that the sentence is a rule for all requests.
    """

    other: str
    sentence: str
    strict: bool


@dataclass(frozen=True, slots=True)
class Member:
    """A structure's member, a list's element or a map's key or value: a name, a target and its traits.

    The traits are those of the reference; where a model puts one on the shape as well (locationName,
    flattened), botocore.py has merged the two.
    """

    name: str
    target: str
    deprecated: Deprecation | None = None
    idempotency_token: bool = False
    location: str | None = None
    location_name: str | None = None
    query_name: str | None = None
    flattened: bool = False
    xml_attribute: bool = False
    xml_namespace: XmlNamespace | None = None
    streaming: bool = False
    json_value: bool = False
    host_label: bool = False
    event_payload: bool = False
    event_header: bool = False
    context_param: str | None = None
    timestamp_format: TimestampFormat | None = None
    # What a member for filters says that it can be asked for, which no shape tells.
    filter_names: tuple[str, ...] = ()
    # What its text says that may stand there beside an ARN.
    beside_arn: Literal["", "id", "name"] = ""
    # What its text says that a map has for keys.
    key_examples: tuple[KeyExample, ...] = ()
    # The values that its text lists, of what has no enumeration.
    listed_values: tuple[str, ...] = ()
    # Other members of its structure that its text says are not sent beside it.
    exclusions: tuple[Exclusion, ...] = ()
    # Whether its text says that a change which leaves it out leaves it as it was.
    unsaid_stays: bool = False


@dataclass(frozen=True, slots=True)
class StructureShape:
    """A structure; a tagged union if `union`; an exception if `error` is set."""

    name: str
    members: Mapping[str, Member]
    required: tuple[str, ...] = ()
    union: bool = False
    error: ErrorTraits | None = None
    payload: str | None = None
    event_stream: bool = False
    event: bool = False
    wrapper: bool = False
    xml_order: tuple[str, ...] = ()
    xml_namespace: XmlNamespace | None = None
    location_name: str | None = None
    sensitive: bool = False
    deprecated: Deprecation | None = None


@dataclass(frozen=True, slots=True)
class ListShape:
    """A list of `member`; `min`, `max` count elements; `sparse` lists may hold null, `unique` none twice."""

    name: str
    member: Member
    min: int | None = None
    max: int | None = None
    sparse: bool = False
    flattened: bool = False
    sensitive: bool = False
    deprecated: Deprecation | None = None
    unique: bool = False


@dataclass(frozen=True, slots=True)
class MapShape:
    """A map; `min` and `max` count entries; `sparse` maps may hold null as a value."""

    name: str
    key: Member
    value: Member
    min: int | None = None
    max: int | None = None
    sparse: bool = False
    flattened: bool = False
    sensitive: bool = False
    deprecated: Deprecation | None = None


@dataclass(frozen=True, slots=True)
class StringShape:
    """Text. `min` and `max` count characters; `pattern` is AWS's own, untranslated (see spec/patterns)."""

    name: str
    min: int | None = None
    max: int | None = None
    pattern: str | None = None
    enum: tuple[str, ...] = ()
    sensitive: bool = False
    deprecated: Deprecation | None = None


@dataclass(frozen=True, slots=True)
class BlobShape:
    """Bytes. `min` and `max` count bytes before base64; `media_type` is what they are, as a whole body."""

    name: str
    min: int | None = None
    max: int | None = None
    streaming: bool = False
    requires_length: bool = False
    sensitive: bool = False
    deprecated: Deprecation | None = None
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class BooleanShape:
    name: str
    sensitive: bool = False
    deprecated: Deprecation | None = None


@dataclass(frozen=True, slots=True)
class IntegerShape:
    """A whole number of `bits` 8 (byte), 16 (short), 32 or 64 (long); `min` and `max` bound the value.

    `big` is Smithy's bigInteger, which no width bounds.
    """

    name: str
    bits: Literal[8, 16, 32, 64]
    min: int | float | None = None
    max: int | float | None = None
    sensitive: bool = False
    deprecated: Deprecation | None = None
    big: bool = False


@dataclass(frozen=True, slots=True)
class FloatShape:
    """A floating-point number of `bits` 32 (float) or 64 (double); `min` and `max` bound the value.

    `big` is Smithy's bigDecimal, which has digits without end.
    """

    name: str
    bits: Literal[32, 64]
    min: int | float | None = None
    max: int | float | None = None
    sensitive: bool = False
    deprecated: Deprecation | None = None
    big: bool = False


@dataclass(frozen=True, slots=True)
class TimestampShape:
    """A point in time; `format` is None where the protocol and the member's location decide."""

    name: str
    format: TimestampFormat | None = None
    sensitive: bool = False
    deprecated: Deprecation | None = None


@dataclass(frozen=True, slots=True)
class DocumentShape:
    """Any JSON value (Smithy's document type)."""

    name: str
    sensitive: bool = False
    deprecated: Deprecation | None = None


Shape: TypeAlias = (
    StructureShape
    | ListShape
    | MapShape
    | StringShape
    | BlobShape
    | BooleanShape
    | IntegerShape
    | FloatShape
    | TimestampShape
    | DocumentShape
)


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation. `input` and `output` name structures; None where the model has none.

    `signed` is False for operations that the model lets anyone call (auth type `none`). `compressions` are
    the codings that a request's body may be sent in. `partial` tells that its text says of all members that
    one which is left out stays as it was, `repeatable` that it is idempotent without a token.
    """

    name: str
    input: str | None = None
    output: str | None = None
    errors: tuple[str, ...] = ()
    method: str = "POST"
    uri: str = "/"
    status: int | None = None
    signed: bool = True
    result_wrapper: str | None = None
    input_location_name: str | None = None
    input_xml_namespace: XmlNamespace | None = None
    host_prefix: str | None = None
    idempotent: bool = False
    readonly: bool = False
    checksum_required: bool = False
    compressions: tuple[str, ...] = ()
    unsigned_payload: bool = False
    deprecated: Deprecation | None = None
    partial: bool = False
    repeatable: bool = False


def _targets(shape: Shape) -> tuple[str, ...]:
    """The names of the shapes that a shape is made of."""
    match shape:
        case StructureShape(members=members):
            return tuple(member.target for member in members.values())
        case ListShape(member=member):
            return (member.target,)
        case MapShape(key=key, value=value):
            return key.target, value.target
        case _:
            return ()


# Without slots: what is derived from a service stays on it, to live exactly as long as it does.
@dataclass(frozen=True)
class Service:
    """One service: its protocols in the order of its preference, its operations and its shapes.

    `protocols` is empty where the source does not say (a CLI page); then only schemas of unknown
    protocol can be made. `name` is botocore's folder name, such as `cognito-idp`.
    """

    name: str
    api_version: str
    protocols: tuple[str, ...]
    operations: Mapping[str, Operation]
    shapes: Mapping[str, Shape]
    service_id: str = ""
    uid: str = ""
    endpoint_prefix: str = ""
    signing_name: str = ""
    signature_version: str = ""
    target_prefix: str | None = None
    json_version: str | None = None
    query_compatible: bool = False
    xml_namespace: XmlNamespace | None = None
    origin: str = field(default="", compare=False)

    def shape(self, name: str) -> Shape:
        """The shape of that name. Raises KeyError if the model names a shape that it does not hold."""
        return self.shapes[name]

    def structure(self, name: str | None) -> StructureShape:
        """The structure of that name; the empty structure for None (an operation without that side)."""
        if name is None:
            return StructureShape(name="", members=MappingProxyType({}))
        shape = self.shapes[name]
        if not isinstance(shape, StructureShape):
            raise TypeError(f"{self.name}: {name} is not a structure")
        return shape

    def event_stream(self, name: str | None) -> Member | None:
        """The member of a structure that is a stream of events; None if it has none."""
        return self._event_streams.get(name or "")

    @functools.cached_property
    def _event_streams(self) -> dict[str, Member]:
        streams: dict[str, Member] = {}
        for name, shape in self.shapes.items():
            members = shape.members.values() if isinstance(shape, StructureShape) else ()
            for member in members:
                if self.is_event_stream(member.target):
                    streams.setdefault(name, member)
        return streams

    def is_event_stream(self, name: str) -> bool:
        """Whether a shape is the union of a stream's events."""
        shape = self.shapes.get(name)
        return isinstance(shape, StructureShape) and shape.event_stream

    def error_code(self, shape_name: str) -> str:
        """The code by which an error shape is known on the wire."""
        error = self.structure(shape_name).error
        return (error.code if error else None) or shape_name

    @functools.cached_property
    def error_shapes(self) -> frozenset[str]:
        """The names of the shapes of all errors that any operation declares."""
        return frozenset(name for operation in self.operations.values() for name in operation.errors)

    def error_shape(self, code: str) -> str | None:
        """The name of an error shape that is known by a code; None if no operation declares one."""
        return self._shapes_by_code.get(code)

    @functools.cached_property
    def _shapes_by_code(self) -> dict[str, str]:
        # Where several have a code, the first by name.
        return {self.error_code(name): name for name in sorted(self.error_shapes, reverse=True)}

    def error_status(self, shape_name: str) -> int:
        """The HTTP status that an error shape travels with; 500 for faults and 400 otherwise by default."""
        error = self.structure(shape_name).error
        if error is None:
            return 400
        return error.status or (500 if error.fault else 400)

    def derived(self, derive: Callable[[Service], T]) -> T:
        """What a function makes of this service, made at the first call and kept as long as the service."""
        if derive not in self._derived:
            self._derived[derive] = derive(self)
        value: T = self._derived[derive]
        return value

    @functools.cached_property
    def _derived(self) -> dict[Callable[[Service], Any], Any]:
        return {}

    @functools.cached_property
    def declared_codes(self) -> frozenset[str]:
        """The codes of all errors that any operation declares."""
        return frozenset(
            self.error_code(name) for operation in self.operations.values() for name in operation.errors
        )

    def message_member(self, code: str) -> str:
        """The name of the member that holds the text of the error of that code; empty if it has none."""
        return self._message_members.get(code, "")

    @functools.cached_property
    def _message_members(self) -> dict[str, str]:
        members = {}
        for name in {name for operation in self.operations.values() for name in operation.errors}:
            shape = self.shapes.get(name)
            if isinstance(shape, StructureShape):
                text = next((member for member in shape.members if member.lower() == "message"), "")
                members[self.error_code(name)] = text
        return members

    @functools.cached_property
    def sensitive_names(self) -> frozenset[str]:
        """The names, in lower case, of members anywhere in the service whose shapes are sensitive."""
        return self._names_of(lambda target: self.shapes[target].sensitive)

    @functools.cached_property
    def output_members(self) -> tuple[frozenset[str], ...]:
        """The names of the members of each operation's output."""
        return tuple(
            frozenset(self.structure(operation.output).members) for operation in self.operations.values()
        )

    @functools.cached_property
    def timestamp_holders(self) -> frozenset[str]:
        """The names of shapes that are timestamps or have one somewhere within."""
        return self.holders(lambda shape: isinstance(shape, TimestampShape))

    @functools.cached_property
    def integer_holders(self) -> frozenset[str]:
        """The names of shapes that are integers or have one somewhere within."""
        return self.holders(lambda shape: isinstance(shape, IntegerShape))

    def holders(self, chosen: Callable[[Shape], bool]) -> frozenset[str]:
        """The names of shapes that are chosen or have a chosen one somewhere within."""
        users: dict[str, list[str]] = {}
        for name, shape in self.shapes.items():
            for target in _targets(shape):
                users.setdefault(target, []).append(name)
        left = [name for name, shape in self.shapes.items() if chosen(shape)]
        holders: set[str] = set()
        while left:
            name = left.pop()
            if name not in holders:
                holders.add(name)
                left += users.get(name, ())
        return frozenset(holders)

    @functools.cached_property
    def secret_holders(self) -> frozenset[str]:
        """The names, in lower case, of members that are sensitive or hold what is, in lists and maps."""
        return self._names_of(self._holds_secrets)

    def _names_of(self, chosen: Callable[[str], bool]) -> frozenset[str]:
        return frozenset(
            name.lower()
            for shape in self.shapes.values()
            if isinstance(shape, StructureShape)
            for member in shape.members.values()
            if chosen(member.target)
            for name in self._names_on_the_wire(member)
        )

    def _names_on_the_wire(self, member: Member) -> Iterator[str]:
        """The member's name and those that it may have instead, in whatever protocol."""
        target = self.shapes[member.target]
        inner = target.member.location_name if isinstance(target, ListShape) and member.flattened else None
        yield from filter(None, (member.name, member.location_name, member.query_name, inner))

    def _holds_secrets(self, name: str, depth: int = 0) -> bool:
        shape = self.shapes[name]
        if shape.sensitive or depth > 8 or isinstance(shape, StructureShape):
            return shape.sensitive
        return any(self._holds_secrets(target, depth + 1) for target in _targets(shape))


def reachable(service: Service, root: str) -> Iterator[str]:
    """Names of all shapes that `root` reaches, itself first, each once, in depth-first model order."""
    seen: set[str] = set()
    stack = [root]
    while stack:
        name = stack.pop()
        if name not in seen:
            seen.add(name)
            yield name
            stack.extend(reversed(_targets(service.shape(name))))
