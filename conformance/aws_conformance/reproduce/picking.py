# SPDX-License-Identifier: Apache-2.0
"""A value taken out of an answer's text, by a program that stands alone.

It is copied into scripts and exported tests as it stands, so it imports nothing of ours. It owns the reading
of paths: a part has the names under which a member may stand (`Id|id`), `[2]` for the third item of a list,
`=2` for that of a list whose items stand beside each other, or `header:Name`. It refuses to know where paths
come from (wire_paths.py).
"""

import json
import re
import xml.etree.ElementTree
from typing import Any


def picked(answer: str, path: list[str]) -> Any:
    """The value at a path of an answer: JSON or XML, behind a head if it has one.

    Raises LookupError, ValueError or StopIteration where the answer has no such value.
    """
    head = ""
    while answer.startswith("HTTP/"):
        head, answer = re.split(r"\r?\n\r?\n", f"{answer}\n\n", maxsplit=1)
    if path[0].startswith("header:"):
        name = re.escape(path[0].removeprefix("header:"))
        return re.findall(rf"(?im)^{name}:[ \t]*(.*?)[ \t]*\r?$", head)[0]
    if answer.lstrip().startswith("<"):
        return of_xml(xml.etree.ElementTree.fromstring(answer.strip()), path)
    value = json.loads(answer)
    for part in path:
        if part[0] in "[=":
            value = value[int(part.strip("[=]"))]
        else:
            value = next(value[name] for name in part.split("|") if name in value)
    return value


def of_xml(root: xml.etree.ElementTree.Element, path: list[str]) -> str:
    """The text at a path of a document, whose root may be wrapped in elements named after the operation."""
    below = list(root.iter())
    beside: list[xml.etree.ElementTree.Element] = []
    for part in path:
        if part[0] == "=":
            element = beside[int(part[1:])]
        elif part[0] == "[":
            element = below[int(part[1:-1])]
        else:
            beside = [item for item in below if item.tag.rpartition("}")[2] in part.split("|")]
            element = beside[0]
        below = list(element)
    return element.text or ""
