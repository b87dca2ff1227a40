# SPDX-License-Identifier: Apache-2.0
"""How grave a rule is, who says so, and what its breaches hurt.

It owns these words and their order. It refuses to know any rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

__all__ = ["Answers", "CauseKind", "Provenance", "Severity", "at_least"]


Severity: TypeAlias = Literal["error", "warning", "note"]


Provenance: TypeAlias = Literal["MODEL", "PROTOCOL", "DOC", "OBSERVED"]


# The kinds of answers that show a fault each for themselves, though all of a kind show it.
Answers: TypeAlias = Literal["successes", "modelled errors", "answers below the document"]


# What causes hurt, the worst first. death: the target ended; story: a history departs from the documented
# life of a resource; crash: an exception or no answer; refused: a right request is refused; bytes: a success
# is wrong; errors: a refusal is wrong; accepted: a constraint is not enforced; protocol: a malformed request
# is accepted.
CauseKind: TypeAlias = Literal[
    "death", "story", "crash", "refused", "bytes", "errors", "accepted", "protocol"
]


_RANK: Mapping[Severity, int] = {"note": 0, "warning": 1, "error": 2}


def at_least(severity: Severity, threshold: Severity) -> bool:
    """Whether a severity is as grave as a threshold."""
    return _RANK[severity] >= _RANK[threshold]
