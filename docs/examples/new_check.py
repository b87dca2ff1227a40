# SPDX-License-Identifier: Apache-2.0
"""A new check of single answers: a rule, its row, and how it would be tried.

In the kit the rule stands in the module of `checks/` for its kind, the row in that module's ROWS.
"""

from __future__ import annotations

from collections.abc import Iterator

from aws_conformance.checks.check import ANSWER, Breach, Check
from aws_conformance.checks.response import AnswerCheck, DecodedResponse
from aws_conformance.http import header


def _powered_by(answer: DecodedResponse) -> Iterator[Breach]:
    """An answer that names what serves it; clients show it to whoever debugs."""
    value = header(answer.response.headers, "x-powered-by")
    if value is not None:
        yield Breach(("(headers)",), "no X-Powered-By", value)


CHECK: AnswerCheck = Check(
    id="example.powered-by",
    requirement="An answer does not say by what it is powered.",
    severity="note",
    provenance="OBSERVED",
    citation="recorded answers: none has it",
    run=_powered_by,
    scope="target",
    about=ANSWER,
)
