# SPDX-License-Identifier: Apache-2.0
"""The form of a lifecycle's file: its published schema, and a mistake in it told in one line with its place.

What the values mean is test_loading.py's.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from aws_conformance.cases.lifecycles.file_schema import LIFECYCLE_VERSION, lifecycle_schema, parse
from aws_conformance.cases.lifecycles.registry import shipped_files
from aws_conformance.errors import UsageError
from aws_conformance.spec.schema.write import dump_schema

SCHEMA_FILE = Path(__file__).parents[3] / "schemas" / "lifecycle.json"

POOL = """\
version: 1
name: small-pool
service: cognito-idp
resource: pool
title: a small pool
subject: CreateUserPool
sources:
  api: API reference
settings:
  usual: {}
states:
  there: {shown: {}}
  gone: {absent: ResourceNotFoundException}
actions:
  create:
    operation: CreateUserPool
    shows: UserPool
  delete: {operation: DeleteUserPool}
readers:
  describe: {operation: DescribeUserPool, input: {}, shows: UserPool}
transitions:
  - {by: create, to: there, doc: api}
  - by: delete
    from: there
    to: gone
    doc: api
documents:
  - {has: [Id], doc: api}
wait: {pause: 1}
"""


def test_a_valid_file_is_parsed_with_the_line_of_each_place() -> None:
    page = parse(POOL, "pool.yaml")
    assert page.source == "pool.yaml"
    assert page.raw == yaml.safe_load(POOL)
    # A key's line, an element's, and that of the nearest place above what is not there.
    places: dict[tuple[str | int, ...], int] = {
        (): 1,
        ("actions",): 14,
        ("actions", "create", "shows"): 17,
        ("transitions", 0): 22,
        ("transitions", 1): 23,
        ("transitions", 1, "to"): 25,
        ("transitions", 1, "when", 3): 23,
        ("effects", "x"): 1,
    }
    for place, line in places.items():
        with pytest.raises(UsageError, match=rf"^pool\.yaml:{line}: wrong\. Look\.$") as expected:
            page.wrong(place, "wrong.", "Look.")
        assert expected.value.hint == "Look."


def test_the_schema_is_valid_itself_closed_and_published_as_it_is() -> None:
    schema = lifecycle_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["properties"]["version"] == {"const": LIFECYCLE_VERSION}
    assert SCHEMA_FILE.read_text("utf-8") == dump_schema(schema)
    assert _open(schema) == []


def _open(schema: Any, at: str = "") -> list[str]:
    """The objects with named properties that let others pass: a typing mistake would stay unseen there."""
    if not isinstance(schema, dict):
        return []
    own = [at] if "properties" in schema and schema.get("additionalProperties") is not False else []
    inner = [(*schema.get("properties", {}).items(), ("items", schema.get("items")))]
    inner.append((("*", schema.get("additionalProperties")),))
    return own + [place for part in inner for name, item in part for place in _open(item, f"{at}.{name}")]


@pytest.mark.parametrize(("name", "text"), list(shipped_files()), ids=[name for name, _ in shipped_files()])
def test_the_published_schema_accepts_each_file_that_ships(name: str, text: str) -> None:
    published = json.loads(SCHEMA_FILE.read_text("utf-8"))
    jsonschema.Draft202012Validator(published).validate(yaml.safe_load(text))
    assert parse(text, name).raw["version"] == 1


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # Keys.
        ("title: a", "titel: a\ntitle: a", "pool.yaml:5: unknown key titel. Did you mean title?"),
        (
            "wait: {pause: 1}",
            "wait: {zebra: 1}",
            "pool.yaml:29: unknown key zebra. There is at-most, pause.",
        ),
        (
            "    from: there\n",
            "    frm: there\n    from: there\n",
            "pool.yaml:24: unknown key frm. Did you mean from?",
        ),
        (
            "{has: [Id]",
            "{hass: [Id]",
            "pool.yaml:28: unknown key hass. Did you mean has?",
        ),
        (
            "    from: there\n",
            "    from: there\n    when: [{near: [there]}]\n",
            "pool.yaml:25: unknown key near. There is is, is-not, none-in, some-in.",
        ),
        ("resource: pool\n", "resource: pool\nresource: tool\n", "pool.yaml:5: resource is given twice."),
        ("usual: {}", "usual: {facts: {a: 1, a: 2}}", "pool.yaml:10: a is given twice."),
        ("  gone: {abs", "  there: {}\n  gone: {abs", "pool.yaml:13: there is given twice."),
        ("title: a small pool\n", "", "pool.yaml:1: title is missing."),
        ("    to: gone\n", "", "pool.yaml:23: to is missing."),
        ("{operation: DescribeUserPool, input", "{input", "pool.yaml:20: operation is missing."),
        # Kinds and values.
        ("a small pool", "7", "pool.yaml:5: title must be of type string."),
        ("a small pool", "''", "pool.yaml:5: title: minLength must be 1."),
        ("    to: gone", "    to: {}", "pool.yaml:25: transitions.1.to must be of type array or string."),
        ("    to: gone", "    to: []", "pool.yaml:25: transitions.1.to: minItems must be 1."),
        ("  usual: {}\n", "", "pool.yaml:9: settings must be of type object."),
        ("  usual: {}\n", "  usual:\n", "pool.yaml:10: settings.usual must be of type object."),
        ("{pause: 1}", "{pause: 0}", "pool.yaml:29: wait.pause: exclusiveMinimum must be 0."),
        ("{pause: 1}", "{pause: soon}", "pool.yaml:29: wait.pause must be of type number."),
        (
            "    from: there\n",
            "    from: there\n    after: [1]\n",
            "pool.yaml:25: transitions.1.after: minItems must be 2.",
        ),
        (
            "    from: there\n",
            "    from: there\n    when: [{}]\n",
            "pool.yaml:25: transitions.1.when.0: minProperties must be 1.",
        ),
        (
            "wait:",
            "races: {r: {in: there, acts: [{act: delete, times: 65}], doc: api}}\nwait:",
            "pool.yaml:29: races.r.acts.0.times: maximum must be 64.",
        ),
        ("small-pool", "Small Pool", "pool.yaml:2: name: 'Small Pool' is no name."),
        ("resource: pool", "resource: 1st", "pool.yaml:4: resource: '1st' is no name."),
        # Versions.
        ("version: 1", "version: 2", "pool.yaml:1: version 2; this release reads 1."),
        ("version: 1", "version: one", "pool.yaml:1: version 'one'; this release reads 1."),
        ("version: 1\n", "", "pool.yaml:1: version is missing."),
        # YAML.
        ("usual: {}", "usual: {", "pool.yaml:12: not valid YAML: expected ',' or '}', but got ':'."),
        (
            "  usual: {}",
            "\tusual: {}",
            "pool.yaml:10: not valid YAML: found character '\\t' that cannot start any token.",
        ),
        ("a small pool", "a: b", "pool.yaml:5: not valid YAML: mapping values are not allowed here."),
        ("a small pool", "*anchor", "pool.yaml:5: not valid YAML: found undefined alias 'anchor'."),
        ("  usual: {}", "  ? [a]\n  : {}", "pool.yaml:10: a key must be text."),
        (
            "usual: {}",
            "usual: !odd {}",
            "pool.yaml:10: !odd is not read as text. Write it in quotes.",
        ),
    ],
)
def test_a_mistake_is_a_line_with_its_place(old: str, new: str, expected: str) -> None:
    assert POOL.count(old) == 1, "the mistake must be made in one place"
    with pytest.raises(UsageError, match=f"^{re.escape(expected)}$"):
        parse(POOL.replace(old, new), "pool.yaml")


@pytest.mark.parametrize("text", ["", "# nothing\n", "[]", "- a", "a word", "7", "---\n...\n"])
def test_a_file_that_holds_no_mapping_holds_no_lifecycle(text: str) -> None:
    expected = "holds no lifecycle. docs/lifecycles.md tells how to write one."
    with pytest.raises(UsageError, match=rf"^pool\.yaml {re.escape(expected)}$"):
        parse(text, "pool.yaml")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n--- \nb: 2\n", "pool.yaml:2: not valid YAML: but found another document."),
        ("a: \x00", "pool.yaml: not valid YAML: it can't be read."),
        ("[" * 5000, "pool.yaml: not valid YAML: it can't be read."),
        ("a: &a {b: *a}", "pool.yaml: not valid YAML: it can't be read."),
        ("a: &a [*a]", "pool.yaml: not valid YAML: it can't be read."),
    ],
    ids=["two documents", "a null character", "deeper than can be read", "within itself", "its own element"],
)
def test_what_is_no_yaml_at_all(text: str, expected: str) -> None:
    with pytest.raises(UsageError, match=f"^{re.escape(expected)}$"):
        parse(text, "pool.yaml")


def test_of_several_mistakes_the_first_is_reported() -> None:
    with pytest.raises(UsageError) as expected:
        parse(POOL.replace("version: 1", "version: 2\nfoo: 1").replace("a small pool", "7"), "pool.yaml")
    assert str(expected.value).count("pool.yaml:") == 1
    assert "\n" not in str(expected.value)
