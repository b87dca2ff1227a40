# SPDX-License-Identifier: Apache-2.0
"""Passwords: what a pool's policy asks of one, and how one is kept and compared.

It owns the policy's texts and the hash. It refuses to know where a password comes from and what becomes
of a user who has the right one. Only salted hashes are kept; they are cheap on purpose, because what
this server guards is nothing, and its tests set many.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from random import Random

from .refusal import Refusal
from .store import Password, Pool

__all__ = ["check_policy", "hashed", "matches"]

_ITERATIONS = 100

# What a password policy may ask for, and AWS's words where a password lacks it.
_CLASSES: tuple[tuple[str, Callable[[str], bool], str], ...] = (
    ("RequireUppercase", str.isupper, "Password must have uppercase characters"),
    ("RequireLowercase", str.islower, "Password must have lowercase characters"),
    ("RequireNumbers", str.isdigit, "Password must have numeric characters"),
    ("RequireSymbols", lambda char: not char.isalnum(), "Password must have symbol characters"),
)


def check_policy(pool: Pool, password: str) -> None:
    """Raises Refusal for a password that the pool's policy does not allow.

    No history of passwords is kept: a policy's PasswordHistorySize is shown and never applied.
    """
    policy = pool.document["Policies"]["PasswordPolicy"]
    text = None
    if len(password) < policy.get("MinimumLength", 6):
        text = "Password not long enough"
    for name, has, lacks in _CLASSES:
        if text is None and policy.get(name, False) and not any(has(char) for char in password):
            text = lacks
    if text is not None:
        raise Refusal("InvalidPasswordException", f"Password did not conform with policy: {text}")


def hashed(password: str, random: Random) -> Password:
    """The password as it is kept, with a salt of its own."""
    salt = random.randbytes(16)
    return Password(salt, _digest(password, salt))


def matches(stored: Password | None, password: str) -> bool:
    """Whether this is the password; a user without one has none that is right."""
    return stored is not None and hmac.compare_digest(stored.digest, _digest(password, stored.salt))


def _digest(password: str, salt: bytes) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
