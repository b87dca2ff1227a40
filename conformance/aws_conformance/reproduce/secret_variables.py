# SPDX-License-Identifier: Apache-2.0
"""Variables of the environment that hold secrets, by their names.

It owns which these are. It refuses to know who sees their values, and what is put in their places.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = ["environment_secrets"]

# Variables whose values are secrets; what names a place where secrets are is none.
_VARIABLE = re.compile(
    r"SECRET|TOKEN|PASSW(?:OR)?D|CREDENTIAL|(?:API|ACCESS|PRIVATE|AUTH|ENCRYPTION)_?KEY", re.I
)
_PLACE = re.compile(r"_(?:FILE|DIR|PATH|URI|URL|HOST|NAME|SOCK|EXPIRATION)$", re.I)
# Shorter values, and bare words, are those of tests: `test`, `testing`, `localstack`.
_SHORTEST_VALUE = 8
# The number of an account, which emulators take as a key (`AWS_ACCESS_KEY_ID=000000000000`): ARNs have it.
_ACCOUNT = re.compile(r"[0-9]{12}")


def environment_secrets(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The values of variables that are secrets by their names, the longest first.

    A target that we start has them too, and may print or answer them. Bare words and numbers of accounts are
    left out: they stand everywhere, and are made up for tests.
    """
    values = {
        value
        for name, value in environment.items()
        if _VARIABLE.search(name)
        and not _PLACE.search(name)
        and len(value) >= _SHORTEST_VALUE
        and not value.isalpha()
        and not _ACCOUNT.fullmatch(value)
    }
    return tuple(sorted(values, key=len, reverse=True))
