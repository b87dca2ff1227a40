# SPDX-License-Identifier: Apache-2.0
"""What a word of the command line describes a service by: a page, models, or a folder of schemas.

It owns how such a word is understood and how two of them are brought to compare. It refuses to know what
a difference is.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias, assert_never

from ...errors import UsageError, did_you_mean
from ...files import read_text
from ...protocols import resolve_protocol
from ...spec.botocore import load_service, service_names
from ...spec.cli_pages.join import join
from ...spec.cli_pages.own_options import stated
from ...spec.cli_pages.page import Page
from ...spec.cli_pages.parse import parse_page
from ...spec.diff import ASPECTS, ModelSource
from ...spec.schema.read import ReadSchemas, read_schemas, schema_services, through_schemas

__all__ = [
    "INSTALLED",
    "Description",
    "Models",
    "PageFile",
    "Pair",
    "SchemaFolder",
    "alone",
    "pairs",
    "read_description",
    "read_page",
]

INSTALLED = "installed"

# What of ASPECTS a folder's schemas can tell: never that an operation is gone, they are written one by one.
_BY_SIDE = {"input": "input.", "output": "output.", "errors": "errors"}


@dataclass(frozen=True)
class PageFile:
    """A reference page; `bare` is what its text says alone, where that was kept."""

    word: str
    page: Page
    bare: Page | None = None

    def beside(self, models: Models) -> PageFile:
        """The page joined with the models that it is compared with, so that what it borrows is theirs."""
        if self.bare is None or models.folder is None:
            return self
        name = self.page.service.name
        joined = join(self.bare, load_service(name, models.folder), folder=models.folder)
        return PageFile(self.word, joined, self.bare)


@dataclass(frozen=True)
class Models:
    """The models of a folder, of the installed botocore's if None; `only` names the one service asked for."""

    word: str
    folder: Path | None = None
    only: str | None = None

    @cached_property
    def names(self) -> frozenset[str]:
        return frozenset(service_names(self.folder))


@dataclass(frozen=True)
class SchemaFolder:
    """A folder that `schema --out` or `page --out` wrote."""

    word: str
    folder: Path


Description: TypeAlias = PageFile | Models | SchemaFolder


@dataclass(frozen=True, slots=True)
class Pair:
    """Two descriptions of one service, ready to be compared; `operations` restricts it, if not None.

    `of_pages` tells that a page is among them.
    """

    service: str
    old: ModelSource
    new: ModelSource
    operations: tuple[str, ...] | None = None
    of_pages: bool = False


def read_page(
    file: str, service: str | None = None, protocol: str | None = None, *, joined: bool = True
) -> Page:
    """The page in a file. Raises PageError with the line, UsageError for a file that can't be read."""
    try:
        text = read_text(Path(file))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{file} is not UTF-8.", "A page is reStructuredText or plain text.") from None
    return parse_page(
        text, name=file, service=service, protocols=(protocol,) if protocol else (), joined=joined
    )


def read_description(word: str, service: str | None = None) -> Description:
    """What a word names. Raises UsageError if it names nothing, PageError for a page that can't be read.

    A name that botocore knows is that service; a folder or file of such a name is written `./NAME`.
    """
    if word == INSTALLED:
        return Models(word, only=service)
    if word in service_names():
        return Models(word, only=word)
    path = Path(word)
    if path.is_dir():
        if service_names(path):
            return Models(word, path.resolve(), only=service)
        if schema_services(path):
            return SchemaFolder(word, path)
        raise UsageError(
            f"{word} holds neither models nor schemas.",
            "Models are SERVICE/DATE/service-2.json, schemas SERVICE/OPERATION/input.json.",
        )
    if path.is_file():
        return PageFile(word, read_page(word, service), read_page(word, service, joined=False))
    hint = did_you_mean(word, service_names()) or f"Give a page's file, a folder, a service or `{INSTALLED}`."
    raise UsageError(f"There is neither a file nor a service named {word!r}.", hint)


def pairs(old: Description, new: Description, service: str | None = None) -> tuple[Pair, ...]:
    """The services that both describe, each as a pair. Raises UsageError if there is none."""
    mine, theirs = _services(old), _services(new)
    asked = service or _only(old) or _only(new)
    protocols = [asked] if asked else sorted(mine & theirs)
    for side, names in ((old, mine), (new, theirs)):
        for name in protocols:
            if name not in names or (_only(side) or name) != name:
                hint = did_you_mean(name, names) or ""
                raise UsageError(f"{side.word} does not describe the service {name!r}.", hint)
    if not protocols:
        raise UsageError(f"{old.word} and {new.word} describe no service in common.")
    return tuple(_pair(name, old, new) for name in protocols)


def alone(old: Description, new: Description) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The services that only the one, and only the other of two folders of models describes."""
    match old, new:
        case Models(only=None), Models(only=None):
            return tuple(sorted(old.names - new.names)), tuple(sorted(new.names - old.names))
        case _:
            return (), ()


def _only(side: Description) -> str | None:
    match side:
        case PageFile(page=page):
            return page.service.name
        case Models(only=only):
            return only
        case SchemaFolder():
            return None
        case _:
            assert_never(side)


def _services(side: Description) -> frozenset[str]:
    match side:
        case PageFile(page=page):
            return frozenset({page.service.name})
        case Models(names=names):
            return names
        case SchemaFolder(folder=folder):
            return frozenset(schema_services(folder))
        case _:
            assert_never(side)


def _pair(name: str, old: Description, new: Description) -> Pair:
    schemas = next((side for side in (old, new) if isinstance(side, SchemaFolder)), None)
    pages = tuple(side.page.operation for side in (old, new) if isinstance(side, PageFile))
    if isinstance(old, PageFile) and isinstance(new, Models):
        old = old.beside(new)
    elif isinstance(new, PageFile) and isinstance(old, Models):
        new = new.beside(old)
    if schemas is None:
        return Pair(name, _source(old, name), _source(new, name), pages or None, bool(pages))
    # Schemas leave things out: the other side is sent the same way, so that it leaves out the same.
    schemas_read = read_schemas(schemas.folder, name)
    operations = pages or tuple(schemas_read.service.operations)
    lower = _lowered(name, operations, schemas_read)
    return Pair(name, lower(old), lower(new), operations, bool(pages))


def _source(side: Description, name: str) -> ModelSource:
    match side:
        case PageFile(page=page):
            return stated(page)
        case Models(folder=folder):
            return ModelSource(load_service(name, folder))
        case SchemaFolder(folder=folder):
            read = read_schemas(folder, name)
            sides = tuple(_BY_SIDE[written_side] for written_side in read.sides)
            carried = {aspect for aspect in ASPECTS if aspect.startswith(sides)}
            return ModelSource(read.service, frozenset(carried | {"sensitivity", "streaming", "unions"}))
        case _:
            assert_never(side)


def _lowered(
    name: str, operations: tuple[str, ...], schemas_read: ReadSchemas
) -> Callable[[Description], ModelSource]:
    def lower(side: Description) -> ModelSource:
        source = _source(side, name)
        if isinstance(side, SchemaFolder):
            return source
        # The protocol that the folder was written in, if this side speaks it as well.
        common = [name for name in schemas_read.service.protocols if name in source.service.protocols]
        protocol = resolve_protocol(source.service, common[0] if common else None)
        read = through_schemas(source.service, operations, protocol)
        tentative = {shape for shape in read.service.shapes if shape.rpartition(":")[2] in source.tentative}
        return ModelSource(read.service, source.carries, frozenset(tentative))

    return lower
