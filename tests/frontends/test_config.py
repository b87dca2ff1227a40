# SPDX-License-Identifier: Apache-2.0
"""Where a configuration is found, what may stand in it, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from aws_conformance.engine.plan import EmbeddedReference, Plan, StartedTarget, UrlTarget
from aws_conformance.errors import UsageError
from aws_conformance.frontends.config import (
    OWN_FILE,
    Config,
    config_schema,
    load_config,
    parse_config,
    plan_from,
    target_spec,
)
from aws_conformance.frontends.target_words import parse_target
from aws_conformance.results.events import Phase
from aws_conformance.results.known import Baseline
from aws_conformance.spec.schema.write import dump_schema

START = ("cognito-idp:StartUserImportJob",)
SCHEMA_FILE = Path(__file__).parents[2] / "schemas" / "config.json"

EVERYTHING = """
target = "http://127.0.0.1:5000"
name = "ours"
protocol = "json"
phases = ["enumerated"]
seed = 7
max-examples = 3
max-time = 60
request-timeout = 2.5
workers = 2
checks = ["response.body.type", "server.crash"]
exclude-checks = ["server.timeout"]
fail-on = "warning"
baseline = "known.yaml"
allow-remote = true
region = "eu-west-1"

[severities]
"response.request-id" = "off"

