# SPDX-License-Identifier: Apache-2.0
"""CSV files as Cognito imports them, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from aws_conformance.engine.csv_upload import csv_bytes

COLUMNS = ("cognito:username", "name", "email")
# What a value of an attribute may be long at most.
LONGEST = 2048


@pytest.mark.parametrize(
    ("columns", "rows", "text"),
    [
        (COLUMNS, [], "cognito:username,name,email\n"),
        (
            COLUMNS,
            [{"cognito:username": "one", "name": "N", "email": "a@b.c"}],
            "cognito:username,name,email\none,N,a@b.c\n",
        ),
        # The columns' order counts, not the row's.
        (
            COLUMNS,
            [{"email": "e", "name": "n", "cognito:username": "u"}],
            "cognito:username,name,email\nu,n,e\n",
        ),
        (COLUMNS[::-1], [{"email": "e", "name": "n"}], "email,name,cognito:username\ne,n,\n"),
        # What a row lacks is empty; what is no column is left out.
        (COLUMNS, [{"name": "n"}, {}], "cognito:username,name,email\n,n,\n,,\n"),
        (("a", "b"), [{"a": "1", "c": "3"}], "a,b\n1,\n"),
        # Commas are escaped, and nothing is quoted.
        (("a", "b"), [{"a": "Doe, Jane", "b": ",,"}], "a,b\nDoe\\, Jane,\\,\\,\n"),
        (("a", "b"), [{"a": " it's ; #1 ", "b": "Å\u00a0日本"}], "a,b\n it's ; #1 ,Å\u00a0日本\n"),
        (("a", "b"), [{"a": "true"}, {"a": "false"}], "a,b\ntrue,\nfalse,\n"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_columns_and_rows_as_bytes(
    columns: Sequence[str], rows: Sequence[Mapping[str, str]], text: str
) -> None:
    assert csv_bytes(columns, rows) == text.encode("utf-8")


def test_text_in_front_of_the_header() -> None:
    assert csv_bytes(("a", "b"), [{"a": "1"}], before="\ufeff") == b"\xef\xbb\xbfa,b\n1,\n"
    assert csv_bytes(("a", "b"), [], before="# x\n") == b"# x\na,b\n"


def test_rows_are_not_changed() -> None:
    row = {"a": "x"}
    csv_bytes(("a", "b"), [row], width=9, pad=("a",))
    assert row == {"a": "x"}


@pytest.mark.parametrize(
    ("row", "width", "line"),
    [
        ({"a": "x"}, 8, "x,aaaaa,"),
        ({"a": "x", "b": "y"}, 8, "x,yaaaa,"),
        # An escape is a character of the row.
        ({"a": "x,y"}, 8, "x\\,y,aa,"),
        ({"a": "x", "b": ","}, 8, "x,\\,aaa,"),
        # It is long enough as it is, or longer.
        ({"a": "x"}, 3, "x,,"),
        ({"a": "xyz"}, 4, "xyz,,"),
        ({"a": "x"}, 0, "x,,"),
    ],
    ids=str,
)
def test_a_row_is_filled_up_to_a_width(row: dict[str, str], width: int, line: str) -> None:
    text = csv_bytes(("a", "b", "c"), [row], width=width, pad=("b", "nosuch")).decode()
    assert text == f"a,b,c\n{line}\n"


@pytest.mark.parametrize("width", [15_999, 16_000, 16_001])
def test_rows_of_16000_characters_escapes_and_all(width: int) -> None:
    columns = [*COLUMNS, *(f"column{number}" for number in range(9))]
    rows = [
        {"cognito:username": "one", "name": "Doe, Jane", "email": "one@example.com"},
        {"cognito:username": "two", "column8": ",,,"},
        {},
    ]
    pad = ["name", *(f"column{number}" for number in range(9))]
    header, *lines, end = csv_bytes(columns, rows, width=width, pad=pad).decode().split("\n")
    assert (header, end) == (",".join(columns), "")
    assert [len(line) for line in lines] == [width] * 3
    assert lines[0].startswith("one,Doe\\, Janeaaa")
    for line in lines:
        values = line.replace("\\,", ";").split(",")
        assert len(values) == len(columns)
        assert max(map(len, values)) <= LONGEST
        assert [values[2]] == [rows[lines.index(line)].get("email", "")]


def test_attributes_are_filled_in_turn_and_no_longer_than_they_may_be() -> None:
    _, line, _ = csv_bytes(("a", "b", "c"), [{}], width=3000, pad=("c", "a")).decode().split("\n")
    first, second, third = line.split(",")
    assert (len(first), len(second), len(third)) == (3000 - 2 - LONGEST, 0, LONGEST)
    # There is no room for more.
    _, line, _ = csv_bytes(("a", "b", "c"), [{"b": "x"}], width=9000, pad=("a", "c")).decode().split("\n")
    assert len(line) == 2 * LONGEST + 3
