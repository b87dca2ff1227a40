# SPDX-License-Identifier: Apache-2.0
"""One row of an import file becomes a user, or does not, by the pool's rules.

It owns what the columns mean and when a row is imported, skipped or failed. It refuses to know the
file's form (csv.py) and counters (jobs.py).

Documented: an existing user is skipped; a row without an auto-verified attribute set to true, or one
that doesn't match the pool's schema, fails; imported users are in the state RESET_REQUIRED. Not
documented, and chosen here: whether a user exists is looked at before the rest of the row, so a name
that occurs twice in a file is skipped the second time; with a password hash a user is CONFIRMED.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Literal, TypeAlias

from .attributes import FLAGS, problem
from .csv import ROW_LENGTH_LIMIT, split
from .store import Document, Pool, User, UserStatus

__all__ = ["HASH_COLUMN", "Fate", "import_row"]

Fate: TypeAlias = Literal["imported", "skipped", "failed"]

HASH_COLUMN = "password_hash"
_USERNAME_LIMIT = 128
_BIRTHDATE = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}", re.ASCII)


def import_row(
    pool: Pool,
    columns: tuple[str, ...],
    line: str,
    *,
    schema: Mapping[str, Document],
    number: int,
    now: float,
    random: Random,
) -> Fate:
    """Import one line into the pool as its user `number`, and say what became of it."""
    if len(line) > ROW_LENGTH_LIMIT:
        return "failed"
    values = split(line)
    if len(values) != len(columns):
        return "failed"
    cells = {column: value for column, value in zip(columns, values, strict=True) if value}
    username = cells.pop("cognito:username", "")
    if not username or len(username) > _USERNAME_LIMIT or re.search(r"\s", username):
        return "failed"
    if pool.find(username) is not None:
        return "skipped"
    if cells.pop("cognito:mfa_enabled", "false").lower() not in ("true", "false"):
        return "failed"
    hashed = bool(cells.pop(HASH_COLUMN, ""))
    if not _fits(cells, schema) or not _verified(pool, cells):
        return "failed"
    attributes = {"sub": str(uuid.UUID(int=random.getrandbits(128), version=4))}
    for name, value in cells.items():
        is_flag = schema[name]["AttributeDataType"] == "Boolean"
        attributes[name] = value.lower() if is_flag else value
    status: UserStatus = "CONFIRMED" if hashed else "RESET_REQUIRED"
    pool.add(User(number, username, attributes, now, now, status))
    return "imported"


def _fits(cells: Mapping[str, str], schema: Mapping[str, Document]) -> bool:
    if any(problem(schema[name], value) is not None for name, value in cells.items()):
        return False
    if any(
        attribute["Required"] and name not in cells for name, attribute in schema.items() if name != "sub"
    ):
        return False
    birthdate = cells.get("birthdate")
    return birthdate is None or _is_date(birthdate)


def _is_date(text: str) -> bool:
    """Whether the text is a date as import files write it, mm/dd/yyyy."""
    if not _BIRTHDATE.fullmatch(text):
        return False
    try:
        datetime.strptime(text, "%m/%d/%Y")
    except ValueError:
        return False
    return True


def _verified(pool: Pool, cells: Mapping[str, str]) -> bool:
    """Whether each verified attribute has a value, and one that the pool verifies is among them."""
    verified = {name for name, flag in FLAGS.items() if cells.get(flag, "").lower() == "true"}
    return all(name in cells for name in verified) and not verified.isdisjoint(pool.auto_verified)
