# SPDX-License-Identifier: Apache-2.0
"""Who says so: the sources that rows of the catalogue cite, each written once.

It owns these texts, and refuses to know the rules.
"""

from __future__ import annotations

__all__ = [
    "BINDINGS",
    "CBOR",
    "EVENTS",
    "JSON",
    "MODEL",
    "QUERY",
    "RECORDED",
    "RFC8259",
    "SDKS",
    "XML",
]

BINDINGS = "Smithy, HTTP protocol bindings"
CBOR = "Smithy, RPC v2 CBOR protocol"
EVENTS = "Smithy, Amazon Event Stream specification"
JSON = "Smithy, AWS JSON 1.1 protocol"
MODEL = "the service's model"
QUERY = "Smithy, AWS query protocol"
RECORDED = "recorded answers of AWS"
RFC8259 = "RFC 8259"
SDKS = "AWS SDKs for JavaScript v3, Java, Go, Rust and Kotlin refuse it"
XML = "Smithy, XML bindings"
