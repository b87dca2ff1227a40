# SPDX-License-Identifier: Apache-2.0
"""What was sent beside what is shown of it: what counts as the same, and what is in doubt."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from aws_conformance.checks.oracles.compare import member_differences, nearest_structure
from aws_conformance.spec.botocore import parse_service
from aws_conformance.spec.shapes import StructureShape

_TEXTS = ("Description", "Title", "Policy", "Status", "Arn", "Password", "DryRun", "Type")
_MEMBERS: dict[str, Any] = {
    **{name: {"shape": "Text"} for name in _TEXTS},
    "Level": {"shape": "Level"},
    "Size": {"shape": "Number"},
    "Share": {"shape": "Share"},
    "Enabled": {"shape": "Switch"},
    "Open": {"shape": "Switch"},
    "Names": {"shape": "Names"},
    "Things": {"shape": "Things"},
    "Tags": {"shape": "ByName"},
    "Inner": {"shape": "Inner"},
    "Secret": {"shape": "Hidden"},
}
_SHAPES: dict[str, Any] = {
    "In": {"type": "structure", "members": _MEMBERS},
    "Out": {
        "type": "structure",
        "members": {**_MEMBERS, "Wrapped": {"shape": "In"}, "Title": {"shape": "Other"}},
    },
    "Text": {"type": "string"},
    "Other": {"type": "string", "max": 9},
    "Level": {"type": "string", "enum": ["LOW", "HIGH", "DISABLED"]},
    "Hidden": {"type": "string", "sensitive": True},
    "Number": {"type": "integer"},
    "Share": {"type": "float"},
    "Switch": {"type": "boolean"},
    "Names": {"type": "list", "member": {"shape": "Text"}},
    "Things": {"type": "list", "member": {"shape": "Inner"}},
    "ByName": {"type": "map", "key": {"shape": "Text"}, "value": {"shape": "Text"}},
    "Inner": {"type": "structure", "members": {"Size": {"shape": "Number"}, "Enabled": {"shape": "Switch"}}},
}
_OPERATION = {"name": "Show", "http": {}, "input": {"shape": "In"}, "output": {"shape": "Out"}}
_SERVICE = parse_service(
    "shown-values",
    {
        "metadata": {"protocol": "json", "apiVersion": "2020-01-01", "endpointPrefix": "shown"},
        "operations": {"Show": _OPERATION},
        "shapes": _SHAPES,
    },
)
_SURE, _IN_DOUBT = False, True


def _structure(name: str) -> StructureShape:
    return _SERVICE.structure(name)


def _differences(sent: Mapping[str, Any], shown: Mapping[str, Any]) -> list[tuple[Any, bool]]:
    differences = member_differences(_SERVICE, sent, shown, _structure("In"), _structure("Out"))
    return [(difference.path, difference.doubtful) for difference in differences]


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"Description": "a"}, {"Description": "a"}),
        # The dot of a whole domain, and an ARN with the name at its end, either way.
        ({"Description": "example.com"}, {"Description": "example.com."}),
        ({"Description": "arn:aws:iam::1:role/r"}, {"Description": "r"}),
        ({"Description": "r"}, {"Description": "arn:aws:iam::1:role/r"}),
        # Nothing is as good as nothing.
        ({"Description": ""}, {}),
        ({"Enabled": False}, {}),
        ({"Size": 0}, {}),
        ({"Names": []}, {}),
        ({"Inner": {}}, {}),
        ({"Inner": {"Enabled": False, "Size": 3}}, {}),
        ({"Things": [{}, {}]}, {}),
        # Numbers as near as they are kept.
        ({"Share": 0.1}, {"Share": 0.1000000001}),
        ({"Share": 1}, {"Share": 1.0}),
        # Order and repetition mean nothing.
        ({"Names": ["a", "b", "a"]}, {"Names": ["b", "a"]}),
        ({"Names": ["a"]}, {"Names": ["a", "more"]}),
        # Of several structures nobody knows which is which.
        ({"Things": [{"Size": 1}, {"Size": 2}]}, {"Things": [{"Size": 2}, {"Size": 3}]}),
        ({"Tags": {"a": "b"}}, {"Tags": {"a": "b", "c": "d"}}),
        # What is hidden, what is of how it is done, and what the other does not have.
        ({"Password": "p"}, {}),
        ({"DryRun": "d"}, {}),
        ({"Secret": "s"}, {"Secret": "t"}),
        ({"Elsewhere": "x"}, {}),
    ],
)  # fmt: skip
def test_what_counts_as_the_same(sent: Mapping[str, Any], shown: Mapping[str, Any]) -> None:
    assert _differences(sent, shown) == []


@pytest.mark.parametrize(
    ("sent", "shown", "path", "doubtful"),
    [
        ({"Description": "a"}, {"Description": "b"}, ("Description",), _SURE),
        ({"Description": "a"}, {}, ("Description",), _SURE),
        ({"Level": "LOW"}, {"Level": "HIGH"}, ("Level",), _SURE),
        # What is switched off may not be shown.
        ({"Level": "DISABLED"}, {}, ("Level",), _IN_DOUBT),
        ({"Size": 1}, {"Size": 2}, ("Size",), _SURE),
        ({"Size": 1}, {}, ("Size",), _SURE),
        ({"Share": 0.1}, {"Share": 0.2}, ("Share",), _SURE),
        ({"Open": True}, {"Open": False}, ("Open",), _SURE),
        ({"Open": False}, {"Open": True}, ("Open",), _SURE),
        ({"Names": ["a"]}, {"Names": []}, ("Names",), _SURE),
        ({"Names": ["a"]}, {}, ("Names",), _SURE),
        ({"Names": [""]}, {"Names": []}, ("Names",), _IN_DOUBT),
        ({"Names": ["a", "b"]}, {"Names": ["b", "c"]}, ("Names",), _IN_DOUBT),
        ({"Things": [{"Size": 1}]}, {"Things": [{"Size": 2}]}, ("Things", 0, "Size"), _SURE),
        ({"Things": [{"Size": 1}]}, {"Things": []}, ("Things",), _SURE),
        ({"Tags": {"a": "b"}}, {"Tags": {"a": "c"}}, ("Tags", "a"), _SURE),
        ({"Tags": {"a": "b"}}, {"Tags": {"x": "b"}}, ("Tags", "a"), _SURE),
        ({"Inner": {"Size": 1}}, {"Inner": {"Size": 2}}, ("Inner", "Size"), _SURE),
        ({"Inner": {"Size": 1}}, {"Inner": {}}, ("Inner", "Size"), _SURE),
        # A service changes states, and writes documents in its own form.
        ({"Status": "a"}, {"Status": "b"}, ("Status",), _IN_DOUBT),
        ({"Policy": "{}"}, {"Policy": "{ }"}, ("Policy",), _IN_DOUBT),
        # Another shape may be of another meaning.
        ({"Title": "a"}, {"Title": "b"}, ("Title",), _IN_DOUBT),
        # Something was added to what was sent.
        ({"Description": "a long text"}, {"Description": "see a long text"}, ("Description",), _IN_DOUBT),
        ({"Description": "short"}, {"Description": "not short"}, ("Description",), _SURE),
    ],
)  # fmt: skip
def test_what_differs_and_what_is_in_doubt(
    sent: Mapping[str, Any], shown: Mapping[str, Any], path: Any, doubtful: bool
) -> None:
    assert _differences(sent, shown) == [(path, doubtful)]


def test_beside_what_is_off_all_is_in_doubt() -> None:
    assert _differences({"Enabled": False, "Size": 1}, {"Enabled": False}) == [(("Size",), _IN_DOUBT)]
    assert _differences({"Enabled": True, "Size": 1}, {"Enabled": True}) == [(("Size",), _SURE)]


def test_the_nearest_structure_shares_the_most_and_is_nearest_to_the_root() -> None:
    operation = _SERVICE.operations["Show"]
    nearest = nearest_structure(_SERVICE, _structure("In"), operation)
    assert nearest is not None
    assert nearest[0] == ()
    inner = nearest_structure(_SERVICE, _structure("Inner"), operation)
    assert inner is not None
    assert inner[0] == ()
    lonely = parse_service(
        "shown-elsewhere",
        {
            "metadata": {"protocol": "json", "apiVersion": "2020-01-01", "endpointPrefix": "shown"},
            "operations": {"Show": {**_OPERATION, "output": {"shape": "Holder"}}},
            "shapes": {**_SHAPES, "Holder": {"type": "structure", "members": {"It": {"shape": "Inner"}}}},
        },
    )
    held = nearest_structure(lonely, lonely.structure("In"), lonely.operations["Show"])
    assert held is not None
    assert held[0] == ("It",)
    assert nearest_structure(lonely, lonely.structure("Holder"), lonely.operations["Show"]) is not None
