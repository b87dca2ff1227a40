# SPDX-License-Identifier: Apache-2.0
"""How fast requests are generated and models read: ratios between ways of doing the same in one run.

python benchmarks/bench_generate.py
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import Phase, given, settings

from aws_conformance.cases.cases import enumerated_cases, random_case
from aws_conformance.cases.compile import contract_of
from aws_conformance.cases.contract import Contract
from aws_conformance.choices import SeededChoices
from aws_conformance.generate.nodes import Tree
from aws_conformance.generate.strategies import documents
from aws_conformance.generate.values import generate
from aws_conformance.protocols import resolve_protocol
from aws_conformance.spec.botocore import data_folder, parse_service
from aws_conformance.spec.schema.write import operation_schemas
from aws_conformance.spec.shapes import Service, reachable

__all__ = ["main"]

SERVICE = "cognito-idp"
OPERATIONS = ("CreateUserPool", "StartUserImportJob", "AdminCreateUser", "SignUp")
DOCUMENTS = 50


def best(work: Callable[[], object], rounds: int = 3) -> float:
    """Seconds of the fastest round: what else the machine does only ever adds."""
    fastest = float("inf")
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        fastest = min(fastest, time.perf_counter() - start)
    return fastest


def _drawn(schema: Any) -> Callable[[], None]:
    """A property over documents of a schema, which holds; the strategy is made beforehand."""

    @settings(max_examples=DOCUMENTS, database=None, deadline=None, phases=[Phase.generate])
    @given(documents(schema))
    def holds(document: Any) -> None:
        assert document is not None

    return holds


def _seeded(trees: Sequence[Tree]) -> None:
    for tree in trees:
        for seed in range(DOCUMENTS):
            generate(tree, SeededChoices(seed))


def _random_cases(contract: Contract) -> None:
    for name in OPERATIONS:
        for index in range(DOCUMENTS):
            random_case(contract.of(contract.operation(name)), 1, index)


def _shape_objects(raw: Any) -> None:
    """Ask botocore's Shape objects, which it makes when asked, for every trait of every shape once."""
    from botocore.model import ServiceModel

    model = ServiceModel(raw, SERVICE)
    for name in model.shape_names:
        shape = model.shape_for(name)
        _ = (shape.metadata, shape.serialization)
        for member in getattr(shape, "members", {}).values():
            _ = (member.metadata, member.serialization)


def _walk_objects(raw: Any) -> None:
    from botocore.model import ServiceModel

    model = ServiceModel(raw, SERVICE)
    for name in model.operation_names:
        operation = model.operation_model(name)
        todo = [operation.input_shape, operation.output_shape, *operation.error_shapes]
        seen: set[str] = set()
        while todo:
            shape = todo.pop()
            if shape is not None and shape.name not in seen:
                seen.add(shape.name)
                todo += list(getattr(shape, "members", {}).values())
                todo += [getattr(shape, part, None) for part in ("member", "key", "value")]


def _walk_frozen(service: Service) -> None:
    for operation in service.operations.values():
        for root in (operation.input, operation.output, *operation.errors):
            if root is not None:
                for name in reachable(service, root):
                    service.shape(name)


def _schemas(service: Service) -> None:
    for operation in service.operations.values():
        operation_schemas(service, operation, resolve_protocol(service))


def print_generation() -> None:
    """The first table: microseconds for a document or case, by who makes its choices."""
    contract = contract_of(SERVICE)
    trees = [contract.tree(name) for name in OPERATIONS]
    properties = [_drawn(contract.schema(name, "input")) for name in OPERATIONS]
    total = DOCUMENTS * len(OPERATIONS)
    print(f"{total} documents of {len(OPERATIONS)} operations")
    _seeded(trees)
    base = best(lambda: _seeded(trees))
    for what, seconds in (
        ("seeded driver", base),
        ("Hypothesis driver", best(lambda: [holds() for holds in properties], 2)),
        ("random cases, proved", best(lambda: _random_cases(contract), 2)),
    ):
        print(f"  {what:<28} {seconds * 1e6 / total:>10.1f} us each {seconds / base:>8.1f} x")

    start = time.perf_counter()
    count = sum(1 for name in OPERATIONS for _ in enumerated_cases(contract.of(contract.operation(name))))
    print(f"  {count} enumerated cases: {(time.perf_counter() - start) * 1e6 / count:.1f} us each")


def print_reading() -> None:
    """The second table: milliseconds for a model, by what it is read into."""
    file = sorted((data_folder() / SERVICE).iterdir())[-1] / "service-2.json.gz"
    raw = json.loads(gzip.decompress(file.read_bytes()))
    service = parse_service(SERVICE, raw)
    base = best(lambda: parse_service(SERVICE, raw))
    print(f"the model of {SERVICE}: {len(service.shapes)} shapes, {len(service.operations)} operations")
    for what, seconds in (
        ("raw data to frozen shapes", base),
        ("botocore's Shape objects", best(lambda: _shape_objects(raw))),
        ("walk all operations, frozen", best(lambda: _walk_frozen(service))),
        ("walk all operations, botocore", best(lambda: _walk_objects(raw))),
        ("shapes to all schemas", best(lambda: _schemas(service))),
    ):
        print(f"  {what:<30} {seconds * 1e3:>10.1f} ms      {seconds / base:>8.1f} x")


def main() -> int:
    """Print the two tables; always 0."""
    print_generation()
    print_reading()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
