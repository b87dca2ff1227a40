# SPDX-License-Identifier: Apache-2.0
"""What the plugin's tests share: an empty repository, and servers to check."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.frontends.plugin.repositories import Repository

from aws_conformance.http import Request, Response, header
from aws_conformance.reference import Reference, Settings
from aws_conformance.targets.server import serve

# Most of what the plugin does shows in two phases as in three, and sooner.
_PROJECT = """[tool.pytest.ini_options]
[tool.aws-conformance]
phases = ["enumerated", "random"]
"""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """An empty repository."""
    (tmp_path / "pyproject.toml").write_text(_PROJECT, "utf-8")
    return Repository(tmp_path)


@pytest.fixture(scope="session")
def reference_url() -> Iterator[str]:
    """The reference, with fault injection off, as any other server: behind a URL."""
    with serve(Reference(Settings(seed=7)).handle) as server:
        yield server.url


def faulty(request: Request) -> Response:
    """The reference, but for the times in answers of StartUserImportJob, which it writes as text."""
    response = _REFERENCE.handle(request)
    target = header(request.headers, "X-Amz-Target") or ""
    if not target.endswith(".StartUserImportJob") or response.status != 200:
        return response
    document = json.loads(response.body)
    document["UserImportJob"]["CreationDate"] = "2026-11-23T10:00:00Z"
    headers = tuple(pair for pair in response.headers if pair[0].lower() != "content-length")
    return Response(200, headers, json.dumps(document).encode())


_REFERENCE = Reference(Settings(seed=7))


@pytest.fixture(scope="session")
def faulty_url() -> Iterator[str]:
    """The address of `faulty`."""
    with serve(faulty) as server:
        yield server.url
