# SPDX-License-Identifier: Apache-2.0
"""What `validate --batch` costs beside jsonschema-rs on the same instances, in order and in any.

python benchmarks/bench_batch.py
"""

from __future__ import annotations

import json
import random
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import jsonschema_rs
from click.testing import CliRunner

from aws_conformance.cases.compile import contract_of
from aws_conformance.choices import SeededChoices
from aws_conformance.cli import cli
from aws_conformance.errors import ConformanceError
from aws_conformance.generate.compiler import compile_schema
from aws_conformance.generate.values import generate
from aws_conformance.spec.botocore import service_names
from aws_conformance.spec.patterns.refusal import PatternRefused

__all__ = ["main", "ratios"]

SERVICES, OPERATIONS, DOCUMENTS = 100, 2, 8


def asserting(schema: Any) -> Any:
    """The schema with its advisory constraints asserting, to make answers that meet these as well."""
    if isinstance(schema, dict):
        asserted = {key: asserting(item) for key, item in schema.items() if key != "x-aws-advisory"}
        return asserted | schema.get("x-aws-advisory", {})
    return [asserting(item) for item in schema] if isinstance(schema, list) else schema


def rows() -> list[tuple[str, str, str]]:
    """Service, operation and line of valid outputs of a hundred services, grouped by service."""
    lines: list[tuple[str, str, str]] = []
    services = 0
    for name in service_names():
        contract = contract_of(name)
        before = len(lines)
        for operation in sorted(contract.service.operations)[:OPERATIONS]:
            try:
                tree = compile_schema(asserting(contract.schema(operation, "output")))
                documents = [generate(tree, SeededChoices(seed)) for seed in range(DOCUMENTS)]
            except (ConformanceError, PatternRefused):
                continue
            for document in documents:
                row = {"service": name, "operation": operation, "instance": document}
                lines.append((name, operation, json.dumps(row)))
        services += len(lines) > before
        if services == SERVICES:
            break
    return lines


def seconds(work: Callable[[], object]) -> float:
    """CPU seconds of a piece of work, the best of three."""
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def batch(lines: list[str], folder: Path) -> Callable[[], object]:
    """What judges the lines as the command does, its output thrown away."""
    file = folder / "batch.jsonl"
    file.write_text("\n".join(lines), "utf-8")

    def judged() -> None:
        result = CliRunner().invoke(cli, ["validate", "--batch", str(file)])
        assert result.exit_code in (0, 1), result.output[-300:]

    return judged


def ratios() -> tuple[float, float]:
    """What a line costs beside jsonschema-rs, and the rate in any order beside that of grouped lines."""
    several = rows()
    validators = {
        (service, operation): jsonschema_rs.validator_for(
            dict(contract_of(service).schema(operation, "output"))
        )
        for service, operation, _ in several
    }

    def bare() -> None:
        for service, operation, line in several:
            validators[service, operation].is_valid(json.loads(line)["instance"])

    grouped = [line for _, _, line in several]
    shuffled = random.Random(0).sample(grouped, len(grouped))
    with tempfile.TemporaryDirectory() as folder:
        work = batch(grouped, Path(folder))
        work()  # schemas are compiled once, whatever follows
        ours = seconds(work)
        mixed = seconds(batch(shuffled, Path(folder)))
    return ours / seconds(bare), ours / mixed


def main() -> int:
    """Print both ratios; always 0."""
    cost, order = ratios()
    click.echo(f"validate --batch: {cost:.1f} x the time of jsonschema-rs with json.loads")
    click.echo(f"a hundred services in any order: {order:.2f} x the rate of grouped ones")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
