# SPDX-License-Identifier: Apache-2.0
"""What is kept of what a target sends: texts of a length that can be told, and one name for names that it
invents.

It owns these limits. It refuses to know what the texts are about. A target may answer with megabytes, and
with members of new names in every answer; a report of it stays a report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from ..checks.response import DecodedResponse
from ..results.events import Violation

__all__ = ["InventedNames", "bounded"]

_LONGEST_CODE = 200
_LONGEST_MESSAGE = 4_000
_LONGEST_VALUE = 1_000
_LONGEST_PLACE = 300
# So many different names are findings of their own.
_HANDFUL = 8
_ANY = "*"


def bounded(answer: DecodedResponse) -> DecodedResponse:
    """The answer with an error code and a message that are no longer than any of AWS."""
    error = answer.error
    if error is None:
        return answer
    if len(error.code or "") <= _LONGEST_CODE and len(error.message or "") <= _LONGEST_MESSAGE:
        return answer
    message = error.message[:_LONGEST_MESSAGE] if error.message is not None else None
    code = error.code[:_LONGEST_CODE] if error.code is not None else None
    return replace(answer, error=replace(error, code=code, message=message))


@dataclass(slots=True)
class InventedNames:
    """Names that one operation's answers make up, counted by where they stand.

    The first few are findings of their own; all that follow share one, whose name is a star.
    """

    _seen: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def bounded(self, violations: Iterable[Violation]) -> tuple[Violation, ...]:
        """The violations of one answer with texts of bounded length; what shares a name is told once."""
        starred: set[tuple[str, ...]] = set()
        rest = []
        for violation in violations:
            shared = self._shared(violation)
            if shared.key != violation.key:
                if shared.key in starred:
                    continue
                starred.add(shared.key)
            rest.append(shared)
        return tuple(rest)

    def _shared(self, violation: Violation) -> Violation:
        generalise = _GENERALISED.get(violation.check)
        if generalise is not None:
            group, name, any_name = generalise(violation)
            names = self._seen.setdefault((violation.check, group), set())
            if name not in names:
                if len(names) >= _HANDFUL:
                    return _cut(any_name)
                names.add(name)
        return _cut(violation)


def _cut(violation: Violation) -> Violation:
    short = max(len(violation.path), len(violation.cause)) <= _LONGEST_PLACE
    if short and max(len(violation.expected), len(violation.got)) <= _LONGEST_VALUE:
        return violation
    return replace(
        violation,
        path=violation.path[:_LONGEST_PLACE],
        cause=violation.cause[:_LONGEST_PLACE],
        expected=violation.expected[:_LONGEST_VALUE],
        got=violation.got[:_LONGEST_VALUE],
    )


def _member(violation: Violation) -> tuple[str, str, Violation]:
    """The member's holder, its name, and the violation for members of any name."""
    holder, name = _split(violation.path)
    return holder, name, replace(violation, path=f"{holder}.{_ANY}")


def _split(path: str) -> tuple[str, str]:
    """A JSONPath as that of the holder and the last step, which may be quoted."""
    if path.endswith('"]') and '["' in path:
        holder, _, name = path.partition('["')
        return holder, name
    holder, _, name = path.rpartition(".")
    return holder, name


def _code(violation: Violation) -> tuple[str, str, Violation]:
    return "", violation.cause, replace(violation, cause=_ANY)


_GENERALISED: Mapping[str, Callable[[Violation], tuple[str, str, Violation]]] = {
    "response.member.unknown": _member,
    "response.member.echo": _member,
    "error.code.undeclared": _code,
    "error.code.unknown": _code,
    "response.status.error": _code,
}
