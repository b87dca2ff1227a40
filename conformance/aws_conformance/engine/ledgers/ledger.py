# SPDX-License-Identifier: Apache-2.0
"""The cleanup ledger: a file with a line before each request that makes something, and after it.

It owns the form of the file and the order of its lines: whatever ends a run, and whenever, the file names all
that the run may have left. It refuses to know requests, and how anything is undone.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias

from ...errors import UsageError
from ...files import locked, read_text, replace_file
from ...reproduce.mask import without_secrets

__all__ = ["Ledger", "LedgerEntry", "LedgerState", "read_ledger", "rewrite_ledger"]

_LARGEST = 256 * 1024 * 1024
_HINT = "A ledger is what `run --ledger FILE` has written."

# begun: it was asked for, and nobody knows whether it was made; there: it was made; refused: it was not;
# gone: it was taken away; left: it could not be.
Status: TypeAlias = Literal["begun", "there", "refused", "gone", "left"]


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Something that a run made, or may have made: by which operation, where, and what takes it away.

    `names` are the texts of its request that may name it. `undo` is the operation that takes it away, with
    its `input`; empty where nothing does. `url` is where it stands, `account` whose it is on AWS itself.
    `reason` says why it is left.
    """

    service: str
    protocol: str
    operation: str
    url: str = ""
    region: str = ""
    account: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    undo: str = ""
    input: Mapping[str, Any] = field(default_factory=dict)
    status: Status = "begun"
    reason: str = ""
    id: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def identifiers(self) -> frozenset[str]:
        """The texts by which it is taken away."""
        return frozenset(_texts(self.input))

    def __str__(self) -> str:
        names = ", ".join(f"{name} {text}" for name, text in (self.input or self.names).items())
        return f"{self.service}:{self.operation} {names}".rstrip()


@dataclass(frozen=True, slots=True)
class LedgerState:
    """What a ledger amounts to: what is there still, the oldest first; the identifiers of what is gone."""

    entries: tuple[LedgerEntry, ...]
    gone: frozenset[str] = frozenset()


class Ledger:
    """A ledger open for writing; each line is on the disk when `put` returns.

    Several processes may write to the same file. `state` is what is known of it already. No reason has any
    of the `secrets` in it. Raises UsageError for a file that can't be written to.
    """

    def __init__(self, path: Path, state: LedgerState | None = None, secrets: tuple[str, ...] = ()) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK, 0o600)
            if not stat.S_ISREG(os.fstat(self._file).st_mode):
                os.close(self._file)
                raise OSError(errno.EINVAL, "It is no regular file")
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(
                f"The ledger {path} cannot be written: {reason}.", "Name another file."
            ) from None
        self.path = path
        self._secrets = secrets
        self._open = {entry.id: entry for entry in state.entries} if state is not None else {}
        self._gone = set(state.gone) if state is not None else set()

    def close(self) -> None:
        """Nothing more is written."""
        os.close(self._file)

    @property
    def state(self) -> LedgerState:
        """What is known of it: of what this process has written, what is there still."""
        return LedgerState(tuple(self._open.values()), frozenset(self._gone))

    def put(self, entry: LedgerEntry) -> None:
        """Write down what is known of an entry now.

        Raises UsageError where it can't be written: then nothing more may be made.
        """
        entry = replace(entry, reason=without_secrets(entry.reason, self._secrets))
        line = json.dumps(asdict(entry), ensure_ascii=True, separators=(",", ":"))
        try:
            os.write(self._file, f"{line}\n".encode())
            os.fsync(self._file)
        except OSError as error:
            raise UsageError(f"The ledger {self.path} cannot be written: {error.strerror}.") from None
        _take(entry, self._open, self._gone)


def read_ledger(path: Path) -> LedgerState:
    """What a ledger amounts to. Raises UsageError, with the line, for a file that is none.

    A last line that was cut off was written before anything was sent, and is left out.
    """
    try:
        text = read_text(path, _LARGEST)
    except UnicodeDecodeError:
        raise UsageError(f"{path} is no ledger: it is not UTF-8.", _HINT) from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", _HINT) from None
    there: dict[str, LedgerEntry] = {}
    gone: set[str] = set()
    *lines, _ = text.split("\n")
    if text and not lines:
        raise UsageError(f"{path} is no ledger.", _HINT)
    for number, line in enumerate(lines, start=1):
        try:
            raw = json.loads(line)
            entry = LedgerEntry(**raw)
            if not _is_entry(entry):
                raise TypeError
        except (ValueError, TypeError, RecursionError):
            raise UsageError(f"{path}:{number} is no line of a ledger.", _HINT) from None
        _take(entry, there, gone)
    return LedgerState(tuple(there.values()), frozenset(gone))


def rewrite_ledger(path: Path) -> LedgerState:
    """Leave in a ledger what is there still, and nothing else; what that is. Raises UsageError."""
    try:
        with locked(path.parent):
            state = read_ledger(path)
            lines = (json.dumps(asdict(entry), separators=(",", ":")) for entry in state.entries)
            replace_file(path, "".join(f"{line}\n" for line in lines))
    except OSError as error:
        raise UsageError(f"The ledger {path} cannot be written: {error.strerror}.") from None
    return state


def _take(entry: LedgerEntry, there: dict[str, LedgerEntry], gone: set[str]) -> None:
    match entry.status:
        case "gone":
            there.pop(entry.id, None)
            gone.update(entry.identifiers)
        case "refused":
            there.pop(entry.id, None)
        case "begun" | "there" | "left":
            # In the order in which things were made: a name is kept where it was first put.
            there[entry.id] = entry
    if entry.status == "gone":
        for child in _below(there.values(), entry.identifiers):
            _take(replace(child, status="gone"), there, gone)


def _below(entries: Iterable[LedgerEntry], parents: frozenset[str]) -> list[LedgerEntry]:
    """What nothing takes away by itself, and stood in something that is gone."""
    return [entry for entry in entries if not entry.undo and parents.intersection(entry.names.values())]


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [text for item in items for text in _texts(item)]


def _is_entry(entry: LedgerEntry) -> bool:
    words = (
        entry.service,
        entry.protocol,
        entry.operation,
        entry.url,
        entry.region,
        entry.account,
        entry.undo,
        entry.reason,
        entry.id,
    )
    return (
        all(isinstance(word, str) for word in words)
        and entry.status in ("begun", "there", "refused", "gone", "left")
        and isinstance(entry.input, dict)
        and isinstance(entry.names, dict)
        and all(isinstance(text, str) for text in entry.names.values())
    )
