# SPDX-License-Identifier: Apache-2.0
"""Elements read as values of their shapes, with a finding for each form that a strict client would not read.

It owns the direction from text to values. It refuses to tell what the schema tells: a text of the wrong form
is left as text, an unknown element is left under its name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from ...spec.shapes import ListShape, MapShape, Member, Service, StructureShape, XmlNamespace
from ..findings import Finding, Path, Rule
from ..json_text import shorten
from ..lexical import is_scalar, read_text
from .plans import ANY_NAMESPACE, Field, StructurePlan, item_name, key_name, plan_of, value_name
from .text import Element, generic_value

__all__ = ["XmlReader"]

_NOTHING: Mapping[str, str] = MappingProxyType({})
# Attributes of these namespaces say something to any reader of XML.
_COMMON = ("http://www.w3.org/2001/XMLSchema-instance", "http://www.w3.org/XML/1998/namespace")


class XmlReader:
    """Reads the elements of one document; `findings` grows with each oddity."""

    def __init__(self, service: Service, protocol: str, findings: list[Finding]) -> None:
        self._service = service
        self._protocol = protocol
        self._findings = findings

    def _finding(self, rule: Rule, path: Path, expected: str, got: str) -> None:
        self._findings.append(Finding(rule, path, expected, got))

    def namespace(self, element: Element, uri: str | None, path: Path) -> None:
        """A finding if an element is not in that namespace (None: in no namespace)."""
        if element.namespace != uri:
            self._finding(
                "xml.namespace", path, _namespaced(element, uri), _namespaced(element, element.namespace)
            )

    def structure(
        self,
        name: str,
        element: Element,
        path: Path,
        elsewhere: Mapping[str, str] = _NOTHING,
        ignored: Sequence[str] = (),
    ) -> Any:
        """The document of an element that is a structure.

        `elsewhere` are members that do not travel here, with their places in words; `ignored` are names of
        elements that belong to an envelope.
        """
        plan = plan_of(self._service, name)
        if self._is_text(element, path):
            return element.text
        document = self._attributes(plan, element, path)
        groups: dict[str, list[Element]] = {}
        for child in element.children:
            groups.setdefault(child.name, []).append(child)
        for tag, elements in groups.items():
            field = plan.elements.get(tag)
            if tag in ignored:
                continue
            if field is None or field.member.name in elsewhere:
                self._unknown(plan, tag, elements, document, path, elsewhere)
                continue
            place = (*path, field.member.name)
            for child in elements:
                self._own_namespace(child, field.member, field.namespace, element, place)
            document[field.member.name] = self._field(field, elements, place)
            twin = plan.twins.get(tag)
            if twin is not None:
                document[twin.member.name] = self.value(twin.member, elements[0], (*path, twin.member.name))
        return document

    def envelope(
        self, parent: Element, name: str, path: Path, children: Sequence[str] = ()
    ) -> Element | None:
        """The element of an envelope with that name, if there is one; a finding for what should not be in it.

        `children` are the names of elements that it may hold; without any it is a text.
        """
        elements = [child for child in parent.children if child.name == name]
        if len(elements) > 1:
            got = f"{name} {len(elements)} times"
            self._finding("body.duplicate-key", path, "the element once", got)
        for element in elements:
            self.namespace(element, parent.namespace, path)
            self._bare(element, path)
            other = next((child.name for child in element.children if child.name not in children), None)
            if other is not None:
                self._finding("xml.stray", path, " and ".join(children) or "a text", f"an element {other}")
            if children:
                self._is_text(element, path)
        return elements[0] if elements else None

    def _is_text(self, element: Element, path: Path) -> bool:
        """Whether an element that should hold others holds text alone; a finding for text between others."""
        if not element.text or element.text.isspace():
            return False
        if element.children:
            self._finding("xml.stray", path, "elements only", f"the text {shorten(element.text.strip())!r}")
        return not element.children

    def _own_namespace(
        self, child: Element, member: Member, namespace: XmlNamespace | None, parent: Element, path: Path
    ) -> None:
        """A finding if an element is neither in its own namespace nor, without one, in its parent's."""
        # A prefix is for what stands on the element; the element itself is where its parent is. A namespace
        # that a structure has for itself is that of a root; within others AWS leaves it out.
        target = self._service.shape(member.target)
        of_root = isinstance(target, StructureShape) and target.xml_namespace == namespace
        if namespace is None or namespace.prefix or (of_root and child.namespace == parent.namespace):
            self.namespace(child, parent.namespace, path)
        else:
            self.namespace(child, namespace.uri, path)

    def _attributes(self, plan: StructurePlan, element: Element, path: Path) -> dict[str, Any]:
        document = {}
        for attribute in element.attributes:
            field = plan.attributes.get((attribute.name, attribute.namespace))
            if field is None and attribute.namespace is not None:
                field = plan.attributes.get((attribute.name, ANY_NAMESPACE))
            if field is not None:
                name = field.member.name
                document[name] = read_text(field.shape, field.member, attribute.value, self._protocol)
            elif attribute.namespace not in _COMMON:
                got = f"the attribute {attribute.name}={attribute.value[:40]!r}"
                self._finding("xml.stray", path, "no such attribute", got)
        return document

    def _unknown(
        self,
        plan: StructurePlan,
        tag: str,
        elements: list[Element],
        document: dict[str, Any],
        path: Path,
        elsewhere: Mapping[str, str],
    ) -> None:
        """Keep what no member is called; a member under another name or in another place is told here."""
        attribute = next((field for field in plan.attributes.values() if field.name == tag), None)
        field = attribute or plan.fields.get(tag)
        if field is not None:
            place = elsewhere.get(field.member.name)
            words = f"{'an attribute' if field.member.xml_attribute else 'an element'} {field.name}"
            expected = f"in the {place}" if place else words
            self._finding("member.place", (*path, field.member.name), expected, f"an element {tag}")
            return
        values = [generic_value(element) for element in elements]
        document[tag] = values[0] if len(values) == 1 else values

    def _field(self, field: Field, elements: list[Element], path: Path) -> Any:
        match field.shape:
            case ListShape() as shape if field.flattened:
                return self._items(shape, self._flat_items(shape, field.name, elements, path), path)
            case MapShape() as shape if field.flattened:
                return self._entries(shape, self._flat_entries(field.name, elements, path), path)
            case ListShape() as shape if self._is_flat_list(shape, elements):
                expected = f"one {field.name} with an element {item_name(shape)} for each item"
                self._finding("xml.nesting", path, expected, f"{field.name} for each item")
                return self._items(shape, elements, path)
            case MapShape() as shape if self._is_flat_map(shape, elements):
                expected = f"one {field.name} with an element entry for each key"
                self._finding("xml.nesting", path, expected, f"{field.name} for each key")
                return self._entries(shape, elements, path)
            case _:
                if len(elements) > 1:
                    self._finding(
                        "body.duplicate-key", path, "the element once", f"{field.name} {len(elements)} times"
                    )
                return self.value(field.member, elements[0], path)

    def value(self, member: Member, element: Element, path: Path) -> Any:
        """The value of an element that is one value of the member's shape."""
        shape = self._service.shape(member.target)
        match shape:
            case StructureShape():
                return self.structure(shape.name, element, path)
            case ListShape():
                self._bare(element, path)
                if self._is_text(element, path):
                    return element.text
                self._named(element.children, item_name(shape), path)
                for child in element.children:
                    self._own_namespace(child, shape.member, shape.member.xml_namespace, element, path)
                return self._items(shape, element.children, path)
            case MapShape():
                self._bare(element, path)
                if self._is_text(element, path):
                    return element.text
                self._named(element.children, "entry", path)
                return self._entries(shape, element.children, path)
            case _ if element.children:
                return generic_value(element)
            case _:
                self._bare(element, path)
                return read_text(shape, member, element.text, self._protocol)

    def _bare(self, element: Element, path: Path) -> None:
        """A finding for each attribute of an element that has none."""
        for attribute in element.attributes:
            if attribute.namespace not in _COMMON:
                got = f"the attribute {attribute.name}={attribute.value[:40]!r}"
                self._finding("xml.stray", path, "no such attribute", got)

    def _named(self, elements: Sequence[Element], name: str, path: Path) -> None:
        """A finding, once, if elements of a list or a map are called otherwise."""
        other = next((element.name for element in elements if element.name != name), None)
        if other is not None:
            self._finding("xml.element", path, f"elements {name}", f"an element {other}")

    def _items(self, shape: ListShape, elements: Sequence[Element], path: Path) -> list[Any]:
        return [self.value(shape.member, element, (*path, index)) for index, element in enumerate(elements)]

    def _flat_items(
        self, shape: ListShape, name: str, elements: list[Element], path: Path
    ) -> Sequence[Element]:
        """The elements of a flattened list; a finding where they stand one level too deep."""
        children = [child for element in elements for child in element.children]
        inner = self._service.shape(shape.member.target)
        names = {"member", item_name(shape)} - self._names_within(inner)
        if not children or not all(child.name in names for child in children):
            return elements
        if not (is_scalar(inner) or isinstance(inner, StructureShape)):
            return elements
        got = f"an element {children[0].name} within {name}"
        self._finding("xml.nesting", path, f"{name} for each item", got)
        return children

    def _names_within(self, shape: Any) -> set[str]:
        if isinstance(shape, StructureShape):
            return set(plan_of(self._service, shape.name).elements)
        return set()

    def _flat_entries(self, name: str, elements: list[Element], path: Path) -> Sequence[Element]:
        children = [child for element in elements for child in element.children]
        if not children or any(child.name != "entry" for child in children):
            return elements
        self._finding("xml.nesting", path, f"{name} for each key", f"an element entry within {name}")
        return children

    def _is_flat_list(self, shape: ListShape, elements: list[Element]) -> bool:
        """Whether the elements of a list that is not flattened stand where the list should stand."""
        children = [child.name for element in elements for child in element.children]
        if item_name(shape) in children:
            return False
        inner = self._names_within(self._service.shape(shape.member.target))
        if len(elements) > 1:
            return any(element.children or element.text for element in elements)
        return bool(children) and set(children) <= inner

    def _is_flat_map(self, shape: MapShape, elements: list[Element]) -> bool:
        names = {key_name(shape), value_name(shape)}
        return all({child.name for child in element.children} == names for element in elements)

    def _entries(self, shape: MapShape, elements: Sequence[Element], path: Path) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        expected = (key_name(shape), value_name(shape))
        for element in elements:
            names = tuple(child.name for child in element.children)
            if sorted(names) != sorted(expected):
                words = " and ".join(names) or "neither"
                self._finding("xml.element", path, f"{expected[0]} and {expected[1]}", words)
            if len(names) != 2:
                continue
            # The order does not matter where the names are right; where they are not, it is all there is.
            key, value = element.children if names != expected[::-1] else element.children[::-1]
            self._own_namespace(key, shape.key, shape.key.xml_namespace, element, path)
            self._own_namespace(value, shape.value, shape.value.xml_namespace, element, path)
            self._bare(key, path)
            if key.children:
                got = f"an element {key.children[0].name} within {key.name}"
                self._finding("xml.element", path, f"a text in {key.name}", got)
            if key.text in entries:
                self._finding("body.duplicate-key", (*path, key.text), "each key once", "more than once")
                continue
            entries[key.text] = self.value(shape.value, value, (*path, key.text))
        return entries


def _namespaced(element: Element, uri: str | None) -> str:
    return f"{element.name} in {uri!r}" if uri else f"{element.name} in no namespace"
