# SPDX-License-Identifier: Apache-2.0
"""AWS's pattern dialect, parsed.

It owns the syntax of Java's `java.util.regex`, which most AWS services match with, and what of it is
refused because other engines read it differently or not at all. It knows no engine's translation. Classes in
brackets are the scanner's.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from .charset import CharClass, CharSet
from .properties import DOT, DOT_ALL, any_case
from .refusal import PatternRefused
from .scanner import Flags, Scanner, bracket_class, escaped_class
from .syntax import Chars, Choice, Either, End, Look, Node, Pattern, Repeat, Sequence, Start, WordBoundary

__all__ = ["parse"]

_DEPTH = 100
_COUNT = 1_000_000


@functools.lru_cache(maxsize=8192)
def parse(source: str) -> Pattern:
    """The tree of an AWS pattern.

    Raises PatternRefused for syntax that Java does not take, and for syntax that it reads in a way of its
    own: backreferences, atomic groups, possessive quantifiers, lone surrogates, flags other than i and s.
    """
    scanner = Scanner(source)
    node = _Parser(scanner).choice(Flags(), 0)
    if not scanner.done:
        raise scanner.refused("an unmatched )")
    return Pattern(source, node)


@dataclass(frozen=True, slots=True)
class _Parser:
    scanner: Scanner

    def choice(self, flags: Flags, depth: int) -> Node:
        """Branches up to a closing parenthesis or the end; flags set in one branch hold in the next."""
        if depth > _DEPTH:
            raise self.scanner.refused(f"groups nested more than {_DEPTH} deep")
        branches = []
        while True:
            branch, flags = self.branch(flags, depth)
            branches.append(branch)
            if not self.scanner.take("|"):
                return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def branch(self, flags: Flags, depth: int) -> tuple[Node, Flags]:
        parts: list[Node] = []
        scanner = self.scanner
        while not scanner.done and scanner.peek() not in "|)":
            quoted = scanner.quotation()
            if quoted is not None:
                parts.extend(Chars(_literal(ord(character), flags)) for character in quoted[:-1])
                if not quoted:
                    continue
                atom: Node | None = Chars(_literal(ord(quoted[-1]), flags))
            else:
                atom, flags = self.atom(flags, depth)
            if atom is not None:
                parts.append(self.quantified(atom))
        return (parts[0] if len(parts) == 1 else Sequence(tuple(parts))), flags

    def atom(self, flags: Flags, depth: int) -> tuple[Node | None, Flags]:
        scanner = self.scanner
        match scanner.peek():
            case "(":
                return self.group(flags, depth)
            case "[":
                return Chars(bracket_class(scanner, flags)), flags
            case "\\":
                return self.escape(flags), flags
            case ".":
                scanner.next()
                return Chars(DOT_ALL if flags.dot_all else DOT), flags
            case "^":
                scanner.next()
                return Start(), flags
            case "$":
                scanner.next()
                return End(loose=True), flags
            case "*" | "+" | "?" as quantifier:
                raise scanner.refused(f"{quantifier} repeats nothing")
            case "{":
                raise scanner.refused("{ repeats nothing")
            case _:
                return Chars(_literal(scanner.point(), flags)), flags

    def group(self, flags: Flags, depth: int) -> tuple[Node | None, Flags]:
        """A group, a lookaround, or flags alone; these give no node and hold to the end of the group."""
        scanner = self.scanner
        start = scanner.position
        scanner.next()
        inner, look = flags, None
        if scanner.take("?"):
            if scanner.take("="):
                look = (False, False)
            elif scanner.take("!"):
                look = (False, True)
            elif scanner.take("<="):
                look = (True, False)
            elif scanner.take("<!"):
                look = (True, True)
            elif scanner.take("<") or scanner.take("P<"):
                scanner.name(">")
            elif scanner.take(">"):
                raise PatternRefused(scanner.source, "an atomic group", start)
            elif not scanner.take(":"):
                inner, alone = scanner.flags(flags)
                if alone:
                    return None, inner
        node = self.choice(inner, depth + 1)
        if not scanner.take(")"):
            raise PatternRefused(scanner.source, "a ( that nothing closes", start)
        if look is not None:
            node = Look(node, behind=look[0], negated=look[1])
        return node, flags

    def escape(self, flags: Flags) -> Node:
        scanner = self.scanner
        known = escaped_class(scanner, flags)
        if known is not None:
            return Chars(known)
        following = scanner.peek(1)
        assertions: dict[str, Node] = {
            "A": Start(),
            "B": WordBoundary(inside=True),
            "Z": End(loose=True),
            "b": WordBoundary(inside=False),
            "z": End(loose=False),
        }
        if following in assertions:
            scanner.next(2)
            return assertions[following]
        if following == "k" or following in "123456789":
            raise scanner.refused("a backreference")
        start = scanner.position
        point = scanner.escaped_point()
        if 0xD800 <= point <= 0xDFFF:
            raise PatternRefused(scanner.source, "a lone surrogate", start)
        return Chars(_literal(point, flags))

    def quantified(self, atom: Node) -> Node:
        scanner = self.scanner
        start = scanner.position
        low, high = 1, None
        if scanner.take("*"):
            low = 0
        elif scanner.take("?"):
            low, high = 0, 1
        elif scanner.take("{"):
            low, high = scanner.counts()
        elif not scanner.take("+"):
            return atom
        if (high is not None and high < low) or low > _COUNT or (high or 0) > _COUNT:
            raise PatternRefused(scanner.source, "counts out of order or out of bounds", start)
        once = Repeat(atom, low, high)
        if scanner.peek() in ("+", "*", "{") or (
            scanner.peek() == "?" and scanner.peek(1) in ("+", "*", "{")
        ):
            return self.stacked(once)
        # A lazy quantifier matches the same strings.
        if scanner.take("?") and scanner.peek() == "?":
            raise scanner.refused("a quantifier on a quantifier")
        return once

    def stacked(self, once: Repeat) -> Node:
        """A quantifier behind a quantifier, where it can be told what it does.

        Behind a fixed count (`x{2}+`, `x{2}{0,5}`) Java ignores it: the first is a possessive quantifier,
        the second a quirk. Other engines repeat the whole, which includes doing so once.
        """
        scanner = self.scanner
        start = scanner.position
        possessive = scanner.take("+")
        low, high = 1, None
        if not possessive and scanner.take("{"):
            low, high = scanner.counts()
        following = scanner.peek()
        if (
            once.low != once.high
            or low > 1
            or high == 0
            or (not possessive and scanner.source[start] != "{")
            or (following and following in "*+?{")
        ):
            reason = "a possessive quantifier" if possessive else "a quantifier on a quantifier"
            raise PatternRefused(scanner.source, reason, start)
        return Either(once, Repeat(once, low, high))


def _literal(point: int, flags: Flags) -> CharClass:
    members = CharClass.of(CharSet.of((point, point)))
    return any_case(members) if flags.any_case else members