[services.cognito-idp.severities]
"response.member.unknown" = "error"
"""


def _own(folder: Path, text: str) -> Config:
    (folder / OWN_FILE).write_text(text, "utf-8")
    return load_config(folder)


def test_everything_that_can_be_set_reaches_the_plan(tmp_path: Path) -> None:
    (tmp_path / "known.yaml").write_text("version: 1\n", "utf-8")
    config = _own(tmp_path, EVERYTHING)
    assert config.baseline == "known.yaml"
    assert plan_from(config, operations=START) == Plan(
        operations=START,
        target=UrlTarget("http://127.0.0.1:5000"),
        protocol="json",
        phases=("enumerated",),
        seed=7,
        max_examples=3,
        max_time=60,
        timeout=2.5,
        name="ours",
        workers=2,
        checks=("response.body.type", "server.crash"),
        excluded_checks=("server.timeout",),
        severities={"response.request-id": "off", "cognito-idp/response.member.unknown": "error"},
        allow_remote=True,
        fail_on="warning",
        region="eu-west-1",
        baseline=Baseline(),
    )


def test_the_earlier_name_of_the_time_limit_is_still_read(tmp_path: Path) -> None:
    assert _own(tmp_path, "timeout = 2.5").timeout == 2.5


def test_the_name_of_a_target_is_not_that_of_another() -> None:
    config = Config(start="a {port}", name="ours")
    assert plan_from(config, operations=START).target_name == "ours"
    over = Config(target="http://127.0.0.1:5000")
    assert plan_from(config, over, operations=START).target_name == "http://127.0.0.1:5000"


@pytest.mark.parametrize("name", [" ", "a ", "a\nb", "x" * 101, "http://127.0.0.1"])
def test_a_name_is_text_on_a_line(name: str) -> None:
    with pytest.raises(UsageError, match="letters, digits and signs"):
        plan_from(Config(name=name), operations=START)


def test_both_files_say_the_same(tmp_path: Path) -> None:
    own, project = tmp_path / "own", tmp_path / "project"
    own.mkdir()
    project.mkdir()
    table = EVERYTHING.replace("[se", "[tool.aws-conformance.se")
    (project / "pyproject.toml").write_text(f"[tool.aws-conformance]\n{table}", "utf-8")
    assert _own(own, EVERYTHING) == load_config(project)


def test_without_a_file_the_plan_has_its_own_defaults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert load_config(tmp_path) == Config()
    monkeypatch.undo()
    phases: tuple[Phase, ...] = ("enumerated", "random", "stateful")
    assert plan_from(Config(), operations=START) == Plan(operations=START, phases=phases)


def test_without_operations_the_default_selectors_hold() -> None:
    assert START[0] in plan_from(Config()).operations


def test_the_nearest_file_holds(tmp_path: Path) -> None:
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    _own(tmp_path, "seed = 1")
    # A project without the table says nothing.
    (tmp_path / "a" / "pyproject.toml").write_text('[project]\nname = "x"', "utf-8")
    assert load_config(inner).seed == 1
    (tmp_path / "a" / "pyproject.toml").write_text("[tool.aws-conformance]\nseed = 2", "utf-8")
    assert load_config(inner).seed == 2


def test_two_configurations_in_the_same_folder_are_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.aws-conformance]", "utf-8")
    with pytest.raises(UsageError, match=r"has both aws-conformance.toml and .* Keep one"):
        _own(tmp_path, "")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sed = 3", r"aws-conformance.toml: sed: unknown key. Did you mean seed\?"),
        ("qqqq = 3", r"qqqq: unknown key. Known keys: allow-hosts, allow-remote, .*, baseline"),
        ("max_examples = 3", r"Did you mean max-examples"),
        ('seed = "3"', r'seed must be a whole number, not "3"'),
        ("seed = true", r"seed must be a whole number, not true"),
        ("seed = 1.5", r"seed must be a whole number, not 1.5"),
        ("seed = -1", r"seed must be at least 0, not -1"),
        ("seed = 99999999999999999999", r"seed must be at most"),
        ("workers = 0", r"workers must be at least 1"),
        ("timeout = 0", r"timeout must be greater than 0"),
        ("request-timeout = 0", r"request-timeout must be greater than 0"),
        ("request-timeout = 3601", r"request-timeout must be at most 3600"),
        ("request-timeout = 1\ntimeout = 1", r"timeout is the earlier name of request-timeout"),
        ("timeout = 1\nrequest-timeout = 1", r"timeout is the earlier name of request-timeout"),
        ('name = ""', r"name must not be empty"),
        (f'name = "{"x" * 101}"', r"name must have at most 100 characters, not 101"),
        ("timeout = inf", r"timeout: inf is no value"),
        ("timeout = nan", r"timeout: nan is no value"),
        ("max-time = 2024-01-01", r"max-time: 2024-01-01 is no value"),
        ("target = 5", r"target must be a string, not 5"),
        ('target = ""', r"target must not be empty"),
        ("phases = []", r"phases must not be empty"),
        ('phases = "random"', r'phases must be a list, not "random"'),
        ('phases = ["rando"]', r"phases\[0\] must be one of enumerated, random, stateful, .* mean random"),
        ('phases = ["random", "random"]', r"phases names something twice"),
        ('allow-remote = "yes"', r"allow-remote must be true or false"),
        ('fail-on = "errors"', r"fail-on must be one of error, warning, note.* Did you mean error"),
        ('[severities]\n"server.crash" = "fatal"', r'severities."server.crash" must be one of .*, off'),
        ('[severities]\nserver.crash = "note"', r"so write it in quotes"),
        ("[services.cognito-idp]\nseed = 3", r"services.cognito-idp.seed: unknown key"),
        ("[tool.aws-conformance]\nseed = 3", r"tool: unknown key. .* keys stand without"),
        ("seed = ", r"is not valid TOML"),
        ("a = [" * 5000, r"is not valid TOML"),
    ],
)
def test_a_mistake_is_reported_with_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as raised:
        _own(tmp_path, text)
    assert str(tmp_path) in str(raised.value)


def test_what_is_not_text_is_reported(tmp_path: Path) -> None:
    (tmp_path / OWN_FILE).write_bytes(b"\xff")
    with pytest.raises(UsageError, match="is not UTF-8"):
        load_config(tmp_path)


def test_a_table_that_is_none_is_reported(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool]\naws-conformance = 5", "utf-8")
    with pytest.raises(UsageError, match="must be a table, not 5"):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (Config(checks=("response.body.typ",)), r"no check named 'response.body.typ'. Did you mean response"),
        (Config(exclude_checks=("q",)), r"no check named 'q'. `aws-conformance checks` lists them"),
        (Config(severities={"server.crsh": "note"}), r"Did you mean server.crash"),
        (Config(severities={"cognito-ipd/server.crash": "note"}), r"no service named 'cognito-ipd'. Did you"),
        (Config(severities={"cognito-idp/server.crsh": "note"}), r"Did you mean server.crash"),
        (Config(target="nonesuch"), r"no target named 'nonesuch'. Supported: reference, .* or a URL"),
        (Config(target="referense"), r"Did you mean reference"),
        (Config(target="x", start="y {port}"), r"Both a target and a command"),
        (Config(start="moto_server"), r"has no \{port\} in it"),
        (Config(start="moto_server '{port}"), r"cannot be split into words"),
    ],
)
def test_what_nothing_is_named_by_is_a_mistake(config: Config, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        plan_from(config, operations=START)


def test_what_is_said_over_a_configuration_wins() -> None:
    config = Config(seed=1, workers=2, allow_remote=True, severities={"server.crash": "note"})
    over = Config(seed=0, severities={"server.timeout": "off"})
    plan = plan_from(config, over, operations=START)
    assert (plan.seed, plan.workers, plan.allow_remote) == (0, 2, True)
    assert plan.severities == {"server.crash": "note", "server.timeout": "off"}


@pytest.mark.parametrize(
    ("config", "over", "expected"),
    [
        (Config(start="a {port}"), Config(target="reference"), EmbeddedReference()),
        (Config(target="http://h"), Config(start="a {port}"), StartedTarget("a {port}")),
        (Config(target="http://h"), Config(), UrlTarget("http://h")),
    ],
)
def test_a_target_replaces_the_configured_target_however_each_is_named(
    config: Config, over: Config, expected: object
) -> None:
    assert plan_from(config, over, operations=START).target == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("reference", EmbeddedReference()),
        ("http://127.0.0.1:5000/", UrlTarget("http://127.0.0.1:5000")),
        ("https://[::1]:4566/base", UrlTarget("https://[::1]:4566/base")),
        ("127.0.0.1:4566", UrlTarget("http://127.0.0.1:4566")),
        ("localhost:4566/", UrlTarget("http://localhost:4566")),
        ("[::1]:4566/base", UrlTarget("http://[::1]:4566/base")),
    ],
)
def test_targets(text: str, expected: object) -> None:
    assert parse_target(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "http://",
        "ftp://127.0.0.1",
        "http://127.0.0.1:port",
        "http://127.0.0.1:99999",
        "http://127.0.0.1:0",
        "http://[::1",
        "http://user:secret@127.0.0.1",
        "user:secret@127.0.0.1:4566",
        "127.0.0.1:0",
        "127.0.0.1:99999",
        "http://user:secret@127.0.0.1:port",
        "http://127.0.0.1/?x=1",
        "http://127.0.0.1/#x",
        "http://127.0.0.1/a b",
    ],
)
def test_what_is_no_address_of_a_server_is_a_mistake(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse_target(text)
    assert "secret" not in str(raised.value)


def test_nothing_said_is_the_reference() -> None:
    assert target_spec(Config()) == EmbeddedReference()


def test_an_integer_written_as_a_decimal_is_an_integer() -> None:
    seed = parse_config({"seed": 3.0}, source="x").seed
    assert isinstance(seed, int)


def test_the_committed_schema_is_current() -> None:
    assert SCHEMA_FILE.read_text("utf-8") == dump_schema(config_schema()), (
        f"{SCHEMA_FILE.name} is stale: write dump_schema(config_schema()) to it"
    )


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(config_schema())


def test_an_effort_stands_for_settings_that_others_may_override() -> None:
    plain = plan_from(Config())
    quick = plan_from(Config(effort="quick"))
    assert (quick.budget, quick.max_examples) < (plain.budget, plain.max_examples)
    assert plan_from(Config(effort="standard")) == plain
    assert plan_from(Config(effort="thorough")).exhaustive
    assert plan_from(Config(effort="quick", max_examples=90)).max_examples == 90
