"""Miniatures: tiny implementations, each wrong in one documented way, and what a run makes of them.

It owns the names that tests use. A miniature is a row of `table.MINIATURES`; adding a row is adding one.
"""

from __future__ import annotations

from .runs import Finding, Verdict, complaints, findings_of, verdict_on
from .table import BASES, MINIATURES, Miniature

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
