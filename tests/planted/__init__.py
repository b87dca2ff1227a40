# SPDX-License-Identifier: Apache-2.0
"""Faults planted in every answer of a conforming target, each with the least severity that it must get.

It owns the table of faults. It refuses to know which check finds a fault: that is the kit's business, and
what is asserted is what its user sees, the verdict of a run.
"""

from __future__ import annotations

from .faults import FAULTS, GROUP, IMPORT_JOB, Fault, Subject, faults

__all__ = ["FAULTS", "GROUP", "IMPORT_JOB", "Fault", "Subject", "faults"]
