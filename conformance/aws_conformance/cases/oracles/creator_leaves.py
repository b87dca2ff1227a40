# SPDX-License-Identifier: Apache-2.0
"""What a creator shows of what it has made, and how well that is what a member of another input asks for.

It owns the texts of an answer and their rank. It refuses to know which operations belong to a family, and
what else may name a resource (families.py).
"""

from __future__ import annotations

from collections.abc import Iterator

from ...spec.shapes import ListShape, Operation, Service, StringShape, StructureShape
from .places import structures
from .words import is_identifying, noun_of, plain

__all__ = ["arn_shown_by", "fit_of", "shown_leaves"]


def shown_leaves(service: Service, creator: Operation) -> Iterator[tuple[str, str, str]]:
    """Texts in a creator's answer: path, name and shape; those near the root first.

    Of lists only the first of those that it has made is looked into.
    """
    holders = [(".".join(path), holder) for path, holder in structures(service, creator.output)]
    noun = plain(noun_of(creator.name))
    for name, member in service.structure(creator.output).members.items():
        shape = service.shape(member.target)
        if isinstance(shape, ListShape) and plain(name) == noun:
            inner = service.shape(shape.member.target)
            holders += [(f"{name}.0", inner)] if isinstance(inner, StructureShape) else []
    for path, holder in holders:
        for name, member in holder.members.items():
            shape = service.shape(member.target)
            if isinstance(shape, StringShape) and not shape.enum:
                yield f"{path}.{name}".removeprefix("."), name, member.target


def fit_of(leaf: str, shape: str, name: str, target: str, noun: str) -> int | None:
    """How well a text of an answer is what a member asks for, the smaller the better; None if it is not."""
    low, asked = leaf.lower(), name.lower()
    if low == asked:
        return 0 if shape == target else 1
    if low in ("id", f"{noun}id") and plain(asked) == noun:
        # A member that is called as the thing itself asks for its identifier: names may be several things'.
        return 1
    if not is_identifying(leaf) or not is_identifying(name):
        return None
    if low == "id" and asked == f"{noun}id":
        # What asks for an identifier may have the shape of a name.
        return 1
    if shape == target:
        return 1 if plain(noun + leaf) == plain(asked) else 2
    if noun + low == asked or low == noun + asked:
        return 2
    # A name is often taken as an identifier as well, and an ARN as both.
    return 3 if asked.startswith(noun) and low in ("arn", "id", f"{noun}arn", f"{noun}id") else None


def arn_shown_by(service: Service, operation: Operation, noun: str) -> str | None:
    """Where an answer shows the ARN of what it is about; None if it shows none that is surely that."""
    names = ("arn", f"{plain(noun)}arn")
    leaves = ((path, leaf.lower()) for path, leaf, _ in shown_leaves(service, operation))
    return next((path for path, low in leaves if low in names), None)
