# SPDX-License-Identifier: Apache-2.0
"""A miniature of CodeCommit that adds templates of rules to repositories, and the ways to get that wrong.

It owns the operations on both and on what lies between them, each fault as one overridden step. It refuses to
know how a run goes (tests/test_oracle_miniatures.py).
"""

from __future__ import annotations

import functools
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from aws_conformance.cases.compile import contract_of
from aws_conformance.http import Request, Response, header

__all__ = [
    "TEMPLATE_OPERATIONS",
    "AddsAgain",
    "AddsAnything",
    "DeletesInUse",
    "ShowsTemplatesAlone",
    "TakesOffAll",
    "TakesOffHalf",
    "TemplateRegister",
]

TEMPLATE_OPERATIONS = (
    "codecommit:AssociateApprovalRuleTemplateWithRepository",
    "codecommit:DisassociateApprovalRuleTemplateFromRepository",
)
_TEMPLATE, _REPOSITORY = "approvalRuleTemplateName", "repositoryName"


class RefusedTemplateError(Exception):
    """A refusal, by its code."""


@dataclass(slots=True)
class TemplateRegister:
    """Templates, repositories, and pairs of them. Each method is one thing that can be got wrong."""

    templates: dict[str, Any] = field(default_factory=dict)
    repositories: set[str] = field(default_factory=set)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    ever: list[tuple[str, str]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Request) -> Response:
        operation = (header(request.headers, "x-amz-target") or "").rpartition(".")[2]
        steps: Mapping[str, Callable[[Any], Any]] = {
            "CreateApprovalRuleTemplate": self.create_template,
            "GetApprovalRuleTemplate": self.template,
            "DeleteApprovalRuleTemplate": self.delete_template,
            "CreateRepository": self.create_repository,
            "GetRepository": self.repository,
            "DeleteRepository": self.delete_repository,
            "AssociateApprovalRuleTemplateWithRepository": self.associate,
            "DisassociateApprovalRuleTemplateFromRepository": self.disassociate,
            "ListAssociatedApprovalRuleTemplatesForRepository": self.templates_of,
            "ListRepositoriesForApprovalRuleTemplate": self.repositories_of,
        }
        if operation not in steps:
            return _answer(400, {"__type": "UnknownOperationException", "message": "no such operation"})
        sent = json.loads(request.body)
        if _contract().validator(operation, "input").findings(sent):
            return _answer(400, {"__type": "InvalidRepositoryNameException"})
        with self.lock:
            try:
                document = steps[operation](sent)
            except RefusedTemplateError as refused:
                return _answer(400, {"__type": str(refused)})
            return _answer(200, document)

    def create_template(self, sent: Any) -> Any:
        self.templates[sent[_TEMPLATE]] = sent
        return self.template(sent)

    def template(self, sent: Any) -> Any:
        if sent[_TEMPLATE] not in self.templates:
            raise RefusedTemplateError("ApprovalRuleTemplateDoesNotExistException")
        return {"approvalRuleTemplate": self.templates[sent[_TEMPLATE]]}

    def delete_template(self, sent: Any) -> Any:
        if any(template == sent[_TEMPLATE] for template, _ in self.pairs):
            self.delete_in_use(sent)
        self.templates.pop(sent[_TEMPLATE], None)
        return {"approvalRuleTemplateId": "0" * 8}

    def delete_in_use(self, sent: Any) -> None:
        """What happens to a template that is to be deleted while a repository has it."""
        raise RefusedTemplateError("ApprovalRuleTemplateInUseException")

    def create_repository(self, sent: Any) -> Any:
        self.repositories.add(sent[_REPOSITORY])
        return self.repository(sent)

    def repository(self, sent: Any) -> Any:
        if sent[_REPOSITORY] not in self.repositories:
            raise RefusedTemplateError("RepositoryDoesNotExistException")
        return {"repositoryMetadata": {_REPOSITORY: sent[_REPOSITORY]}}

    def delete_repository(self, sent: Any) -> Any:
        self.repositories.discard(sent[_REPOSITORY])
        self.pairs = [pair for pair in self.pairs if pair[1] != sent[_REPOSITORY]]
        return {"repositoryId": "0" * 8}

    def there(self, sent: Any) -> None:
        """Raises RefusedTemplateError for what there is not."""
        self.template(sent)
        self.repository(sent)

    def associate(self, sent: Any) -> Any:
        self.there(sent)
        self.add((sent[_TEMPLATE], sent[_REPOSITORY]))

    def add(self, pair: tuple[str, str]) -> None:
        if pair not in self.pairs:
            self.pairs.append(pair)

    def disassociate(self, sent: Any) -> Any:
        self.there(sent)
        self.take_off((sent[_TEMPLATE], sent[_REPOSITORY]))

    def take_off(self, pair: tuple[str, str]) -> None:
        self.pairs = [other for other in self.pairs if other != pair]

    def templates_of(self, sent: Any) -> Any:
        self.repository(sent)
        return {"approvalRuleTemplateNames": [pair[0] for pair in self.pairs if pair[1] == sent[_REPOSITORY]]}

    def repositories_of(self, sent: Any) -> Any:
        self.template(sent)
        return {"repositoryNames": [pair[1] for pair in self.pairs if pair[0] == sent[_TEMPLATE]]}


class ShowsTemplatesAlone(TemplateRegister):
    """Repositories show their templates, and templates none of their repositories."""

    def repositories_of(self, sent: Any) -> Any:
        self.template(sent)
        return {"repositoryNames": []}


class AddsAgain(TemplateRegister):
    """What is added twice is there twice."""

    def add(self, pair: tuple[str, str]) -> None:
        self.pairs.append(pair)


class TakesOffHalf(TemplateRegister):
    """What was taken off a repository is still a repository of its template."""

    def repositories_of(self, sent: Any) -> Any:
        self.template(sent)
        every = dict.fromkeys(pair[1] for pair in self.ever if pair[0] == sent[_TEMPLATE])
        return {"repositoryNames": [name for name in every if name in self.repositories]}

    def add(self, pair: tuple[str, str]) -> None:
        self.ever.append(pair)
        TemplateRegister.add(self, pair)


class TakesOffAll(TemplateRegister):
    """What takes off one template takes off all of the repository's."""

    def take_off(self, pair: tuple[str, str]) -> None:
        self.pairs = [other for other in self.pairs if other[1] != pair[1]]


class DeletesInUse(TemplateRegister):
    """A template is deleted though repositories have it, and they go on to have it."""

    def delete_in_use(self, sent: Any) -> None:
        return


class AddsAnything(TemplateRegister):
    """A template that there is not is added."""

    def associate(self, sent: Any) -> Any:
        self.repository(sent)
        self.add((sent[_TEMPLATE], sent[_REPOSITORY]))


@functools.cache
def _contract() -> Any:
    return contract_of("codecommit", None)


def _answer(status: int, document: Any) -> Response:
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "0" * 32))
    return Response(status, headers, b"" if document is None else json.dumps(document).encode())
