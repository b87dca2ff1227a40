# SPDX-License-Identifier: Apache-2.0
"""What classes of characters mean: exactly, surely, and possibly.

It owns the pinned Unicode table and the meaning of `\\w`, `\\p{..}` and their kind. Engines disagree on them
(ASCII or Unicode, older or newer tables), so a class is three sets: what Java's defaults give it, what every
reading gives it, and what some reading gives it. It knows nothing of syntax.
"""

from __future__ import annotations

import functools
import json
from importlib import resources

from .charset import ANYTHING, NOTHING, CharClass, CharSet

__all__ = [
    "DIGIT",
    "DOT",
    "DOT_ALL",
    "HORIZONTAL",
    "LINE_ENDS",
    "SPACE",
    "VERTICAL",
    "WORD",
    "any_case",
    "category",
    "property_class",
]


_ASCII = CharSet.of((0, 0x7F))
_SHIFT = ord("a") - ord("A")


def _ascii_folded(charset: CharSet) -> CharSet:
    lower = charset & CharSet.of((ord("a"), ord("z")))
    upper = charset & CharSet.of((ord("A"), ord("Z")))
    raised = CharSet(tuple((low - _SHIFT, high - _SHIFT) for low, high in lower.ranges))
    lowered = CharSet(tuple((low + _SHIFT, high + _SHIFT) for low, high in upper.ranges))
    return charset | raised | lowered


def any_case(char_class: CharClass) -> CharClass:
    """The class under `(?i)`: Java folds ASCII letters only, other engines fold Unicode."""
    maybe = _ascii_folded(char_class.maybe)
    # The only characters outside ASCII that fold to an ASCII letter: long s and the Kelvin sign.
    if ord("s") in maybe:
        maybe |= CharSet.characters("\u017f")
    if ord("k") in maybe:
        maybe |= CharSet.characters("\u212a")
    if maybe & ~_ASCII & category("L"):
        maybe |= category("L") | ~_settled()
    if maybe & CharSet.characters("\u017f"):
        maybe |= CharSet.characters("sS")
    if maybe & CharSet.characters("\u212a"):
        maybe |= CharSet.characters("kK")
    return CharClass(_ascii_folded(char_class.exact), _ascii_folded(char_class.sure), maybe)


@functools.cache
def _table() -> dict[str, CharSet]:
    raw = json.loads(resources.files("aws_conformance").joinpath("data/unicode-14.json").read_text("utf-8"))
    categories = {name: _read(ranges) for name, ranges in raw["categories"].items()}
    assigned = NOTHING
    for name in sorted(categories):
        assigned |= categories[name]
    categories["Cn"] = ~assigned
    for initial in sorted({name[0] for name in categories}):
        categories[initial] = NOTHING
        for name in sorted(categories):
            if len(name) == 2 and name[0] == initial:
                categories[initial] |= categories[name]
    categories["LC"] = categories["Lu"] | categories["Ll"] | categories["Lt"]
    categories["settled"] = _read(raw["settled"])
    return categories


def _read(ranges: str) -> CharSet:
    bounds = []
    for item in ranges.split():
        low, _, high = item.partition("-")
        bounds.append((int(low, 16), int(high or low, 16)))
    return CharSet(tuple(bounds))


def category(name: str) -> CharSet:
    """The characters of a general category (`Lu`) or group of them (`L`), in Unicode 14.0."""
    return _table()[name]


def _settled() -> CharSet:
    return _table()["settled"]


def _unicode(charset: CharSet) -> CharClass:
    """A property's class: a character whose category has ever changed is only possibly in or out."""
    return CharClass(charset, charset & _settled(), charset | ~_settled())


def _ranges(*pairs: str) -> CharSet:
    return CharSet.of(*((ord(pair[0]), ord(pair[-1])) for pair in pairs))


