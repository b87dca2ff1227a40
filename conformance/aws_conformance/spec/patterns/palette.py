# SPDX-License-Identifier: Apache-2.0
"""Which characters of a class to write, the simplest first.

It owns taste: letters before digits before signs before the rest of Unicode, and nothing that a protocol
cannot carry unless nothing else is left. It knows no pattern.
"""

from __future__ import annotations

import functools

from .charset import CharSet

__all__ = ["VISIBLE", "WRITABLE", "palette", "rank"]

_FAVOURITES = (
    "abz019AZ_-.:/+=@,;!#$%&'()*<>?[]^`{|}~\"\\ "
    # Latin, Greek, Cyrillic, Han and beyond U+FFFF: all in Unicode since 3.2, so every engine knows them.
    "\u00e9\u00df\u03a9\u0436\u4e2d\U00020000\U00010400\u0301\u20ac\u0664\u00a0\u3000\n\t\r"
)
_SAMPLES = 4
# Characters that XML 1.0 cannot carry, and those that mean nothing: controls, private use, noncharacters.
WRITABLE = CharSet.of(
    (0x9, 0xA),
    (0xD, 0xD),
    (0x20, 0x7E),
    (0xA0, 0xDFFF),
    (0xF900, 0xFDCF),
    (0xFDF0, 0xFFFD),
    *((plane << 16, (plane << 16) + 0xFFFD) for plane in range(1, 15)),
)
VISIBLE = CharSet.of((0x20, 0x7E))
_RANKS = {character: number for number, character in enumerate(_FAVOURITES)}


@functools.lru_cache(maxsize=4096)
def palette(charset: CharSet) -> tuple[str, ...]:
    """A few characters of the set, the simplest first; never empty unless the set is."""
    characters = [character for character in _FAVOURITES if ord(character) in charset]
    writable = charset & WRITABLE
    for low, high in writable.ranges[:_SAMPLES]:
        characters.extend(chr(point) for point in (low, high) if chr(point) not in characters)
    if characters:
        return tuple(dict.fromkeys(characters))
    return tuple(chr(low) for low, _ in charset.ranges[:_SAMPLES])


def rank(charset: CharSet) -> int:
    """How simple the simplest character of the set is; smaller is simpler."""
    simplest = palette(charset)[:1]
    return _RANKS.get(simplest[0], len(_RANKS)) if simplest else len(_RANKS) + 1
