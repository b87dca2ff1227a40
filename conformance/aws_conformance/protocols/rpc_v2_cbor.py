# SPDX-License-Identifier: Apache-2.0
"""Smithy RPC v2 CBOR: RPC v2 with CBOR in both directions.

It owns the language of its bodies. It refuses to know what is around them (rpc_v2.py), and what is CBOR at
all (cbor_text.py).

Source: Smithy's rpcv2Cbor specification.
"""

from __future__ import annotations

from typing import Any

from ..spec.shapes import Service
from .cbor_masking import CBOR_MASKING
from .cbor_text import dump_cbor, read_cbor
from .cbor_values import from_item, plain, to_wire
from .findings import Decoded, Finding
from .json_text import shorten
from .rpc_v2 import BodyLanguage, rpc_v2_protocol

__all__ = ["PROTOCOL"]


def _write(service: Service, shape: str | None, document: Any) -> bytes:
    return dump_cbor(to_wire(service, shape, document))


def _read(service: Service, shape: str | None, body: bytes) -> Decoded:
    item, findings = read_cbor(body)
    if item is None:
        return Decoded(None, tuple(findings), readable=False)
    if item.kind != "map":
        document = plain(item)
        findings.append(Finding("body.root", (), "a CBOR map", shorten(document)))
        return Decoded(document, tuple(findings))
    document = from_item(service, shape, item, (), findings)
    return Decoded(document, tuple(findings))


def _canonical(body: bytes) -> str:
    item, _ = read_cbor(body)
    return shorten(plain(item), limit=1 << 30) if item is not None else body.hex()


PROTOCOL = rpc_v2_protocol(
    "smithy-rpc-v2-cbor",
    BodyLanguage(
        name="CBOR",
        header="rpc-v2-cbor",
        media_type="application/cbor",
        write=_write,
        read=_read,
        canonical=_canonical,
        # It ends what was never begun.
        noise=b"\xff",
        least=b"\xbf",
        masking=CBOR_MASKING,
    ),
)
