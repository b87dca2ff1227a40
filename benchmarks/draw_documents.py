# SPDX-License-Identifier: Apache-2.0
"""Documents of a JSON Schema as Hypothesis draws them with one engine, and the CPU seconds of that.

    python benchmarks/draw_documents.py ENGINE DOCUMENTS SECONDS < SCHEMA

It owns how each engine is asked, and imports the asked one alone: it runs in the environment of that one.
Making the strategy counts, importing does not. Past the CPU seconds it prints what there is and ends.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.strategies import SearchStrategy

__all__ = ["main", "openapi_document"]

_Strategy = Callable[[], SearchStrategy[Any]]


def openapi_document(schema: Mapping[str, Any]) -> dict[str, Any]:
    """An OpenAPI 3.1 document with POST / alone, whose JSON body a schema of ours describes."""

    def moved(part: Any) -> Any:
        if isinstance(part, dict):
            return {key: place(item) if key == "$ref" else moved(item) for key, item in part.items()}
        return [moved(item) for item in part] if isinstance(part, list) else part

    def place(item: Any) -> Any:
        # What is called `$ref` and is no string is a property, with a schema of its own.
        return item.replace("#/$defs/", "#/components/schemas/") if isinstance(item, str) else moved(item)

    body = {key: item for key, item in schema.items() if key not in ("$schema", "$id", "$defs")}
    post = {
        "requestBody": {"required": True, "content": {"application/json": {"schema": moved(body)}}},
        "responses": {"200": {"description": "The output"}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": schema.get("title", "an operation"), "version": "1"},
        "paths": {"/": {"post": post}},
        "components": {"schemas": {name: moved(item) for name, item in schema.get("$defs", {}).items()}},
    }


def _ours(schema: Mapping[str, Any]) -> _Strategy:
    from aws_conformance.generate.strategies import documents

    return lambda: documents(schema)


def _schemathesis(schema: Mapping[str, Any]) -> _Strategy:
    import schemathesis

    loaded = schemathesis.openapi.from_dict(openapi_document(schema))
    return lambda: loaded["/"]["POST"].as_strategy().map(lambda case: case.body)


def _hypothesis_jsonschema(schema: Mapping[str, Any]) -> _Strategy:
    from hypothesis_jsonschema import from_schema

    # With an address of its own, it looks for the schema's definitions on the network.
    local = {key: item for key, item in schema.items() if key != "$id"}
    return lambda: from_schema(local)


ENGINES = {
    "ours": _ours,
    "schemathesis": _schemathesis,
    "hypothesis-jsonschema": _hypothesis_jsonschema,
}


def main(engine: str, count: str, seconds: str) -> int:
    """Print the documents and seconds as JSON; always 0."""
    strategy = ENGINES[engine](json.load(sys.stdin))
    documents: list[Any] = []
    start = time.process_time()

    def end(*_: object) -> None:
        print(json.dumps({"seconds": time.process_time() - start, "documents": documents}, default=repr))
        sys.stdout.flush()
        # Hypothesis would take an exception for one of the property's, and look for the smallest.
        os._exit(0)

    signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, float(seconds))

    @settings(
        max_examples=int(count),
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy())
    def holds(document: Any) -> None:
        documents.append(document)

    holds()
    end()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
