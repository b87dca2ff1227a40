# SPDX-License-Identifier: Apache-2.0
"""Services are read and compiled once in a process, however many they are and in whatever order they come."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from aws_conformance.cases.compile import contract_of
from aws_conformance.errors import UsageError
from aws_conformance.spec import botocore as models
from aws_conformance.spec.botocore import data_folder, load_service, parse_service, service_names
from aws_conformance.spec.shapes import Service


def test_no_model_is_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"service-{number}" for number in range(500)]
    for name in names:
        (tmp_path / name / "2020-01-01").mkdir(parents=True)
        text = json.dumps({"metadata": {"protocol": "json"}, "operations": {}})
        (tmp_path / name / "2020-01-01" / "service-2.json").write_text(text, "utf-8")
    read = []

    def counted(name: str, raw: dict[str, object], *, origin: str) -> Service:
        read.append(name)
        return parse_service(name, raw, origin=origin)

    monkeypatch.setattr(models, "parse_service", counted)
    for _ in range(2):
        for name in names:
            load_service(name, tmp_path)
    assert read == names


def test_no_service_is_compiled_twice() -> None:
    def size(name: str) -> int:
        return sum(file.stat().st_size for file in (data_folder() / name).rglob("service-2*"))

    # More than any bound there was, of the smallest.
    names = sorted(service_names(), key=size)[:100]
    compiled = [contract_of(name) for name in names]
    assert all(contract_of(name) is first for name, first in zip(names, compiled, strict=True))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[]", r"input\.json holds no schema, which is a JSON object\.$"),
        ("no", r"input\.json is no JSON: Expecting value: line 1 column 1 \(char 0\)\.$"),
    ],
)
def test_an_edited_schema_that_is_none_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "SignUp").mkdir()
    (tmp_path / "SignUp" / "input.json").write_text(text, "utf-8")
    with pytest.raises(UsageError, match=message):
        contract_of("cognito-idp", None, tmp_path).schema("SignUp", "input")


def test_edited_schemas_need_a_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        contract_of("cognito-idp", None, tmp_path / "none").schema("SignUp", "input")
