# SPDX-License-Identifier: Apache-2.0
"""Drafts: an operation's input in one of its variants, with what names something filled by whoever asks.

It owns how an input is put together of a schema's nodes and the shapes they came from, and which texts are
plausible under which names. It refuses to know what a target holds: who drafts gives identifiers.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from ..generate.nodes import BooleanNode, EnumNode, ListNode, MapNode, Node, ObjectNode, StringNode, Tree
from ..generate.values import minimal, text_language
from ..spec.patterns.refusal import PatternRefused
from ..spec.shapes import KeyExample, ListShape, MapShape, Service, StructureShape
from .api_words import words_of
from .contract import OperationContract
from .links import Need
from .name_reading import is_left_alone
from .symbols import KEY_FROM, is_symbol

__all__ = [
    "KEY_PLACE",
    "NOTHING",
    "Choice",
    "InputPlace",
    "InputVariant",
    "accepts",
    "as_member",
    "draft",
    "known_forms",
    "places",
    "plausible",
]

Path: TypeAlias = tuple[str, ...]
NOTHING = object()
# The last part of the path of a map's key.
KEY_PLACE = "#"
_DEEPEST = 6
_WITHOUT_END = re.compile(r"(?:Arn|ARN|Id|ID|Identifier|Name)$")


@dataclass(frozen=True, slots=True)
class InputVariant:
    """One way to ask: optional places that are filled, values for places, and what comes before.

    Paths have `*` for the elements of lists. `fresh` are places that get a new name rather than a known one;
    `passed` counts how many candidates for a place were refused. `keys` are those of maps, `kinds` what
    a place names where its own name does not say so.
    """

    optional: frozenset[Path] = frozenset()
    literals: Mapping[Path, Any] = field(default_factory=lambda: MappingProxyType({}))
    gates: tuple[str, ...] = ()
    fresh: frozenset[Path] = frozenset()
    passed: Mapping[Path, int] = field(default_factory=lambda: MappingProxyType({}))
    keys: Mapping[Path, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    kinds: Mapping[Path, str] = field(default_factory=lambda: MappingProxyType({}))

    def adding(self, *paths: Path) -> InputVariant:
        """The variant with optional places filled."""
        return replace(self, optional=self.optional | frozenset(paths))

    def saying(self, path: Path, literal: Any) -> InputVariant:
        """The variant with a value at a place."""
        return replace(self, optional=self.optional | {path}, literals={**self.literals, path: literal})

    def keyed(self, path: Path, keys: tuple[str, ...]) -> InputVariant:
        """The variant with these keys in a map."""
        return replace(self, optional=self.optional | {path}, keys={**self.keys, path: keys})

    def after(self, gate: str) -> InputVariant:
        """The variant that comes after one more operation."""
        return replace(self, gates=(*self.gates, gate))

    @property
    def key(self) -> str:
        """What tells variants apart."""
        return repr((sorted(self.optional), sorted(self.literals.items(), key=repr), self.gates,
                     sorted(self.fresh), sorted(self.passed.items()), sorted(self.keys.items()),
                     sorted(self.kinds.items())))  # fmt: skip


@dataclass(frozen=True, slots=True)
class InputPlace:
    """A place in an input: its path, its member's name, its node and shape, and whether it is optional."""

    path: Path
    name: str
    node: Node
    shape: str
    optional: bool
    holder: str = ""
    kind: str = ""
    key_examples: tuple[KeyExample, ...] = ()
    listed_values: tuple[str, ...] = ()

    @property
    def is_text(self) -> bool:
        """Whether texts stand there, rather than bytes or numbers."""
        return isinstance(self.node, StringNode)

    def enumerates(self, text: str) -> bool:
        """Whether an enumeration stands there, and has this value."""
        return isinstance(self.node, EnumNode) and text in self.node.values

    def need(self, operation: str) -> Need:
        """What the place asks for."""
        return Need(self.name, self.shape, operation, self.holder, self.kind)


# What is to stand at a place that takes text: a template, or NOTHING for whatever is plausible.
Choice: TypeAlias = Callable[[InputPlace], Any]


