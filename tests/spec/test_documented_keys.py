# SPDX-License-Identifier: Apache-2.0
"""Keys of maps, read from the forms in which AWS's texts list them."""

from __future__ import annotations

import pytest

from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.documented_keys import documented_keys
from aws_conformance.spec.shapes import KeyExample


@pytest.mark.parametrize(
    ("text", "examples"),
    [
        (
            "<dt>A/B</dt><code>NAME</code> (required)<code>SIZE</code>(required)<code>X</code>",
            (
                KeyExample("A", ("NAME", "SIZE")),
                KeyExample("B", ("NAME", "SIZE")),
            ),
        ),
        (
            '<code>"Places": {"b": "a{b"}</code> <code>&quot;Places&quot;: {&quot;group&quot;: [1]}</code>',
            (KeyExample("", ("group",)),),
        ),
        ('<code>"Others": {"bucket": "b"}</code>', ()),
        ("The name (required) of <code>A</code>.", ()),
        ("", ()),
        ("<dt>A<dt></dt>(required)", ()),
    ],
)
def test_keys_are_read_with_what_they_stand_under(text: str, examples: tuple[KeyExample, ...]) -> None:
    assert documented_keys("Places", text) == examples


def test_a_model_has_the_keys_of_its_maps() -> None:
    details = load_service("network-firewall").structure("LogDestinationConfig").members["LogDestination"]
    assert [example.keys for example in details.key_examples] == [
        ("bucketName", "prefix"),
        ("logGroup",),
        ("deliveryStream",),
    ]
