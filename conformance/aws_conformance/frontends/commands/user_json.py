# SPDX-License-Identifier: Apache-2.0
"""JSON that users hand in: read strictly, within a limit, from a file or the standard input.

It owns what is refused of it, and in which words. It refuses to know what the documents mean.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from ...errors import UsageError
from ...files import LARGEST_FILE, open_to_read, read_bytes

__all__ = ["load_json", "parse_json", "read_lines", "strict_decoder"]


def read_lines(file: str) -> Iterator[bytes]:
    """The lines of a file; `-` is the standard input. Raises UsageError if it can't be read."""
    if file == "-":
        yield from _lines_of(sys.stdin.buffer)
        return
    with _open(file) as stream:
        yield from _lines_of(stream)


def _lines_of(stream: BinaryIO) -> Iterator[bytes]:
    """Lines, each bounded; what follows a line that is too long can't be told from it."""
    while line := stream.readline(LARGEST_FILE + 1):
        if len(line) > LARGEST_FILE:
            raise UsageError(f"A line is longer than {LARGEST_FILE // 1024 // 1024} MiB.")
        yield line


def load_json(file: str) -> Any:
    """The document in a file; `-` is the standard input. Raises UsageError if it can't be read."""
    if file == "-":
        content = sys.stdin.buffer.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise UsageError(f"The standard input is larger than {LARGEST_FILE // 1024 // 1024} MiB.")
        return parse_json(content, "the standard input")
    try:
        return parse_json(read_bytes(Path(file), LARGEST_FILE), file)
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None


def _open(file: str) -> BinaryIO:
    try:
        return open_to_read(Path(file))
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}.") from None


def parse_json(content: bytes, name: str, decoder: json.JSONDecoder | None = None) -> Any:
    """Strict JSON: what Python would read beyond it, and what no document can hold, is refused."""
    try:
        text = content.decode().removeprefix("\ufeff")
        value = _decoded(text, decoder or _DECODER)
        if "\\u" in text and "\\ud" in text.lower():
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        raise UsageError(f"{name} is not UTF-8.") from None
    except UnicodeEncodeError:
        raise UsageError(f"{name} holds half of a surrogate pair.") from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is not JSON: {error}.") from None
    return value


def _decoded(text: str, decoder: json.JSONDecoder) -> Any:
    """The value of a text, read without a look for blanks around it unless there are some."""
    try:
        value, end = decoder.raw_decode(text)
    except json.JSONDecodeError:
        return decoder.decode(text)
    return value if text[end:] in ("", "\n") else decoder.decode(text)


def _refuse_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"{text} is beyond every number that can be computed with")
    return number


def strict_decoder(note: Callable[[str], None] = lambda text: None) -> json.JSONDecoder:
    """What reads strict JSON, and makes a note of each number with a fraction or an exponent."""

    def number(text: str) -> float:
        note(text)
        return _finite(text)

    return json.JSONDecoder(parse_float=number, parse_constant=_refuse_constant)


_DECODER = strict_decoder()
