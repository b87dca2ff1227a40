"""A service's schemas, compiled once and kept: validators of both sides, trees for generators.

It owns the caches, which make the difference between seconds and minutes, and nothing else. A folder of
edited schemas may stand in for those that shapes give.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..generate.nodes import Tree, compile_schema
from ..protocols import Codec, codec_for, resolve_protocol
from ..spec.botocore import load_service
from ..spec.schema.validate import Engine, Validator, Validators, compile_validator
from ..spec.schema.write import Side, error_schema, side_schema
from ..spec.shapes import Operation, Service

__all__ = ["Contract", "contract_of", "schema_folder"]


class Contract:
    """The compiled schemas of a service in one protocol, each made when it is first asked for.

    `folder`, if given, holds `<Operation>/<side>.json` files that replace the generated schemas.
    """

    def __init__(
        self,
        service: Service,
        protocol: str,
        folder: Path | None = None,
        engine: Engine = "rust",
    ) -> None:
        self.service = service
        self.protocol = protocol
        self._folder = folder
        self._engine: Engine = engine
        self._schemas: dict[tuple[str, Side], Mapping[str, Any]] = {}
        self._validators: dict[tuple[str, Side], Validator] = {}
        self._errors: dict[str, Validator | None] = {}
        self._trees: dict[str, Tree] = {}

    @functools.cached_property
    def codec(self) -> Codec:
        """The protocol's codec. Raises UsageError if there is none yet."""
        return codec_for(self.service, self.protocol)

    def operation(self, name: str) -> Operation:
        """An operation of the service. Raises KeyError if there is none of that name."""
        return self.service.operations[name]

    def schema(self, operation: str, side: Side) -> Mapping[str, Any]:
        """The schema of a side: from the folder if it holds one, else from the shapes."""
        key = (operation, side)
        if key not in self._schemas:
            file = self._folder / operation / f"{side}.json" if self._folder else None
            if file is not None and file.exists():
                self._schemas[key] = _read(file)
            else:
                made = side_schema(self.service, self.service.operations[operation], side, self.protocol)
                self._schemas[key] = made
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
            self._trees[operation] = compile_schema(self.schema(operation, "input"))
        return self._trees[operation]

    def validators(self, operation: str) -> Validators:
        """The validators that an answer of the operation is interpreted with."""
        return Validators(self.validator(operation, "output"), self._error)

    def _error(self, code: str) -> Validator | None:
        if code not in self._errors:
            shape = self._codes.get(code)
            schema = error_schema(self.service, shape, self.protocol) if shape else None
            self._errors[code] = compile_validator(schema, self._engine) if schema else None
        return self._errors[code]

    @functools.cached_property
    def _codes(self) -> dict[str, str]:
        names = (name for operation in self.service.operations.values() for name in operation.errors)
        return {self.service.error_code(name): name for name in names}


def contract_of(name: str, protocol: str | None = None, folder: Path | None = None) -> Contract:
    """The compiled form of an installed model, in a requested protocol or the service's default.

    Raises UsageError for an unknown name or protocol.
    """
    return _compiled(name, resolve_protocol(load_service(name), protocol), folder)


@functools.cache
def _compiled(name: str, protocol: str, folder: Path | None) -> Contract:
    return Contract(load_service(name), protocol, schema_folder(folder, name) if folder else None)


def schema_folder(folder: Path, service: str) -> Path:
    """Where a folder keeps the schemas of a service: in a subfolder of its name, or in itself.

    Raises UsageError if the folder does not exist.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is no folder.", "Make one with `aws-conformance schema ... --out DIR`.")
    inner = folder / service
    return inner if inner.is_dir() else folder


def _read(file: Path) -> Mapping[str, Any]:
    try:
        schema = json.loads(file.read_text("utf-8"))
    except ValueError as error:
        raise UsageError(f"{file} is no JSON: {error}.") from error
    if not isinstance(schema, dict):
        raise UsageError(f"{file} holds no schema, which is a JSON object.")
    return schema
