# SPDX-License-Identifier: Apache-2.0
"""What kills a target: cases sent where it may die, and the one that it dies of named.

It owns the search for the killer. It refuses to know how a target is started anew (liveness.py) and what
else an answer shows.

A target that is started anew is put to each suspect alone: the request that it died under, then those
before it, because a server may answer and end a moment later. One that can't be started anew can't be
asked; there its death is the finding, of the last request that it had.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ..cases.case import Case
from ..http import Exchange
from ..results.events import Violation
from .attempt import Attempt, Attempter
from .environment import Environment
from .findings import Findings
from .liveness import Liveness

__all__ = ["Deaths"]

# So many earlier requests are suspected of having killed the target after they were answered.
_SUSPECTS = 20
# Seconds that a target may take to end after its answer.
_DELAY = 0.3
# So many deaths in one operation are looked into; starting it again and again would take all the time.
_LIMIT = 25


@dataclass(slots=True)
class Deaths:
    """Sends the cases of one operation; `story` gets what is told of a death that nothing repeats."""

    liveness: Liveness
    attempter: Attempter
    findings: Findings
    story: Callable[[str], None]
    _count: int = 0
    _blamed: bool = False
    _before: deque[Attempt] = field(default_factory=lambda: deque(maxlen=_SUSPECTS))

    @property
    def often(self) -> str:
        """Why no more of this operation is sent to a target that dies all the time, or the empty string."""
        return f"the target died {self._count} times in this operation" if self._count >= _LIMIT else ""

    def attempt(self, case: Case, environment: Environment, *, doubtful: bool) -> Attempt:
        """The attempt at a case; if the target dies under it, the killer becomes a finding."""
        attempt = self.attempter.attempt(case, environment, doubtful=doubtful)
        if self.liveness.death and attempt.answer is not None and attempt.answer.response.fate != "died":
            # The case was answered; it was a request beside it that the target died of.
            self.story(f"{self.liveness.death}: under a request for an operation that does not exist")
        elif self.liveness.death:
            self._count += 1
            attempt = self._explained(case, attempt, environment, doubtful=doubtful)
        if attempt.exchange is not None and not attempt.unsent:
            self._before.append(_light(attempt.exchange, attempt))
        return attempt

    def settle(self) -> None:
        """Blame the last request for a death that came between cases and can't be looked into any more."""
        if self.liveness.gone and not self._blamed and self._before:
            self._last(Attempt(self._before[-1].case))

    def _explained(
        self, case: Case, attempt: Attempt, environment: Environment, *, doubtful: bool
    ) -> Attempt:
        """What is to be judged of a case under which the target died."""
        death = self.liveness.death
        if not self.liveness.revive():
            return self._last(attempt)
        again = self.attempter.attempt(case, environment, doubtful=doubtful)
        if again.exchange is None:
            # It does not come as far as the case: a step before it kills.
            return again
        if self._kills(again):
            return self._killer(again, self.findings.confirmed)
        for suspect in reversed(self._before):
            tried = self.attempter.attempt(suspect.case, environment)
            if tried.exchange is not None and self._kills(tried):
                self._killer(tried, self.findings.add)
                break
        else:
            self.story(f"{death}: under {case.info.title!r} ({case.info.id}), which does not kill it again")
        return again

    def _kills(self, attempt: Attempt) -> bool:
        return bool(self.liveness.death) or (not attempt.unsent and self.liveness.dies_soon(_DELAY))

    def _killer(self, attempt: Attempt, record: Callable[[Violation, Attempt], None]) -> Attempt:
        """The attempt as one of which the target died, after what it shows was recorded."""
        deadly = self.attempter.deadly(attempt)
        for violation in deadly.violations:
            record(*self.findings.attributed(violation, deadly))
        return deadly

    def _last(self, attempt: Attempt) -> Attempt:
        """The attempt to be blamed where the target can't be started again: the last that it had."""
        self._blamed = True
        if attempt.exchange is not None and not attempt.unsent:
            return self._killer(attempt, self.findings.confirmed)
        # It ended under a request that provides state, or after it had answered. Which one it was can't be
        # asked any more.
        blamed = self._before[-1] if self._before else self.attempter.with_last_exchange(attempt)
        self.liveness.death = f"{self.liveness.death}, after this request or one shortly before it"
        self._killer(blamed, self.findings.add)
        return attempt


def _light(exchange: Exchange, attempt: Attempt) -> Attempt:
    """The attempt without what was answered, which may be megabytes each."""
    response = replace(exchange.response, headers=(), body=b"")
    return replace(attempt, exchange=replace(exchange, response=response), answer=None, violations=())
