# SPDX-License-Identifier: Apache-2.0
"""A case put onto an input that is known to be accepted, so that its subject is all that differs.

It owns which part of a template stays and which comes from the accepted input. It refuses to know how that
was come by.
"""

from __future__ import annotations

import re
from typing import Any

from .prerequisites import Prerequisites
from .symbols import is_symbol, symbols

__all__ = ["grafted"]

# What is made up by chance under such a name names nothing, and would be refused for that alone.
_NAMES_STATE = re.compile(r"(?:Id|ID|Arn|ARN)$|^(?:id|arn)$")


def grafted(template: Any, pointer: tuple[str | int, ...], recipe: Prerequisites) -> Any:
    """The template with everything that its pointer does not lead to from the recipe's base."""
    base = recipe.base
    if not base or not isinstance(template, dict):
        return template
    steps = {step.name for step in recipe.steps}
    if not pointer:
        known = {
            name: item
            for name, item in template.items()
            if _resolvable(item, steps) and not (isinstance(item, str) and _NAMES_STATE.search(name))
        }
        return {**known, **base}
    subject = pointer[0]
    document = dict(base)
    if not isinstance(subject, str) or subject not in template:
        document.pop(str(subject), None)
    elif subject in base:
        document[subject] = _put(base[subject], template[subject], pointer[1:])
    else:
        document[subject] = template[subject]
    return document


def _resolvable(template: Any, steps: set[str]) -> bool:
    """Whether all that a template stands on is made by these steps."""
    sources = (symbol["$from"].partition(".")[0] for symbol in symbols(template) if "$from" in symbol)
    return all(source in steps for source in sources)


def _put(base: Any, item: Any, pointer: tuple[str | int, ...]) -> Any:
    """The base with what stands at the pointer in an item, or the item where the base has no such place."""
    if not pointer or is_symbol(base):
        return item
    step, rest = pointer[0], pointer[1:]
    if isinstance(base, dict) and isinstance(item, dict) and isinstance(step, str):
        if step not in item:
            return {name: inner for name, inner in base.items() if name != step}
        inner = _put(base[step], item[step], rest) if step in base else item[step]
        return {**base, step: inner}
    if isinstance(base, list) and isinstance(item, list) and isinstance(step, int):
        both = step < len(base) and step < len(item)
        return [*base[:step], _put(base[step], item[step], rest), *base[step + 1 :]] if both else item
    return item
