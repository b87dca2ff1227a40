# SPDX-License-Identifier: Apache-2.0
"""A miniature of Secrets Manager that keeps what it is told, and the ways in which it is wrong in one thing.

It owns the five operations on secrets that oracles walk, each fault as one overridden step, and the rows. It
refuses to know how a run goes (tests/test_oracle_miniatures.py).
"""

from __future__ import annotations

import functools
import json
import re
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.miniatures.baselines import BASELINE_OPERATIONS, ForgetsTheRest
from tests.miniatures.streams import STREAM_OPERATIONS, WithoutStatus
from tests.miniatures.templates import (
    TEMPLATE_OPERATIONS,
    AddsAgain,
    AddsAnything,
    DeletesInUse,
    ShowsTemplatesAlone,
    TakesOffAll,
    TakesOffHalf,
)
from tests.miniatures.versions import VERSION_OPERATIONS, KeepsTheLast

from aws_conformance.cases.compile import contract_of
from aws_conformance.http import Request, Response, header
from aws_conformance.targets.server import Handler

__all__ = [
    "ACTION_OPERATIONS",
    "BATCH_OPERATIONS",
    "FAULTS",
    "OPERATIONS",
    "Fault",
    "RefusedError",
    "SecretShelf",
]

OPERATIONS = tuple(
    f"secretsmanager:{name}"
    for name in (
        "CreateSecret",
        "DescribeSecret",
        "ListSecrets",
        "UpdateSecret",
        "DeleteSecret",
        "TagResource",
        "UntagResource",
    )
)
BATCH_OPERATIONS = ("secretsmanager:BatchGetSecretValue",)
# With what may be done with a secret besides.
ACTION_OPERATIONS = (*OPERATIONS, "secretsmanager:RotateSecret")
_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/")
_MEMBERS = ("Description", "KmsKeyId", "Tags", "Type")

Secret = dict[str, Any]


class RefusedError(Exception):
    """A refusal, by its code."""