_ASCII_WORD = _ranges("AZ", "az", "09", "_")
_ASCII_SPACE = CharSet.characters(" \t\n\v\f\r")
_ASCII_PUNCTUATION = _ranges("!/", ":@", "[`", "{~")
# U+001C to U+001F are spaces to Python, U+180E was one before Unicode 6.3, U+FEFF is one to ECMAScript.
_WIDE_SPACE = (
    _ASCII_SPACE | category("Z") | CharSet.of((0x1C, 0x1F), (0x85, 0x85), (0x180E, 0x180E), (0xFEFF, 0xFEFF))
)
# Circled letters are symbols that Unicode counts as alphabetic; the two joiners are word characters to some.
_WIDE_WORD = (
    _ASCII_WORD
    | category("L")
    | category("M")
    | category("N")
    | category("Pc")
    | CharSet.of((0x200C, 0x200D), (0x24B6, 0x24E9))
    | ~_settled()
)
_WIDE_DIGIT = category("Nd") | ~_settled()
_JAVA_LINE_ENDS = CharSet.characters("\n\r\u0085\u2028\u2029")
_JAVA_HORIZONTAL = CharSet.characters(" \t\xa0\u1680\u180e\u202f\u205f\u3000") | CharSet.of((0x2000, 0x200A))
_JAVA_VERTICAL = CharSet.characters("\n\v\f\r\u0085\u2028\u2029")

WORD = CharClass(_ASCII_WORD, _ASCII_WORD, _WIDE_WORD)
DIGIT = CharClass(_ranges("09"), _ranges("09"), _WIDE_DIGIT)
SPACE = CharClass(_ASCII_SPACE, _ASCII_SPACE, _WIDE_SPACE)
DOT = CharClass(~_JAVA_LINE_ENDS, ~_JAVA_LINE_ENDS, ~CharSet.characters("\n"))
DOT_ALL = CharClass.of(ANYTHING)
LINE_ENDS = _JAVA_LINE_ENDS
HORIZONTAL = CharClass.of(_JAVA_HORIZONTAL)
# Java's \v is any vertical space; to the other engines it is U+000B.
VERTICAL = CharClass(_JAVA_VERTICAL, CharSet.characters("\v"), _JAVA_VERTICAL)


def _posix(charset: CharSet, wide: CharSet) -> CharClass:
    return CharClass(charset, charset, charset | wide)


@functools.cache
def _named() -> dict[str, CharClass]:
    outside = ~_ASCII
    letters = _WIDE_WORD - _ASCII
    print_ = CharSet.of((0x20, 0x7E))
    punctuation = CharClass(
        _ASCII_PUNCTUATION,
        _ASCII_PUNCTUATION & category("P"),
        _ASCII_PUNCTUATION | category("P") | category("S") | ~_settled(),
    )
    white_space = _WIDE_SPACE - CharSet.of((0x1C, 0x1F), (0x180E, 0x180E), (0xFEFF, 0xFEFF))
    return {
        "ASCII": CharClass.of(_ASCII),
        "Alnum": _posix(_ranges("AZ", "az", "09"), letters),
        "Alpha": _posix(_ranges("AZ", "az"), letters),
        "Blank": _posix(CharSet.characters(" \t"), _WIDE_SPACE - _ASCII),
        "Cntrl": _posix(CharSet.of((0, 0x1F), (0x7F, 0x7F)), category("C")),
        "Digit": _posix(_ranges("09"), _WIDE_DIGIT),
        "Graph": _posix(CharSet.of((0x21, 0x7E)), outside),
        "IsWhite_Space": CharClass(white_space, white_space & _WIDE_SPACE, _WIDE_SPACE),
        "L1": CharClass.of(CharSet.of((0, 0xFF))),
        "LD": _unicode(category("L") | category("Nd")),
        "Lower": _posix(_ranges("az"), letters),
        "Print": _posix(print_, outside),
        "Punct": punctuation,
        "Space": _posix(_ASCII_SPACE, _WIDE_SPACE),
        "Upper": _posix(_ranges("AZ"), letters),
        "XDigit": _posix(
            _ranges("09", "AF", "af"), CharSet.of((0xFF10, 0xFF19), (0xFF21, 0xFF26), (0xFF41, 0xFF46))
        ),
        "all": CharClass.of(ANYTHING),
    }


def property_class(name: str) -> CharClass | None:
    """The class that `\\p{name}` names in Java, or None for a property that the table does not hold."""
    if name in ("IsWhitespace", "IsWhite_Space", "IsWHITE_SPACE"):
        name = "IsWhite_Space"
    if name in _named():
        return _named()[name]
    short = name.removeprefix("Is").removeprefix("gc=").removeprefix("general_category=")
    table = _table()
    return _unicode(table[short]) if short in table and short != "settled" else None
