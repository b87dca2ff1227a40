# SPDX-License-Identifier: Apache-2.0
"""AWS's pattern dialect: what translations accept, in every engine that reads them, and what is refused."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import unicodedata

import pytest
from tests.spec.patterns.pattern_cases import (
    DATA,
    DIALECT,
    HOSTILE,
    REFUSED,
    every_pattern,
    ledger,
    patterns,
    rust,
)

from aws_conformance.spec import patterns as regexes


@pytest.mark.parametrize(("source", "accepted", "refused"), DIALECT, ids=[case[0] for case in DIALECT])
def test_a_translation_matches_what_the_dialect_means(
    source: str, accepted: tuple[str, ...], refused: tuple[str, ...]
) -> None:
    translated = regexes.translate(source)
    python, validator = re.compile(translated), rust(translated)
    for text in accepted:
        assert python.search(text), text
        assert validator.is_valid(text), text
        assert regexes.language(source).accepts_somehow(text), text
    for text in refused:
        assert not python.search(text), text
        assert not validator.is_valid(text), text
        assert not regexes.language(source).accepts(text), text


@pytest.mark.parametrize(("source", "reason", "position"), REFUSED, ids=[case[0] for case in REFUSED])
def test_what_cannot_be_translated_exactly_is_refused_with_a_reason(
    source: str, reason: str, position: int
) -> None:
    with pytest.raises(regexes.PatternRefused, match=re.escape(reason)) as caught:
        regexes.translate(source)
    assert caught.value.source == source
    assert caught.value.position == position


@pytest.mark.parametrize(
    ("source", "translated"),
    [
        ("[0-9]+", r"^(?:[0-9]+)(?![\s\S])"),
        (r"^[\w-]+_[\d]$", r"^(?:[\-0-9A-Z_a-z]+_[0-9])(?![\s\S])"),
        (r"\S{1,8192}", r"^(?:[^\t-\r ]{1,8192})(?![\s\S])"),
        ("(?s).*", r"^(?:[\s\S]*)(?![\s\S])"),
        (r"[\u00e9\uD83D\uDE00]", "^(?:[\\u00e9\U0001f600])(?![\\s\\S])"),
        ("(?<n>(?i)a|b)+?", r"^(?:[ABab]+)(?![\s\S])"),
    ],
)
def test_a_translation_is_the_same_to_the_byte(source: str, translated: str) -> None:
    assert regexes.translate(source) == translated


@pytest.mark.parametrize("source", patterns("cognito-idp"))
def test_engines_and_language_agree_on_each_pattern_of_cognito(source: str) -> None:
    translated = regexes.translate(source)
    python, validator, language = re.compile(translated), rust(translated), regexes.language(source)
    for text in HOSTILE:
        matched = python.search(text) is not None
        assert validator.is_valid(text) == matched, text
        assert matched or not language.accepts(text), text
        assert language.accepts_somehow(text) or not matched, text


@pytest.mark.slow
def test_every_pattern_of_every_service_is_translated_or_in_the_ledger() -> None:
    refused = {}
    for source in every_pattern():
        try:
            translated = regexes.translate(source)
        except regexes.PatternRefused as error:
            refused[source] = error.reason
            continue
        assert re.compile(translated)
        assert rust(translated)
    assert refused == ledger()["translation"]


def test_ecmascript_reads_translations_alike() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    sources = [case[0] for case in DIALECT] + patterns("cognito-idp")
    cases = []
    for source in sources:
        texts = [*HOSTILE, *(text for case in DIALECT if case[0] == source for text in case[1] + case[2])]
        cases.append((regexes.translate(source), texts))
    script = (
        "const cases = JSON.parse(Buffer.from(require('fs').readFileSync(0, 'utf8'), 'base64').toString());"
        "console.log(JSON.stringify(cases.map(([p, texts]) => { const r = new RegExp(p, 'u');"
        "return texts.map(t => r.test(t)); })));"
    )
    answer = subprocess.run(
        [node, "-e", script],
        input=base64.b64encode(json.dumps(cases).encode()),
        capture_output=True,
        check=True,
        timeout=600,
    )
    for (translated, texts), matches in zip(cases, json.loads(answer.stdout), strict=True):
        for text, matched in zip(texts, matches, strict=True):
            assert matched == (re.search(translated, text) is not None), (translated, text)


def test_the_unicode_table_is_pinned() -> None:
    table = json.loads((DATA / "unicode-14.json").read_text("utf-8"))
    assert table["unicode"] == "14.0.0"
    if unicodedata.unidata_version != table["unicode"]:
        pytest.skip("this Python carries another Unicode, which is why the table is pinned")
    for name, ranges in table["categories"].items():
        ends = [[int(end, 16) for end in item.split("-")] for item in ranges.split()]
        assert all(unicodedata.category(chr(point)) == name for pair in ends for point in pair), name
