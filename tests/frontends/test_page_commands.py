# SPDX-License-Identifier: Apache-2.0
"""`page` and `drift` on the command line, and that schemas from a page find what those from a model find."""

from __future__ import annotations

import copy
import gzip
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from aws_conformance.cli import main
from aws_conformance.protocols import resolve_protocol
from aws_conformance.spec.botocore import data_folder, load_service
from aws_conformance.spec.diff import ModelSource, differences
from aws_conformance.spec.schema.read import read_schemas, through_schemas
from aws_conformance.spec.schema.write import operation_schemas
from aws_conformance.spec.shapes import Shape, StructureShape, reachable

PAGE = str(Path(__file__).parents[1] / "data" / "start-user-import-job-2017.rst")
START = "cognito-idp:StartUserImportJob"
JOB = "StartUserImportJob"


# --- page


def test_page_prints_the_schemas_and_says_what_no_page_can(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["page", PAGE]) == 0
    captured = capsys.readouterr()
    schemas = json.loads(captured.out)
    assert list(schemas) == ["input", "output"]
    root = schemas["input"]["$defs"]["StartUserImportJobInput"]
    assert root["required"] == ["UserPoolId", "JobId"]
    assert "No page carries sensitivity." in captured.err
    assert "carries no constraints" in captured.err


