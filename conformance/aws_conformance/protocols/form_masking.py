# SPDX-License-Identifier: Apache-2.0
"""Where values stand in a form, and which of them belong to sensitive shapes; XML is what forms get back.

It owns the walk through a form, so that what is masked leaves every other character as it was. It refuses to
know what sensitive values are replaced by (masking.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..spec.shapes import Service
from .form import quoted_text, read_form
from .record import Masking, Scalar
from .xml.masking import XML_MASKING, xml_scalars

__all__ = ["FORM_MASKING"]

_PAIR = re.compile(r"([^&=]*)=([^&]*)")


def _scalars(service: Service, root: str | None, text: str) -> Iterator[Scalar]:
    if text.lstrip().startswith("<"):
        yield from xml_scalars(service, root, text)
        return
    for match in _PAIR.finditer(text):
        ((key, value),) = read_form(match[0].encode("utf-8", "surrogatepass"), [])
        # A list's or a map's name stands somewhere in front of the indices.
        secret = any(part.lower() in service.secret_holders for part in key.split("."))
        yield Scalar(match.start(2), match.end(2), "text", value, secret)


def _escapes(text: str) -> tuple[str, ...]:
    """As XML has it, and as forms do, with either form of a space."""
    quoted = quoted_text(text)
    return (*XML_MASKING.escapes(text), quoted, quoted.replace("%20", "+"))


FORM_MASKING = Masking("utf-8", _scalars, XML_MASKING.literal, _escapes)
