# SPDX-License-Identifier: Apache-2.0
"""One row of the table of causes: which findings it is about, and by which of their traits they are grouped.

It owns the form of a row. It refuses to know any row (cause_rows.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from .events import Reported
from .terms import CauseKind

__all__ = ["CauseRow", "always"]


@dataclass(frozen=True, slots=True)
class CauseRow:
    """Findings of some checks (globs), grouped by `key`, called by `title`; `nearness` orders equal kinds.

    `where` narrows a row further. `part` is what findings of the row differ in, which titles list.

    With `apart`, versions of a target differ in parts, of which each is a cause where they are compared.

    Of findings with one site those of a row that `yields` are of the cause of one that `joins`.
    `reason` says why findings of several checks, places or kinds are one cause, for a row that joins them.
    """

    checks: tuple[str, ...]
    kind: Callable[[Reported], CauseKind]
    key: Callable[[Reported], tuple[str, ...]]
    title: Callable[[Reported], str]
    nearness: Callable[[Reported], int] = lambda finding: 0
    where: Callable[[Reported], bool] = lambda finding: True
    part: Callable[[Reported], str] | None = None
    reason: str = ""
    apart: bool = False
    yields: bool = False
    joins: bool = False

    def fits(self, finding: Reported) -> bool:
        """Whether the row is about a finding."""
        checked = any(fnmatchcase(finding.violation.check, check) for check in self.checks)
        return checked and self.where(finding)


def always(kind: CauseKind) -> Callable[[Reported], CauseKind]:
    """The kind of a row whose findings are all of it."""
    return lambda finding: kind
