# SPDX-License-Identifier: Apache-2.0
"""The names of operations, read: what is done, to what, and by which members that is called.

It owns verbs and nouns. It refuses to know shapes (families.py).
"""

from __future__ import annotations

import functools
import re
from typing import Literal, TypeAlias

__all__ = ["Role", "Verb", "is_identifying", "is_naming", "noun_of", "plain", "spoken", "verb_of"]

Verb: TypeAlias = Literal["create", "put", "read", "list", "update", "delete", "start", ""]

# create: something is to be made; again: it is asked for once more under the same name; refuse: a request
# that is to be refused; read and list: it is looked at; the rest as they are called. elsewhere: a list in
# another region; filter: a list that is asked for one thing; unmet: what AWS is known to refuse; late: a
# change of what was taken away; replay: a creation that is sent again with its idempotency token; facet: a
# list that is asked for one of several states that exclude each other; batch: something is shown of all
# things that are told; vain: what was taken away is taken away once more, which may be refused or not; act:
# something else is done with it; misuse: the same, with what was taken away. Of versions: arrange makes what
# a thing is put into ready for them, version looks at what one write has made, whatever was written after it,
# purge takes that alone away. Of associations: associate adds, dissociate takes off, members: it is looked
# who was added; provide: what more is needed is made; drop: one side is taken away, and sought: looked for;
# stranger: what is not there any more is added.
Role: TypeAlias = Literal[
    "create",
    "again",
    "refuse",
    "read",
    "list",
    "page",
    "forge",
    "update",
    "delete",
    "elsewhere",
    "tag",
    "untag",
    "tags",
    "filter",
    "facet",
    "batch",
    "unmet",
    "late",
    "replay",
    "vain",
    "act",
    "misuse",
    "version",
    "purge",
    "arrange",
    "associate",
    "dissociate",
    "members",
    "provide",
    "drop",
    "sought",
    "stranger",
]

_VERBS: tuple[tuple[Verb, str], ...] = (
    ("create", "Create|Register|Allocate|Upload|Import"),
    ("put", "Put|Set"),
    ("read", "Get|Describe|Head|View"),
    ("list", "List"),
    ("update", "Update|Modify|Change|Edit"),
    ("start", "Start|Run|Submit|Request"),
    ("delete", "Delete|Deregister|Release|Terminate|Remove|Destroy"),
)
# Who may do it, put before what is done.
_BY = r"(?:Admin|Batch)?"
_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[0-9]+")
_IDENTIFIES = re.compile(
    r"(?:Identifier|Name|Arn|ARN|Id|ID|Url|URL|Key|Handle)$|^(?:identifier|name|arn|id|url|key|handle)$"
)


@functools.cache
def _matched(operation: str) -> tuple[Verb, str]:
    for verb, words in _VERBS:
        match = re.fullmatch(rf"{_BY}(?:{words})([A-Z0-9].*)", operation)
        if match:
            return verb, match[1]
    return "", operation


def verb_of(operation: str) -> Verb:
    """What an operation does, by its name; empty if the name does not tell."""
    return _matched(operation)[0]


def noun_of(operation: str) -> str:
    """What an operation does it to: the rest of its name."""
    return _matched(operation)[1]


@functools.cache
def plain(noun: str) -> str:
    """A noun as it is compared: lower case, in the singular."""
    low = noun.lower()
    if low.endswith("ies"):
        return f"{low[:-3]}y"
    if low.endswith(("sses", "xes", "ches", "shes", "aliases", "buses", "statuses")):
        return low[:-2]
    return low[:-1] if low.endswith("s") and not low.endswith(("ss", "us", "is", "as")) else low


def spoken(noun: str) -> str:
    """A noun as it is written in a sentence."""
    return " ".join(part if part.isupper() else part.lower() for part in _PARTS.findall(noun))


def is_naming(member: str, noun: str) -> bool:
    """Whether a creator's member is what it calls the thing that it makes."""
    name, thing = plain(member), plain(noun)
    return name in ("name", thing, f"{thing}name", f"{thing}id", f"{thing}identifier")


def is_identifying(member: str) -> bool:
    """Whether a member's name is that of something by which a thing is told from others."""
    return _IDENTIFIES.search(member) is not None
