# SPDX-License-Identifier: Apache-2.0
"""Contracts made: of an installed model, its shapes' schemas and a folder of edited ones.

It owns where the schemas, trees and codecs of a contract come from, and keeps every contract of this process.
It refuses to know what is done with them.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..choices import RecordedChoices
from ..errors import UsageError
from ..files import LARGEST_FILE, read_text
from ..generate.compiler import compile_schema
from ..generate.nodes import Tree
from ..generate.possible import possible
from ..generate.values import generate
from ..protocols import codec_for, protocol_table, resolve_protocol
from ..protocols.record import Protocol
from ..spec.botocore import load_service, models_added
from ..spec.patterns.refusal import PatternRefused
from ..spec.schema.validate import Engine
from ..spec.schema.vocabulary import Side
from ..spec.schema.write import error_schema, side_schema
from ..spec.shapes import Service
from .contract import Contract

__all__ = ["CompiledModel", "compile_contract", "contract_of", "schema_folder"]


class CompiledModel:
    """The parts of a contract, compiled from a service's shapes.

    `folder`, if given, holds `<Operation>/<side>.json` files that replace the generated schemas.
    """

    def __init__(self, service: Service, protocol: str, folder: Path | None = None) -> None:
        self._service = service
        self._protocol = protocol
        self._folder = folder

    def protocol(self) -> Protocol:
        """The record of the protocol. Raises UsageError for one that is not known."""
        return codec_for(self._service, self._protocol)

    def schema(self, operation: str, side: Side) -> Mapping[str, Any]:
        """The schema of a side: from the folder if it holds one, else from the shapes."""
        file = self._folder / operation / f"{side}.json" if self._folder else None
        if file is not None and file.exists():
            return _read(file)
        return side_schema(self._service, self._service.operations[operation], side, self._protocol)

    def error_schema(self, shape: str) -> Mapping[str, Any]:
        """The schema of an error, by the name of its shape."""
        return error_schema(self._service, shape, self._protocol)

    def tree(self, schema: Mapping[str, Any]) -> Tree:
        """What generators walk to make instances of a schema."""
        return possible(compile_schema(schema))

    def beside(self, service: str) -> Contract:
        """The contract of another service. Raises UsageError for an unknown name."""
        return contract_of(service)

    def minimal(self, tree: Tree) -> Any:
        """The smallest instance; None where a pattern can't be met."""
        try:
            return generate(tree, RecordedChoices(()))
        except PatternRefused:
            return None


def compile_contract(
    service: Service, protocol: str, folder: Path | None = None, engine: Engine = "rust"
) -> Contract:
    """The contract of a service in one protocol, with a folder of schemas in place of its own if given."""
    return Contract(service, protocol, CompiledModel(service, protocol, folder), engine)


def contract_of(name: str, protocol: str | None = None, folder: Path | None = None) -> Contract:
    """The compiled form of an installed model, in a requested protocol or the service's default.

    Raises UsageError for an unknown name or protocol.
    """
    return _contract(name, protocol, folder, models_added(), len(protocol_table()))


# What is added to models and protocols may change what a name stands for.
@functools.cache
def _contract(name: str, protocol: str | None, folder: Path | None, models: int, _: int) -> Contract:
    return _compiled(name, resolve_protocol(load_service(name), protocol), folder, models)


@functools.cache
def _compiled(name: str, protocol: str, folder: Path | None, _: int) -> Contract:
    return compile_contract(load_service(name), protocol, schema_folder(folder, name) if folder else None)


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
        schema = json.loads(read_text(file, LARGEST_FILE))
    except ValueError as error:
        raise UsageError(f"{file} is no JSON: {error}.") from error
    if not isinstance(schema, dict):
        raise UsageError(f"{file} holds no schema, which is a JSON object.")
    return schema
