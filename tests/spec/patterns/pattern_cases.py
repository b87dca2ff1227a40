# SPDX-License-Identifier: Apache-2.0
"""Cases about AWS's pattern dialect that several tests read, and where patterns are found."""

from __future__ import annotations

from pathlib import Path

import jsonschema_rs
import yaml

from aws_conformance.spec import botocore as models
from aws_conformance.spec import patterns as regexes
from aws_conformance.spec.shapes import StringShape

DATA = Path(regexes.__file__).parents[2] / "data"

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
    (r"a??+", "quantifier on a quantifier", 2),
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
    sources = (shape.pattern for shape in shapes if isinstance(shape, StringShape))
    return sorted({pattern for pattern in sources if pattern is not None})


def every_pattern() -> list[str]:
    return sorted({pattern for name in models.service_names() for pattern in patterns(name)})


def rust(pattern: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator({"type": "string", "pattern": pattern})


def ledger() -> dict[str, dict[str, str]]:
    raw = yaml.safe_load((DATA / "refused-patterns.yaml").read_text("utf-8"))
    return {part: {entry["pattern"]: entry["reason"] for entry in raw[part]} for part in raw}
