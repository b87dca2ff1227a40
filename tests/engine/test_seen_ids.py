# SPDX-License-Identifier: Apache-2.0
"""Ids of cases, kept packed."""

from __future__ import annotations

from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from aws_conformance.engine import seen_ids
from aws_conformance.engine.seen_ids import SeenIds

IDS = st.lists(st.integers(0, 2**48 - 1).map("{:012x}".format) | st.sampled_from(["", "no id", "\ud800"]))


@given(IDS, IDS)
def test_they_are_a_set_however_they_are_packed(first: list[str], then: list[str]) -> None:
    with mock.patch.object(seen_ids, "_LOOSE", 3):
        seen, known = SeenIds(first), set(first)
        for identity in then:
            assert (identity in seen) == (identity in known)
            assert seen.add(identity) == (identity not in known)
            known.add(identity)
    assert len(seen) == len(known)
