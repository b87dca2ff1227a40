# SPDX-License-Identifier: Apache-2.0
"""Valid instances of a schema, made of choices: every sequence of choices makes a valid document.

It owns what a random document looks like, and refuses to know who chooses. Nothing is made and then
thrown away: lengths and patterns are met together by walking the pattern's automaton.
"""

from __future__ import annotations

import base64
import functools
import json
import string
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, assert_never

from ..choices import Choices, CountedChoices, RecordedChoices, by_parts, flip, group, pick, size
from ..spec.patterns.language import Language
from ..spec.patterns.language import language as language_of
from ..spec.patterns.refusal import PatternRefused
from .nodes import (
    AnyNode,
    BlobNode,
    BooleanNode,
    EnumNode,
    IntegerNode,
    ListNode,
    MapNode,
    Node,
    NumberNode,
    ObjectNode,
    RefNode,
    ScalarNode,
    StringNode,
    TimestampNode,
    Tree,
)

__all__ = [
    "ANY_TEXT",
    "generate",
    "generate_node",
    "minimal",
    "simplest_keys",
    "text_language",
    "timestamp_text",
    "with_elements",
]

ANY_TEXT = r"[\s\S]*"
# Texts are remembered of so many shapes: one shape stands in many operations.
_SHARED = 8192
# Documents get poorer with depth so that recursive shapes end and a document stays a few kilobytes.
_RICH_DEPTH = 3
_DEEPEST = 8
_USUAL_TEXT = 24
_LONGEST_TEXT = 512
_EPOCH_END = 4_102_444_800  # 2100-01-01
_DOCUMENTS: tuple[Any, ...] = ({}, "text", 1, True, [], {"key": "value"}, [1, "two", None], 1.5)


def generate(tree: Tree, choices: Choices) -> Any:
    """A document that the schema accepts under every reading of its constraints."""
    return generate_node(tree, tree.root, choices, 0)


def minimal(tree: Tree, node: Node) -> Any:
    """The simplest instance of a node: required members only, shortest texts, first enum values.

    It is the same object each time, in every document that holds it, and nobody may change it.
    """
    return tree.remembered(node, _minimal)


def _minimal(tree: Tree, node: Node) -> Any:
    if isinstance(node, StringNode):
        return _simplest_text(node)
    return generate_node(tree, node, RecordedChoices(()), _RICH_DEPTH)


def with_elements(tree: Tree, node: Node, document: Any) -> Any:
    """The document with an element in each of its empty lists, for a wire that has no words for those."""
    match tree.resolve(node):
        case ObjectNode(properties=properties) if isinstance(document, dict):
            return {
                name: with_elements(tree, properties[name], item) if name in properties else item
                for name, item in document.items()
            }
        case ListNode(items=items, max=most) if isinstance(document, list):
            elements = document or ([minimal(tree, items)] if most != 0 else [])
            return [with_elements(tree, items, item) for item in elements]
        case _:
            return document


@functools.lru_cache(maxsize=_SHARED)
def _simplest_text(node: StringNode) -> str:
    return _text(node, RecordedChoices(()))


def text_language(node: StringNode) -> Language:
    """The language of a text node's pattern, or of any text."""
    return language_of(node.source if node.source is not None else ANY_TEXT)


