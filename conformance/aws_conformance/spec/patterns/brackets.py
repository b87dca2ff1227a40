"""Classes of characters in a pattern: in brackets, or by an escape such as `\\w`.

It owns Java's syntax for them (unions, `&&`, oddities around the hyphen) and takes their meaning from
properties.py. It knows nothing of what stands around a class.
"""

from __future__ import annotations

from .charset import ASTRAL, NOTHING, CharSet
from .properties import DIGIT, HORIZONTAL, SPACE, VERTICAL, WORD, CharClass, property_class
from .scanner import Flags, Scanner
from .syntax import PatternRefused

__all__ = ["bracket_class", "escaped_class"]

_SHORTHANDS = {
    "d": DIGIT,
    "D": ~DIGIT,
    "h": HORIZONTAL,
    "H": ~HORIZONTAL,
    "s": SPACE,
    "S": ~SPACE,
    "v": VERTICAL,
    "V": ~VERTICAL,
    "w": WORD,
    "W": ~WORD,
}
_EMPTY = CharClass.of(NOTHING)


def escaped_class(scanner: Scanner, flags: Flags) -> CharClass | None:
    """The class of an escape such as `\\d` or `\\p{L}`, or None if the escape names no class."""
    letter = scanner.peek(1)
    if letter in _SHORTHANDS:
        scanner.next(2)
        return _SHORTHANDS[letter]
    if letter not in ("p", "P"):
        return None
    start = scanner.position
    scanner.next(2)
    negated = letter == "P"
    if scanner.take("{"):
        if scanner.take("^"):
            negated = not negated
        name = scanner.name("}")
    else:
        name = scanner.peek()
        scanner.next()
    found = property_class(name)
    if found is None:
        raise PatternRefused(
            scanner.source, f"the property {name!r}, which is not in the pinned table", start
        )
    if flags.any_case and name.removeprefix("Is") in ("Lu", "Ll", "Lt", "Lower", "Upper"):
        raise PatternRefused(scanner.source, f"the property {name!r} without regard to case", start)
    return ~found if negated else found


def bracket_class(scanner: Scanner, flags: Flags) -> CharClass:
    """The class in brackets that comes next, read as Java reads it."""
    start = scanner.position
    scanner.next()
    negated = scanner.take("^")
    members = _members(scanner, flags, start)
    return ~members if negated else members


def _members(scanner: Scanner, flags: Flags, start: int) -> CharClass:
    """Everything up to the closing bracket, which is passed."""
    members = _EMPTY
    first = True
    while not scanner.done:
        quoted = scanner.quotation()
        if quoted is not None:
            for character in quoted:
                members |= _cased(CharSet.characters(character), flags)
        elif scanner.peek() == "]" and not first:
            scanner.next()
            return members
        elif scanner.peek() == "[":
            members |= bracket_class(scanner, flags)
        elif scanner.take("&&"):
            if first or scanner.peek() in ("]", "&"):
                raise PatternRefused(scanner.source, "an intersection with nothing", start)
            return members & _members(scanner, flags, start)
        else:
            members |= _item(scanner, flags)
        first = False
    raise PatternRefused(scanner.source, "a [ that nothing closes", start)


def _item(scanner: Scanner, flags: Flags) -> CharClass:
    """A shorthand, a character, or a range of characters."""
    start = scanner.position
    if scanner.peek() == "\\":
        known = escaped_class(scanner, flags)
        if known is not None:
            # As in `[\w-_]`: a hyphen behind a shorthand is itself.
            return known
    low = _end(scanner)
    high = low
    if (
        scanner.peek() == "-"
        and scanner.peek(1) not in ("]", "[", "")
        and not scanner.source.startswith("-&&", scanner.position)
    ):
        scanner.next()
        if scanner.peek() == "\\" and scanner.peek(1) in "dDhHsSvVwWpPQ":
            raise PatternRefused(scanner.source, "a range that ends in a class", start)
        high = _end(scanner)
    if high < low:
        raise PatternRefused(scanner.source, "a range whose ends are out of order", start)
    lone = [0xD800 <= point <= 0xDFFF for point in (low, high)]
    if any(lone) and not all(lone):
        # UTF-16 engines and code point engines disagree about which characters these are.
        raise PatternRefused(scanner.source, "a range with a lone surrogate at one end", start)
    if all(lone):
        # No text holds a lone surrogate, but an engine that works on UTF-16 finds them in characters
        # beyond U+FFFF, and those are what the author meant.
        return _EMPTY.widened(ASTRAL)
    return _cased(CharSet.of((low, high)), flags)


def _end(scanner: Scanner) -> int:
    if scanner.peek() != "\\":
        return scanner.point()
    if scanner.peek(1) in ("b", "B", "k", "Z", "z", "A") or scanner.peek(1) in "123456789":
        raise scanner.refused("an escape that has no meaning in brackets")
    return scanner.escaped_point()


def _cased(charset: CharSet, flags: Flags) -> CharClass:
    members = CharClass.of(charset)
    return members.any_case() if flags.any_case else members
