# SPDX-License-Identifier: Apache-2.0
"""What an administrator makes of a user who exists: disabled, enabled, with another password, signed out.

It owns which state each operation leaves. UserLastModifiedDate moves where something has changed. What a
state means for signing in is sign_in.py's.
"""

from __future__ import annotations

from ..passwords import check_policy, hashed
from ..store import Document
from .call import Call

__all__ = [
    "admin_disable_user",
    "admin_enable_user",
    "admin_reset_user_password",
    "admin_set_user_password",
    "admin_user_global_sign_out",
]


def admin_disable_user(call: Call) -> Document:
    return _enable(call, False)


def admin_enable_user(call: Call) -> Document:
    return _enable(call, True)


def _enable(call: Call, enabled: bool) -> Document:
    """Enable or disable the user.

    Not recorded, and chosen here: asked for what is so already, it succeeds and changes nothing.
    """
    user = call.user()
    if user.enabled is not enabled:
        user.enabled = enabled
        user.modified = call.now
    return {}


def admin_set_user_password(call: Call) -> Document:
    """Set the user's password.

    Documented: a permanent password confirms the user, any other has to be changed at the next sign-in.
    """
    pool, user = call.pool(), call.user()
    check_policy(pool, call.input["Password"])
    user.password = hashed(call.input["Password"], call.random)
    user.status = "CONFIRMED" if call.input.get("Permanent", False) else "FORCE_CHANGE_PASSWORD"
    user.modified = call.now
    return {}


def admin_reset_user_password(call: Call) -> Document:
    """Make the user's password invalid; no code is sent to set another one by.

    Not recorded, and chosen here: any user's can be reset, in whichever state and without an address that
    a code could be sent to.
    """
    user = call.user()
    user.password = None
    user.status = "RESET_REQUIRED"
    user.modified = call.now
    return {}


def admin_user_global_sign_out(call: Call) -> Document:
    """Check that the user exists, and no more: no operation here takes a token that could have been revoked.

    Not recorded, and chosen here: the user counts as unchanged.
    """
    call.user()
    return {}
