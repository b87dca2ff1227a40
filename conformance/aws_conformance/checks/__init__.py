# SPDX-License-Identifier: Apache-2.0
"""The catalogue of checks: every rule that an answer is held to, as a table.

A check is a row: a stable id, a one-sentence requirement, a severity by the evidence behind it, who says
so, and the function that looks. A new rule is a new row beside its function. judge.py runs them over an
answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ..errors import UsageError
from ..spec.schema.validate import Validators
from . import body, envelope, framing, meaning, presence, signature, verdict, wire
from .check import Breach, Check
from .cli import CLI_CATALOGUE
from .lifecycle import LIFECYCLE_CATALOGUE
from .oracles import ORACLE_CATALOGUE
from .response import AnswerCheck, DecodedResponse, interpret

__all__ = [
    "ALL_CHECKS",
    "CATALOGUE",
    "CLI_CATALOGUE",
    "LIFECYCLE_CATALOGUE",
    "ORACLE_CATALOGUE",
    "AnswerCheck",
    "Breach",
    "Check",
    "DecodedResponse",
    "Validators",
    "add_check",
    "interpret",
]

_ROWS = sorted(
    (
        *body.ROWS,
        *envelope.ROWS,
        *framing.ROWS,
        *meaning.ROWS,
        *presence.ROWS,
        *signature.ROWS,
        *verdict.ROWS,
        *wire.ROWS,
    ),
    key=lambda check: check.id,
)

_CATALOGUE = {check.id: check for check in _ROWS}
CATALOGUE: Mapping[str, AnswerCheck] = MappingProxyType(_CATALOGUE)
_ALL: dict[str, Check[Any]] = {
    **CATALOGUE,
    **CLI_CATALOGUE,
    **LIFECYCLE_CATALOGUE,
    **ORACLE_CATALOGUE,
}
#: Every check there is, those of the `aws` command and of histories included; what each looks at differs.
ALL_CHECKS: Mapping[str, Check[Any]] = MappingProxyType(_ALL)


def add_check(check: AnswerCheck) -> None:
    """Add a check of a project's own (extensions.py). Raises UsageError for an id that there is already."""
    if check.id in _ALL:
        raise UsageError(f"There is a check {check.id!r} already.", "Give it another id.")
    _CATALOGUE[check.id] = _ALL[check.id] = check
