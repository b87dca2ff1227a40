# SPDX-License-Identifier: Apache-2.0
"""The characters of a pattern, one after the other, and the classes that some of them spell.

It owns the reading of single things (a code point, an escape, a count, a list of flags, a class in
brackets) and the position for refusals. It knows no groups.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from .charset import ASTRAL, NOTHING, CharClass, CharSet
from .properties import DIGIT, HORIZONTAL, SPACE, VERTICAL, WORD, any_case, property_class
from .refusal import PatternRefused

__all__ = ["Flags", "Scanner", "bracket_class", "escaped_class"]

_CONTROLS = {"t": 9, "n": 10, "r": 13, "f": 12, "a": 7, "e": 27}


@dataclass(frozen=True, slots=True)
class Flags:
    """The inline flags in force: `i` and `s`."""

    any_case: bool = False
    dot_all: bool = False


class Scanner:
    """A position in a pattern; every method reads from there and moves it on."""

    __slots__ = ("position", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self.position = 0

    @property
    def done(self) -> bool:
        return self.position >= len(self.source)

    def refused(self, reason: str) -> PatternRefused:
        """The refusal of this pattern at this position, to be raised."""
        return PatternRefused(self.source, reason, self.position)

    def peek(self, ahead: int = 0) -> str:
        """The character `ahead` of the position; empty beyond the end."""
        return self.source[self.position + ahead : self.position + ahead + 1]

    def next(self, count: int = 1) -> None:
        self.position += count

    def take(self, text: str) -> bool:
        """Whether `text` comes next, and if so, past it."""
        if not self.source.startswith(text, self.position):
            return False
        self.position += len(text)
        return True

    def point(self) -> int:
        """The next character, taken literally."""
        point = ord(self.peek())
        if 0xD800 <= point <= 0xDFFF:
            raise self.refused("a lone surrogate")
        self.next()
        return point

    def quotation(self) -> str | None:
        """The text between \\Q and \\E (or the end), or None if no \\Q comes next."""
        if not self.take("\\Q"):
            return None
        end = self.source.find("\\E", self.position)
        text = self.source[self.position : end if end >= 0 else None]
        self.position = end + 2 if end >= 0 else len(self.source)
        return text

    def name(self, closing: str) -> str:
        """The text up to `closing`, which is passed."""
        end = self.source.find(closing, self.position)
        if end < 0:
            raise self.refused(f"a name that no {closing} closes")
        text = self.source[self.position : end]
        self.position = end + len(closing)
        return text

    def counts(self) -> tuple[int, int | None]:
        """The counts of `{2}`, `{2,}` or `{2,3}`, behind their opening brace."""
        start = self.position
        text = self.name("}")
        low, comma, high = text.partition(",")
        if not (_is_count(low) and (not high or _is_count(high))):
            raise PatternRefused(self.source, "braces that hold no counts", start)
        if not comma:
            return int(low), int(low)
        return int(low), int(high) if high else None

    def flags(self, flags: Flags) -> tuple[Flags, bool]:
        """The flags of `(?i)` or `(?i:`, behind the question mark, and whether they stand alone."""
        on = True
        while not self.done:
            letter = self.peek()
            match letter:
                case "i":
                    flags = dataclasses.replace(flags, any_case=on)
                case "s":
                    flags = dataclasses.replace(flags, dot_all=on)
                case "-":
                    on = False
                case ")" | ":":
                    self.next()
                    return flags, letter == ")"
                case _:
                    raise self.refused(f"the flag {letter}")
            self.next()
        raise self.refused("flags that nothing closes")

    def escaped_point(self) -> int:
        """The code point of an escape such as `\\-`, `\\x41` or `\\u0041`; maybe a lone surrogate.

        A high surrogate followed by an escaped low one is one character, as Java and ECMAScript read it.
        """
        start = self.position
        self.next()
        letter = self.peek()
        self.next()
        if letter == "u":
            point = self._hexadecimal(4)
            following = self.position
            if 0xD800 <= point <= 0xDBFF and self.take("\\u"):
                low = self._hexadecimal(4)
                if 0xDC00 <= low <= 0xDFFF:
                    return 0x10000 + ((point - 0xD800) << 10) + low - 0xDC00
                self.position = following
            return point
        if letter == "x":
            if self.take("{"):
                return self._number(self.name("}"), 16)
            return self._hexadecimal(2)
        if letter == "0":
            return self._octal()
        if letter == "c" and not self.done:
            return self.point() ^ 0x40
        if letter in _CONTROLS:
            return _CONTROLS[letter]
        if not letter or (letter.isascii() and letter.isalnum()):
            raise PatternRefused(self.source, f"the escape \\{letter}", start)
        self.next(-1)
        return self.point()

    def _octal(self) -> int:
        digits = ""
        while self.peek() and self.peek() in "01234567" and int(digits + self.peek(), 8) <= 0o377:
            digits += self.peek()
            self.next()
        return self._number(digits, 8)

    def _hexadecimal(self, length: int) -> int:
        text = self.source[self.position : self.position + length]
        self.next(length)
        return self._number(text if len(text) == length else "", 16)

    def _number(self, digits: str, base: int) -> int:
        alphabet = "0123456789abcdefABCDEF" if base == 16 else "01234567"
        if not digits or any(digit not in alphabet for digit in digits):
            raise self.refused("an escape without its number")
        point = int(digits, base)
        if point > 0x10FFFF:
            raise self.refused("an escape beyond Unicode")
        return point


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit()


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
    members = property_class(name)
    if members is None:
        raise PatternRefused(
            scanner.source, f"the property {name!r}, which is not in the pinned table", start
        )
    if flags.any_case and name.removeprefix("Is") in ("Lu", "Ll", "Lt", "Lower", "Upper"):
        raise PatternRefused(scanner.source, f"the property {name!r} without regard to case", start)
    return ~members if negated else members


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
    return any_case(members) if flags.any_case else members
