"""Values that only a run can know, as they stand in templates: `{"$from": "CreateUserPool.UserPool.Id"}`.

It owns which symbols there are and how they are put in and taken out. It refuses to know what they stand for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["SYMBOLS", "is_symbol", "substitute", "symbols"]


# Of recipes, `$from`, `$name` and `$other`; lifecycles also have what the resource shows of itself (`$own`),
# what is known of it (`$fact`, `$each`), secrets that a run makes up (`$secret`), texts that are no secret
# even where one would stand (`$text`), and, where a value is compared, whatever is there (`$any`).
SYMBOLS = frozenset({"$any", "$each", "$fact", "$from", "$name", "$other", "$own", "$secret", "$text"})


def is_symbol(value: Any) -> bool:
    """Whether a value stands for one that only a run can know."""
    return isinstance(value, dict) and len(value) == 1 and next(iter(value)) in SYMBOLS


def symbols(template: Any) -> Iterable[Mapping[str, str]]:
    """All symbols in a template, in order."""
    if is_symbol(template):
        yield template
    elif isinstance(template, dict):
        for item in template.values():
            yield from symbols(item)
    elif isinstance(template, list):
        for item in template:
            yield from symbols(item)


def substitute(template: Any, resolve: Any) -> Any:
    """The template with `resolve(symbol)` in the place of each symbol."""
    if is_symbol(template):
        return resolve(template)
    if isinstance(template, dict):
        return {key: substitute(item, resolve) for key, item in template.items()}
    if isinstance(template, list):
        return [substitute(item, resolve) for item in template]
    return template