def timestamp_text(form: str, moment: datetime) -> str:
    """A moment in the text form of a timestampFormat: iso8601 or rfc822, in UTC."""
    if form == "rfc822":
        return format_datetime(moment, usegmt=True)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{moment.microsecond // 1000:03d}Z" if moment.microsecond else f"{text}Z"


def generate_node(tree: Tree, node: Node, choices: Choices, depth: int) -> Any:
    """An instance of one node at a depth of the document."""
    if by_parts(choices):
        return group(choices, lambda: _generate_node(tree, node, choices, depth))
    return _generate_node(tree, node, choices, depth)


def _generate_node(tree: Tree, node: Node, choices: Choices, depth: int) -> Any:
    match node:
        case RefNode():
            return generate_node(tree, tree.resolve(node), choices, depth)
        case ObjectNode():
            return _object(tree, node, choices, depth)
        case MapNode():
            return _map(tree, node, choices, depth)
        case ListNode():
            count = _count(choices, node.min, node.max, depth)
            elements = [
                group(choices, lambda: generate_node(tree, node.items, choices, depth + 1))
                for _ in range(count)
            ]
            return _without_repeats(elements) if node.unique else elements
        case _:
            return _scalar(node, choices)


def _without_repeats(elements: list[Any]) -> list[Any]:
    """The elements without those that stand before them; true and 1 are two."""
    by_text = {json.dumps(element, sort_keys=True): element for element in elements}
    return list(by_text.values())


def _scalar(node: ScalarNode, choices: Choices) -> Any:
    match node:
        case StringNode():
            return _text(node, choices)
        case EnumNode(values=values):
            return pick(choices, values)
        case IntegerNode(low=low, high=high):
            return _integer(choices, low, high)
        case NumberNode(low=low, high=high):
            return _number(choices, low, high)
        case BooleanNode():
            return flip(choices)
        case BlobNode():
            return _blob(node, choices)
        case TimestampNode(form=form):
            return _timestamp(choices, form)
        case AnyNode():
            return pick(choices, _DOCUMENTS)
        case _:
            assert_never(node)


def _object(tree: Tree, node: ObjectNode, choices: Choices, depth: int) -> dict[str, Any]:
    if node.union:
        name = pick(choices, _affordable(tree, node, depth))
        return {name: generate_node(tree, node.properties[name], choices, depth + 1)}
    optional = [name for name in node.properties if name not in node.required]
    if by_parts(choices):
        return _object_by_parts(tree, node, choices, depth, optional)
    chosen = set(node.required)
    if optional and depth < _DEEPEST:
        # None, one, some or all of the optional members; deep inside only none or one.
        style = choices.integer(0, 3 if depth < _RICH_DEPTH else 1)
        if style == 1:
            chosen.add(pick(choices, optional))
        elif style == 2:
            chosen.update(name for name in optional if flip(choices))
        elif style == 3:
            chosen.update(optional)
    return {
        name: generate_node(tree, item, choices, depth + 1)
        for name, item in node.properties.items()
        if name in chosen
    }


def _object_by_parts(
    tree: Tree, node: ObjectNode, choices: Choices, depth: int, optional: list[str]
) -> dict[str, Any]:
    """The same for a driver that shrinks by leaving parts out: a member's number stands next to its value."""
    members = {
        name: generate_node(tree, item, choices, depth + 1)
        for name, item in node.properties.items()
        if name in node.required
    }

    def add_member() -> bool:
        number = choices.integer(0, len(optional))
        if number == 0 or optional[number - 1] in members:
            return False
        name = optional[number - 1]
        members[name] = generate_node(tree, node.properties[name], choices, depth + 1)
        return True

    most = 0 if depth >= _DEEPEST else len(optional) if depth < _RICH_DEPTH else min(1, len(optional))
    for _ in range(most):
        if not group(choices, add_member):
            break
    return {name: members[name] for name in node.properties if name in members}


def _affordable(tree: Tree, node: ObjectNode, depth: int) -> list[str]:
    """A union's members, those first whose instances end soonest; deep inside only such."""
    heights = {name: tree.height(item) for name, item in node.properties.items()}
    lowest = min(heights.values())
    if depth >= _DEEPEST:
        return [name for name in heights if heights[name] == lowest]
    return sorted(heights, key=heights.__getitem__)


def _count(choices: Choices, low: int, high: int | None, depth: int) -> int:
    if depth >= _DEEPEST:
        return low
    usual = 3 if depth < _RICH_DEPTH else 1
    most = low + usual if high is None else min(high, low + usual)
    return choices.integer(low, max(low, most))


def _map(tree: Tree, node: MapNode, choices: Choices, depth: int) -> dict[str, Any]:
    count = _count(choices, node.min, node.max, depth)
    keys = map_keys(tree, node, choices, count)
    return {key: generate_node(tree, node.values, choices, depth + 1) for key in keys}


def map_keys(tree: Tree, node: MapNode, choices: Choices, count: int) -> list[str]:
    """Up to `count` different keys: neighbours of an enumeration, texts of different lengths if possible."""
    return _keys(tree.resolve(node.keys), choices, count)


def simplest_keys(tree: Tree, node: MapNode, count: int) -> tuple[str, ...]:
    """Up to `count` different keys, always the same ones."""
    return _simplest_keys(tree.resolve(node.keys), count)


@functools.lru_cache(maxsize=_SHARED)
def _simplest_keys(keys: Node, count: int) -> tuple[str, ...]:
    return tuple(_keys(keys, RecordedChoices(()), count))


def _keys(keys: Node, choices: Choices, count: int) -> list[str]:
    match keys:
        case EnumNode(values=values):
            first_of = choices.integer(0, len(values) - 1) if count else 0
            turned = (*values[first_of:], *values[:first_of])
            return [str(value) for value in turned[:count]]
        case StringNode():
            language = text_language(keys)
            first = _text(keys, choices) if count else ""
            different = {first: None} if count else {}
            length = keys.min
            ceiling = keys.max if keys.max is not None else max(keys.min, len(first)) + count + _USUAL_TEXT
            while len(different) < count:
                # Different lengths are different keys, without trying and discarding.
                bounds = language.lengths(length, ceiling)
                if bounds is None:
                    break
                if bounds[0] != len(first):
                    different[_possible(keys, language.positive_of_length(choices, bounds[0]))] = None
                length = bounds[0] + 1
            if len(different) < count:
                # Fewer lengths than keys: the other texts of each length, in their order.
                for text in _texts(language, keys.min, ceiling, count):
                    different[text] = None
                    if len(different) == count:
                        break
            return list(different)
        case _:
            return [f"key{index}" for index in range(count)]


def _texts(language: Language, low: int, high: int, count: int) -> Iterator[str]:
    """Texts of a language, shortest first; at most `count` different ones of each length."""
    bounds = language.lengths(low, high)
    while bounds is not None:
        length = bounds[0]
        choices = CountedChoices()
        texts: dict[str, None] = {}
        # An automaton may lead to one text on many ways; the number of tries is bounded.
        for _ in range(16 * count):
            texts[language.positive_of_length(choices, length) or ""] = None
            if len(texts) == count or not choices.advance():
                break
        yield from texts
        if len(texts) < count:
            # Choices know a few characters of each class; here the others are needed too.
            yield from (text for text in _neighbours(language, list(texts)) if text not in texts)
        bounds = language.lengths(length + 1, high)


def _neighbours(language: Language, texts: list[str]) -> Iterator[str]:
    """Texts of the language that differ in one character, the last first, from one of these."""
    for text in texts:
        for position in range(len(text) - 1, max(-1, len(text) - 9), -1):
            for character in string.digits + string.ascii_letters:
                neighbour = text[:position] + character + text[position + 1 :]
                if language.accepts(neighbour):
                    yield neighbour


def _text(node: StringNode, choices: Choices) -> str:
    low = node.min
    high = _LONGEST_TEXT if node.max is None else node.max
    usual = max(low, min(high, low + _USUAL_TEXT))
    language = text_language(node)
    if choices.integer(0, 7) != 7 and language.lengths(low, usual) is not None:
        return _possible(node, language.positive(choices, low, usual))
    most = max(low, min(high, _LONGEST_TEXT))
    if language.lengths(low, most) is None:
        most = max(low, high)
    return _possible(node, language.positive(choices, low, most))


def _possible(node: StringNode, text: str | None) -> str:
    """The text, if there is one. Raises PatternRefused if pattern and lengths allow none (a few models)."""
    if text is None:
        most = "any" if node.max is None else node.max
        raise PatternRefused(node.source or "", f"no text of {node.min} to {most} characters")
    return text


def _integer(choices: Choices, low: int, high: int) -> int:
    """Mostly small, now and then anywhere; the simplest is zero, or the bound nearest to it."""
    home = min(max(0, low), high)
    kind = choices.integer(0, 7)
    if kind == 7:
        return low + choices.integer(0, high - low)
    reach = min(100, high - home)
    return home + choices.integer(0, reach)


def _number(choices: Choices, low: float | None, high: float | None) -> float:
    floor = low if low is not None else (min(-1000.0, high) if high is not None else -1000.0)
    ceiling = high if high is not None else max(1000.0, floor)
    # Sixteenths are exact in binary, so every reader reads the same number.
    home = min(max(0.0, floor), ceiling)
    steps = int((ceiling - home) * 16)
    return home + choices.integer(0, min(steps, 16_000)) / 16


def _blob(node: BlobNode, choices: Choices) -> str:
    most = node.min + 64 if node.max is None else min(node.max, node.min + 64)
    length = size(choices, node.min, most)
    return base64.b64encode(bytes(choices.integer(0, 255) for _ in range(length))).decode("ascii")


def _timestamp(choices: Choices, form: str) -> Any:
    seconds = choices.integer(0, _EPOCH_END)
    millis = choices.integer(0, 999) if form != "rfc822" and flip(choices) else 0
    if form == "unixTimestamp":
        return seconds + millis / 1000 if millis else seconds
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds, milliseconds=millis)
    return timestamp_text(form, moment)
