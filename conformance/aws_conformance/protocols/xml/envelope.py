# SPDX-License-Identifier: Apache-2.0
"""The outermost element of a success in query and ec2: opened, with what is odd about it.

It owns what the two have in common. It refuses to know where the members stand within it.
"""

from __future__ import annotations

from dataclasses import dataclass

from ...http import Response
from ...spec.shapes import Operation, Service
from ..findings import Decoded, Finding
from .errors import content_type_findings
from .read import XmlReader
from .text import Element, read_xml

__all__ = ["OpenedEnvelope", "opened"]


@dataclass(frozen=True, slots=True)
class OpenedEnvelope:
    """The root of an answer, a reader of what is in it, and the findings so far, to which the reader adds."""

    root: Element
    reader: XmlReader
    findings: list[Finding]


def opened(
    protocol: str, media_type: str, service: Service, operation: Operation, response: Response
) -> OpenedEnvelope | Decoded:
    """The envelope of an answer, or what is decoded of one that can't be opened.

    An empty body is the empty document only for an operation whose output has no members.
    """
    if not response.body and not service.structure(operation.output).members:
        return Decoded({})
    parsed = read_xml(response.body)
    findings = list(parsed.findings)
    if parsed.root is None:
        return Decoded(None, tuple(findings), readable=False)
    findings += content_type_findings(response, media_type)
    root, name = parsed.root, f"{operation.name}Response"
    if root.name != name:
        findings.append(Finding("body.root", (), f"an element {name}", f"an element {root.name}"))
    reader = XmlReader(service, protocol, findings)
    if service.xml_namespace is not None:
        reader.namespace(root, service.xml_namespace.uri, ())
    return OpenedEnvelope(root, reader, findings)
