# SPDX-License-Identifier: Apache-2.0
"""The attributes of a pool's users: the standard ones, custom ones, and what values they take.

It owns schemas of attributes and the check of one value against one. It refuses to know where a value
comes from (a request, a row of a file) and what becomes of a refused one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .store import Document, Pool

__all__ = ["FLAGS", "csv_header", "pool_schema", "problem", "schema_of"]

# Attributes that say whether another one was verified.
FLAGS: Mapping[str, str] = {"email": "email_verified", "phone_number": "phone_number_verified"}

_VALUE_LIMIT = 2_048
_PHONE = re.compile(r"\+[0-9]{1,15}", re.ASCII)
_EMAIL = re.compile(r"[^\s@]+@[^\s@]+")
_INTEGER = re.compile(r"-?[0-9]{1,18}", re.ASCII)


def _text(name: str, low: str = "0", high: str = "2048") -> Document:
    return {
        "Name": name,
        "AttributeDataType": "String",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
        "StringAttributeConstraints": {"MinLength": low, "MaxLength": high},
    }


def _flag(name: str) -> Document:
    return {
        "Name": name,
        "AttributeDataType": "Boolean",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
    }


# In the order in which AWS lists them (recorded, as is the header of a CSV file, which leaves out sub).
_STANDARD: tuple[Document, ...] = (
    {**_text("sub", "1"), "Mutable": False, "Required": True},
    _text("name"),
    _text("given_name"),
    _text("family_name"),
    _text("middle_name"),
    _text("nickname"),
    _text("preferred_username"),
    _text("profile"),
    _text("picture"),
    _text("website"),
    _text("email"),
    _flag("email_verified"),
    _text("gender"),
    _text("birthdate", "10", "10"),
    _text("zoneinfo"),
    _text("locale"),
    _text("phone_number"),
    _flag("phone_number_verified"),
    _text("address"),
    {
        "Name": "updated_at",
        "AttributeDataType": "Number",
        "DeveloperOnlyAttribute": False,
        "Mutable": True,
        "Required": False,
        "NumberAttributeConstraints": {"MinValue": "0"},
    },
)


def pool_schema(entries: list[Document]) -> list[Document]:
    """The attributes of a pool that is created with the schema of these entries.

    An entry that names a standard attribute changes that one; any other makes a custom attribute, whose
    name gets its prefix. Of two entries of one name the last holds; whether AWS refuses that is not
    recorded.
    """
    schema = {attribute["Name"]: dict(attribute) for attribute in _STANDARD}
    for entry in entries:
        name = entry.get("Name", "")
        if name in schema:
            schema[name].update(entry)
            continue
        developer_only = entry.get("DeveloperOnlyAttribute", False)
        prefixed = f"{'dev:' if developer_only else ''}custom:{name}"
        kind = entry.get("AttributeDataType", "String")
        custom: Document = {
            "Name": prefixed,
            "AttributeDataType": kind,
            "DeveloperOnlyAttribute": developer_only,
            "Mutable": entry.get("Mutable", True),
            "Required": entry.get("Required", False),
        }
        for constraints, data_type in (
            ("StringAttributeConstraints", "String"),
            ("NumberAttributeConstraints", "Number"),
        ):
            if constraints in entry or kind == data_type:
                custom[constraints] = entry.get(constraints, {})
        schema[prefixed] = custom
    return list(schema.values())


def schema_of(pool: Pool) -> dict[str, Document]:
    """The pool's attributes by name."""
    return {attribute["Name"]: attribute for attribute in pool.document["SchemaAttributes"]}


def csv_header(pool: Pool) -> list[str]:
    """The columns of an import file: the standard attributes, the custom ones, and cognito's own two."""
    names = [name for name in schema_of(pool) if name != "sub"]
    return [*names, "cognito:mfa_enabled", "cognito:username"]


def problem(attribute: Document, value: str) -> str | None:
    """What is wrong with a value of an attribute, or None."""
    if len(value) > _VALUE_LIMIT:
        return f"longer than {_VALUE_LIMIT} characters"
    name = attribute["Name"]
    if name == "phone_number" and not _PHONE.fullmatch(value):
        return "Invalid phone number format."
    if name == "email" and not _EMAIL.fullmatch(value):
        return "Invalid email address format."
    match attribute["AttributeDataType"]:
        case "Boolean":
            return None if value.lower() in ("true", "false") else "neither true nor false"
        case "Number":
            return _number_problem(value, attribute.get("NumberAttributeConstraints", {}))
        case "DateTime":
            return _datetime_problem(value)
        case _:
            return _length_problem(value, attribute.get("StringAttributeConstraints", {}))


def _length_problem(value: str, constraints: Mapping[str, Any]) -> str | None:
    low, high = _bound(constraints, "MinLength"), _bound(constraints, "MaxLength")
    if low is not None and len(value) < low:
        return f"shorter than {low} characters"
    if high is not None and len(value) > high:
        return f"longer than {high} characters"
    return None


def _number_problem(value: str, constraints: Mapping[str, Any]) -> str | None:
    if not _INTEGER.fullmatch(value):
        return "not a number"
    low, high = _bound(constraints, "MinValue"), _bound(constraints, "MaxValue")
    if low is not None and int(value) < low:
        return f"less than {low}"
    if high is not None and int(value) > high:
        return f"greater than {high}"
    return None


def _datetime_problem(value: str) -> str | None:
    """What is wrong with a DateTime, or None. Which forms AWS takes is not documented; here ISO 8601."""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return "not a date and time"
    return None


def _bound(constraints: Mapping[str, Any], name: str) -> int | None:
    """A bound, which the model declares as any text; text that is no number bounds nothing."""
    text = constraints.get(name, "")
    return int(text) if _INTEGER.fullmatch(text) else None
