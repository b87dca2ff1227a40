# SPDX-License-Identifier: Apache-2.0
"""What a run leaves on a target: nothing, or what its ledger names."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from aws_conformance.cli import main
from aws_conformance.engine.ledgers.ledger import read_ledger
from aws_conformance.http import Request, Response, header
from aws_conformance.reference.service import Reference
from aws_conformance.reference.settings import Settings
from aws_conformance.targets.server import serve

SELECTORS = ("cognito-idp:*UserPool",)
UNSIGNED = Settings(accept_any=True)


Handler: TypeAlias = Callable[[Request], Response]


@dataclass
class Watched:
    """A target that is looked at: the requests by which pools were made, with the ids of these."""

    handle: Handler
    pools: dict[str, Request] = field(default_factory=dict)

    def answer(self, request: Request) -> Response:
        response = self.handle(request)
        if _operation(request) == "CreateUserPool" and response.status == 200:
            self.pools[json.loads(response.body)["UserPool"]["Id"]] = request
        return response

    def left(self) -> set[str]:
        """The ids of pools that are there still."""
        return {pool for pool, request in self.pools.items() if self._shows(pool, request)}

    def _shows(self, pool: str, creation: Request) -> bool:
        """Whether whoever made a pool is shown it."""
        look = creation.with_headers([("X-Amz-Target", "AWSCognitoIdentityProviderService.DescribeUserPool")])
        return self.handle(replace(look, body=json.dumps({"UserPoolId": pool}).encode())).status == 200


def _operation(request: Request) -> str:
    return (header(request.headers, "x-amz-target") or "").rpartition(".")[2]


def _run(target: Watched, ledger: Path) -> frozenset[str]:
    """Run on a target; the texts by which the ledger names what is left."""
    with serve(target.answer) as server:
        limits = ("--max-examples", "3", "--seed", "5")
        main(["run", *SELECTORS, "--target", server.url, "--ledger", str(ledger), "-q", *limits])
    return frozenset().union(*(entry.identifiers for entry in read_ledger(ledger).entries))


def test_what_a_run_leaves_is_what_its_ledger_names(tmp_path: Path) -> None:
    """Pools that a story has protected against deletion, and nothing else."""
    target = Watched(Reference(UNSIGNED).handle)
    named = _run(target, tmp_path / "ledger")
    left = target.left()
    assert left == named
    assert len(target.pools) > 20 * max(1, len(left))


def test_what_could_not_be_taken_away_is_named(tmp_path: Path) -> None:
    reference = Reference(UNSIGNED)
    refusal = Response(
        400, (("Content-Type", "application/x-amz-json-1.1"),), b'{"__type": "NotAuthorizedException"}'
    )

    def handle(request: Request) -> Response:
        return refusal if _operation(request) == "DeleteUserPool" else reference.handle(request)

    target = Watched(handle)
    named = _run(target, tmp_path / "ledger")
    assert target.left() == set(target.pools)
    assert target.left() <= named
