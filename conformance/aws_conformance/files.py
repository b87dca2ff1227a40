# SPDX-License-Identifier: Apache-2.0
"""Files of the user's: read within a limit, and written as a whole or not at all.

It owns how bytes come out of a file and into one. It refuses to know what they mean, and raises OSError as
the system does: whoever asks for a file knows what to call it, and what to do next.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

__all__ = [
    "LARGEST_FILE",
    "LARGEST_LOG",
    "LARGEST_TEXT",
    "locked",
    "open_to_read",
    "read_bytes",
    "read_text",
    "replace_file",
]

# Of what people write: configuration, lifecycles, baselines, pages.
LARGEST_TEXT = 16 * 1024 * 1024
# Of what tools write for us: exchanges, schemas, summaries.
LARGEST_FILE = 256 * 1024 * 1024
# Of what we write: a run of everything.
LARGEST_LOG = 4 * 1024 * 1024 * 1024
_PIECE = 1024 * 1024


def open_to_read(path: Path) -> BinaryIO:
    """A file open for reading. Raises OSError, also for a folder.

    A pipe that nobody writes to is empty: waiting for a writer would be waiting for ever.
    """
    if "\0" in str(path):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    os.set_blocking(descriptor, True)
    return os.fdopen(descriptor, "rb")


def read_bytes(path: Path, limit: int = LARGEST_FILE) -> bytes:
    """What a file holds. Raises OSError, also for a folder, and for more than `limit` bytes."""
    with open_to_read(path) as stream:
        content = bytearray()
        while piece := stream.read(_PIECE):
            content += piece
            if len(content) > limit:
                raise OSError(errno.EFBIG, f"It is larger than {limit // 1024 // 1024} MiB")
        return bytes(content)


def read_text(path: Path, limit: int = LARGEST_TEXT) -> str:
    """What a file of text in UTF-8 holds. Raises OSError as `read_bytes` does, and UnicodeDecodeError."""
    return read_bytes(path, limit).decode("utf-8")


def replace_file(path: Path, text: str) -> None:
    """Put text into a file as a whole: whoever reads it, and whenever we are killed, sees all or the old.

    Folders above it are made. What is no regular file (a device, a pipe) is written to as it stands. Raises
    OSError.
    """
    path = Path(os.path.realpath(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
        return
    mode = stat.S_IMODE(path.stat().st_mode) if path.exists() else 0o666 & ~_umask()
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as stream:
            os.fchmod(descriptor, mode)
            stream.write(text)
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds what is in a folder against others who ask for it in this way, who wait. Raises OSError.

    The folder itself is locked, so that no file stays behind.
    """
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _umask() -> int:
    """The permissions that this process takes from new files; it can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
