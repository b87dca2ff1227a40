# SPDX-License-Identifier: Apache-2.0
"""Crashes named: by the exception that the target's log or answer shows, else by what it answered.

It owns the wait for a log that lags behind its answer. It refuses to know how stacks are printed
(targets/stack_traces.py), and whether a crash is a finding.
"""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import cast

from ..checks.response import AnswerCheck, DecodedResponse
from ..protocols.masking import REDACTED
from ..reproduce.mask import without_secrets
from ..results.events import Violation
from ..results.generalised import generalised, texts_in
from ..results.terms import Severity
from ..targets.stack_traces import ThrownException, thrown_in
from .session import Session

__all__ = ["Crashes"]

# The checks whose violations are crashes, or may be.
_CHECKS = frozenset({"server.crash", "server.unsupported"})
# How long, in seconds, a stack may lag behind the answer that it explains: on a target that is known to log
# stacks, where a machine is busy, and on one that may never do so; between two looks at the log, first and
# at most; and before what is there is taken for all.
_DELAY_OF_LOGS = 1.5
_DELAY = 0.25
_LOOK, _LONGEST_LOOK = 0.002, 0.02
_SETTLING = 0.02
_FAILED = 500
# A target that has shown no stack so many times in a row is waited for no longer.
_PATIENCE = 3
_READ = 256 * 1024
_COMPOUND = re.compile(r"[a-z][A-Z]")
# What languages throw for what is not there.
_ABSENT = re.compile(
    r"(?:NotImplemented|NotSupported|UnsupportedOperation|(?:Operation|Action)NotFound"
    r"|(?:Unknown|NoSuch)(?:Operation|Action))(?:Error|Exception)?"
)


@dataclass(slots=True)
class Crashes:
    """The crashes of one operation on one target; `checks` and `severities` are those of the run."""

    session: Session
    checks: tuple[AnswerCheck, ...]
    severities: Mapping[str, str]
    _silent: int = 0

    def named(
        self,
        violations: Iterable[Violation],
        answer: DecodedResponse,
        mark: int | None,
        secrets: tuple[str, ...],
        *,
        settled: bool = False,
    ) -> tuple[Violation, ...]:
        """The violations, those of crashes with what they are known by.

        `mark` is where the target's log stood before the request; None for requests at once, of which nobody
        can tell whose stack it is. The log is `settled` where somebody has waited for a line of this request.
        """
        violations = tuple(violations)
        if not any(violation.check in _CHECKS for violation in violations):
            return violations
        # What a target says that it lacks is known by its words, whatever it threw to say so.
        crashed = any(violation.check == "server.crash" for violation in violations)
        exception = self._exception(answer, mark, secrets, settled=settled) if crashed else None
        if exception is not None:
            site, thrown = exception.place, exception.message
            if self._says_absent(exception):
                violations = tuple(self._unsupported(answer, violations, exception))
        else:
            said = _said(answer)
            thrown = without_secrets(said[:200], secrets)
            sent = (*texts_in(answer.sent), answer.operation.name, *_member_names(answer), *secrets)
            words = without_secrets(said, secrets).replace(REDACTED, "...")
            site = ": ".join(part for part in (_kind(answer), generalised(words, sent)) if part)
        return tuple(
            replace(violation, site=site, thrown=thrown) if violation.check in _CHECKS else violation
            for violation in violations
        )

    def _says_absent(self, exception: ThrownException) -> bool:
        """Whether a target threw to say that it does not have what was asked for."""
        words = (words in exception.message for words in self.session.not_implemented)
        return bool(_ABSENT.fullmatch(exception.name)) or any(words)

    def _unsupported(
        self, answer: DecodedResponse, violations: Iterable[Violation], exception: ThrownException
    ) -> Iterator[Violation]:
        """The violations, a crash as what the target says of itself, where that is looked for."""
        check = next((check for check in self.checks if check.id == "server.unsupported"), None)
        severity = self.severities.get(check.id, check.severity) if check is not None else "off"
        for violation in violations:
            if violation.check != "server.crash":
                yield violation
            elif check is not None and severity != "off":
                yield replace(
                    violation,
                    check=check.id,
                    severity=cast("Severity", severity),
                    provenance=check.provenance,
                    requirement=check.requirement,
                    expected="an answer",
                    got=f"{_kind(answer)}: {exception.name}: {exception.message}"[:200],
                )

    def _exception(
        self, answer: DecodedResponse, mark: int | None, secrets: tuple[str, ...], *, settled: bool
    ) -> ThrownException | None:
        """What was thrown, by the answer itself or by the log, without secrets in its text."""
        exception = thrown_in(answer.response.body[:_READ].decode("utf-8", "replace"))
        logged = exception is None and mark is not None and self.session.reads_log
        if logged and mark is not None:
            # What throws and writes a stack answers with a 5xx, or not at all.
            answered = answer.response.fate == "answered" and answer.response.status < _FAILED
            exception = self._logged(mark, wait=not answered, settled=settled)
        if exception is None:
            return None
        exception = replace(exception, message=without_secrets(exception.message, secrets))
        if logged:
            self.session.channel.note(_as_logged(exception))
        return exception

    def _logged(self, mark: int, *, wait: bool, settled: bool) -> ThrownException | None:
        """The exception that was logged since the mark, which may be written after the answer was."""
        delay = _DELAY_OF_LOGS if self.session.logs_stacks else _DELAY
        until = time.monotonic() + (delay if wait and self._silent < _PATIENCE else 0.0)
        look = _LOOK
        while True:
            exception = thrown_in(self.session.channel.log_since(mark))
            if exception is not None and not (settled or self.session.channel.masks_secrets):
                # An earlier refusal may have been logged late; what this request is about comes last.
                time.sleep(_SETTLING)
                exception = thrown_in(self.session.channel.log_since(mark))
            if exception is not None:
                self._silent = 0
                self.session.logs_stacks = True
                return exception
            if time.monotonic() >= until or self.session.channel.masks_secrets:
                self._silent += wait
                return None
            time.sleep(look)
            look = min(2 * look, _LONGEST_LOOK)


def _as_logged(exception: ThrownException) -> str:
    """The least of a log from which the same exception is read again; a recording holds nothing more."""
    path = exception.module.replace(".", "/")
    return (
        "Traceback (most recent call last):\n"
        f'  File "{path}.py", line 0, in {exception.function or "<anonymous>"}\n'
        f"{exception.name}: {exception.message}"
    )


def _member_names(answer: DecodedResponse) -> Iterator[str]:
    """Names of members of the input that are no words of a sentence: `QueueUrl`, in either case.

    What crashes for want of one member crashes for want of any.
    """
    for name in answer.service.structure(answer.operation.input).members:
        if _COMPOUND.search(name):
            yield from (name, name[0].lower() + name[1:])


def _kind(answer: DecodedResponse) -> str:
    response = answer.response
    if response.fate != "answered":
        return response.fate
    kind = "a web page" if answer.is_web_page else answer.code or "no error code"
    return f"{response.status} {kind}"


def _said(answer: DecodedResponse) -> str:
    """The words of an answer, without its form."""
    if answer.response.fate != "answered":
        return ""
    if answer.error is not None and answer.error.message:
        return answer.error.message
    text = answer.response.body[:4096].decode("utf-8", "replace")
    if answer.is_web_page:
        title = re.search(r"<title>([^<]{1,200})", text)
        text = title[1] if title else re.sub(r"<[^>]{0,500}>", " ", text)
        return " ".join(html.unescape(text).split())
    # A JSON object without a message says nothing in words.
    return "" if text.lstrip().startswith("{") else " ".join(text.split())
