# SPDX-License-Identifier: Apache-2.0
"""How fast answers are validated: ratios between ways of doing the same work in one run.

Seconds depend on the machine, ratios much less; each row says what it is measured against.

    python benchmarks/bench_validate.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from aws_conformance.checks.validate import validate_instance
from aws_conformance.choices import SeededChoices
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.values import generate
from aws_conformance.protocols import codec_for, resolve_protocol
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.schema.validate import compile_validator
from aws_conformance.spec.schema.write import side_schema

__all__ = ["main"]

OPERATIONS = ("DescribeUserPool", "ListUserImportJobs", "AdminGetUser", "StartUserImportJob", "ListUsers")
DOCUMENTS = 20


def asserting(schema: Any) -> Any:
    """The schema with its advisory constraints asserting, to make answers that meet these as well."""
    if isinstance(schema, dict):
        asserted = {key: asserting(item) for key, item in schema.items() if key != "x-aws-advisory"}
        return asserted | schema.get("x-aws-advisory", {})
    return [asserting(item) for item in schema] if isinstance(schema, list) else schema


def best(work: Callable[[], object], rounds: int = 3) -> float:
    """CPU seconds of the fastest round: what else the machine does only ever adds."""
    fastest = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        fastest = min(fastest, time.process_time() - start)
    return fastest


def main() -> int:
    """Print the table; always 0."""
    service = load_service("cognito-idp")
    schemas = {
        name: side_schema(service, service.operations[name], "output", resolve_protocol(service))
        for name in OPERATIONS
    }
    documents = {
        name: [generate(compile_schema(asserting(schema)), SeededChoices(seed)) for seed in range(DOCUMENTS)]
        for name, schema in schemas.items()
    }
    rust = {name: compile_validator(schema, "rust") for name, schema in schemas.items()}
    python = {name: compile_validator(schema, "python") for name, schema in schemas.items()}
    pairs = [(name, document) for name, several in documents.items() for document in several]
    spoilt = [(name, {**document, "NotAMember": 1}) for name, document in pairs]
    codec = codec_for(service, resolve_protocol(service))
    answers = [
        (name, codec.encode_response(service, service.operations[name], document)) for name, document in pairs
    ]

    def decode() -> None:
        for name, response in answers:
            codec.decode_response(service, service.operations[name], response)

    rows = [
        ("jsonschema-rs, verdict", best(lambda: [rust[name].is_valid(value) for name, value in pairs])),
        ("jsonschema-rs, one finding", best(lambda: [rust[name].findings(value) for name, value in spoilt])),
        ("jsonschema, verdict", best(lambda: [python[name].is_valid(value) for name, value in pairs])),
        ("jsonschema, one finding", best(lambda: [python[name].findings(value) for name, value in spoilt])),
        ("strict decoding of the bytes", best(decode)),
        (
            "all checks (validate_instance)",
            best(lambda: [validate_instance("cognito-idp", name, value) for name, value in pairs]),
        ),
        ("compile, jsonschema-rs", best(lambda: [compile_validator(schema) for schema in schemas.values()])),
    ]
    base = rows[0][1]
    assert all(rust[name].is_valid(value) for name, value in pairs)
    print(f"{len(pairs)} answers of {len(schemas)} operations")
    for what, seconds in rows:
        print(f"{what:<34} {seconds * 1e6 / len(pairs):>10.1f} us each {seconds / base:>8.1f} x")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
