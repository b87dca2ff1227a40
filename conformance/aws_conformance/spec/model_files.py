# SPDX-License-Identifier: Apache-2.0
"""Models that a user hands in, beside those that are installed: Smithy's JSON AST, or botocore's own form.

It owns which form a file is in, and the list of the files that were read, for processes that must read them
again. It refuses to know what a model says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..files import LARGEST_FILE, read_text
from .botocore import add_service, parse_service, service_heads
from .shapes import Service
from .smithy import is_smithy, parse_smithy

__all__ = ["add_models", "added_files", "read_model"]

_FILES: dict[str, None] = {}
_FORMS = "A model is a Smithy JSON AST, as AWS publishes its own, or a service-2.json of botocore."


def add_models(files: Iterable[str]) -> tuple[str, ...]:
    """The names of the services of these files, known from now on. Raises UsageError for what is no model.

    A service that is known already is replaced.
    """
    names = []
    for file in files:
        for service in read_model(Path(file)):
            add_service(service)
            names.append(service.name)
        _FILES[str(Path(file).absolute())] = None
    return tuple(names)


def added_files() -> tuple[str, ...]:
    """The files of the models that were added, absolute, in their order."""
    return tuple(_FILES)


def read_model(file: Path) -> tuple[Service, ...]:
    """The services that a file describes. Raises UsageError for what is no model of a service of AWS."""
    raw = _read(file)
    if is_smithy(raw):
        services = parse_smithy(raw["shapes"])
        if not services:
            raise UsageError(f"{file} describes no service over a protocol of AWS.", _FORMS)
        return services
    if not (isinstance(raw, dict) and isinstance(raw.get("metadata"), dict) and "operations" in raw):
        raise UsageError(f"{file} is no model of a service.", _FORMS)
    service_id = raw["metadata"].get("serviceId", file.stem)
    known = {head.marks.get("serviceId"): head.name for head in service_heads()}
    name = known.get(service_id) or "-".join(str(service_id).lower().split())
    try:
        return (parse_service(name, raw, origin=f"botocore {file.name}"),)
    except (KeyError, TypeError, AttributeError) as error:
        raise UsageError(f"{file} can not be read as a model: {error!r}.", _FORMS) from error


def _read(file: Path) -> Any:
    try:
        return json.loads(read_text(file, LARGEST_FILE))
    except OSError as error:
        raise UsageError(f"{file} can not be read: {error.strerror}.", _FORMS) from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file} is no JSON: {error}.", _FORMS) from error
