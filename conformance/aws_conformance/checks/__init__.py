"""The catalogue of checks: every rule that an answer is held to, as a table.

A check is a row: a stable id, a one-sentence requirement, a severity by the evidence behind it, who says
so, and the function that looks. A new rule is a new row beside its function. judge.py runs them over an
answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..spec.schema.validate import Validators
from . import body, envelope, framing, meaning, presence, signature, verdict, wire
from .cli import CLI_CATALOGUE
from .command import CommandCheck
from .lifecycle import LIFECYCLE_CATALOGUE, LifecycleCheck, judge_moment
from .oracles import ORACLE_CATALOGUE, OracleCheck
from .response import Breach, Check, DecodedResponse, interpret

__all__ = [
    "ALL_CHECKS",
    "CATALOGUE",
    "CLI_CATALOGUE",
    "LIFECYCLE_CATALOGUE",
    "ORACLE_CATALOGUE",
    "Breach",
    "Check",
    "DecodedResponse",
    "LifecycleCheck",
    "OracleCheck",
    "Validators",
    "interpret",
    "judge_moment",
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

CATALOGUE: Mapping[str, Check] = MappingProxyType({check.id: check for check in _ROWS})
#: Every check there is, those of the `aws` command and of histories included; what each looks at differs.
ALL_CHECKS: Mapping[str, Check | CommandCheck | LifecycleCheck | OracleCheck] = MappingProxyType(
    {**CATALOGUE, **CLI_CATALOGUE, **LIFECYCLE_CATALOGUE, **ORACLE_CATALOGUE}
)
