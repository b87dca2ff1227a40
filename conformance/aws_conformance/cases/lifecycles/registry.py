# SPDX-License-Identifier: Apache-2.0
"""The lifecycles that a run has: those that ship with the kit, and files of the user's own.

It owns where they come from; each is read once. It refuses to know what is in them.
"""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path

from ...errors import UsageError
from ...files import read_text
from ...results.events import CaseInfo
from ...spec.botocore import load_service
from ..smallest import smallest_input
from .coverage import enumerated_histories
from .histories import History
from .load import read_lifecycle
from .model import Lifecycle

__all__ = ["check_files", "histories_of", "lifecycles_of", "planned_histories", "shipped_files"]


@functools.cache
def shipped_files() -> tuple[tuple[str, str], ...]:
    """The files that ship with the kit: name and text of each, in order."""
    folder = resources.files("aws_conformance").joinpath("cases/lifecycles")
    files = sorted(folder.iterdir(), key=lambda file: file.name)
    return tuple((file.name, file.read_text("utf-8")) for file in files if file.name.endswith(".yaml"))


def lifecycles_of(service: str, files: tuple[str, ...] = ()) -> tuple[Lifecycle, ...]:
    """The lifecycles of a service. One of a file stands in for the kit's own of the same name.

    Raises UsageError for a file that can't be read, or is no lifecycle.
    """
    by_name = {lifecycle.name: lifecycle for lifecycle, _ in _shelved(files) if lifecycle.service == service}
    return tuple(by_name.values())


def histories_of(service: str, files: tuple[str, ...], name: str) -> tuple[History, ...]:
    """The histories of a lifecycle that need no chance."""
    named = [
        text for lifecycle, text in _shelved(files) if (lifecycle.service, lifecycle.name) == (service, name)
    ]
    return _histories(*named[-1])


def planned_histories(service: str, files: tuple[str, ...], operation: str) -> tuple[CaseInfo, ...]:
    """What the phase `stateful` would try of an operation, but for what is chosen by chance."""
    lives = lifecycles_of(service, files)
    every = (history for lifecycle in lives for history in histories_of(service, files, lifecycle.name))
    return tuple(lifecycle.info for lifecycle in every if lifecycle.subject == operation)


def check_files(files: tuple[str, ...]) -> None:
    """Raises UsageError, with the place, for the first mistake in any of the files."""
    _shelved(files)


def _shelved(files: tuple[str, ...]) -> list[tuple[Lifecycle, tuple[str, str]]]:
    """All lifecycles, each with the text and the name of its file."""
    texts = [*shipped_files(), *((name, _text(Path(name))) for name in files)]
    return [(_read(text, source), (text, source)) for source, text in texts]


@functools.cache
def _read(text: str, source: str) -> Lifecycle:
    return read_lifecycle(text, source, load_service, smallest_input)


@functools.cache
def _histories(text: str, source: str) -> tuple[History, ...]:
    return enumerated_histories(_read(text, source))


def _text(path: Path) -> str:
    try:
        return read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UsageError(f"The lifecycle {path} cannot be read: {why}.") from None
