"""The characters of a pattern, one after the other.

It owns the reading of single things (a code point, an escape, a count, a list of flags) and the position for
refusals. It knows neither groups nor classes.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from .syntax import PatternRefused

__all__ = ["Flags", "Scanner"]

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
