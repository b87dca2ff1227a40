# SPDX-License-Identifier: Apache-2.0
"""Strings by construction: positives match under every reading, negatives under none."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.spec.patterns.pattern_cases import DIALECT, every_pattern, ledger, patterns, rust

from aws_conformance.choices import RecordedChoices, SeededChoices
from aws_conformance.spec import patterns as regexes

COGNITO = patterns("cognito-idp")


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def readings(source: str) -> list[re.Pattern[str]]:
    """The original source in Python's own readings, where Python can read it."""
    if "&&" in source or "[a[" in source:
        # Set operations are Java's; Python reads other characters into them.
        return []
    if re.search(r"\\u[Dd][89A-Fa-f]", source):
        # Two halves of a surrogate pair are one character to Java, and two that no text has to Python.
        return []
    compiled = []
    for flags in (re.UNICODE, re.ASCII):
        try:
            compiled.append(re.compile(source, flags))
        except re.error:
            continue
    return compiled


def check_positive(source: str, text: str, low: int, high: int) -> None:
    assert low <= len(text)
    assert units(text) <= high
    assert regexes.language(source).accepts(text)
    assert re.search(regexes.translate(source), text)
    assert rust(regexes.translate(source)).is_valid(text)
    assert all(reading.fullmatch(text) for reading in readings(source))


def check_negative(source: str, text: str, low: int, high: int) -> None:
    assert low <= len(text)
    assert units(text) <= high
    assert "\0" not in text
    assert text.encode("utf-8").decode("utf-8") == text
    assert not regexes.language(source).accepts_somehow(text)
    assert not re.search(regexes.translate(source), text)
    assert not rust(regexes.translate(source)).is_valid(text)
    assert not any(reading.search(text) for reading in readings(source))


@settings(deadline=None, max_examples=300, suppress_health_check=list(HealthCheck))
@given(
    source=st.sampled_from(COGNITO + [case[0] for case in DIALECT if case[1]]),
    offsets=st.lists(st.integers(0, 200), max_size=60),
    low=st.integers(0, 30),
    room=st.integers(0, 40),
)
def test_whatever_is_chosen_strings_are_in_the_agreement_zone(
    source: str, offsets: list[int], low: int, room: int
) -> None:
    language, high = regexes.language(source), low + room
    lengths = language.lengths(low, high)
    positive = language.positive(RecordedChoices(offsets), low, high)
    assert (positive is None) == (lengths is None)
    if positive is not None and lengths is not None:
        check_positive(source, positive, low, high)
        for length in lengths:
            edge = language.positive_of_length(RecordedChoices(offsets), length)
            assert edge is not None
            assert len(edge) == length
            check_positive(source, edge, low, high)
    negative = language.negative(RecordedChoices(offsets), low, high)
    if negative is not None:
        check_negative(source, negative, low, high)


@pytest.mark.parametrize(
    ("source", "low", "high", "lengths"),
    [
        ("[0-9]+", 0, 100, (1, 100)),
        ("a{3,5}", 0, 100, (3, 5)),
        ("a{3,5}", 6, 100, None),
        ("(ab)+", 3, 9, (4, 8)),
        ("(abc|defgh)*", 1, 7, (3, 6)),
        ("(abc|defgh)*", 0, 1000, (0, 1000)),
        ("(?=.{2,4}$)[a-z]+", 0, 100, (2, 4)),
        ("(?!a{2}$)a+", 2, 3, (3, 3)),
        ("[a-z.]{2,}(?<!\\.)", 0, 9, (2, 9)),
        ("$|[a-z]{5}", 0, 9, (0, 5)),
        ("/^a$/", 0, 9, None),
        ("[\\uD83C\\uDC00-\\uDBFF\\uDFFF]{3}", 0, 6, (3, 3)),
        ("[\\uD83C\\uDC00-\\uDBFF\\uDFFF]{3}", 0, 5, None),
        ("", 0, 5, (0, 0)),
        ("(.*[\\n ]?)*", 1, 131072, (1, 131072)),
    ],
)
def test_lengths_are_those_that_some_string_has(
    source: str, low: int, high: int, lengths: tuple[int, int] | None
) -> None:
    assert regexes.language(source).lengths(low, high) == lengths


