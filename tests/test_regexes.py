"""AWS's pattern dialect: what translations accept, in every engine that reads them, and what is refused."""

from __future__ import annotations

import base64
import json
import re
import shutil
import subprocess
import unicodedata
from pathlib import Path

import jsonschema_rs
import pytest
import yaml
from aws_conformance import models, regexes
from aws_conformance.shapes import StringShape

DATA = Path(regexes.__file__).parents[1] / "data"

# Strings on which engines disagree about \w, \d, \s, `.`, `$` and lengths.
HOSTILE = (
    "",
    "\n",
    "a\n",
    "0\n",
    "a",
    "A",
    "0",
    "_",
    "-",
    " ",
    "\t",
    "\v",
    "\x1c",
    "\x7f",
    "\u0085",
    "\u00a0",
    "\u00e9",
    "\u0663",
    "\u017f",
    "\u212a",
    "\u2028",
    "\ufeff",
    "\u4e2d",
    "\U0001f600",
    "\U00020000",
    "a b",
    "a-_.@",
)

# source, strings that match in full, strings that do not. Checked against java.util.regex of Java 17.
DIALECT: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (r"[a-z]+", ("a", "abc"), ("", "A", "abc\n", "1abc")),
    (r"^[a-z]+$", ("a",), ("", "a\n", "\na")),
    (r"\A[a-z]\z", ("a",), ("a\n", "")),
    (r"a\Z", ("a",), ("a\n",)),
    (r"\w+", ("aZ_9",), ("\u00e9", "\u0663", "-")),
    (r"\W", ("-", "\u00e9"), ("a", "_")),
    (r"\d", ("7",), ("\u0663",)),
    (r"\D", ("\u0663", "a"), ("7",)),
    (r"\s", (" ", "\t", "\n", "\v", "\f", "\r"), ("\u00a0", "\ufeff", "\u2028", "\x1c")),
    (r"\S", ("\u00a0", "\ufeff", "a"), (" ", "\v")),
    (r"\h", ("\t", " ", "\u00a0"), ("\n", "a")),
    (r"\v", ("\v", "\n", "\u2028"), ("a",)),
    (r".", ("a", "\t", "\U0001f600"), ("", "\n", "\r", "\u0085", "\u2028", "\u2029", "ab")),
    (r"(?s).", ("a", "\n", "\u2028"), ("",)),
    (r"(?s:.)a.", ("\naa",), ("aa\n",)),
    (r"(?i)ab", ("ab", "AB", "aB"), ("a",)),
    (r"(?i)k[s-t]", ("KS", "kt"), ("\u212as", "k\u017f")),
    (r"a(?i)b|c", ("aB", "ab", "C", "c"), ("Ab",)),
    (r"(?:(?i)a)b", ("Ab", "ab"), ("aB",)),
    (r"(?i)[^a]", ("b",), ("a", "A")),
    (r"(?i)a(?-i)b", ("Ab",), ("AB",)),
    (r"(?<name>a)(?P<other>b)", ("ab",), ("a",)),
    (r"[\w-_]+", ("a-_",), (".",)),
    (r"[\w- ]+", ("a -",), (",", "!")),
    (r"[A-Za-z0-9-_=.]+", ("a-_=.",), ("+", "<")),
    (r"[a-z&&[^b]]+", ("a", "c"), ("b", "ab", "&")),
    (r"[a-d&&b-z]", ("b", "d"), ("a", "e")),
    (r"[^a-c&&b]", ("a", "d"), ("b",)),
    (r"[a[0-9]]+", ("a0",), ("b", "[")),
    (r"[]a]+", ("]a",), ("b",)),
    (r"[^]a]", ("b",), ("]", "a")),
    (r"[a-]+", ("a-",), ("b",)),
    (r"[--/]", ("-", ".", "/"), (",", "0")),
    (r"[\]\[\\^-]+", ("][\\^-",), ("a",)),
    (r"[&~|]+", ("&&~~||",), ("a",)),
    (r"[\x21-\x7E]+", ("!~",), (" ", "\x7f")),
    (r"\x{41}\x{1F600}", ("A\U0001f600",), ("A",)),
    (r"[\x{22}]", ('"',), ("x", "2")),
    (r"\u0041", ("A",), ("u",)),
    (r"\uD83D\uDE00", ("\U0001f600",), ("\U0001f601",)),
    (r"[\uD800\uDC00-\uDBFF\uDFFF]", ("\U00010000", "\U0010ffff"), ("\uffff", "a")),
    (r"[ \uD800\uDBFF-\uDC00\uDFFF]", (" ",), ("\U00010000", "a")),
    (r"\u10000", ("\u10000",), ("\U00010000",)),
    (r"[\000-\037]", ("\0", "\x1f"), (" ", "0")),
    (r"\cA\e\a\t", ("\x01\x1b\x07\t",), ("A",)),
    (r"\Qa.b*\E+", ("a.b*", "a.b**"), ("axb*", "a.b")),
    (r"[\Q^-]\E]+", ("^-]",), ("a",)),
    (r"\-\_\/\@\ ", ("-_/@ ",), ("-",)),
    (r"a{2}", ("aa",), ("a", "aaa")),
    (r"a{2,}?", ("aa", "aaa"), ("a",)),
    (r"a{1,2}?b*?c+?", ("ac", "aabbcc"), ("aaac", "ab")),
    (r"[0-9A-Z]{2}+", ("A1",), ("A", "A1A1")),
    (r"a{2}{0,3}", ("aa",), ("", "aaaa")),
    (r"a${2,3}", ("a",), ("aa", "a$")),
    (r"(?!a)+b", ("b",), ("ab", "a")),
    (r"(?:a+)*", ("", "aa"), ("b",)),
    (r"(?:a|)+", ("", "a", "aa"), ("b",)),
    (r"a|b|", ("a", "b", ""), ("ab",)),
    (r"(?=.*1)[a-z1]+", ("a1",), ("a", "1A")),
    (r"(?!aws:).+", ("aw", "xaws:"), ("aws:", "aws:a", "")),
    (r"[a.]+(?<!\.)", ("a", ".a"), ("a.", ".")),
    (r"[a-z-]+(?<!-s|--)", ("a-t",), ("a-s", "a--")),
    (r"(?<=a|bc)d|bcd", ("bcd",), ("d", "ad")),
    (r"\bab\b", ("ab",), ("a",)),
    (r"a\b.b", ("a-b", "a b"), ("aab",)),
    (r"a\Bb", ("ab",), ("a-b",)),
    (r"(^a|b)c", ("ac", "bc"), ("c", "bac")),
    (r"/^a$/", (), ("a", "/a/", "/^a$/")),
    (r"\p{L}\p{Nd}", ("\u00e90", "\u4e2d\u0663"), ("0a",)),
    (r"\pL\PL", ("a1",), ("11", "aa")),
    (r"\p{IsLu}\p{gc=Ll}", ("Aa",), ("aA",)),
    (r"[^\p{C}]", ("a",), ("\n", "\u0378")),
    (r"\P{C}*", ("a\u00e9", ""), ("\u00ad",)),
    (r"[\P{M}\p{M}]", ("\n", "\u0301", "\U0001f600"), ("",)),
    (r"\p{Alnum}\p{Alpha}", ("0a",), ("\u00e9a", "a0")),
    (r"\p{Punct}+", ("!$+<~",), ("a", "\u00a7")),
    (r"\p{Print}\p{Graph}", (" !",), ("\n!", "! ")),
    (r"\p{ASCII}\p{XDigit}\p{Blank}", ("\x00F ",), ("\u0080F ", "aG ")),
    (r"\p{LD}", ("a", "0"), ("-",)),
    (r"\p{IsWhitespace}", (" ", "\u0085", "\u00a0"), ("a", "\ufeff")),
    (r"[\p{all}]", ("\n", "\U0001f600"), ("",)),
)

