# SPDX-License-Identifier: Apache-2.0
"""Deleting a check's body makes the test of its miniature fail: no other check stands in for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from tests.miniatures import MINIATURES, Miniature, complaints

from aws_conformance.checks import CATALOGUE, Breach, DecodedResponse


def _empty_body(answer: DecodedResponse) -> Iterator[Breach]:
    """What is left of a check whose body was deleted."""
    yield from ()


def _first_miniature_of(check: str) -> Miniature:
    return next(miniature for miniature in MINIATURES if miniature.breaks == check)


@pytest.mark.parametrize("check", CATALOGUE)
def test_a_deleted_check_is_missed(check: str, monkeypatch: pytest.MonkeyPatch) -> None:
    emptied = {**CATALOGUE, check: replace(CATALOGUE[check], run=_empty_body)}
    monkeypatch.setattr("aws_conformance.engine.selection.CATALOGUE", emptied)
    missed = complaints(_first_miniature_of(check), CATALOGUE[check].severity)
    assert f"not caught by {check}" in missed
