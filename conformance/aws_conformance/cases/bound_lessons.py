# SPDX-License-Identifier: Apache-2.0
"""What a refusal says of a bound: the number, or the length of a text, that it asks for.

It owns the words in which services tell a least and a most. It refuses to know requests: which member a
bound is for, and what is tried first, is for lessons.py.
"""

from __future__ import annotations

import re

from ..generate.nodes import IntegerNode, Node, NumberNode, StringNode

__all__ = ["bounded_values"]

# "value greater than or equal to 24", "at least 24", "between 24 and 8760", "minimum is 24", ">= 24".
_UNDENIED = r"(?i)(?<!not )(?<!not be )(?<!no )"
_LEAST = re.compile(
    r"(?i)(?:greater than or equal to|at least|no (?:less|fewer|shorter) than"
    r"|not (?:be )?(?:less|smaller|lower) than"
    r"|minimum(?: [a-z]+){0,5}?(?: of| is|:)?|between|ranges? from|>=)"
    r" ?\(?\[?(-?\d{1,18})\b"
)
_MORE = re.compile(
    r"(?i)(?<!not )(?<!not be )(?<!no )(?:greater|larger|higher|more|longer) than (?!or )(-?\d{1,18})\b"
)
_MOST = re.compile(
    r"(?i)(?:less than or equal to|at most|no (?:more|longer|greater) than"
    r"|not (?:be )?(?:more|greater|longer|larger) than"
    r"|not exceed|maximum(?: [a-z]+){0,5}?(?: of| is|:)?|up to|<=)"
    r" ?\(?\[?(-?\d{1,18})\b"
)
_FEWER = re.compile(
    r"(?i)(?<!not )(?<!not be )(?<!no )(?:less|fewer|smaller|lower|shorter) than (?!or )(-?\d{1,18})\b"
)
_MULTIPLE = re.compile(r"(?i)(?:multiple of|divisible by) (\d{1,9})\b")
# A text that is longer would be no answer to a bound.
_LONGEST = 512


def bounded_values(node: Node, text: str, sent: object) -> tuple[int | str, ...]:
    """Values of a node that keep the bounds that a text tells, but the one that was sent."""
    least = [int(number) for number in _LEAST.findall(text)]
    least += [int(number) + 1 for number in _MORE.findall(text)]
    most = [int(number) for number in _MOST.findall(text)]
    most += [int(number) - 1 for number in _FEWER.findall(text)]
    steps = [int(number) for number in _MULTIPLE.findall(text)]
    limits = dict.fromkeys([*least, *most, *steps])
    match node:
        case IntegerNode(low=low, high=high):
            return tuple(number for number in limits if low <= number <= high and number != sent)
        case NumberNode():
            return tuple(number for number in limits if number != sent)
        case StringNode() if isinstance(sent, str) and sent:
            lengths = [length for length in limits if 0 < length <= _LONGEST and length != len(sent)]
            texts = [(sent * (length // len(sent) + 1))[:length] for length in lengths]
            return tuple(text for text in texts if len(text) >= node.min)
        case _:
            return ()
