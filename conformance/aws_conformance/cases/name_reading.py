# SPDX-License-Identifier: Apache-2.0
"""How names in models read: an operation's verb and noun, what a member's name identifies, and whose.

It owns words. It refuses to know a service: what its operations have to do with each other is in links.py.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass

from .api_words import MAKING_VERBS, SMALL_WORDS, VERBS, Verb, singular, words_of

__all__ = [
    "IDENTIFYING_END",
    "Reading",
    "is_fabricated",
    "is_left_alone",
    "is_own_name",
    "name_parts",
    "names_a_copy",
    "plain_name",
    "read_name",
]

_VERBS: Mapping[str, Verb] = {word: verb for verb, words in VERBS.items() for word in words}

IDENTIFYING_END = re.compile(
    r"(?:Identifier|Name|Arn|ARN|Id|ID|Url|URL|Uri|Key|Handle|Token|Code|Alias|Version)$"
)

_LEFT_ALONE = re.compile(
    r"(?i)^(next|pagination|continuation|client|idempotency|creation|clientrequest|request|starting)_?.*token$"
    r"|^(next)?marker$|^dryrun$|^expected(source)?bucketowner$|^nextpage.*|^exclusivestart.*|^lastevaluated.*"
    r"|^callerreference$"
)


@functools.lru_cache(maxsize=65536)
def plain_name(name: str) -> str:
    """A name without its spelling: its words in the singular, run together."""
    words = words_of(name)
    return "".join([*(word.lower() for word in words[:-1]), *(singular(word) for word in words[-1:])])


@functools.lru_cache(maxsize=65536)
def name_parts(member: str) -> tuple[str, str]:
    """What a member's name is about, and the ending that says how it names it: `user` and `name`."""
    suffix = IDENTIFYING_END.search(member)
    if suffix and suffix.start():
        return plain_name(member[: suffix.start()]), plain_name(suffix[0])
    plain = plain_name(member)
    for end in ("name", "arn", "id"):
        # Written as one word: Username.
        if plain.endswith(end) and len(plain) > len(end) + 2 and len(words_of(member)) == 1:
            return plain[: -len(end)], end
    if suffix:
        return "", plain_name(suffix[0])
    return plain, ""


@dataclass(frozen=True, slots=True)
class Reading:
    """An operation's name as it is read: what it does, in which word, and what it is about."""

    verb: Verb
    word: str
    about: tuple[str, ...]

    @property
    def noun(self) -> str:
        """What it is about, run together."""
        return "".join(self.about)


@functools.cache
def read_name(name: str) -> Reading:
    """What an operation's name says. A word before the verb (AdminCreateUser) belongs to what it is about."""
    words = words_of(name.rpartition(":")[2])
    index = next((place for place, word in enumerate(words[:3]) if word.capitalize() in _VERBS), 0)
    word = words[index].capitalize() if words else ""
    verb = _VERBS.get(word, "change")
    if word == "Batch" and len(words) > index + 1 and words[index + 1].capitalize() in _VERBS:
        index += 1
        word = words[index].capitalize()
        verb = _VERBS[word]
    about = [part for place, part in enumerate(words) if place != index and part.lower() not in SMALL_WORDS]
    about = [part for part in about if part not in ("Batch", "Admin")]
    return Reading(verb, word, tuple(singular(part) for part in about))


def is_left_alone(name: str) -> bool:
    """Whether nobody fills a member by themselves: tokens of pages and of idempotency, dry runs, guards."""
    return bool(_LEFT_ALONE.match(name))


def is_own_name(member: str, operation: str) -> bool:
    """Whether a member of a creator is what it calls the thing that it makes."""
    reading = read_name(operation)
    if names_a_copy(member, operation):
        return True
    if reading.word not in MAKING_VERBS:
        return False
    plain, thing = plain_name(member), reading.noun
    if plain == "name" or plain in (f"{thing}{end}" for end in ("", *_OWN_ENDS)):
        return True
    last = reading.about[-1] if reading.about else ""
    return reading.word == "Create" and plain in (f"{last}{end}" for end in _OWN_ENDS)


def names_a_copy(member: str, operation: str) -> bool:
    """Whether a member is what an operation calls the copy that it makes of what there is."""
    return read_name(operation).word in _COPYING and _COPYS_NAME.fullmatch(member) is not None


# What makes another of something that there is, and what it calls it (TargetTableName).
_COPYING = frozenset({"Copy", "Restore"})

_COPYS_NAME = re.compile(r"(?:Target|New|Destination).+(?:Name|Identifier)")


_OWN_ENDS = ("name", "id", "identifier", "label", "alias")


def is_fabricated(member: str) -> bool:
    """Whether a member names something that is chosen by whoever makes it, rather than shown by a service."""
    return plain_name(member).endswith(("name", "alias", "label", "prefix", "identifier"))
