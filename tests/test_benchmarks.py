# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks make of others' answers, where a mistake would print a wrong figure."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest
from benchmarks.bench_crash_sites import Tally, openapi_of, operation_of
from benchmarks.bench_generation import Round, refusal, row
from benchmarks.draw_documents import openapi_document
from benchmarks.peers import FOLDER, PeerMissingError, peer_python
from benchmarks.write_table import with_output

from aws_conformance.cases.compile import contract_of


def test_an_openapi_document_has_all_definitions_that_it_refers_to() -> None:
    schema = contract_of("dynamodb").schema("PutItem", "input")
    document = openapi_document(schema)
    assert set(document["components"]["schemas"]) == set(schema["$defs"])
    assert "#/$defs/" not in str(document)
    content = document["paths"]["/"]["post"]["requestBody"]["content"]
    assert content["application/json"]["schema"]["$ref"] == "#/components/schemas/PutItemInput"


def test_a_property_that_is_called_ref_is_no_reference() -> None:
    document = openapi_document({"properties": {"$ref": {"$ref": "#/$defs/A"}}, "$defs": {"A": {}}})
    body = document["paths"]["/"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"] == {"$ref": {"$ref": "#/components/schemas/A"}}


def test_only_valid_documents_count() -> None:
    ours = Round(200, 200, 1.0)
    assert row("other", Round(100, 50, 1.0), ours).endswith("50% of 100 valid   ours 4.0 x")
    assert "none within 20 s" in row("other", Round(0, 0, 20.0), ours)
    assert "refuses: why" in row("other", Round(0, 0, 0.0, "refuses: why"), ours)


def test_a_refusal_is_the_error_without_the_schema() -> None:
    trace = "Traceback:\n  x\na.b.RefError: cannot resolve schema={'a': 'b.Error: c'}\nwhile generating 'd'"
    assert refusal(trace) == "RefError: cannot resolve schema"


def test_a_benchmark_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for bench_new"):
        with_output("", "bench_new", "1 x")


def test_an_environment_is_used_again_until_its_pins_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        return subprocess.CompletedProcess(command, 1, "", "a line\nno such host\n")

    monkeypatch.setattr(subprocess, "run", offline)
    stamp = tmp_path / "schemathesis" / "installed.txt"
    stamp.parent.mkdir()
    stamp.write_bytes((FOLDER / "schemathesis.txt").read_bytes())
    assert peer_python("schemathesis", tmp_path).is_relative_to(tmp_path)
    stamp.write_text("schemathesis==1\n", "utf-8")
    with pytest.raises(PeerMissingError, match="schemathesis cannot be installed: no such host"):
        peer_python("schemathesis", tmp_path)


def test_a_document_of_many_operations_tells_what_each_takes_and_answers() -> None:
    names = ("CreateGroup", "SignUp")
    document = openapi_of(contract_of("cognito-idp"), names)
    assert list(document["paths"]) == ["/CreateGroup", "/SignUp"]
    text = json.dumps(document)
    references = set(re.findall(r'"\$ref": "#/components/schemas/(\w+)"', text))
    assert references <= document["components"]["schemas"].keys()
    assert {"CreateGroupRequest", "ShownCreateGroupResponse"} <= references
    assert "x-aws-" not in text
    assert operation_of("/SignUp?x=1") == "SignUp"
    assert operation_of("/") == ""


def test_only_positive_cases_that_succeed_count_as_answered() -> None:
    tally = Tally(sites={"KeyError in a.b"})
    for positive, status in ((True, 200), (True, 400), (False, 200)):
        tally.count(positive=positive, status=status)
    words = " ".join(tally.line("x").split())
    assert words == "x 3 cases 1 crash sites 50% of 2 positives answered 2xx"
