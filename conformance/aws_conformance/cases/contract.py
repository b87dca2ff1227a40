# SPDX-License-Identifier: Apache-2.0
"""A service's schemas, compiled once and kept: validators of both sides, trees for generators.

It owns the caches, which make the difference between seconds and minutes, and nothing else. It refuses to
know where schemas, trees and codecs come from (compile.py).
"""

from __future__ import annotations

import copy
import functools
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..generate.nodes import Tree
from ..http import Request, Response
from ..protocols.findings import Decoded
from ..protocols.record import Protocol
from ..spec.schema.validate import Engine, Validator, Validators, compile_validator
from ..spec.schema.vocabulary import Side
from ..spec.shapes import Operation, Service

__all__ = ["Contract", "OperationContract"]


class ContractSource(typing.Protocol):
    """What a contract is made of, each part when it is first asked for."""

    def protocol(self) -> Protocol:
        """The record of the protocol. Raises UsageError for one that is not known."""

    def schema(self, operation: str, side: Side) -> Mapping[str, Any]:
        """The schema of a side of an operation."""

    def error_schema(self, shape: str) -> Mapping[str, Any]:
        """The schema of an error, by the name of its shape."""

    def tree(self, schema: Mapping[str, Any]) -> Tree:
        """What generators walk to make instances of a schema."""

    def minimal(self, tree: Tree) -> Any:
        """The smallest instance; None where none can be made."""

    def beside(self, service: str) -> Contract:
        """The contract of another service. Raises UsageError for an unknown name."""


class Contract:
    """The compiled schemas of a service in one protocol, each made when it is first asked for.

    `source` makes them.
    """

    def __init__(
        self,
        service: Service,
        protocol: str,
        source: ContractSource,
        engine: Engine = "rust",
    ) -> None:
        self.service = service
        self.protocol_name = protocol
        self._source = source
        self._engine: Engine = engine
        self._schemas: dict[tuple[str, Side], Mapping[str, Any]] = {}
        self._validators: dict[tuple[str, Side], Validator] = {}
        self._errors: dict[str, Validator | None] = {}
        self._trees: dict[str, Tree] = {}
        self._minimals: dict[str, Any] = {}
        self._operations: dict[str, OperationContract] = {}
        # By operation, what was learned of one target; see `apart`.
        self.learned: dict[str, object] = {}

    def apart(self) -> Contract:
        """The same contract, to learn of a target what no other is to know."""
        other = copy.copy(self)
        other.learned = dict(self.learned)
        other._operations = {}
        return other

    @functools.cached_property
    def protocol(self) -> Protocol:
        """The record of the protocol. Raises UsageError for one that is not known."""
        return self._source.protocol()

    def operation(self, name: str) -> Operation:
        """An operation of the service. Raises KeyError if there is none of that name."""
        return self.service.operations[name]

    def of(self, operation: Operation) -> OperationContract:
        """What is known of one operation of the service, the same object each time."""
        known = self._operations.get(operation.name)
        if known is None or known.operation is not operation:
            known = self._operations[operation.name] = OperationContract(self, operation)
        return known

    def owner(self, operation: str) -> OperationContract:
        """The operation of a step: its own service's `Operation`, or another one's `service:Operation`."""
        service, _, name = operation.rpartition(":")
        owner = self._source.beside(service) if service else self
        return owner.of(owner.operation(name))

    def schema(self, operation: str, side: Side) -> Mapping[str, Any]:
        """The schema of a side of an operation."""
        key = (operation, side)
        if key not in self._schemas:
            self._schemas[key] = self._source.schema(operation, side)
        return self._schemas[key]

    def validator(self, operation: str, side: Side) -> Validator:
        """The validator of a side of an operation."""
        key = (operation, side)
        if key not in self._validators:
            self._validators[key] = compile_validator(self.schema(operation, side), self._engine)
        return self._validators[key]

    def tree(self, operation: str) -> Tree:
        """What generators walk to make an operation's input."""
        if operation not in self._trees:
            self._trees[operation] = self._source.tree(self.schema(operation, "input"))
        return self._trees[operation]

    def minimal(self, operation: str) -> Any:
        """The smallest valid input of an operation; None where none can be made."""
        if operation not in self._minimals:
            self._minimals[operation] = self._source.minimal(self.tree(operation))
        return self._minimals[operation]

    def validators(self, operation: str) -> Validators:
        """The validators that an answer of the operation is interpreted with."""
        return Validators(self.validator(operation, "output"), self._error)

    def _error(self, code: str) -> Validator | None:
        if code not in self._errors:
            shape = self._codes.get(code)
            schema = self._source.error_schema(shape) if shape else None
            self._errors[code] = compile_validator(schema, self._engine) if schema else None
        return self._errors[code]

    @functools.cached_property
    def _codes(self) -> dict[str, str]:
        names = (name for operation in self.service.operations.values() for name in operation.errors)
        return {self.service.error_code(name): name for name in names}


@dataclass(frozen=True, slots=True)
class OperationContract:
    """One operation of a service in one protocol: its shapes, schemas, validators, and tree for generators.

    `service_contract` keeps them, and knows the other operations.
    """

    service_contract: Contract
    operation: Operation

    @property
    def name(self) -> str:
        """The operation's name."""
        return self.operation.name

    @property
    def service(self) -> Service:
        """The service that the operation is one of."""
        return self.service_contract.service

    @property
    def protocol(self) -> Protocol:
        """The record of the protocol. Raises UsageError for one that is not known."""
        return self.service_contract.protocol

    @property
    def protocol_name(self) -> str:
        """The name of the protocol, as botocore writes it."""
        return self.service_contract.protocol_name

    @property
    def tree(self) -> Tree:
        """What generators walk to make the input."""
        return self.service_contract.tree(self.operation.name)

    @property
    def minimal(self) -> Any:
        """The smallest valid input; None where none can be made."""
        return self.service_contract.minimal(self.operation.name)

    @property
    def validators(self) -> Validators:
        """The validators that an answer is interpreted with."""
        return self.service_contract.validators(self.operation.name)

    @property
    def full_name(self) -> str:
        """The operation's name with its service's, such as `sqs:CreateQueue`."""
        return f"{self.service.name}:{self.operation.name}"

    def encode_request(self, document: Any) -> Request:
        """The request that says a document."""
        return self.protocol.encode_request(self.service, self.operation, document)

    def encode_response(self, output: Any) -> Response:
        """The response that says an output."""
        return self.protocol.encode_response(self.service, self.operation, output)

    def decode_response(self, response: Response) -> Decoded:
        """What a success says, and what is wrong with its bytes."""
        return self.protocol.decode_response(self.service, self.operation, response)

    def apart(self) -> OperationContract:
        """The same operation of the contract's copy, to learn of a target what no other is to know."""
        return self.service_contract.apart().of(self.operation)

    def schema(self, side: Side) -> Mapping[str, Any]:
        """The schema of a side."""
        return self.service_contract.schema(self.operation.name, side)

    def validator(self, side: Side) -> Validator:
        """The validator of a side."""
        return self.service_contract.validator(self.operation.name, side)
