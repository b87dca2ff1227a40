# SPDX-License-Identifier: Apache-2.0
"""How the resources of a family are tagged: which operations add, take away and show tags, in which form.

It owns the reading of their names and members. It refuses to know what tags are sent (scripts.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...spec.shapes import ListShape, MapShape, Operation, Service, StringShape, StructureShape
from .places import structures
from .words import plain, spoken

__all__ = [
    "Tagging",
    "creation_tags",
    "has_tags",
    "shown_tags",
    "tag_reader_of",
    "tagging_of",
    "tags_sent",
    "tags_within",
]

_TAG = r"(?:Tag(?P<a>[A-Z]\w*)|AddTagsTo(?P<b>[A-Z]\w*))"
_UNTAG = r"(?:Untag(?P<a>[A-Z]\w*)|RemoveTagsFrom(?P<b>[A-Z]\w*))"
_LIST = r"(?:ListTags(?:(?:For|Of)?(?P<a>[A-Z]\w*))?|List(?P<b>[A-Z]\w*)Tags)"
_SHOWN = rf"{_LIST}|(?:Get|Describe)(?P<c>[A-Z]\w*?)(?:Tagging|Tags)"
_SPECIFICATIONS = "TagSpecifications"
_DEEPEST = 3
# An entity's tag is none of these.
_TAGS = re.compile(r"(?<!E)(?<!^e)(?i:tags?|taglist|tagset)$")
_KEY, _VALUE = re.compile(r"(?i)^(?:tag_?)?key$"), re.compile(r"(?i)^(?:tag_?)?value$")

# The input of an operation on what a family has made, by the operation.
Link = Callable[[Operation], Mapping[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Tagging:
    """The operations by which a resource is tagged, each with the input that names the resource.

    `tags` and `keys` are the members that hold tags and their keys; `key` and `value` are the members of a
    tag, both empty where tags are a map.
    """

    add: str
    remove: str
    show: str
    inputs: Mapping[str, Mapping[str, Any]]
    tags: str
    keys: str
    key: str = ""
    value: str = ""

    def adding(self, tags: Mapping[str, str]) -> Mapping[str, Any]:
        """The input that adds tags."""
        written: Any = dict(tags)
        if self.key:
            written = [{self.key: key, self.value: value} for key, value in tags.items()]
        return {**self.inputs[self.add], self.tags: written}

    def removing(self, *keys: str) -> Mapping[str, Any]:
        """The input that takes tags away."""
        return {**self.inputs[self.remove], self.keys: list(keys)}


def tagging_of(
    service: Service, noun: str, link: Link, readers: tuple[Operation, ...] = ()
) -> Tagging | None:
    """How resources of a noun are tagged; None if they are not, or if it can't be told.

    Where no operation lists tags, one of the `readers` may show them.
    """
    ways: list[Operation] = []
    inputs: dict[str, Mapping[str, Any]] = {}
    for pattern in (_TAG, _UNTAG, _LIST):
        operation = next(_operations(service, pattern, noun), None)
        if operation is None and pattern == _LIST:
            operation = next((reader for reader in readers if _shows_tags(service, reader)), None)
        linked = link(operation) if operation is not None else None
        if operation is None or linked is None:
            return None
        ways.append(operation)
        inputs[operation.name] = linked
    add, remove, show = ways
    tags = _collection(service, add)
    keys = _collection(service, remove)
    if tags is None or keys is None:
        return None
    shape = service.shape(tags[1])
    names = (add.name, remove.name, show.name)
    if isinstance(shape, MapShape):
        return Tagging(*names, inputs, tags[0], keys[0])
    holder = service.shape(shape.member.target) if isinstance(shape, ListShape) else None
    members = tuple(holder.members) if isinstance(holder, StructureShape) else ()
    key = next((name for name in members if _KEY.match(name)), "")
    value = next((name for name in members if _VALUE.match(name)), "")
    return Tagging(*names, inputs, tags[0], keys[0], key, value) if key and value else None


def tag_reader_of(service: Service, noun: str, link: Link) -> tuple[str, Mapping[str, Any]] | None:
    """The operation that shows the tags of a noun's resources, with its input; None if there is none."""
    for operation in _operations(service, _SHOWN, noun):
        linked = link(operation)
        if linked is not None:
            return operation.name, linked
    return None


def creation_tags(
    service: Service, creator: Operation, noun: str, tags: Mapping[str, str]
) -> tuple[str, Any] | None:
    """The member by which a creator is told tags, with its value; None if it takes none."""
    for path, holder in structures(service, creator.input):
        for name, member in holder.members.items():
            value = _written_tags(service, noun, name, member.target, tags)
            if value is not None:
                for step in reversed((*path, name)[1:]):
                    value = {step: value}
                return (*path, name)[0], value
    return None


