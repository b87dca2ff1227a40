# SPDX-License-Identifier: Apache-2.0
"""A pattern, written out in the regular expressions that Python, Rust and ECMAScript read alike.

It owns spelling: which escapes and constructs all three engines (Python's re, the Rust crates regex and
fancy-regex, ECMAScript with the u flag) read in the same way. What a pattern means was settled in
readings.py.
"""

from __future__ import annotations

import functools
from typing import assert_never

from .charset import ANYTHING, CharSet
from .parser import parse
from .readings import read, simplified
from .refusal import PatternRefused
from .syntax import Chars, Choice, Either, End, Look, Node, Repeat, Sequence, Start, WordBoundary

__all__ = ["translate"]

# `$` is no end to Python, which lets a newline follow, and `\z` is none to ECMAScript.
_END = r"(?![\s\S])"
_SYNTAX = frozenset("^$\\.*+?()[]{}|")
# In brackets. & and ~ would be set operations to Rust if doubled, and no engine lets all three escape them.
_ESCAPED_IN_BRACKETS = frozenset("^\\[]-")
_SPELLED_IN_BRACKETS = frozenset("&~|")
_CONTROLS = {9: r"\t", 10: r"\n", 11: r"\v", 12: r"\f", 13: r"\r"}


@functools.lru_cache(maxsize=8192)
def translate(source: str) -> str:
    """The JSON Schema `pattern` that matches what `source` matches in full, under Java's defaults.

    `$` is the end of the text. Java lets it stand before a line end that closes the text as well, which can
    only tell in a lookahead, and there AWS's documented dialect (ECMAScript's) and Java disagree.
    Raises PatternRefused if there is no such pattern that every engine reads alike.
    """
    node = simplified(read(parse(source).node, "exact"))
    return f"^(?:{_written(node, source)}){_END}"


def _written(node: Node, source: str) -> str:
    match node:
        case Chars(members):
            return _class(members.exact)
        case Sequence(parts):
            return "".join(_part(part, source) for part in parts)
        case Choice(()):
            return r"[^\s\S]"
        case Choice(branches):
            return "|".join(_written(branch, source) for branch in branches)
        case Repeat(body, low, high):
            return _atom(body, source) + _count(low, high)
        case Start():
            return "^"
        case End():
            return _END
        case Look(body, behind, negated):
            return _look(body, behind, negated, source)
        case WordBoundary() | Either():
            raise TypeError(f"{node} was not read")
        case _:
            assert_never(node)


def _part(node: Node, source: str) -> str:
    text = _written(node, source)
    return f"(?:{text})" if isinstance(node, Choice) and node.branches else text


def _atom(node: Node, source: str) -> str:
    """The node as something that a quantifier may follow."""
    text = _written(node, source)
    single = isinstance(node, Chars) or node == Choice(())
    return text if single else f"(?:{text})"


def _count(low: int, high: int | None) -> str:
    match (low, high):
        case (0, None):
            return "*"
        case (1, None):
            return "+"
        case (0, 1):
            return "?"
        case (_, None):
            return f"{{{low},}}"
        case _:
            return f"{{{low}}}" if low == high else f"{{{low},{high}}}"


def _look(body: Node, behind: bool, negated: bool, source: str) -> str:
    if not behind:
        return f"(?{'!' if negated else '='}{_written(body, source)})"
    # Python takes only one width behind, so each branch gets a lookbehind of its own.
    branches = body.branches if isinstance(body, Choice) else (body,)
    if any(_width(branch) is None for branch in branches):
        raise PatternRefused(source, "a lookbehind of variable width")
    opening = "(?<!" if negated else "(?<="
    looks = [f"{opening}{_written(branch, source)})" for branch in branches]
    if len(looks) == 1 or negated:
        return "".join(looks)
    return f"(?:{'|'.join(looks)})"


def _width(node: Node) -> int | None:
    """The number of characters that the node takes, or None if it may take more or fewer."""
    match node:
        case Chars():
            return 1
        case Sequence(parts):
            widths = [_width(part) for part in parts]
            return None if None in widths else sum(width or 0 for width in widths)
        case Choice(branches):
            widths = [_width(branch) for branch in branches]
            return widths[0] if len(set(widths)) == 1 else None
        case Repeat(body, low, high):
            width = _width(body)
            return width * low if width is not None and low == high else None
        case Start() | End() | Look():
            return 0
        case WordBoundary() | Either():
            raise TypeError(f"{node} was not read")
        case _:
            assert_never(node)


@functools.lru_cache(maxsize=4096)
def _class(charset: CharSet) -> str:
    if charset == ANYTHING:
        return r"[\s\S]"
    if len(charset.ranges) == 1 and charset.ranges[0][0] == charset.ranges[0][1]:
        return _literal(charset.ranges[0][0])
    plain, negated = f"[{_ranges(charset)}]", f"[^{_ranges(~charset)}]"
    return negated if len(negated) < len(plain) else plain


def _literal(point: int) -> str:
    character = chr(point)
    if character in _SYNTAX:
        return "\\" + character
    return _spelled(point)


def _ranges(charset: CharSet) -> str:
    spelled = []
    for low, high in _bridged(charset):
        spelled.append(_in_brackets(low))
        if high > low + 1:
            spelled.append("-")
        if high > low:
            spelled.append(_in_brackets(high))
    return "".join(spelled)


def _bridged(charset: CharSet) -> list[tuple[int, int]]:
    """The ranges, joined across the surrogates: no text holds one, and so the class stays short."""
    joined: list[tuple[int, int]] = []
    for low, high in charset.ranges:
        if low == 0xE000 and joined and joined[-1][1] == 0xD7FF:
            joined[-1] = (joined[-1][0], high)
        else:
            joined.append((low, high))
    return joined


def _in_brackets(point: int) -> str:
    character = chr(point)
    if character in _ESCAPED_IN_BRACKETS:
        return "\\" + character
    return f"\\x{point:02x}" if character in _SPELLED_IN_BRACKETS else _spelled(point)


def _spelled(point: int) -> str:
    """The character itself if it is printable ASCII or astral, else an escape that all three read."""
    if point in _CONTROLS:
        return _CONTROLS[point]
    if point < 0x20 or point == 0x7F:
        return f"\\x{point:02x}"
    if point < 0x7F or point > 0xFFFF:
        return chr(point)
    return f"\\u{point:04x}"