def test_page_takes_a_protocol_for_a_service_that_has_no_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = Path(PAGE).read_text("utf-8").replace("cognito-idp", "things")
    (tmp_path / "page.rst").write_text(text, "utf-8")
    assert main(["page", str(tmp_path / "page.rst")]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["input"]["x-aws-protocol"] == "unknown"
    assert "The protocol is unknown: schemas only." in captured.err
    assert main(["page", str(tmp_path / "page.rst"), "--protocol", "json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["input"]["x-aws-protocol"] == "json"
    assert "protocol is unknown" not in captured.err


def test_a_page_that_cannot_be_read_is_a_single_line_with_the_place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cut = Path(PAGE).read_text("utf-8").replace("``--job-id`` (string)", "")
    (tmp_path / "page.rst").write_text(cut, "utf-8")
    assert main(["page", str(tmp_path / "page.rst")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "page.rst:36" in line
    assert "--job-id" in line


def test_page_drift_reports_what_is_new_since(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["page", PAGE, "--drift"]) == 0
    output = capsys.readouterr().out
    assert "$.UserImportJob.PasswordHashingAlgorithm: member added (string)" in output
    assert "cannot carry errors" in output
    assert "OperationNotEnabledException" in output


def test_page_drift_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["page", PAGE, "--drift", "--json"]) == 0
    output = json.loads(capsys.readouterr().out)
    (row,) = output["differences"]
    assert (row["service"], row["operation"], row["kind"]) == ("cognito-idp", JOB, "member added")
    assert "OperationNotEnabledException" in output["untold"][0]


def test_page_drift_is_1_for_what_breaks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = Path(PAGE).read_text("utf-8").replace("ImportedUsers -> (long)", "ImportedUsers -> (string)")
    (tmp_path / "page.rst").write_text(other, "utf-8")
    assert main(["page", str(tmp_path / "page.rst"), "--drift"]) == 1
    output = capsys.readouterr().out
    assert "ImportedUsers: type changed from string to long (breaks responses)" in output


# --- drift


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """A folder as another botocore's: cognito-idp alone, without an error, a member and an enum value."""
    model_file = sorted((data_folder() / "cognito-idp").glob("*/service-2.json*"))[-1]
    content = (
        gzip.decompress(model_file.read_bytes()) if model_file.suffix == ".gz" else model_file.read_bytes()
    )
    raw = json.loads(content)
    del raw["shapes"]["UserImportJobType"]["members"]["PasswordHashingAlgorithm"]
    raw["shapes"]["UserImportJobStatusType"]["enum"].remove("Expired")
    folder = tmp_path / "data" / "cognito-idp" / model_file.parent.name
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text(json.dumps(raw), "utf-8")
    return tmp_path / "data"


def test_drift_between_folders_of_models(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drift", str(models), "cognito-idp", "--json"]) == 1
    rows = json.loads(capsys.readouterr().out)["differences"]
    mine = [(row["side"], row["path"], row["kind"]) for row in rows if row["operation"] == JOB]
    assert mine == [
        ("output", "$.UserImportJob.Status", "enum value added"),
        ("output", "$.UserImportJob.PasswordHashingAlgorithm", "member added"),
    ]
    assert main(["drift", str(models), str(models)]) == 0
    assert capsys.readouterr().out == "No differences.\n"


def test_drift_lists_services_that_a_single_folder_has(
    models: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(models / "cognito-idp", models / "another")
    other = models.parent / "other"
    shutil.copytree(models / "cognito-idp", other / "cognito-idp")
    assert main(["drift", str(models), str(other)]) == 0
    assert f"Only {models} describes another." in capsys.readouterr().err


def test_drift_of_a_page_and_its_models(models: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["drift", PAGE, "installed"]) == 0
    assert "PasswordHashingAlgorithm" in capsys.readouterr().out
    assert main(["drift", PAGE, str(models)]) == 0
    # The page tells of a value, in prose, that those models lack; it breaks no response.
    assert "Status: enum value removed Expired" in capsys.readouterr().out


def test_what_a_page_borrows_is_no_difference(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Errors, which no page carries, in either direction; and those of a model of the page's own time."""
    file = next(models.glob("cognito-idp/*/service-2.json"))
    raw = json.loads(file.read_text("utf-8"))
    raw["operations"][JOB]["errors"] = raw["operations"][JOB]["errors"][:1]
    file.write_text(json.dumps(raw), "utf-8")
    assert main(["drift", PAGE, str(models)]) == 0
    assert "error removed" not in capsys.readouterr().out
    main(["drift", str(models), PAGE])
    assert "error added" not in capsys.readouterr().out


def test_an_option_of_the_command_is_no_member(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = Path(PAGE).read_text("utf-8").replace("cognito-idp", "ec2")
    for old, new in (
        ("start-user-import-job", "get-password-data"),
        ("StartUserImportJob", "GetPasswordData"),
        ("user-pool-id", "instance-id"),
        ("job-id", "priv-launch-key"),
    ):
        text = text.replace(old, new)
    (tmp_path / "page.rst").write_text(text, "utf-8")
    main(["drift", str(tmp_path / "page.rst"), "installed", "--service", "ec2"])
    output = capsys.readouterr().out
    assert "$.UserImportJob: member removed" in output
    assert "PrivLaunchKey" not in output


def test_drift_with_a_folder_of_schemas(
    models: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = str(tmp_path / "schemas")
    assert main(["schema", START, "cognito-idp:ListUsers", "--out", out]) == 0
    assert main(["drift", "cognito-idp", out]) == 0
    assert main(["drift", out, "installed"]) == 0
    assert capsys.readouterr().out == "No differences.\n" * 2
    assert main(["drift", str(models), out]) == 1
    output = capsys.readouterr().out
    assert "StartUserImportJob output $.UserImportJob.Status: enum value added Expired" in output
    assert "PasswordHashingAlgorithm: member added (string)" in output
    # Operations that were not written are no difference.
    assert "operation" not in output


def test_drift_with_an_edited_schema(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "schemas"
    assert main(["schema", START, "--side", "input", "--out", str(out)]) == 0
    file = out / "cognito-idp" / JOB / "input.json"
    schema = json.loads(file.read_text("utf-8"))
    root = schema["$defs"]["StartUserImportJobRequest"]
    root["required"].remove("JobId")
    root["properties"]["Note"] = {"type": "string", "maxLength": 9}
    schema["$defs"]["UserPoolIdType"]["maxLength"] = 20
    file.write_text(json.dumps(schema), "utf-8")
    capsys.readouterr()
    assert main(["drift", "cognito-idp", str(out)]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "StartUserImportJob input $.UserPoolId: constraint changed from max 55 to max 20 (breaks requests)",
        "StartUserImportJob input $.JobId: became optional",
        "StartUserImportJob input $.Note: member added (string)",
        "StartUserImportJob: the new description cannot carry errors; "
        + ", ".join(load_service("cognito-idp").operations[JOB].errors)
        + ".",
    ]


def test_drift_of_a_page_and_its_own_schemas_is_none(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["page", PAGE, "--out", str(tmp_path / "made")]) == 0
    assert main(["drift", PAGE, str(tmp_path / "made")]) == 0
    assert capsys.readouterr().out == "No differences.\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch", "installed"], "neither a file nor a service named 'nosuch'"),
        (["cognito-ipd", "installed"], "Did you mean cognito-idp"),
        ([".", "installed"], "holds neither models"),
        (["s3", "cognito-idp"], "does not describe"),
    ],
)
def test_drift_says_in_a_single_line_what_is_wrong(
    words: list[str],
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["drift", *words]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line


# --- schemas become shapes again


@pytest.mark.parametrize("name", ["dynamodb", "sqs", "s3", "lambda", "lexv2-runtime"])
def test_shapes_survive_the_way_through_schemas(name: str) -> None:
    service = load_service(name)
    back = through_schemas(service, tuple(service.operations), resolve_protocol(service))
    assert back.sides == {"input", "output", "errors"}
    flowing = {
        name
        for name, operation in service.operations.items()
        for root in (operation.input, operation.output)
        if root and any(_is_stream(service.shapes[shape]) for shape in reachable(service, root))
    }
    # An enumeration's own length is not in its schema, nor are the events of a stream; all else comes back.
    changes = differences(service, back.service)
    assert {change.kind for change in changes if change.operation not in flowing} <= {"constraint removed"}
    assert {change.kind for change in changes if change.operation in flowing} <= {
        "constraint removed",
        "member removed",
    }


def _is_stream(shape: Shape) -> bool:
    return isinstance(shape, StructureShape) and shape.event_stream


def test_files_read_as_what_was_written(tmp_path: Path) -> None:
    service = load_service("dynamodb")
    for name in ("GetItem", "Query"):
        folder = tmp_path / "dynamodb" / name
        folder.mkdir(parents=True)
        for side, schema in operation_schemas(service, service.operations[name], "json").items():
            (folder / f"{side}.json").write_text(json.dumps(schema), "utf-8")
    read = read_schemas(tmp_path, "dynamodb")
    written = through_schemas(service, ("GetItem", "Query"), "json")
    assert differences(ModelSource(read.service), ModelSource(written.service)) == ()
    # AttributeValue holds itself.
    assert "GetItem:output:AttributeValue" in read.service.shapes


# --- faults

GOOD = {
    "UserImportJob": {
        "JobName": "job",
        "JobId": "import-0123456789",
        "UserPoolId": "us-east-1_abcdefghi",
        "PreSignedUrl": "https://example.com/pool/job",
        "CreationDate": 1736443020.081,
        "StartDate": 1736443021.5,
        "Status": "Pending",
        "CloudWatchLogsRoleArn": "arn:aws:iam::123456789012:role/CognitoImport",
        "ImportedUsers": 0,
        "SkippedUsers": 0,
        "FailedUsers": 0,
    }
}


@dataclass(frozen=True)
class Fault:
    """One change to a good answer; `constraint`: it breaks what an old page has no word of."""

    name: str
    change: Callable[[dict[str, Any]], Any]
    constraint: bool = False


def put(member: str, value: Any) -> Callable[[dict[str, Any]], Any]:
    return lambda answer: answer["UserImportJob"].__setitem__(member, value)


FAULTS = (
    Fault("a name that is a number", put("JobName", 5)),
    Fault("an id that is a list", put("JobId", ["import-0123456789"])),
    Fault("a pool that is null inside a list", put("UserPoolId", [None])),
    Fault("a url that is an object", put("PreSignedUrl", {"Url": "https://example.com"})),
    Fault("a role that is true", put("CloudWatchLogsRoleArn", True)),
    Fault("a message that is a number", put("CompletionMessage", 1.5)),
    Fault("a date in words", put("CreationDate", "2026-11-23T10:00:00Z")),
    Fault("a start that is text", put("StartDate", "1736443021")),
    Fault("an end that is an object", put("CompletionDate", {})),
    Fault("a date that is true", put("StartDate", True)),
    Fault("a status that is unknown", put("Status", "Paused")),
    Fault("a status in capitals", put("Status", "PENDING")),
    Fault("a status that is a number", put("Status", 2)),
    Fault("a counter that is text", put("ImportedUsers", "0")),
    Fault("a counter that is a fraction", put("SkippedUsers", 0.5)),
    Fault("a counter that is a list", put("FailedUsers", [])),
    Fault("a counter beyond a long", put("FailedUsers", 2**63)),
    Fault("a member that nobody knows", put("Owner", "me")),
    Fault("a member of another spelling", put("jobName", "job")),
    Fault("a job that is a list", lambda answer: answer.__setitem__("UserImportJob", [])),
    Fault("a job that is text", lambda answer: answer.__setitem__("UserImportJob", "job")),
    Fault("a wrapper that nobody knows", lambda answer: answer.__setitem__("Result", {})),
    Fault("a name that is too long", put("JobName", "j" * 129), constraint=True),
    Fault("an empty name", put("JobName", ""), constraint=True),
    Fault("an id of another form", put("JobId", "job 1"), constraint=True),
    Fault("a pool of another form", put("UserPoolId", "pool"), constraint=True),
    Fault("a role that is too short", put("CloudWatchLogsRoleArn", "arn:aws"), constraint=True),
)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Schemas from the model, and from the page."""
    root = tmp_path_factory.mktemp("made")
    assert main(["schema", START, "--out", str(root / "model")]) == 0
    assert main(["page", PAGE, "--out", str(root / "page")]) == 0
    return root / "model", root / "page"


def findings_by(
    schemas: Path, answer: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> set[tuple[str, str, str]]:
    (tmp_path / "answer.json").write_text(json.dumps(answer), "utf-8")
    words = ["validate", START, "--instance", str(tmp_path / "answer.json"), "--schemas", str(schemas)]
    capsys.readouterr()
    main([*words, "--json"])
    findings = json.loads(capsys.readouterr().out)["findings"]
    return {(finding["check"], finding["severity"], finding["path"]) for finding in findings}


def test_a_good_answer_has_no_finding(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for schemas in folders:
        assert findings_by(schemas, GOOD, tmp_path, capsys) == set()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_schemas_from_the_page_find_what_those_from_the_model_find(
    fault: Fault, folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = copy.deepcopy(GOOD)
    fault.change(answer)
    model, page = (findings_by(schemas, answer, tmp_path, capsys) for schemas in folders)
    assert model != set()
    assert page == (set() if fault.constraint else model)
