# SPDX-License-Identifier: Apache-2.0
"""From an option's name to the name of the member that it fills.

It owns the way back from `--user-pool-id` to `UserPoolId`, which awscli's own way there (botocore's
`xform_name`) makes ambiguous: `KMSKeyArn` and `KmsKeyArn` are both `--kms-key-arn`. The evidence is the
page itself. It refuses to look into a model (join.py does).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from botocore import xform_name

__all__ = ["Names", "camel_case", "kebab_case", "words_of"]

_LITERAL = re.compile(r"(?:``|\b)([A-Za-z][A-Za-z0-9]*[A-Z][A-Za-z0-9]*)(?:``|\b)")


def kebab_case(name: str) -> str:
    """The option's name for a member's, as awscli makes it."""
    option: str = xform_name(name, "-")
    return option


def camel_case(option: str, *, lower: bool = False) -> str:
    """The plainest member name for an option: `user-pool-id` is `UserPoolId`, or `userPoolId` if `lower`."""
    words = option.split("-")
    name = "".join(word[:1].upper() + word[1:] for word in words)
    return name[:1].lower() + name[1:] if lower else name


def words_of(name: str) -> tuple[str, ...]:
    """A member's name cut where its option's name is: `KMSKeyArn` is `KMS`, `Key`, `Arn`."""
    words: list[str] = []
    start = 0
    for word in kebab_case(name).split("-"):
        words.append(name[start : start + len(word)])
        start += len(word)
    return tuple(words)


@dataclass(slots=True)
class Names:
    """What a page shows of its service's way to write names.

    `known` are members that the page names; `prose` is any text of it.
    """

    known: dict[str, str] = field(default_factory=dict)
    quoted: dict[str, str] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)
    lower: bool = False

    @classmethod
    def of(cls, members: Iterable[str], prose: str) -> Names:
        names = cls()
        counted: Counter[tuple[str, str]] = Counter()
        lowered = 0
        members = tuple(members)
        for member in dict.fromkeys(members):
            names.known.setdefault(kebab_case(member), member)
            for word in words_of(member)[1:]:
                counted[word.casefold(), word] += 1
            lowered += member[:1].islower()
        names.lower = lowered * 2 > len(set(members)) if members else False
        for (folded, word), _ in counted.most_common():
            names.words.setdefault(folded, word)
        for literal in dict.fromkeys(_LITERAL.findall(prose)):
            names.quoted.setdefault(kebab_case(literal), literal)
        return names

    def member(self, option: str) -> tuple[str, bool]:
        """The member's name, and whether the page shows it (else it is made up from the option's words)."""
        shown = self.known.get(option)
        if shown is not None:
            return shown, True
        shown = self.quoted.get(option)
        if shown is not None and shown[:1].islower() == self.lower:
            return shown, True
        first, *rest = option.split("-")
        head = first if self.lower else camel_case(first)
        return head + "".join(self.words.get(word, camel_case(word)) for word in rest), False