@dataclass(slots=True)
class SecretShelf:
    """Secrets by region and ARN. Each method is one thing that can be got wrong."""

    secrets: dict[tuple[str, str], Secret] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    count: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, request: Request) -> Response:
        target = (header(request.headers, "x-amz-target") or "").rpartition(".")[2]
        scope = _SCOPE.search(header(request.headers, "authorization") or "")
        handlers: Mapping[str, Callable[[str, Any], Any]] = {
            "CreateSecret": self.create,
            "DescribeSecret": self.describe,
            "ListSecrets": self.listing,
            "UpdateSecret": self.update,
            "DeleteSecret": self.delete,
            "TagResource": self.tag,
            "UntagResource": self.untag,
            "RotateSecret": self.rotate,
            "BatchGetSecretValue": self.batch,
        }
        if target not in handlers:
            return _answer(400, {"__type": "UnknownOperationException", "message": "no such operation"})
        try:
            sent = json.loads(request.body)
            with self.lock:
                return _answer(200, handlers[target](self.region(scope[1] if scope else ""), sent))
        except RefusedError as refused:
            return _answer(400, {"__type": str(refused), "Message": "refused"})

    def region(self, scope: str) -> str:
        """The region that a request is for."""
        return scope

    def valid(self, operation: str, sent: Any) -> None:
        """Raises RefusedError for an input that breaks a constraint."""
        if _contract().validator(operation, "input").findings(sent):
            raise RefusedError("InvalidParameterException")

    def create(self, region: str, sent: Any) -> Any:
        self.valid("CreateSecret", sent)
        there = self.by_name(region, sent["Name"])
        if there is None:
            return self.added(region, sent)
        if self.repeated(there, sent):
            return {"ARN": there["ARN"], "Name": there["Name"]}
        raise RefusedError("ResourceExistsException")

    def repeated(self, secret: Secret, sent: Any) -> bool:
        """Whether a request is the one that made a secret, sent again."""
        token = sent.get("ClientRequestToken")
        return token is not None and self.tokens.get(secret["ARN"]) == token

    def added(self, region: str, sent: Any) -> Any:
        """A new secret, as its creator is shown it."""
        now = self.now()
        secret = {name: sent[name] for name in _MEMBERS if name in sent}
        secret |= {"ARN": self.arn(region, sent["Name"]), "Name": sent["Name"], "CreatedDate": now}
        secret["LastChangedDate"] = self.changed(now)
        self.secrets[region, secret["ARN"] + sent["Name"]] = secret
        self.tokens[secret["ARN"]] = sent.get("ClientRequestToken", "")
        return {"ARN": secret["ARN"], "Name": secret["Name"]}

    def arn(self, region: str, name: str) -> str:
        self.count += 1
        return f"arn:aws:secretsmanager:{region}:123456789012:secret:{name}-{self.count:06}"

    def now(self) -> float:
        return round(time.time(), 3)

    def changed(self, now: float) -> float:
        """When a secret was changed that was made now."""
        return now

    def by_name(self, region: str, name: str) -> Secret | None:
        of_region = (secret for (where, _), secret in self.secrets.items() if where == region)
        return next((secret for secret in of_region if secret["Name"] == name), None)

    def secret(self, region: str, sent: Any) -> Secret:
        """The secret that a request names by its name or its ARN."""
        if not isinstance(sent, dict) or not isinstance(sent.get("SecretId"), str):
            raise RefusedError("InvalidParameterException")
        for (where, _), secret in self.secrets.items():
            if where == region and sent["SecretId"] in (secret["ARN"], secret["Name"]):
                return secret
        raise RefusedError("ResourceNotFoundException")

    def describe(self, region: str, sent: Any) -> Any:
        return dict(self.secret(region, sent))

    def update(self, region: str, sent: Any) -> Any:
        secret = self.secret(region, sent)
        self.valid("UpdateSecret", sent)
        self.written(secret, sent)
        return {"ARN": secret["ARN"], "Name": secret["Name"]}

    def written(self, secret: Secret, sent: Any) -> None:
        secret |= {name: sent[name] for name in _MEMBERS if name in sent}
        secret["LastChangedDate"] = self.now()

    def tag(self, region: str, sent: Any) -> Any:
        secret = self.secret(region, sent)
        self.valid("TagResource", sent)
        added = {tag["Key"]: tag for tag in sent["Tags"]}
        left = [tag for tag in secret.get("Tags", ()) if tag.get("Key") not in added]
        secret["Tags"] = [*left, *added.values()]
        return {}

    def untag(self, region: str, sent: Any) -> Any:
        secret = self.secret(region, sent)
        self.valid("UntagResource", sent)
        secret["Tags"] = [tag for tag in secret.get("Tags", ()) if tag.get("Key") not in sent["TagKeys"]]
        return {}

    def rotate(self, region: str, sent: Any) -> Any:
        secret = self.secret(region, sent)
        self.valid("RotateSecret", sent)
        return {"ARN": secret["ARN"], "Name": secret["Name"]}

    def batch(self, region: str, sent: Any) -> Any:
        self.valid("BatchGetSecretValue", sent)
        values, errors = [], []
        for identifier in sent.get("SecretIdList", ()):
            try:
                secret = self.secret(region, {"SecretId": identifier})
            except RefusedError as refused:
                errors.append(self.missing(identifier, str(refused)))
            else:
                values.append({name: secret[name] for name in ("ARN", "Name", "CreatedDate")})
        return {"SecretValues": values, "Errors": [error for error in errors if error]}

    def missing(self, identifier: str, code: str) -> Any:
        """What is said of a secret that there is not."""
        return {"SecretId": identifier, "ErrorCode": code, "Message": "there is none"}

    def delete(self, region: str, sent: Any) -> Any:
        secret = self.secret(region, sent)
        self.forget(region, secret)
        return {"ARN": secret["ARN"], "Name": secret["Name"], "DeletionDate": self.now()}

    def forget(self, region: str, secret: Secret) -> None:
        self.secrets.pop((region, secret["ARN"] + secret["Name"]))

    def listing(self, region: str, sent: Any) -> Any:
        self.valid("ListSecrets", sent)
        every = self.chosen(self.listed(region), sent.get("Filters", ()))
        start = self.start(sent.get("NextToken"))
        end = start + self.size(sent)
        answer: dict[str, Any] = {"SecretList": every[start:end]}
        if end < len(every):
            answer["NextToken"] = self.token(end)
        return answer

    def listed(self, region: str) -> list[Secret]:
        return [dict(secret) for (where, _), secret in self.secrets.items() if where == region]

    def chosen(self, secrets: list[Secret], filters: Any) -> list[Secret]:
        """What filters by names mean."""
        names = tuple(
            text for item in filters if item.get("Key") == "name" for text in item.get("Values", ())
        )
        return [secret for secret in secrets if not names or secret["Name"].startswith(names)]

    def start(self, token: Any) -> int:
        """Where the page of a token begins."""
        if token is None:
            return 0
        match = re.fullmatch(r"page-(\d+)", token)
        if match is None:
            raise RefusedError("InvalidNextTokenException")
        return int(match[1])

    def size(self, sent: Any) -> int:
        return int(sent.get("MaxResults", 100))

    def token(self, end: int) -> str:
        return f"page-{end}"


@functools.cache
def _contract() -> Any:
    return contract_of("secretsmanager", None)


