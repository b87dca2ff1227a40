# SPDX-License-Identifier: Apache-2.0
"""Documents as forms (application/x-www-form-urlencoded): what query and ec2 send.

It owns how members, lists and maps become keys with dots, both ways, and percent-encoding. It refuses to know
which operation a form is for (form_requests.py).

Sources: Smithy, AWS query and EC2 query protocols; botocore's serializers, whose bytes a test compares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, TypeAlias
from urllib.parse import quote, unquote_to_bytes

from ..spec.shapes import ListShape, MapShape, Member, Service, Shape, StructureShape
from .findings import Finding, Path
from .lexical import read_text, write_text
from .xml.plans import flat_name

__all__ = [
    "EC2_FORM",
    "QUERY_FORM",
    "FormStyle",
    "Pairs",
    "read_form",
    "read_pairs",
    "write_form",
    "write_pairs",
]

Pairs: TypeAlias = tuple[tuple[str, str], ...]

# Deeper keys than any document of AWS has; whoever reads the tree recurses.
_DEPTH = 200
_INDEX = re.compile(r"[1-9][0-9]{0,8}")
_LONE_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True)
class FormStyle:
    """What query and ec2 do differently.

    `flat_lists`: every list is flat, by ec2. `capitalised`: names begin with a capital, and a queryName
    comes before all others. `empty_lists`: an empty list is sent, as a key without a value.
    """

    protocol: str
    flat_lists: bool
    capitalised: bool
    empty_lists: bool


QUERY_FORM = FormStyle("query", flat_lists=False, capitalised=False, empty_lists=True)
EC2_FORM = FormStyle("ec2", flat_lists=True, capitalised=True, empty_lists=False)


def read_form(body: bytes, findings: list[Finding]) -> Pairs:
    """The keys and values of a form in their order, decoded; a finding for what is badly encoded."""
    pairs = []
    for part in body.decode("utf-8", "surrogateescape").split("&"):
        if part:
            key, _, value = part.partition("=")
            pairs.append((_unquoted(key, findings), _unquoted(value, findings)))
    return tuple(pairs)


def _unquoted(text: str, findings: list[Finding]) -> str:
    if text.isascii() and "%" not in text and "+" not in text:
        # As it stands: so do nearly all keys, and most values.
        return text
    raw = unquote_to_bytes(text.replace("+", " ").encode("utf-8", "surrogateescape"))
    shown = repr(text[:60])
    if _LONE_PERCENT.search(text):
        findings.append(Finding("uri.form", (), "percent-encoded UTF-8", f"a lone % in {shown}"))
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        findings.append(
            Finding("uri.form", (), "percent-encoded UTF-8", f"bytes that are no UTF-8 in {shown}")
        )
        return raw.decode("utf-8", "replace")


def write_form(pairs: Iterable[tuple[str, str]]) -> bytes:
    """A form of these keys and values."""
    return "&".join(f"{quoted_text(key)}={quoted_text(value)}" for key, value in pairs).encode("ascii")


def quoted_text(text: str) -> str:
    """A text as it stands in a form."""
    return quote(text, safe="~", errors="surrogatepass")


def _name(style: FormStyle, member: Member, default: str) -> str:
    if not style.capitalised:
        return member.location_name or default
    if member.query_name:
        return member.query_name
    name = member.location_name or default
    return name[:1].upper() + name[1:]


def _is_flat(style: FormStyle, member: Member, shape: Shape) -> bool:
    return member.flattened or (style.flat_lists and isinstance(shape, ListShape))


def _member_key(style: FormStyle, service: Service, member: Member) -> str:
    """The key of a structure's member."""
    inner = flat_name(service.shape(member.target))
    return inner if inner and not style.capitalised else _name(style, member, member.name)


def member_keys(style: FormStyle, service: Service, root: str | None) -> Mapping[str, Member]:
    """The members of a structure by the first part of their keys."""
    known = service.derived(_no_keys_yet)
    if (style, root) not in known:
        members = service.structure(root).members.values()
        known[style, root] = MappingProxyType(
            {_member_key(style, service, member): member for member in members}
        )
    return known[style, root]


def _no_keys_yet(service: Service) -> dict[tuple[FormStyle, str | None], Mapping[str, Member]]:
    return {}


def write_pairs(style: FormStyle, service: Service, root: str | None, document: Any) -> Pairs:
    """The keys and values of a document; one that is no object has none."""
    if root is None or not isinstance(document, dict):
        unknown = document if isinstance(document, dict) else {}
        return tuple((name, write_text(value)) for name, value in unknown.items())
    return tuple(_structure(style, service, service.structure(root), document, ""))


def _structure(
    style: FormStyle, service: Service, shape: StructureShape, value: Mapping[str, Any], prefix: str
) -> Iterator[tuple[str, str]]:
    for name, item in value.items():
        member = shape.members.get(name)
        if member is None:
            yield f"{prefix}{name}", write_text(item)
        elif item is not None:
            yield from _value(style, service, member, item, prefix + _member_key(style, service, member))


def _value(
    style: FormStyle, service: Service, member: Member, value: Any, key: str
) -> Iterator[tuple[str, str]]:
    shape = service.shape(member.target)
    flat = _is_flat(style, member, shape)
    match shape, value:
        case StructureShape(), dict():
            yield from _structure(style, service, shape, value, f"{key}.")
        case ListShape(), [] if style.empty_lists:
            yield key, ""
        case ListShape(member=inner), list():
            stem = key if flat else f"{key}.{_name(style, inner, 'member')}"
            for index, item in enumerate(value, 1):
                yield from _value(style, service, inner, item, f"{stem}.{index}")
        case MapShape(key=key_member, value=inner), dict():
            stem = key if flat else f"{key}.entry"
            for index, (name, item) in enumerate(value.items(), 1):
                yield f"{stem}.{index}.{_name(style, key_member, 'key')}", name
                yield from _value(
                    style, service, inner, item, f"{stem}.{index}.{_name(style, inner, 'value')}"
                )
        case _:
            yield key, write_text(value)