def draft(contract: OperationContract, variant: InputVariant, choose: Choice) -> Any:
    """The input of an operation in a variant; None where none can be put together."""
    tree = contract.tree
    root = tree.resolve(tree.root)
    if contract.operation.input is None or not isinstance(root, ObjectNode):
        return {}
    try:
        return _Drafting(tree, contract.service, variant, choose).filled(
            InputPlace((), "", root, contract.operation.input, False), 0
        )
    except PatternRefused:
        return None


@dataclass(frozen=True, slots=True)
class _Drafting:
    tree: Tree
    service: Service
    variant: InputVariant
    choose: Choice

    def filled(self, place: InputPlace, depth: int) -> Any:
        if place.path in self.variant.literals:
            return self.variant.literals[place.path]
        if place.path in self.variant.kinds:
            place = replace(place, kind=self.variant.kinds[place.path])
        node = self.tree.resolve(place.node)
        match node:
            case ObjectNode():
                return self._object(place, node, depth)
            case ListNode():
                return self._list(place, node, depth)
            case MapNode():
                return self._map(place, node, depth)
            case StringNode():
                chosen = self.choose(replace(place, node=node))
                return plausible(place.name, node) if chosen is NOTHING else chosen
            case EnumNode() | BooleanNode():
                return minimal(self.tree, node)
            case _:
                chosen = self.choose(replace(place, node=node))
                return minimal(self.tree, node) if chosen is NOTHING else chosen

    def _object(self, place: InputPlace, node: ObjectNode, depth: int) -> Any:
        inner = list(_children(self.service, place, node, self.variant.literals))
        wishes = {path[: len(place.path) + 1] for path in self.variant.optional}
        chosen = [child for child in inner if not child.optional or child.path in wishes]
        if not node.union and not chosen and place.path and place.path[-1] == "*":
            # An element without anything in it means nothing.
            texts = [child for child in inner if isinstance(self.tree.resolve(child.node), StringNode)]
            chosen = (texts or inner)[:1]
        if node.union:
            chosen = [child for child in inner if child.path in wishes][:1] or _simplest(self.tree, inner)
        if depth > _DEEPEST:
            chosen = [child for child in chosen if not child.optional]
        # What says of which kind a thing is comes before what names the thing.
        chosen.sort(key=lambda child: not isinstance(self.tree.resolve(child.node), EnumNode))
        document: dict[str, Any] = {}
        for child in chosen:
            kind = document.get(f"{_WITHOUT_END.sub('', child.name)}Type")
            child = replace(child, kind=kind if isinstance(kind, str) else "")
            document[child.name] = self.filled(child, depth + 1)
        return {child.name: document[child.name] for child in inner if child.name in document}

    def _list(self, place: InputPlace, node: ListNode, depth: int) -> Any:
        shape = self.service.shapes.get(place.shape)
        if not isinstance(shape, ListShape) or depth > _DEEPEST:
            return minimal(self.tree, node)
        if node.max == 0:
            return []
        element = InputPlace(
            (*place.path, "*"), place.name, node.items, shape.member.target, False, place.holder
        )
        first = self.filled(element, depth + 1)
        if node.min <= 1:
            return [first]
        others = [item for item in minimal(self.tree, node) if item != first]
        return [first, *others][: node.min]

    def _key(self, place: InputPlace, node: Node, shape: MapShape) -> Any:
        """A map's key: what it names, where its shape is called after something that is made elsewhere."""
        path = (*place.path, KEY_PLACE)
        key = InputPlace(path, shape.key.target, node, shape.key.target, optional=False, holder=place.name)
        chosen = self.choose(key)
        if is_symbol(chosen) and "$from" in chosen:
            return f"{KEY_FROM}{chosen['$from']}"
        return plausible("key", node) if chosen is NOTHING or is_symbol(chosen) else chosen

    def _map(self, place: InputPlace, node: MapNode, depth: int) -> Any:
        shape = self.service.shapes.get(place.shape)
        if isinstance(shape, MapShape) and place.path in self.variant.keys:
            return {
                key: self.filled(
                    InputPlace(
                        (*place.path, key),
                        as_member(key),
                        node.values,
                        shape.value.target,
                        False,
                        place.name,
                    ),
                    depth + 1,
                )
                for key in self.variant.keys[place.path]
            }
        if node.min == 0 and place.name.lower().endswith("attributes"):
            # Which attributes there are, no model says.
            return {}
        if not isinstance(shape, MapShape) or depth > _DEEPEST or node.max == 0:
            return minimal(self.tree, node)
        keys = self.tree.resolve(node.keys)
        key = minimal(self.tree, keys) if isinstance(keys, EnumNode) else self._key(place, keys, shape)
        value = InputPlace(
            (*place.path, "*"), place.name, node.values, shape.value.target, False, place.holder
        )
        return {str(key): self.filled(value, depth + 1)}