def _written_tags(service: Service, noun: str, name: str, target: str, tags: Mapping[str, str]) -> Any:
    """Tags in the form of a member's shape; None if it is no member for tags."""
    if not (_TAGS.search(name) or name == _SPECIFICATIONS):
        return None
    shape = service.shape(target)
    if isinstance(shape, MapShape) and isinstance(service.shape(shape.value.target), StringShape):
        return dict(tags)
    holder = service.shape(shape.member.target) if isinstance(shape, ListShape) else None
    if not isinstance(holder, StructureShape):
        return None
    if name == _SPECIFICATIONS and {"ResourceType", "Tags"} <= holder.members.keys():
        kind = service.shape(holder.members["ResourceType"].target)
        word = spoken(noun).replace(" ", "-").lower()
        if not isinstance(kind, StringShape) or word not in kind.enum:
            return None
        inner = _written_tags(service, noun, "Tags", holder.members["Tags"].target, tags)
        return [{"ResourceType": word, "Tags": inner}] if inner else None
    key = next((inner for inner in holder.members if _KEY.match(inner)), "")
    value = next((inner for inner in holder.members if _VALUE.match(inner)), "")
    return [{key: word, value: text} for word, text in tags.items()] if key and value else None


def tags_within(document: Any, depth: int = 0) -> Mapping[str, str] | None:
    """The tags that a document shows or sends anywhere; None if it has no place for them."""
    if depth > _DEEPEST or not isinstance(document, Mapping):
        return None
    for name, item in document.items():
        if _TAGS.search(name) and isinstance(item, Mapping | list):
            if isinstance(item, Mapping) and any(_TAGS.search(inner) for inner in item):
                return tags_within(item, depth + 1)
            return _tags_of(item)
        if name == _SPECIFICATIONS and isinstance(item, list) and item:
            return tags_within(item[0], depth + 1)
    for item in document.values():
        tags = tags_within(item, depth + 1)
        if tags is not None:
            return tags
    return None


def _operations(service: Service, pattern: str, noun: str) -> Iterator[Operation]:
    """Operations of a pattern that are about a noun, and then those about any resource."""
    for about in (plain(noun), "resource"):
        for name, operation in service.operations.items():
            match = re.fullmatch(pattern, name)
            words = match.groupdict().values() if match else ()
            if match and plain(next(filter(None, words), "resource")) == about:
                yield operation


def _shows_tags(service: Service, operation: Operation) -> bool:
    return has_tags(service.structure(operation.output))


def has_tags(structure: StructureShape) -> bool:
    """Whether a structure has a member that shows tags."""
    return any(_TAGS.search(name) for name in structure.members)


def _collection(service: Service, operation: Operation) -> tuple[str, str] | None:
    """The member of an input that holds tags or keys, with its shape."""
    for name, member in service.structure(operation.input).members.items():
        shape = service.shape(member.target)
        if isinstance(shape, MapShape) or (
            isinstance(shape, ListShape)
            and isinstance(service.shape(shape.member.target), StructureShape | StringShape)
        ):
            return name, member.target
    return None


def shown_tags(document: Any) -> Mapping[str, str] | None:
    """The tags that an answer shows, in whatever form; None if it has no place for them."""
    if not isinstance(document, Mapping):
        return None
    for name, item in document.items():
        if not _TAGS.search(name):
            continue
        if isinstance(item, Mapping | list):
            return _tags_of(item)
    return {}


def tags_sent(sent: Any) -> Mapping[str, str]:
    """The tags that a request adds, in whatever form."""
    for item in sent.values() if isinstance(sent, Mapping) else ():
        if isinstance(item, Mapping | list):
            return _tags_of(item)
    return {}


def _tags_of(collection: Mapping[str, Any] | list[Any]) -> Mapping[str, str]:
    """Tags by their keys, of a map, of a list of pairs, or of a structure that holds such a list alone."""
    if isinstance(collection, list):
        return dict(_pair(tag) for tag in collection if isinstance(tag, Mapping))
    inner = next((item for item in collection.values() if isinstance(item, list)), None)
    if inner is not None:
        return _tags_of(inner)
    return {str(key): str(value) for key, value in collection.items()}


def _pair(tag: Mapping[str, Any]) -> tuple[str, str]:
    key = next((str(value) for name, value in tag.items() if _KEY.match(name)), "")
    return key, next((str(value) for name, value in tag.items() if _VALUE.match(name)), "")
