# SPDX-License-Identifier: Apache-2.0
"""Members that a model's text says exclude each other: "either X or Y, but not both".

It owns the sentences in which AWS's texts say so, and how strongly. It refuses to know who sends them.
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Collection, Iterator

from .shapes import Exclusion

__all__ = ["documented_exclusions"]

_MARKUP = re.compile(r"<[^>]*>")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z])|</p>|</li>|<note>|<br ?/?>")
# Some part of each of the sentences below, which nearly no text has.
_WORDS = ("both", "xclusive", "ogether", "an't be used with", "annot be used with", "not be used with")
# Two of them, and no more: who else is there may be beside either.
_BOTH = re.compile(
    r"(?i)\bnot both\b|\b(?:can ?not|can't|may not|must not|do not|don't) "
    r"(?:specify|use|provide|include|set|supply|pass) both\b"
)
# Any number of them.
_EXCLUSIVE = re.compile(r"(?i)\bmutually exclusive\b")
# Less than a rule: some services take what was said last.
_WITH = re.compile(
    r"(?i)\b(?:can ?not|can't|must not) be (?:used|specified|combined) (?:together )?with (?:the )?(\w+)"
    r"(?: (?:parameter|option|property|field))?\W*$"
)
# What makes a rule hold at times alone, or speak of something within the members.
_CONDITION = re.compile(
    r"(?i)\b(?:if|when|whenever|unless|except|until|depending|instead|where|while|only for|each|every (?!\w+ "
    r"request)|per|types?|at least|at the same time as|within|inside|element|item|rule|object|policy)\b"
)
_ITSELF = re.compile(r"(?i)\bthis (?:\w+ )?(?:parameter|property|member|field|setting|option|value)\b")
# Where a page of a list begins: what stands there has to come from a list.
_TOKEN = re.compile(r"(?i)token|marker")


def documented_exclusions(name: str, text: str, members: Collection[str]) -> tuple[Exclusion, ...]:
    """What a member's text says may not be sent beside it, of the members of its structure."""
    if _TOKEN.search(name) or not any(word in text for word in _WORDS):
        return ()
    known: dict[str, Exclusion] = {}
    for part in _SENTENCE.split(text):
        if not any(word in part for word in _WORDS):
            continue
        sentence = " ".join(html.unescape(_MARKUP.sub(" ", part)).split())
        for exclusion in _of_sentence(name, sentence, members):
            known.setdefault(exclusion.other, exclusion)
    return tuple(known.values())


def _named_in_words(sentence: str, members: Collection[str]) -> set[str]:
    """The members that a sentence names in words ("the launch template ID"); of several the longest."""
    low = f" {' '.join(re.findall(r'[a-z0-9]+', sentence.lower()))} "
    spoken = {member: words for member in members if (words := _spoken(member)) and f" {words} " in low}
    return {
        member
        for member, words in spoken.items()
        if not any(words != other and f" {words} " in f" {other} " for other in spoken.values())
    }


@functools.cache
def _spoken(member: str) -> str:
    """A member's name in words; empty if it is a single one, which may mean anything."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", member)
    return " ".join(words).lower() if len(words) > 1 else ""


def _of_sentence(name: str, sentence: str, members: Collection[str]) -> Iterator[Exclusion]:
    if _CONDITION.search(sentence):
        return
    named = {word for word in re.findall(r"\w+", sentence) if word in members}
    named |= _named_in_words(sentence, members)
    others = sorted(other for other in named - {name} if not _TOKEN.search(other))
    itself = name in named or _ITSELF.search(sentence) is not None
    if _EXCLUSIVE.search(sentence):
        # A text that begins so leaves out whom it is about.
        about = itself or re.match(r"(?i)(?:is )?mutually exclusive (?:with|to)\b", sentence) is not None
        for other in others if about else ():
            yield Exclusion(other, sentence, strict=True)
    elif match := _BOTH.search(sentence):
        # "Either A and B or C": two of them may well be sent together.
        joined = "not both" in match[0].lower() and re.search(r"(?i)\band\b", sentence) is not None
        if itself and len(others) == 1 and not joined:
            yield Exclusion(others[0], sentence, strict=True)
    elif (match := _WITH.search(sentence)) and match[1] in others and (itself or match.start() == 0):
        yield Exclusion(match[1], sentence, strict=False)
