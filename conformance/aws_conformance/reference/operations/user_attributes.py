# SPDX-License-Identifier: Apache-2.0
"""The attributes of one user: what may be given, changed and deleted by an administrator.

It owns which attributes a request may set and what setting one does to others. What values an attribute
takes is attributes.py's.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..attributes import FLAGS, problem, schema_of
from ..refusal import Refusal
from ..store import Document, Pool, User
from .call import Call

__all__ = ["admin_delete_user_attributes", "admin_update_user_attributes", "requested_attributes"]


def requested_attributes(call: Call, pool: Pool) -> dict[str, str]:
    """The attributes given. Raises Refusal for one that the pool's schema doesn't have or allow.

    Required attributes may be missing: administrators need not give them (documented).
    """
    schema = schema_of(pool)
    attributes: dict[str, str] = {}
    for attribute in call.input.get("UserAttributes", ()):
        name, value = attribute["Name"], attribute.get("Value", "")
        if name not in schema:
            wrong: str | None = "Attribute does not exist in the schema."
        elif name == "sub":
            wrong = "Attribute can not be set."
        else:
            wrong = problem(schema[name], value) if value else None
        if wrong is not None:
            raise _unfit(name, wrong)
        attributes[name] = value
    return attributes


def admin_update_user_attributes(call: Call) -> Document:
    """The attributes given take the place of those that were.

    Documented: a blank value deletes the attribute, and an attribute that is not mutable keeps the value
    that its user was created with. Not recorded, and chosen here: an address that changes is not verified
    any more unless the request says so; an address that signs another user in is refused.
    """
    pool, user = call.pool(), call.user()
    changes = requested_attributes(call, pool)
    schema = schema_of(pool)
    for name in changes:
        if not schema[name]["Mutable"]:
            raise _unfit(name, "Attribute cannot be updated.")
    _check_required(pool, (name for name, value in changes.items() if not value))
    _check_aliases(pool, user, changes)
    for name, flag in FLAGS.items():
        if name in changes and changes[name] != user.attributes.get(name):
            changes.setdefault(flag, "false" if changes[name] else "")
    attributes = {name: value for name, value in {**user.attributes, **changes}.items() if value}
    _change(call, pool, user, attributes)
    return {}


def admin_delete_user_attributes(call: Call) -> Document:
    """The attributes named go; one that the user doesn't have is as good as gone.

    Not recorded, and chosen here: what the schema doesn't have, requires or keeps from change is refused;
    whether an address was verified goes with the address.
    """
    pool, user = call.pool(), call.user()
    names: list[str] = call.input["UserAttributeNames"]
    schema = schema_of(pool)
    for name in names:
        if name not in schema:
            raise _unfit(name, "Attribute does not exist in the schema.")
        if not schema[name]["Mutable"]:
            raise _unfit(name, "Attribute cannot be deleted.")
    _check_required(pool, names)
    gone = {*names, *(FLAGS[name] for name in names if name in FLAGS)}
    remaining = {name: value for name, value in user.attributes.items() if name not in gone}
    _change(call, pool, user, remaining)
    return {}


def _change(call: Call, pool: Pool, user: User, attributes: dict[str, str]) -> None:
    user.attributes = attributes
    user.modified = call.now
    pool.changed(user)


def _check_required(pool: Pool, deleted: Iterable[str]) -> None:
    schema = schema_of(pool)
    for name in deleted:
        if schema[name]["Required"]:
            raise _unfit(name, "Attribute is required.")


def _check_aliases(pool: Pool, user: User, changes: dict[str, str]) -> None:
    for name in pool.username_attributes:
        other = pool.find(changes[name]) if changes.get(name) else None
        if other is not None and other is not user:
            raise Refusal("AliasExistsException", f"An account with the given {name} already exists.")


def _unfit(name: str, wrong: str) -> Refusal:
    return Refusal("InvalidParameterException", f"Attributes did not conform to the schema: {name}: {wrong}")
