# SPDX-License-Identifier: Apache-2.0
"""A miniature of Systems Manager that has patch baselines, and one that forgets what a change leaves out.

It owns the operations by which a baseline is changed: that what is left out stays is in no text of Secrets
Manager's (shelf.py). It refuses to know how a run goes (tests/test_oracle_miniatures.py).
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_conformance.cases.compile import contract_of
from aws_conformance.http import Request, Response, header

__all__ = ["BASELINE_OPERATIONS", "BaselineRegister", "ForgetsTheRest"]

BASELINE_OPERATIONS = ("ssm:UpdatePatchBaseline",)


@dataclass(slots=True)
class BaselineRegister:
    """Patch baselines by their identifiers."""

    baselines: dict[str, Any] = field(default_factory=dict)
    count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Request) -> Response:
        operation = (header(request.headers, "x-amz-target") or "").rpartition(".")[2]
        steps: Mapping[str, Callable[[Any], Any]] = {
            "CreatePatchBaseline": self.create,
            "GetPatchBaseline": self.baseline,
            "UpdatePatchBaseline": self.update,
            "DeletePatchBaseline": self.delete,
        }
        if operation not in steps:
            return _answer(400, {"__type": "UnknownOperationException", "message": "no such operation"})
        sent = json.loads(request.body)
        if _contract().validator(operation, "input").findings(sent):
            return _answer(400, {"__type": "ValidationException", "message": "refused"})
        with self.lock:
            try:
                return _answer(200, steps[operation](sent))
            except LookupError:
                return _answer(400, {"__type": "DoesNotExistException", "Message": "refused"})

    def create(self, sent: Any) -> Any:
        self.count += 1
        identifier = f"pb-{self.count:017}"
        told = {name: item for name, item in sent.items() if name not in ("ClientToken", "Tags")}
        self.baselines[identifier] = {"BaselineId": identifier, "OperatingSystem": "WINDOWS", **told}
        return {"BaselineId": identifier}

    def baseline(self, sent: Any) -> Any:
        return self.baselines[sent["BaselineId"]]

    def update(self, sent: Any) -> Any:
        baseline = self.baseline(sent)
        told = {name: item for name, item in sent.items() if name != "Replace"}
        if sent.get("Replace"):
            baseline = {name: baseline[name] for name in ("BaselineId", "OperatingSystem", "Name")}
        self.baselines[sent["BaselineId"]] = self.changed(baseline, told)
        return self.baselines[sent["BaselineId"]]

    def changed(self, baseline: Any, told: Any) -> Any:
        """A baseline after a change."""
        return {**baseline, **told}

    def delete(self, sent: Any) -> Any:
        self.baselines.pop(sent["BaselineId"], None)
        return {"BaselineId": sent["BaselineId"]}


class ForgetsTheRest(BaselineRegister):
    """Baselines of which a change leaves what it was told and little else."""

    def changed(self, baseline: Any, told: Any) -> Any:
        return {"OperatingSystem": baseline["OperatingSystem"], "Name": baseline["Name"], **told}


@functools.cache
def _contract() -> Any:
    return contract_of("ssm", None)


def _answer(status: int, document: Any) -> Response:
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "0" * 32))
    return Response(status, headers, json.dumps(document).encode())
