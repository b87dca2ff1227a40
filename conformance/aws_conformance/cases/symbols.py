# SPDX-License-Identifier: Apache-2.0
"""Values that only a run can know, as they stand in templates: `{"$from": "CreateUserPool.UserPool.Id"}`.

It owns which symbols there are and how they are put in and taken out. It refuses to know what they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

__all__ = [
    "KEY_FROM",
    "SYMBOLS",
    "is_name_of_run",
    "is_symbol",
    "name_of",
    "substitute",
    "symbols",
    "value_at",
    "with_value",
]


# Of recipes, `$from`, `$name` and `$other`; lifecycles also have what the resource shows of itself (`$own`),
# what is known of it (`$fact`, `$each`), secrets that a run makes up (`$secret`), texts that are no secret
# even where one would stand (`$text`), and, where a value is compared, whatever is there (`$any`).
SYMBOLS = frozenset({"$any", "$each", "$fact", "$from", "$name", "$other", "$own", "$secret", "$text"})


# A map's key that stands for a value begins so, the source behind it: a key can't be a symbol of its own.
KEY_FROM = "$from "

# The form of names that a run makes up: what it is for, the seed, a share of the operation, a salt, what is
# named, and a number. Lifecycles have no salt.
_NAME_OF_RUN = re.compile(
    r"(?:(?:run|again|own|or)\d{1,4}(?:p\d+)?n?[0-9a-f]{4,5}s?|orl[0-9a-f]{4,5}s?|(?:life|again)\d{1,4}(?:p\d+)?)"
    r"-.{1,16}-\d+",
    re.DOTALL,
)


def is_symbol(value: Any) -> bool:
    """Whether a value stands for one that only a run can know."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in SYMBOLS


def symbols(template: Any) -> Iterable[Mapping[str, str]]:
    """All symbols in a template, in order."""
    if is_symbol(template):
        yield template
    elif isinstance(template, dict):
        for key, item in template.items():
            if isinstance(key, str) and key.startswith(KEY_FROM):
                yield {"$from": key.removeprefix(KEY_FROM)}
            yield from symbols(item)
    elif isinstance(template, list):
        for item in template:
            yield from symbols(item)


def substitute(template: Any, resolve: Any) -> Any:
    """The template with `resolve(symbol)` in the place of each symbol."""
    if is_symbol(template):
        return resolve(template)
    if isinstance(template, dict):
        return {_key(key, resolve): substitute(item, resolve) for key, item in template.items()}
    if isinstance(template, list):
        return [substitute(item, resolve) for item in template]
    return template


def with_value(document: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The document with another value at a path of members, as far as the structures on the way are there."""
    name, _, rest = path.partition(".")
    if not rest:
        return {**document, name: value}
    inner = document.get(name)
    return (
        {**document, name: with_value(inner, rest, value)} if isinstance(inner, Mapping) else dict(document)
    )


def _key(key: Any, resolve: Any) -> Any:
    """A map's key, or the value that it stands for."""
    if isinstance(key, str) and key.startswith(KEY_FROM):
        value = resolve({"$from": key.removeprefix(KEY_FROM)})
        return f"{KEY_FROM}{value['$from']}" if is_symbol(value) else value
    return key


def value_at(document: Any, path: Iterable[str]) -> Any:
    """What stands in a document at a path, numbers counting a list's elements; None where nothing does."""
    for name in path:
        if isinstance(document, dict):
            document = document.get(name)
        elif isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document


def name_of(word: str, prefix: str, number: object) -> str:
    """The name that stands for `{"$name": word}`: with a word of its own, or put where a word has `{}`."""
    if "{}" in word:
        return word.replace("{}", f"{prefix}{number}")
    return f"{prefix}-{word[:12]}-{number}"


def is_name_of_run(text: str) -> bool:
    """Whether a text has the form of a name that a run makes up, which nobody else would give."""
    return _NAME_OF_RUN.fullmatch(text) is not None
