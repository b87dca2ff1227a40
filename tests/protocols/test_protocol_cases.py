# SPDX-License-Identifier: Apache-2.0
"""The published AWS protocol cases, run in both directions against our codecs, and the tool that runs them.

What is known not to hold stands in known-deviations.yaml, and has to be true.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.protocols.smithy_models import smithy_ast
from tests.shared_data import protocol_suites, require
from tools.case_judging import ProtocolCase
from tools.protocol_cases import (
    Deviation,
    cases_in,
    judge,
    main,
    mismatches,
    read_ledger,
)
from tools.smithy_cases import smithy_cases

FILES = {
    "input": (
        "ec2",
        "json",
        "json_1_0",
        "json_1_0-query-compatible",
        "query",
        "rest-json",
        "rest-xml",
        "smithy-rpc-v2-cbor",
    ),
    "output": (
        "ec2",
        "json",
        "json_1_0",
        "query",
        "rest-json",
        "rest-xml",
        "smithy-rpc-v2-cbor",
        "smithy-rpc-v2-cbor-query-compatible",
    ),
}
LEDGER = read_ledger()


def _params() -> Iterator[Any]:
    """All cases; a single one that skips, or fails, for a file that is absent."""
    for side, names in FILES.items():
        for name in names:
            file = f"protocol-cases/{side}/{name}.json"
            suites = protocol_suites(side, name)
            if not suites:
                yield pytest.param(file, id=f"{file} absent")
            for case in cases_in(file, suites):
                yield pytest.param(case, id=f"{side}-{name}-{case.id}")


@pytest.mark.parametrize("case", list(_params()))
def test_cases(case: ProtocolCase | str) -> None:
    if isinstance(case, str):
        require(case)
        pytest.fail(f"{case} holds no case")
    outcome = judge(case, LEDGER)
    assert outcome is None or isinstance(outcome, Deviation)


def _smithy_cases() -> list[ProtocolCase]:
    return list(smithy_cases("smithy-ast.json.gz", smithy_ast()))


def test_cases_of_the_smithy_model() -> None:
    cases = _smithy_cases()
    assert sum("malformed" in case.raw for case in cases) > 400
    assert sum("stream" in case.raw for case in cases) == 100
    failed = {
        case.id: outcome
        for case in cases
        if (outcome := judge(case, LEDGER)) is not None and not isinstance(outcome, Deviation)
    }
    assert failed == {}


def test_a_malformed_request_that_is_answered_otherwise_fails() -> None:
    cases = {case.id: case for case in _smithy_cases()}
    case = cases["RestJsonMalformedUnionMultipleFieldsSet"]
    expected = {"code": 200, "headers": {"x-amzn-errortype": "OtherException"}}
    other = replace(case, raw={**case.raw, "malformed": {**case.raw["malformed"], "response": expected}})
    assert [mismatch.part for mismatch in mismatches(other)] == ["status", "headers"]
    stream = cases["DuplexBooleanHeaderInput"]
    events = [
        {**event, "params": {"headers": {"booleanHeader": False}}} for event in stream.raw["stream"]["events"]
    ]
    wrong = replace(stream, raw={**stream.raw, "stream": {**stream.raw["stream"], "events": events}})
    assert "decode" in {mismatch.part for mismatch in mismatches(wrong)}


def _answer_suite(protocol: str, name: str, headers: dict[str, str], body: str) -> dict[str, Any]:
    operation = {
        "name": "Do",
        "http": {"method": "POST", "requestUri": "/"},
        "output": {"shape": "Output"},
    }
    response = {"status_code": 200, "headers": headers, "body": body}
    return {
        "metadata": {"protocol": protocol, "apiVersion": "2026-01-01"},
        "shapes": {
            "Output": {"type": "structure", "members": {"Name": {"shape": "Name"}}},
            "Name": {"type": "string"},
        },
        "cases": [{"id": name, "given": operation, "result": {"Name": "a"}, "response": response}],
    }


# What published cases have that are not among those of shared/.
OF_OUR_OWN = [
    _answer_suite(
        "rest-xml",
        "AnOutputWithXMLPreamble",
        {"Content-Type": "application/xml"},
        "<Output><![CDATA[between]]><Name>a</Name></Output>",
    ),
    _answer_suite(
        "smithy-rpc-v2-cbor",
        "RpcV2CborWithUnsetUnion",
        {"Content-Type": "application/cbor"},
        base64.b64encode(b"\xa1dNameaa").decode("ascii"),
    ),
]


def test_every_line_of_the_ledger_applies_and_says_why() -> None:
    for side, names in FILES.items():
        for name in names:
            require(f"protocol-cases/{side}/{name}.json")
    published = [param.values[0] for param in _params()]
    assert len(published) > 370
    assert sum(1 for case in published if mismatches(case)) < len(published) * 0.02
    missed = [(case, mismatches(case)) for case in (*published, *_smithy_cases())]
    own = [(case, mismatches(case)) for case in cases_in("of our own", OF_OUR_OWN)]
    for row in LEDGER:
        assert any(row.covers(case, mismatch) for case, parts in (*missed, *own) for mismatch in parts), row
        assert len(row.reason) > 40
    assert sum(1 for _, parts in missed if parts) < len(missed) * 0.02


SUITE: dict[str, Any] = {
    "metadata": {"protocol": "query", "protocols": ["query"], "apiVersion": "2020-01-08"},
    "shapes": {
        "Input": {"type": "structure", "members": {"Names": {"shape": "Names"}, "At": {"shape": "Time"}}},
        "Names": {"type": "list", "member": {"shape": "Text"}},
        "Text": {"type": "string"},
        "Time": {"type": "timestamp"},
    },
    "cases": [
        {
            "id": "AList",
            "given": {
                "name": "Do",
                "http": {"method": "POST", "requestUri": "/"},
                "input": {"shape": "Input"},
            },
            "params": {"Names": ["a", "b"], "At": 0},
            "serialized": {
                "method": "POST",
                "uri": "/",
                "headers": {"Content-Type": "application/x-www-form-urlencoded"},
                "body": "Action=Do&Version=2020-01-08&Names.member.1=a&Names.member.2=b"
                "&At=1970-01-01T00%3A00%3A00Z",
            },
        },
        {
            "id": "AnAnswer",
            "given": {
                "name": "Do",
                "http": {"method": "POST", "requestUri": "/"},
                "output": {"shape": "Input"},
            },
            "result": {"Names": ["a"]},
            "response": {
                "status_code": 200,
                "headers": {"Content-Type": "text/xml"},
                "body": "<DoResponse><DoResult><Names><member>a</member></Names></DoResult></DoResponse>",
            },
        },
    ],
}


def _run(folder: Path, suite: dict[str, Any], ledger: str = "[]") -> int:
    (folder / "input").mkdir()
    (folder / "input" / "some.json").write_text(json.dumps([suite]), "utf-8")
    (folder / "ledger.yaml").write_text(ledger, "utf-8")
    return main([str(folder), "--deviations", str(folder / "ledger.yaml")])


def test_a_folder_of_cases_passes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(tmp_path, SUITE) == 0
    assert capsys.readouterr().out == "2 passed, 0 failed, 0 skipped\n"


@pytest.mark.parametrize(
    ("before", "after", "part"),
    [
        ("Names.member.2=b", "Names.member.2=c", "body"),
        ("Names.member.2=b", "Names.2=b", "body"),
        ("<member>a</member>", "<member>b</member>", "decode"),
        ("<member>a</member>", "<item>a</item>", "decode"),
        ("DoResult", "Result", "decode"),
        ('"params": {"Names": ["a", "b"]', '"params": {"Names": ["b", "a"]', "body"),
        ("x-www-form-urlencoded", "json", "headers"),
        ('"uri": "/"', '"uri": "/other"', "path"),
        ('"protocol": "query", "protocols": ["query"]', '"protocol": "soap", "protocols": []', "codec"),
    ],
)
def test_a_case_that_is_not_met_fails_with_its_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str, after: str, part: str
) -> None:
    text = json.dumps(SUITE)
    assert before in text
    assert _run(tmp_path, json.loads(text.replace(before, after))) == 1
    out = capsys.readouterr().out
    assert f": {part}: " in out
    assert "FAILED input/some.json A" in out
    assert ", 0 failed, " not in out


def test_a_skip_needs_a_reason_that_covers_all_that_is_not_met(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = copy.deepcopy(SUITE)
    suite["cases"][0]["serialized"]["headers"] = {"X-Other": "yes"}
    ledger = "[{case: 'A*', part: headers, reason: no such header}]"
    assert _run(tmp_path, suite, ledger) == 0
    out = capsys.readouterr().out
    assert out.endswith("1 passed, 0 failed, 1 skipped\n")
    assert "skipped AList: no such header" in out


def test_nothing_to_run_is_no_success(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path)]) == 1
    assert main([str(tmp_path / "absent")]) == 2
    assert "is no folder" in capsys.readouterr().err