@pytest.mark.parametrize(
    ("source", "simplest"),
    [
        ("[\\w+=]+", "a"),
        ("[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]{3}", "aaa"),
        ("(?!a)[a-z]+", "b"),
        ("arn:(aws|gov):[0-9]{3}", "arn:aws:000"),
        ("[^a]", "b"),
        ("(?s).*\\{####\\}.*", "{####}"),
        ("[\\uD83C\\uDC00-\\uDBFF\\uDFFF]", "\U00020000"),
    ],
)
def test_no_choice_at_all_makes_the_simplest_string(source: str, simplest: str) -> None:
    assert regexes.language(source).positive(RecordedChoices([]), 0, 100) == simplest


@pytest.mark.parametrize(
    ("source", "impossible"),
    [
        (".*", True),
        ("(?s).*", True),
        ("[a-z]*", True),
        ("$|a", True),
        ("[\\s\\S]+", True),
        ("[\\p{L}\\p{M}\\p{S}\\p{N}\\p{P}]+", False),
        ("^[a-z]*$", False),
        ("[^\\n]+", False),
    ],
)
def test_a_search_that_always_finds_has_no_negative(source: str, impossible: bool) -> None:
    assert (regexes.language(source).negative(SeededChoices(1), 1, 20) is None) == impossible


@pytest.mark.parametrize("source", ["[a-z]+", "[\\w.@-]+", "\\d{12}", "^arn:.*$", "Level[1-4]"])
def test_negatives_are_visible_where_they_can_be(source: str) -> None:
    for seed in range(20):
        text = regexes.language(source).negative(SeededChoices(seed), 1, 30)
        assert text is not None
        assert text.isascii()
        assert text.isprintable()


@pytest.mark.parametrize("source", ["\\w+", "\\p{L}+", "\\S+", ".+", "[^a]+", "\\P{C}+"])
def test_positives_avoid_what_readings_dispute(source: str) -> None:
    disputed = {
        "\\w+": "\u00e9\u0663",
        "\\p{L}+": "\u24b6\U0001f600",
        "\\S+": "\u00a0\ufeff\x1c",
        ".+": "\r\u0085\u2028",
        "[^a]+": "a",
        "\\P{C}+": "\u0378\u00ad\U0001fae0",
    }[source]
    language = regexes.language(source)
    assert not any(language.accepts(character) for character in disputed)
    written = "".join(language.positive(SeededChoices(seed), 20, 60) or "" for seed in range(30))
    assert not set(written) & set(disputed)


def test_long_strings_are_fast() -> None:
    """Counted in calls of functions, a few for each character: these are the same on every machine."""
    calls = 0

    def count(frame: object, event: str, argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    for source in ("[A-Za-z0-9-_+/=.]+", "[\\S]+", "(?s).*", "^.{1,100000}$", "[\\w-]+_[0-9a-f-]+"):
        language = regexes.language(source)
        calls = 0
        sys.setprofile(count)
        try:
            lengths = language.lengths(1, 131072)
            assert lengths is not None
            longest = language.positive_of_length(SeededChoices(1), lengths[1])
        finally:
            sys.setprofile(before)
        assert longest is not None
        assert len(longest) == (100000 if "100000" in source else 131072)
        assert 0 < calls < 10 * len(longest)


@pytest.mark.slow
def test_a_sample_of_all_patterns_has_strings_in_the_agreement_zone() -> None:
    known = ledger()
    sources = every_pattern()
    for source in sources[:: len(sources) // 300]:
        if source in known["translation"] or source in known["language"]:
            continue
        language = regexes.language(source)
        for seed in range(2):
            positive = language.positive(SeededChoices(seed), 0, 512)
            if positive is not None:
                assert language.accepts(positive), source
                assert rust(regexes.translate(source)).is_valid(positive), (source, positive)
            negative = language.negative(SeededChoices(seed), 0, 40)
            if negative is not None:
                assert not rust(regexes.translate(source)).is_valid(negative), (source, negative)


@pytest.mark.slow
@pytest.mark.parametrize("source", ledger()["language"])
def test_languages_in_the_ledger_are_still_too_large(source: str) -> None:
    with pytest.raises(regexes.PatternRefused, match="states"):
        regexes.language(source).positive(SeededChoices(1), 0, 256)
