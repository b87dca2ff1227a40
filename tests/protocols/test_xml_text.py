# SPDX-License-Identifier: Apache-2.0
"""XML as text: what a strict and safe reader takes, what it refuses, and what the writer writes."""

from __future__ import annotations

import pytest

from aws_conformance.protocols.xml.text import (
    canonical_xml,
    escape_text,
    generic_value,
    read_xml,
    write_element,
)
from aws_conformance.spec.shapes import XmlNamespace


def test_a_tree_has_names_namespaces_attributes_texts_and_places() -> None:
    parsed = read_xml(
        b'<?xml version="1.0" encoding="UTF-8"?>\n'
        b'<a:Root xmlns:a="urn:a" xmlns="urn:b" k="v" a:q="w">\n'
        b" <B><![CDATA[<1>]]> &amp; <!-- no -->2</B></a:Root>"
    )
    root = parsed.root
    assert root is not None
    assert parsed.findings == ()
    assert (root.name, root.namespace, root.line, root.column) == ("Root", "urn:a", 2, 1)
    assert [(item.name, item.namespace, item.value) for item in root.attributes] == [
        ("k", None, "v"),
        ("q", "urn:a", "w"),
    ]
    (child,) = root.children
    assert (child.name, child.namespace, child.text, child.line, child.column) == (
        "B",
        "urn:b",
        "<1> & 2",
        3,
        2,
    )


@pytest.mark.parametrize(
    ("body", "rule", "got"),
    [
        (b"", "body.malformed", "an empty body"),
        (b"text", "body.malformed", "line 1, column 1"),
        (b"<a><b></a>", "body.malformed", "mismatched tag at line 1, column 9"),
        (b"<a>", "body.malformed", "no element found"),
        (b"<a/><b/>", "body.malformed", "junk after document element"),
        (b'<a k="1" k="2"/>', "body.malformed", "duplicate attribute"),
        (b"<p:a/>", "body.malformed", "unbound prefix"),
        (b"<a>\x01</a>", "body.malformed", "invalid token"),
        (b"<a>&#1;</a>", "body.malformed", "invalid character"),
        (b"<a>&#xD800;</a>", "body.malformed", "invalid character"),
        (b"<a>&other;</a>", "body.malformed", "undefined entity"),
        (b"<a>\xef\xbf\xbf</a>", "body.malformed", "invalid token"),
        (b"<a>\xff</a>", "body.encoding", "byte 0xff at offset 3"),
        (b"<a>" * 300 + b"</a>" * 300, "body.depth", "deeper XML"),
        (b"<!DOCTYPE a><a/>", "body.malformed", "<!DOCTYPE a"),
        (
            b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
            "body.malformed",
            "<!DOCTYPE a",
        ),
    ],
)
def test_what_is_no_xml_is_unreadable(body: bytes, rule: str, got: str) -> None:
    parsed = read_xml(body)
    assert parsed.root is None
    assert [finding.rule for finding in parsed.findings] == [rule]
    assert got in parsed.findings[0].got


@pytest.mark.parametrize(
    ("declaration", "got"),
    [(b'version="1.1"', "XML 1.1"), (b'version="1.0" encoding="ISO-8859-1"', "encoding='ISO-8859-1'")],
)
def test_what_a_declaration_should_not_say_is_a_finding(declaration: bytes, got: str) -> None:
    parsed = read_xml(b"<?xml " + declaration + b"?><a>\xc3\xa9</a>")
    assert parsed.root is not None
    assert parsed.root.text == "é"
    assert [(finding.rule, finding.got) for finding in parsed.findings] == [("body.encoding", got)]


def test_a_byte_order_mark_is_part_of_xml() -> None:
    parsed = read_xml(b"\xef\xbb\xbf<a/>")
    assert parsed.root is not None
    assert parsed.findings == ()


@pytest.mark.parametrize("text", ["", " ", "<&>\"'", "a\r\nb\tc", "é中😹", "]]>", "&amp;"])
def test_what_is_written_is_read_again(text: str) -> None:
    written = write_element(
        "A", escape_text(text), namespace=XmlNamespace("urn:<&>", "p"), attributes=[("p:k", text)]
    )
    root = read_xml(written.encode()).root
    assert root is not None
    assert root.text == text
    assert [(item.name, item.namespace, item.value) for item in root.attributes] == [("k", "urn:<&>", text)]


@pytest.mark.parametrize("text", ["\x00", "\x1f", "\ufffe", "\ud800"])
def test_what_xml_has_no_character_for_is_no_xml(text: str) -> None:
    assert read_xml(write_element("A", escape_text(text)).encode()).root is None


@pytest.mark.parametrize("name", ["a b", "1", "", "<x>", "é"])
def test_names_that_xml_has_not_are_replaced(name: str) -> None:
    assert read_xml(write_element(name, "").encode()).root is not None


def test_what_no_shape_tells_of_is_a_text_or_an_object() -> None:
    root = read_xml(b"<a><b>1</b><c><d/></c><b>2</b></a>").root
    assert root is not None
    assert generic_value(root) == {"b": ["1", "2"], "c": {"d": ""}}


def test_bodies_that_say_the_same_are_the_same() -> None:
    first = canonical_xml(b'<p:a xmlns:p="urn:a"><p:b>1</p:b> <p:c k="1" l="2"/></p:a>')
    assert first == canonical_xml(b'<a xmlns="urn:a"><c l="2" k="1"></c><b>1</b></a>')
    assert first != canonical_xml(b'<a xmlns="urn:a"><c l="2" k="1"></c><b>2</b></a>')
    assert first != canonical_xml(b'<a><c l="2" k="1"></c><b>1</b></a>')
    assert canonical_xml(b"<a><b>1</b><b>2</b></a>") != canonical_xml(b"<a><b>2</b><b>1</b></a>")
    assert canonical_xml(b"no xml") == "no xml"
