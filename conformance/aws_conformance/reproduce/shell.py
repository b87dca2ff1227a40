# SPDX-License-Identifier: Apache-2.0
"""Names and quotes of the `aws` command and of boto3: how operations and documents are written for them.

It owns spelling alone, and refuses to know what a line is for.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection
from typing import Any

__all__ = ["cli_service", "compact", "kebab", "octal", "quote", "snake"]


def quote(text: str, variables: Collection[str] = ()) -> str:
    """Shell quoting that leaves variables of these names to be expanded, and nothing else."""
    names = "|".join(map(re.escape, sorted(variables, key=len, reverse=True)))
    parts = re.split(rf"(\$(?:{names})\b)", text, flags=re.ASCII) if names else [text]
    if len(parts) == 1:
        return shlex.quote(text)
    # Texts and variables take turns.
    if "!" in text:
        # Within double quotes an interactive shell would put an earlier command in its place.
        return "".join(
            f'"{part}"' if index % 2 else shlex.quote(part) for index, part in enumerate(parts) if part
        )
    quoted = [part if index % 2 else re.sub(r'([\\"`$])', r"\\\1", part) for index, part in enumerate(parts)]
    return f'"{"".join(quoted)}"'


def octal(content: bytes) -> str:
    """A word for printf that gives these bytes, whatever they are."""
    return "'" + "".join(chr(byte) if byte in _PLAIN else f"\\{byte:03o}" for byte in content) + "'"


# What printf and single quotes leave as it is.
_PLAIN = frozenset(range(0x20, 0x7F)) - frozenset(b"%'\\")


def compact(document: Any) -> str:
    """A document as JSON on one short line."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False)


def cli_service(name: str) -> str:
    """What the `aws` command calls a service; for a few that is not what botocore's folders are called."""
    return {"s3": "s3api"}.get(name, name)


def snake(name: str) -> str:
    """An operation's or a member's name as boto3 writes it."""
    from botocore import xform_name

    text: str = xform_name(name)
    return text


def kebab(name: str) -> str:
    """An operation's or a member's name as the `aws` command writes it."""
    return snake(name).replace("_", "-")
