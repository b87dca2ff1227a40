# SPDX-License-Identifier: Apache-2.0
"""Users of a pool, as administrators see them: created one by one, or found after an import.

It owns what the four operations take and give. What changes a user is user_attributes.py's and
user_states.py's. No password is ever shown.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable

from ..attributes import problem, schema_of
from ..pagination import page, redeem
from ..passwords import check_policy, hashed
from ..refusal import Refusal
from ..store import Document, Pool, User
from .call import Call
from .user_attributes import requested_attributes

__all__ = ["admin_create_user", "admin_delete_user", "admin_get_user", "list_users"]

_PAGE_LIMIT = 60
_SPOKEN = {"email": "an email", "phone_number": "a phone number"}
_FILTER = re.compile(r'\s*([a-z_:]+)\s*(\^?=)\s*"((?:[^"\\]|\\.)*)"\s*', re.DOTALL)
_ATTRIBUTE_FILTERS = frozenset(
    ("email", "phone_number", "name", "given_name", "family_name", "preferred_username", "sub")
)


def admin_create_user(call: Call) -> Document:
    """A new user, who has yet to change the temporary password; or, with RESEND, an existing one.

    Not recorded, and chosen here: without a TemporaryPassword, for which AWS makes one up and sends it, no
    password is right until one is set.
    """
    pool = call.pool()
    username: str = call.input["Username"]
    existing = pool.find(username)
    if call.input.get("MessageAction") == "RESEND":
        return {"User": _listed(_resend(call, pool, existing))}
    if existing is not None:
        raise Refusal("UsernameExistsException", "User account already exists")
    attributes = requested_attributes(call, pool)
    password = call.input.get("TemporaryPassword")
    if password:
        check_policy(pool, password)
    sub = str(uuid.UUID(int=call.random.getrandbits(128), version=4))
    if pool.username_attributes:
        # Such a pool signs in by e-mail or phone: the name given is one of these, the name kept is the sub.
        name = "phone_number" if username.startswith("+") else "email"
        if name not in pool.username_attributes or problem(schema_of(pool)[name], username):
            kinds = " or ".join(_SPOKEN[kind] for kind in pool.username_attributes)
            raise Refusal("InvalidParameterException", f"Username should be {kinds}.")
        attributes.setdefault(name, username)
        username = sub
    user = User(
        next(call.store.numbers),
        username,
        {"sub": sub, **attributes},
        call.now,
        call.now,
        "FORCE_CHANGE_PASSWORD",
        password=hashed(password, call.random) if password else None,
    )
    pool.add(user)
    return {"User": _listed(user)}


def _resend(call: Call, pool: Pool, user: User | None) -> User:
    """The user who is invited again, with the new temporary password if one is given.

    Not recorded, and chosen here: who has no temporary password to change is not invited.
    """
    if user is None:
        raise Refusal("UserNotFoundException", "User does not exist.")
    if user.status != "FORCE_CHANGE_PASSWORD":
        raise Refusal(
            "UnsupportedUserStateException",
            f"Resend not possible. {user.username} status is not FORCE_CHANGE_PASSWORD",
        )
    password = call.input.get("TemporaryPassword")
    if password:
        check_policy(pool, password)
        user.password = hashed(password, call.random)
        user.modified = call.now
    return user


def admin_get_user(call: Call) -> Document:
    user = call.user()
    shown = _listed(user)
    shown["UserAttributes"] = shown.pop("Attributes")
    return shown


def admin_delete_user(call: Call) -> Document:
    call.pool().remove(call.user())
    return {}


def list_users(call: Call) -> Document:
    """A page of the pool's users, in the order of their creation (AWS documents none).

    Limit 0, which the model allows, means no limit of the caller's. A name in AttributesToGet that the
    pool doesn't have shows nothing; whether AWS refuses it is not recorded.
    """
    pool = call.pool()
    matches = _matcher(call.input.get("Filter", ""))
    listing = f"{call.operation} {pool.id} {call.input.get('Filter', '')}"
    after = redeem(listing, call.input["PaginationToken"]) if "PaginationToken" in call.input else 0
    users = (user for user in pool.users.values() if user.number > after and matches(user))
    size = call.input.get("Limit", 0) or _PAGE_LIMIT
    listed, token = page(users, min(size, _PAGE_LIMIT), listing, lambda user: user.number)
    names = call.input.get("AttributesToGet")
    document: Document = {"Users": [_listed(user, names) for user in listed]}
    if token is not None:
        document["PaginationToken"] = token
    return document


def _listed(user: User, names: list[str] | None = None) -> Document:
    """The user as UserType, with all attributes or those of `names`."""
    return {
        "Username": user.username,
        "Attributes": [
            {"Name": name, "Value": value}
            for name, value in user.attributes.items()
            if not names or name in names
        ],
        "UserCreateDate": round(user.created, 3),
        "UserLastModifiedDate": round(user.modified, 3),
        "Enabled": user.enabled,
        "UserStatus": user.status,
    }


def _matcher(text: str) -> Callable[[User], bool]:
    """The test that a filter stands for: `name = "x"` or `name ^= "x"`; an empty filter takes all.

    Raises Refusal for anything else; documented are the names that can be searched.
    """
    if not text.strip():
        return lambda user: True
    parsed = _FILTER.fullmatch(text)
    if parsed is None:
        raise Refusal("InvalidParameterException", "Error while parsing filter.")
    name, operator, quoted = parsed.groups()
    operand = re.sub(r"\\(.)", r"\1", quoted, flags=re.DOTALL)
    value: Callable[[User], str | None]
    match name:
        case "username":
            value = _username
        case "cognito:user_status":
            value = _status
        case "status":
            value = _enabled
        case _ if name in _ATTRIBUTE_FILTERS:
            value = _attribute(name)
        case _:
            raise Refusal("InvalidParameterException", f"Invalid search attribute: {name}")
    if operator == "=":
        return lambda user: value(user) == operand
    return lambda user: (value(user) or "").startswith(operand) and value(user) is not None


def _username(user: User) -> str:
    return user.username


def _status(user: User) -> str:
    return user.status


def _enabled(user: User) -> str:
    return "Enabled" if user.enabled else "Disabled"


def _attribute(name: str) -> Callable[[User], str | None]:
    return lambda user: user.attributes.get(name)
