# SPDX-License-Identifier: Apache-2.0
"""A miniature of Secrets Manager that keeps values by versions, and one that keeps the last alone.

It owns the operations by which a value is written and shown. It refuses to know how a run goes
(tests/test_oracle_miniatures.py).
"""

from __future__ import annotations

import functools
import json
import threading
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_conformance.cases.compile import contract_of
from aws_conformance.http import Request, Response, header

__all__ = ["VERSION_OPERATIONS", "KeepsTheLast", "VersionedVault"]

VERSION_OPERATIONS = ("secretsmanager:PutSecretValue",)
_VALUES = ("SecretString", "SecretBinary", "VersionStages")


@dataclass(slots=True)
class VersionedVault:
    """The values of secrets, by their names and versions; ARNs are made of names."""

    secrets: dict[str, dict[str, Any]] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Request) -> Response:
        operation = (header(request.headers, "x-amz-target") or "").rpartition(".")[2]
        steps: Mapping[str, Callable[[Any], Any]] = {
            "CreateSecret": self.create,
            "PutSecretValue": self.put,
            "GetSecretValue": self.value,
            "DeleteSecret": self.delete,
        }
        if operation not in steps:
            return _answer(400, {"__type": "UnknownOperationException", "message": "no such operation"})
        sent = json.loads(request.body)
        if _contract().validator(operation, "input").findings(sent):
            return _answer(400, {"__type": "InvalidParameterException", "Message": "refused"})
        with self.lock:
            try:
                return _answer(200, steps[operation](sent))
            except LookupError:
                return _answer(400, {"__type": "ResourceNotFoundException", "Message": "refused"})
            except ValueError:
                return _answer(400, {"__type": "ResourceExistsException", "Message": "refused"})

    def create(self, sent: Any) -> Any:
        if sent["Name"] in self.secrets:
            raise ValueError(sent["Name"])
        self.secrets[sent["Name"]] = {}
        return {**_named(sent["Name"]), "VersionId": self.written(sent["Name"], sent)}

    def written(self, name: str, sent: Any) -> str:
        """The version that a value is written as."""
        version = str(sent.get("ClientRequestToken") or uuid.uuid4())
        value = {member: sent[member] for member in _VALUES if member in sent}
        self.secrets[name][version] = {"VersionStages": ["AWSCURRENT"], **value}
        return version

    def put(self, sent: Any) -> Any:
        name = self.name(sent)
        version = self.written(name, sent)
        stages = self.secrets[name][version]["VersionStages"]
        return {**_named(name), "VersionId": version, "VersionStages": stages}

    def name(self, sent: Any) -> str:
        """The name of the secret that a request means. Raises LookupError if there is none."""
        name = str(sent["SecretId"]).rpartition(":")[2]
        self.secrets[name]
        return name

    def value(self, sent: Any) -> Any:
        name = self.name(sent)
        version = sent.get("VersionId") or list(self.secrets[name])[-1]
        return {**_named(name), "VersionId": version, **self.shown(name, version)}

    def shown(self, name: str, version: str) -> Any:
        """The value of a version."""
        return self.secrets[name][version]

    def delete(self, sent: Any) -> Any:
        name = self.name(sent)
        self.secrets.pop(name)
        return _named(name)


class KeepsTheLast(VersionedVault):
    """A vault that knows its versions by name, and shows the last value for each."""

    def shown(self, name: str, version: str) -> Any:
        self.secrets[name][version]
        return list(self.secrets[name].values())[-1]


def _named(name: str) -> dict[str, str]:
    return {"ARN": f"arn:aws:secretsmanager:us-east-1:123456789012:secret:{name}", "Name": name}


@functools.cache
def _contract() -> Any:
    return contract_of("secretsmanager", None)


def _answer(status: int, document: Any) -> Response:
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "0" * 32))
    return Response(status, headers, json.dumps(document).encode())