REFUSED: tuple[tuple[str, str, int], ...] = (
    (r"(.)\1", "backreference", 3),
    (r"(?<n>.)\k<n>", "backreference", 7),
    (r"(?>a)", "atomic group", 0),
    (r"a++", "possessive", 2),
    (r"a?+b", "possessive", 2),
    (r"a+{2}", "quantifier on a quantifier", 2),
    (r"a??+", "quantifier on a quantifier", 1),
    (r"*a", "repeats nothing", 0),
    (r"{a", "repeats nothing", 0),
    (r"x{,3}", "no counts", 2),
    (r"x{3,1}", "out of order", 1),
    (r"[z-a]", "out of order", 1),
    (r"[a", "nothing closes", 0),
    (r"(a", "nothing closes", 0),
    (r"a)", "unmatched", 1),
    (r"\y", "escape", 0),
    (r"[a-\d]", "ends in a class", 1),
    (r"[a&&]", "intersection with nothing", 0),
    (r"\p{IsAlphabetic}", "IsAlphabetic", 0),
    (r"(?i)\p{Lu}", "without regard to case", 4),
    (r"(?m)^a$", "flag m", 2),
    (r"\uD800", "lone surrogate", 0),
    (r"[\uD83C-\uDBFF\uDC00-\uDFFF]", "lone surrogate", 1),
    (r"\x{110000}", "beyond Unicode", 10),
    (r"(?<!a+)b", "variable width", 0),
)


def patterns(service: str) -> list[str]:
    shapes = models.load_service(service).shapes.values()
    found = (shape.pattern for shape in shapes if isinstance(shape, StringShape))
    return sorted({pattern for pattern in found if pattern is not None})


def every_pattern() -> list[str]:
    return sorted({pattern for name in models.service_names() for pattern in patterns(name)})


def rust(pattern: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"type": "string", "pattern": pattern})


def ledger() -> dict[str, dict[str, str]]:
    raw = yaml.safe_load((DATA / "refused-patterns.yaml").read_text("utf-8"))
    return {part: {entry["pattern"]: entry["reason"] for entry in raw[part]} for part in raw}


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
        timeout=60,
    )
    for (translated, texts), matches in zip(cases, json.loads(answer.stdout), strict=True):
        for text, matched in zip(texts, matches, strict=True):
            assert matched == (re.search(translated, text) is not None), (translated, text)


def test_the_unicode_table_is_the_pinned_one() -> None:
    table = json.loads((DATA / "unicode-14.json").read_text("utf-8"))
    assert table["unicode"] == "14.0.0"
    if unicodedata.unidata_version != table["unicode"]:
        pytest.skip("this Python carries another Unicode, which is why the table is pinned")
    for name, ranges in table["categories"].items():
        ends = [[int(end, 16) for end in item.split("-")] for item in ranges.split()]
        assert all(unicodedata.category(chr(point)) == name for pair in ends for point in pair), name
