# SPDX-License-Identifier: Apache-2.0
"""Every check catches the implementation that breaks its rule, names the place, and no other check does.

The miniatures are rows of tests/miniatures/table.py; a check without one fails here.
"""

from __future__ import annotations

import pytest
from tests.miniatures import BASES, MINIATURES, Miniature, complaints, verdict_on

from aws_conformance.checks import CATALOGUE


def test_every_check_has_a_miniature() -> None:
    assert {miniature.breaks for miniature in MINIATURES} == set(CATALOGUE)


def test_names_are_unique() -> None:
    names = [miniature.name for miniature in MINIATURES]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("operation", BASES)
def test_the_unchanged_implementation_breaks_nothing(operation: str) -> None:
    verdict = verdict_on(BASES[operation](), (operation,))
    assert verdict.findings == ()
    assert verdict.exit == 0, verdict.reasons


@pytest.mark.parametrize("miniature", MINIATURES, ids=lambda miniature: miniature.name)
def test_a_miniature_is_caught_by_its_check_alone(miniature: Miniature) -> None:
    assert complaints(miniature, CATALOGUE[miniature.breaks].severity) == []