@dataclass(slots=True)
class _FormNode:
    """What stands under one part of a key: texts of the key itself, and longer keys."""

    texts: list[str] = field(default_factory=list)
    children: dict[str, _FormNode] = field(default_factory=dict)


def read_pairs(
    style: FormStyle, service: Service, root: str | None, pairs: Pairs, findings: list[Finding]
) -> dict[str, Any]:
    """The document that keys and values are."""
    tree = _FormNode()
    for key, text in pairs:
        parts = key.split(".")
        if len(parts) > _DEPTH:
            findings.append(Finding("body.depth", (), f"keys of at most {_DEPTH} parts", "a longer key"))
            continue
        node = tree
        for part in parts:
            node = node.children.setdefault(part, _FormNode())
        node.texts.append(text)
    reader = _FormReader(style, service, findings)
    if root is None:
        return {name: reader.generic(node, (name,)) for name, node in tree.children.items()}
    return reader.structure(service.structure(root), tree, ())


class _FormReader:
    def __init__(self, style: FormStyle, service: Service, findings: list[Finding]) -> None:
        self._style = style
        self._service = service
        self._findings = findings

    def structure(self, shape: StructureShape, node: _FormNode, path: Path) -> dict[str, Any]:
        members = member_keys(self._style, self._service, shape.name)
        document: dict[str, Any] = {}
        for name, child in node.children.items():
            member = members.get(name)
            if member is not None:
                place = (*path, member.name)
                document[member.name] = self._value(member, child, place)
            elif name in shape.members:
                key = _member_key(self._style, self._service, shape.members[name])
                finding = Finding("member.place", (*path, name), f"the key {key}", f"the key {name}")
                self._findings.append(finding)
            else:
                document[name] = self.generic(child, (*path, name))
        return document

    def generic(self, node: _FormNode, path: Path) -> Any:
        """What a node says where no shape tells: a text or an object."""
        if not node.children:
            return self._text(node, path)
        return {name: self.generic(child, (*path, name)) for name, child in node.children.items()}

    def _text(self, node: _FormNode, path: Path) -> str:
        if len(node.texts) > 1:
            got = f"{len(node.texts)} times"
            self._findings.append(Finding("body.duplicate-key", path, "the key once", got))
        return node.texts[0] if node.texts else ""

    def _value(self, member: Member, node: _FormNode, path: Path) -> Any:
        shape = self._service.shape(member.target)
        flat = _is_flat(self._style, member, shape)
        if node.texts and node.children:
            got = f"{node.texts[0][:40]!r} beside them"
            self._findings.append(Finding("member.place", path, "longer keys only", got))
        if not node.children:
            text = self._text(node, path)
            if isinstance(shape, ListShape) and not text:
                return []
            return read_text(shape, member, text, self._style.protocol)
        match shape:
            case StructureShape():
                return self.structure(shape, node, path)
            case ListShape(member=inner):
                nodes = self._indexed(node, None if flat else _name(self._style, inner, "member"), path)
                if nodes is None:
                    return self.generic(node, path)
                return [self._value(inner, child, (*path, index)) for index, child in enumerate(nodes)]
            case MapShape():
                nodes = self._indexed(node, None if flat else "entry", path)
                return self.generic(node, path) if nodes is None else self._entries(shape, nodes, path)
            case _:
                return self.generic(node, path)

    def _indexed(self, node: _FormNode, name: str | None, path: Path) -> list[_FormNode] | None:
        """The nodes under 1 to n, by their numbers; None where the keys are not of that form at all."""
        if name is not None:
            others = [other for other in node.children if other != name]
            if others and all(_INDEX.fullmatch(other) for other in others):
                got = f"{others[0]} without {name}"
                self._findings.append(Finding("form.index", path, f"{name}.1, {name}.2, ...", got))
                return self._indexed(node, None, path)
            if others:
                return None
            node = node.children[name]
        if not all(_INDEX.fullmatch(index) for index in node.children):
            return None
        indices = sorted(map(int, node.children))
        if indices != list(range(1, len(indices) + 1)):
            got = ", ".join(map(str, indices[:10]))
            self._findings.append(Finding("form.index", path, "indices from 1 without a gap", got))
        return [node.children[str(index)] for index in indices]

    def _entries(self, shape: MapShape, nodes: list[_FormNode], path: Path) -> dict[str, Any]:
        key_name = _name(self._style, shape.key, "key")
        value_name = _name(self._style, shape.value, "value")
        entries: dict[str, Any] = {}
        for node in nodes:
            key, value = node.children.get(key_name), node.children.get(value_name)
            if key is None or value is None or len(node.children) != 2:
                got = ", ".join(node.children) or "neither"
                self._findings.append(Finding("member.place", path, f"{key_name} and {value_name}", got))
            if key is None or value is None:
                continue
            name = self._text(key, path)
            if name in entries:
                self._findings.append(Finding("body.duplicate-key", (*path, name), "each key once", "twice"))
                continue
            entries[name] = self._value(shape.value, value, (*path, name))
        return entries
