# SPDX-License-Identifier: Apache-2.0
"""Miniatures: tiny implementations, each wrong in one documented way, and what a run makes of them.

It owns the names that tests use. A miniature is a row of `table.py`, or of
`wire_table.py` for protocols other than JSON's or `framing_table.py`; adding a row is adding one.
"""

from __future__ import annotations

from .framing_table import FRAMING_MINIATURES
from .runs import Finding, Verdict, complaints, findings_of, verdict_on
from .table import BASES, JSON_MINIATURES, Miniature
from .wire_table import WIRE_MINIATURES

__all__ = [
    "BASES",
    "MINIATURES",
    "Finding",
    "Miniature",
    "Verdict",
    "complaints",
    "findings_of",
    "verdict_on",
]

MINIATURES: tuple[Miniature, ...] = (*JSON_MINIATURES, *WIRE_MINIATURES, *FRAMING_MINIATURES)