def _answer(status: int, document: Any) -> Response:
    headers = (("Content-Type", "application/x-amz-json-1.1"), ("x-amzn-RequestId", "0" * 32))
    return Response(status, headers, json.dumps(document).encode())


class _RegionOfNobody(SecretShelf):
    def arn(self, region: str, name: str) -> str:
        return super().arn("mars-north-1", name)


class _TwoOfAName(SecretShelf):
    def create(self, region: str, sent: Any) -> Any:
        there = self.by_name(region, sent["Name"])
        if there is not None and self.repeated(there, sent):
            return {"ARN": there["ARN"], "Name": there["Name"]}
        self.valid("CreateSecret", sent)
        return self.added(region, sent)


class _ChangedEarly(SecretShelf):
    def changed(self, now: float) -> float:
        return now - 60


class _NeverChanged(SecretShelf):
    def describe(self, region: str, sent: Any) -> Any:
        # Two times are held to differ only where more lies between than a clock may leave out.
        time.sleep(0.005)
        return super().describe(region, sent)

    def written(self, secret: Secret, sent: Any) -> None:
        secret |= {name: sent[name] for name in _MEMBERS if name in sent}


class _AtTheEpoch(SecretShelf):
    def now(self) -> float:
        return 0


class _ChangesNothing(SecretShelf):
    def update(self, region: str, sent: Any) -> Any:
        self.valid("UpdateSecret", sent)
        try:
            return super().update(region, sent)
        except RefusedError:
            return {"ARN": sent["SecretId"], "Name": sent["SecretId"]}


class _NeverDeleted(SecretShelf):
    def forget(self, region: str, secret: Secret) -> None:
        return


class _OtherArn(SecretShelf):
    def describe(self, region: str, sent: Any) -> Any:
        secret = super().describe(region, sent)
        return secret | {"ARN": f"{secret['ARN']}-again"}


class _SameArn(SecretShelf):
    def arn(self, region: str, name: str) -> str:
        # By what comes after the name nobody tells it apart; the shelf does.
        return f"arn:aws:secretsmanager:{region}:123456789012:secret:the-only-one"

    def secret(self, region: str, sent: Any) -> Secret:
        latest = [secret for (where, _), secret in self.secrets.items() if where == region]
        named = [item for item in latest if sent.get("SecretId") in (item["Name"], item["ARN"])]
        if not named:
            return super().secret(region, sent)
        return named[-1]


class _ListsNothing(SecretShelf):
    def listed(self, region: str) -> list[Secret]:
        return []


class _TurnsInCircles(SecretShelf):
    def token(self, end: int) -> str:
        return "page-1"


class _NoLimit(SecretShelf):
    def size(self, sent: Any) -> int:
        return 100


class _SkipsAtEdges(SecretShelf):
    def token(self, end: int) -> str:
        return super().token(end + 1)


class _AnyToken(SecretShelf):
    def start(self, token: Any) -> int:
        return super().start(token if str(token).startswith("page-") else None)


class _ReadsNothing(SecretShelf):
    def describe(self, region: str, sent: Any) -> Any:
        raise RefusedError("ResourceNotFoundException")


class _Restless(SecretShelf):
    def describe(self, region: str, sent: Any) -> Any:
        self.count += 1
        return {"Description": f"seen {self.count} times"} | super().describe(region, sent)


class _Forgetful(SecretShelf):
    def added(self, region: str, sent: Any) -> Any:
        return super().added(region, {name: item for name, item in sent.items() if name != "Description"})

    def written(self, secret: Secret, sent: Any) -> None:
        super().written(secret, {name: item for name, item in sent.items() if name != "Description"})


class _WritesBeforeItLooks(SecretShelf):
    def update(self, region: str, sent: Any) -> Any:
        secret = self.secret(region, sent)
        self.written(secret, {name: item for name, item in sent.items() if isinstance(item, str)})
        self.valid("UpdateSecret", sent)
        return {"ARN": secret["ARN"], "Name": secret["Name"]}


class _MakesBeforeItLooks(SecretShelf):
    def create(self, region: str, sent: Any) -> Any:
        named = isinstance(sent, dict) and isinstance(sent.get("Name"), str)
        if named and self.by_name(region, sent["Name"]) is not None:
            return super().create(region, sent)
        least = {name: sent[name] for name in ("Name", "ClientRequestToken") if named and name in sent}
        shown = self.added(region, least) if named else {}
        self.valid("CreateSecret", sent)
        self.secrets[region, shown["ARN"] + sent["Name"]] |= {
            name: sent[name] for name in _MEMBERS if name in sent
        }
        return shown


class _AllRegions(SecretShelf):
    def listed(self, region: str) -> list[Secret]:
        return [dict(secret) for secret in self.secrets.values()]