def as_member(key: str) -> str:
    """A map's key spelled like a member: SECRET_HASH is SecretHash."""
    return key if not key.isupper() else "".join(word.capitalize() for word in key.split("_"))


def _children(
    service: Service, place: InputPlace, node: ObjectNode, hinted: Container[Path] = ()
) -> Iterator[InputPlace]:
    """The members of a structure as places.

    What nobody fills by themselves is among them only if it is required, or hinted at.
    """
    shape = service.shapes.get(place.shape)
    if not isinstance(shape, StructureShape):
        return
    for name, inner in node.properties.items():
        member = shape.members.get(name)
        if member is None:
            continue
        optional = name not in node.required
        if not optional or not is_left_alone(name) or (*place.path, name) in hinted:
            yield InputPlace(
                (*place.path, name),
                name,
                inner,
                member.target,
                optional,
                place.name,
                key_examples=member.key_examples,
                listed_values=member.listed_values,
            )


def _simplest(tree: Tree, places: list[InputPlace]) -> list[InputPlace]:
    simple = [
        place for place in places if not isinstance(tree.resolve(place.node), ObjectNode | ListNode | MapNode)
    ]
    return (simple or places)[:1]


def places(contract: OperationContract, deepest: int = 3) -> Iterator[InputPlace]:
    """All places of an operation's input, those near the root first, recursion cut off."""
    tree = contract.tree
    root = tree.resolve(tree.root)
    if contract.operation.input is None or not isinstance(root, ObjectNode):
        return
    level = [InputPlace((), "", root, contract.operation.input, False)]
    for _ in range(2 * deepest):
        below: list[InputPlace] = []
        for place in level:
            node = tree.resolve(place.node)
            shape = contract.service.shapes.get(place.shape)
            if isinstance(node, ObjectNode):
                below += _children(contract.service, place, node)
            elif isinstance(node, ListNode) and isinstance(shape, ListShape):
                path = (*place.path, "*")
                below.append(
                    InputPlace(path, place.name, node.items, shape.member.target, False, place.holder)
                )
        below = [place for place in below if sum(part != "*" for part in place.path) <= deepest]
        for place in below:
            if place.path[-1] != "*":
                yield replace(place, node=tree.resolve(place.node))
        level = below


def accepts(node: Node, text: str) -> bool:
    """Whether a text node allows a text."""
    if not isinstance(node, StringNode) or not node.min <= len(text):
        return not isinstance(node, StringNode)
    if node.max is not None and len(text) > node.max:
        return False
    try:
        return node.source is None or text_language(node).accepts(text)
    except PatternRefused:
        return False


_TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},'
    '"Action":"sts:AssumeRole"}]}'
)
_PERMISSION = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
)
# What stands on a resource says for whom it is.
_RESOURCE_POLICY = (
    '{"Version":"2012-10-17","Statement":[{"Sid":"conformance","Effect":"Allow","Principal":"*",'
    '"Action":"*","Resource":"*"}]}'
)
_NO_POLICY = '{"Version":"2012-10-17","Statement":[]}'
# The least that a manifest of a container image has (OCI image specification).
_MANIFEST = json.dumps(
    {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {
            "mediaType": "application/vnd.oci.image.config.v1+json",
            "digest": f"sha256:{'0' * 64}",
            "size": 2,
        },
        "layers": [],
    }
)
# By the last words of a member's name, texts of the form that such members have anywhere.
_FORMS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("email", ("someone@example.com",)),
    ("address", ("someone@example.com", "10.0.0.1")),
    ("phonenumber", ("+15555550100",)),
    ("number", ("+15555550100", "1")),
    ("url", ("https://example.com/",)),
    ("uri", ("https://example.com/", "s3://conformance/key")),
    ("endpoint", ("https://example.com/",)),
    ("domain", ("example.com",)),
    ("domainname", ("example.com",)),
    ("cidr", ("10.0.0.0/16",)),
    ("cidrblock", ("10.0.0.0/16",)),
    ("cidrip", ("10.0.0.0/16",)),
    ("ip", ("10.0.0.1",)),
    ("ipaddress", ("10.0.0.1",)),
    ("region", ("us-east-1",)),
    ("regionname", ("us-east-1",)),
    ("availabilityzone", ("us-east-1a",)),
    ("accountid", ("123456789012",)),
    ("account", ("123456789012",)),
    ("ownerid", ("123456789012",)),
    ("registryid", ("123456789012",)),
    ("catalogid", ("123456789012",)),
    ("schedule", ("rate(1 day)",)),
    ("scheduleexpression", ("rate(1 day)",)),
    ("timezone", ("UTC",)),
    ("languagecode", ("en-US",)),
    ("path", ("/", "/conformance/")),
    ("rolearn", ("arn:aws:iam::123456789012:role/conformance",)),
    ("bucketarn", ("arn:aws:s3:::conformance",)),
    ("keyarn", ("arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-123456789012",)),
    ("topicarn", ("arn:aws:sns:us-east-1:123456789012:conformance",)),
    ("lambdaarn", ("arn:aws:lambda:us-east-1:123456789012:function:conformance",)),
    ("functionarn", ("arn:aws:lambda:us-east-1:123456789012:function:conformance",)),
    ("queuearn", ("arn:aws:sqs:us-east-1:123456789012:conformance",)),
    ("arn", ("arn:aws:iam::123456789012:role/conformance",)),
    ("instancetype", ("t3.micro", "m5.large")),
    ("instanceclass", ("db.t3.micro",)),
    ("imageid", ("ami-12345678",)),
    ("cron", ("cron(0 12 * * ? *)",)),
    ("version", ("1", "1.0", "$LATEST")),
    ("mediatype", ("application/json",)),
    ("contenttype", ("application/json",)),
    ("uuid", ("12345678-1234-1234-1234-123456789012",)),
    ("date", ("2024-01-01",)),
    ("time", ("2024-01-01T00:00:00Z",)),
    ("assumerolepolicydocument", (_TRUST,)),
    ("policydocument", (_PERMISSION, _RESOURCE_POLICY)),
    ("policytext", (_RESOURCE_POLICY, _PERMISSION)),
    ("policyjson", (_RESOURCE_POLICY, _PERMISSION)),
    ("policy", (_PERMISSION, _RESOURCE_POLICY, _NO_POLICY)),
    ("json", ("{}",)),
    ("document", ("{}",)),
    ("definition", ("{}",)),
    ("body", ("{}",)),
    ("template", ("{}",)),
    ("templatebody", ('{"Resources":{}}',)),
    ("manifest", (_MANIFEST,)),
    ("cookie", ("name=value",)),
    ("engine", ("mysql",)),
    ("enginename", ("mysql",)),
    ("password", ("Conformance-1", "Conformance1")),
)
_PLAIN = ("conformance", "Conformance1", "a", "1")


def plausible(name: str, node: Node) -> str | None:
    """A text for a member of that name that its node allows: of a known form, a word, else the simplest."""
    if not isinstance(node, StringNode):
        return None
    known = next((text for text in (*known_forms(name, node), *_PLAIN) if accepts(node, text)), None)
    return str(minimal(Tree(node), node)) if known is None else known


def known_forms(name: str, node: Node) -> Iterator[str]:
    """The texts that members of that name have anywhere and that their node allows, the likeliest first."""
    plain = "".join(words_of(name)).lower()
    for ending, forms in sorted(_FORMS, key=_longest):
        if plain.removesuffix("s").endswith(ending) or plain.endswith(ending):
            yield from (text for text in forms if accepts(node, text))


def _longest(row: tuple[str, tuple[str, ...]]) -> int:
    return -len(row[0])
