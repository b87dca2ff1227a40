# SPDX-License-Identifier: Apache-2.0
"""Ways in which a proxy loses data between a run and a target that speaks AWS JSON.

It owns what is lost of a request on its way and of an answer on its way back. It refuses to know targets and
which check finds a loss. An emulator that keeps less must never look better than one that keeps more.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from aws_conformance.http import Request, Response, header
from aws_conformance.spec.botocore import load_service
from aws_conformance.spec.shapes import ListShape

__all__ = ["LOSSES", "LosingProxy", "Loss"]

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Loss:
    """One kind of loss, by what becomes of an operation's request and of its answer.

    A request of which nothing is left, None, is answered with `{}` and never arrives.
    """

    name: str
    request: Callable[[str, Document], Document | None] = lambda name, sent: sent
    answer: Callable[[str, int, Document], tuple[int, Document]] = lambda name, status, shown: (status, shown)


def _without(*members: str) -> Callable[[Document], Document]:
    def stripped(document: Any) -> Any:
        if isinstance(document, Mapping):
            return {name: stripped(item) for name, item in document.items() if name not in members}
        return [stripped(item) for item in document] if isinstance(document, list) else document

    return stripped


def _of(verbs: tuple[str, ...], *members: str) -> Callable[[str, Document], Document | None]:
    """Requests of some verbs lose members."""
    strip = _without(*members)
    return lambda name, sent: strip(sent) if name.startswith(verbs) else sent


def _swallowed(*verbs: str) -> Callable[[str, Document], Document | None]:
    """Requests of some verbs never arrive."""
    return lambda name, sent: None if name.startswith(verbs) else sent


def _left_out(verbs: tuple[str, ...], *members: str) -> Callable[[str, int, Document], tuple[int, Document]]:
    """Answers to some verbs lose members."""
    strip = _without(*members)
    return lambda name, status, shown: (status, strip(shown) if name.startswith(verbs) else shown)


def _empty_lists(name: str, status: int, shown: Document) -> tuple[int, Document]:
    """A list that was refused is empty."""
    if status < 400 or not name.startswith("List") or "NotFound" not in str(shown.get("__type")):
        return status, shown
    for service in (load_service("cognito-idp"), load_service("secretsmanager")):
        if name in service.operations:
            members = service.structure(service.operations[name].output).members
            lists = (item for item, member in members.items() if _is_list(service, member.target))
            return 200, {item: [] for item in lists}
    return status, shown


def _is_list(service: Any, target: str) -> bool:
    return isinstance(service.shape(target), ListShape)


_READS, _LISTS, _CHANGES = ("Describe", "Get"), ("List",), ("Create", "Update", "Put")

LOSSES = (
    Loss("reads leave out a member", answer=_left_out(_READS, "Description")),
    Loss("creations and changes forget a setting", request=_of(_CHANGES, "Description")),
    Loss("changes forget a setting", request=_of(("Update",), "Description")),
    Loss("the list of what an absent parent has is empty", answer=_empty_lists),
    Loss("limits are ignored", request=_of(_LISTS, "Limit", "MaxResults")),
    Loss("filters are ignored", request=_of(_LISTS, "Filter", "Filters")),
    Loss("the token of the next page is lost", answer=_left_out(_LISTS, "NextToken")),
    Loss("deletions never arrive", request=_swallowed("Delete")),
    Loss("tags never arrive", request=_swallowed("TagResource")),
    Loss("tags told at creation are forgotten", request=_of(("Create",), "Tags", "UserPoolTags")),
    Loss("the removal of tags never arrives", request=_swallowed("UntagResource")),
)


@dataclass(slots=True)
class LosingProxy:
    """Passes requests to a target and answers back, with a loss; `lost` counts what it changed."""

    send: Callable[[Request], Response]
    loss: Loss | None = None
    lost: int = field(default=0)

    def __call__(self, request: Request) -> Response:
        name = (header(request.headers, "x-amz-target") or "").rpartition(".")[2]
        try:
            sent = json.loads(request.body)
        except ValueError:
            sent = None
        if self.loss is None or not isinstance(sent, dict):
            return self.send(request)
        passed = self.loss.request(name, sent)
        if passed is None:
            self.lost += 1
            return Response(200, (("Content-Type", "application/x-amz-json-1.1"),), b"{}")
        if passed != sent:
            self.lost += 1
            request = replace(request, body=json.dumps(passed).encode())
        return self._shown(name, self.send(request))

    def _shown(self, name: str, response: Response) -> Response:
        try:
            shown = json.loads(response.body)
        except ValueError:
            return response
        if self.loss is None or not isinstance(shown, dict):
            return response
        status, left = self.loss.answer(name, response.status, shown)
        if (status, left) == (response.status, shown):
            return response
        self.lost += 1
        return replace(response, status=status, body=json.dumps(left).encode())