class _NoFilter(SecretShelf):
    def chosen(self, secrets: list[Secret], filters: Any) -> list[Secret]:
        return secrets


class _WritesOver(SecretShelf):
    def create(self, region: str, sent: Any) -> Any:
        self.valid("CreateSecret", sent)
        there = self.by_name(region, sent["Name"])
        if there is None or self.repeated(there, sent):
            return super().create(region, sent)
        self.written(there, sent)
        return {"ARN": there["ARN"], "Name": there["Name"]}


class _ByArnAlone(SecretShelf):
    def secret(self, region: str, sent: Any) -> Secret:
        secret = super().secret(region, sent)
        if sent["SecretId"] != secret["ARN"]:
            raise RefusedError("ResourceNotFoundException")
        return secret


class _AnyFilter(SecretShelf):
    def valid(self, operation: str, sent: Any) -> None:
        super().valid(operation, {name: item for name, item in sent.items() if name != "Filters"})


class _NoToken(SecretShelf):
    def repeated(self, secret: Secret, sent: Any) -> bool:
        return False


class _StickyTags(SecretShelf):
    def untag(self, region: str, sent: Any) -> Any:
        self.secret(region, sent)
        self.valid("UntagResource", sent)
        return {}


class _RotatesNothing(SecretShelf):
    def rotate(self, region: str, sent: Any) -> Any:
        self.valid("RotateSecret", sent)
        return {}


class _SilentBatch(SecretShelf):
    def missing(self, identifier: str, code: str) -> Any:
        return None


class _UntagsOnce(SecretShelf):
    def untag(self, region: str, sent: Any) -> Any:
        tags = self.secret(region, sent).get("Tags", ())
        if not any(tag.get("Key") in sent["TagKeys"] for tag in tags):
            raise RefusedError("InvalidRequestException")
        return super().untag(region, sent)


@dataclass(frozen=True, slots=True)
class Fault:
    """A miniature that breaks one oracle, by default a shelf."""

    breaks: str
    make: Callable[[], Handler]
    operations: tuple[str, ...] = OPERATIONS


FAULTS = (
    Fault("oracle.arn", _RegionOfNobody),
    Fault("oracle.association.absent", ShowsTemplatesAlone, TEMPLATE_OPERATIONS),
    Fault("oracle.association.dangling", DeletesInUse, TEMPLATE_OPERATIONS),
    Fault("oracle.association.others", TakesOffAll, TEMPLATE_OPERATIONS),
    Fault("oracle.association.outlived", TakesOffHalf, TEMPLATE_OPERATIONS),
    Fault("oracle.association.stranger", AddsAnything, TEMPLATE_OPERATIONS),
    Fault("oracle.association.twice", AddsAgain, TEMPLATE_OPERATIONS),
    Fault("oracle.batch", _SilentBatch, BATCH_OPERATIONS),
    Fault("oracle.create.replaced", _WritesOver),
    Fault("oracle.create.twice", _TwoOfAName),
    Fault("oracle.date.advance", _NeverChanged),
    Fault("oracle.date.order", _ChangedEarly),
    Fault("oracle.date.range", _AtTheEpoch),
    Fault("oracle.delete.changed", _ChangesNothing),
    Fault("oracle.delete.outlived", _NeverDeleted),
    Fault("oracle.delete.used", _RotatesNothing, ACTION_OPERATIONS),
    Fault("oracle.filter", _NoFilter),
    Fault("oracle.refused.accepted", _AnyFilter),
    Fault("oracle.identifier.alternative", _ByArnAlone),
    Fault("oracle.identifier.stable", _OtherArn),
    Fault("oracle.identifier.unique", _SameArn),
    Fault("oracle.list.absent", _ListsNothing),
    Fault("oracle.page.end", _TurnsInCircles),
    Fault("oracle.page.limit", _NoLimit),
    Fault("oracle.page.sum", _SkipsAtEdges),
    Fault("oracle.page.token", _AnyToken),
    Fault("oracle.read.absent", _ReadsNothing),
    Fault("oracle.read.stable", _Restless),
    Fault("oracle.read.value", _Forgetful),
    Fault("oracle.refused.changed", _WritesBeforeItLooks),
    Fault("oracle.refused.created", _MakesBeforeItLooks),
    Fault("oracle.region", _AllRegions),
    Fault("oracle.repeat", _UntagsOnce),
    Fault("oracle.tags", _StickyTags),
    Fault("oracle.token", _NoToken),
    Fault("oracle.update.lost", ForgetsTheRest, BASELINE_OPERATIONS),
    Fault("oracle.version", KeepsTheLast, VERSION_OPERATIONS),
    Fault("oracle.waiter", WithoutStatus, STREAM_OPERATIONS),
)
