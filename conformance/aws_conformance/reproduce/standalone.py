# SPDX-License-Identifier: Apache-2.0
"""What exported tests stand on: a request sent as bytes, what an answer holds, and what it must keep to.

It is copied into each exported file as it stands, so it imports nothing of ours: urllib3 sends, botocore
(which boto3 brings) signs. It refuses to know which cases there are and where they come from.
"""

import csv
import io
import json
import os
import re
import urllib.parse
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import urllib3

from .picking import picked

ENDPOINT = os.environ.get("ENDPOINT_URL", "")
REGION = os.environ.get("AWS_DEFAULT_REGION", "us-east-1")
ACCOUNT = (os.environ.get("AWS_ACCESS_KEY_ID", "test"), os.environ.get("AWS_SECRET_ACCESS_KEY", "test"))
ANOTHER_ACCOUNT = ("AKIDCONFORMANCE99999", "another-secret")
# Route 53 shows identifiers behind their kind, and is asked for them without.
SHOWN_KIND = re.compile(r"^/(?:hostedzone|change|delegationset)/")
HTTP = urllib3.PoolManager(retries=False, timeout=30)


def in_url(text: str) -> str:
    """A text as it stands in an address."""
    return urllib.parse.quote(SHOWN_KIND.sub("", text), safe="")


@dataclass(frozen=True)
class Answer:
    """The status (0 if there was no answer), the body as text, and the head."""

    status: int
    body: str
    head: str = ""

    def text(self) -> str:
        """Head and body, as they came."""
        return f"HTTP/1.1 {self.status}\n{self.head}\n\n{self.body}"

    def document(self) -> Any:
        """The body as JSON, or None if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


class FreshState:
    """What a test makes on a target that runs afresh: names that nobody has, and what answers gave."""

    def __init__(self) -> None:
        self.values: dict[str, Any] = {}
        self.run = uuid.uuid4().hex[:6]

    def name(self, word: str) -> str:
        """A name for this test alone."""
        return f"conf{self.run}-{word[:12]}"

    def text(self, template: str, quote: Callable[[str], str] = str) -> str:
        """The template with what is known in the place of its marks, each `quote`d."""

        def value(mark: re.Match[str]) -> str:
            name = mark[2]
            known = self.name(name) if mark[1] == "N" else self.values[name]
            return quote(known if isinstance(known, str) else json.dumps(known))

        return re.sub(r"zz([NV])zz(\w+?)zzzz", value, template)

    def body(self, template: str) -> str:
        """A body, in which what is known is JSON where its mark is a JSON string of its own."""

        def value(mark: re.Match[str]) -> str:
            name = mark[2]
            return json.dumps(self.name(name) if mark[1] == "N" else self.values[name])

        return self.text(re.sub(r'"zz([NV])zz(\w+?)zzzz"', value, template))

    def send(
        self,
        method: str,
        path: str,
        headers: list[tuple[str, str]],
        body: str,
        *,
        signing_name: str = "",
        account: tuple[str, str] = ACCOUNT,
    ) -> Answer:
        """The answer to a request, signed for a service unless it has no `signing_name`."""
        url = ENDPOINT.rstrip("/") + self.text(path, in_url)
        content = self.body(body).encode("utf-8", "surrogateescape")
        request = botocore.awsrequest.AWSRequest(method, url, dict(headers), content)
        if signing_name:
            signer = botocore.auth.S3SigV4Auth if signing_name == "s3" else botocore.auth.SigV4Auth
            signer(botocore.credentials.Credentials(*account), signing_name, REGION).add_auth(request)
        try:
            answer = HTTP.request(method, url, body=content, headers=dict(request.headers.items()))
        except urllib3.exceptions.HTTPError as error:
            return Answer(0, str(error))
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        return Answer(answer.status, answer.data.decode("utf-8", "replace"), head)

    def step(
        self, sources: dict[str, list[str]], fallback: dict[str, Any], *request: Any, **options: Any
    ) -> None:
        """Sends what has to succeed before the test can be: `sources` are marks with places in its answer.

        Where a target can't do it, what the `fallback` has stands in, as it did when this was recorded.
        """
        answer = self.send(*request, **options)
        if 400 <= answer.status < 600 and sources and sources.keys() <= fallback.keys():
            self.values |= fallback
            return
        assert 200 <= answer.status < 300, f"the test could not be prepared: {answer}"
        for mark, path in sources.items():
            self.values[mark] = picked(answer.text(), path)

    def sent(self, values: dict[str, Any]) -> None:
        """Remembers what was sent, by marks, where that names something later."""
        self.values |= json.loads(self.body(json.dumps(values)))

    def upload(self, url: str, headers: dict[str, str], columns: str, rows: list[dict[str, str]]) -> None:
        """Uploads rows as CSV, with the columns that an answer gave."""
        names = self.values[columns]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerows([names, *([row.get(name, "") for name in names] for row in rows)])
        answer = HTTP.request("PUT", self.values[url], body=text.getvalue().encode(), headers=headers)
        assert 200 <= answer.status < 300, f"the test could not be prepared: {answer.status}"


def refused(answer: Answer, _path: str = "") -> None:
    """The request breaks a rule, so it is refused as the client's mistake."""
    assert 400 <= answer.status < 500, f"expected a refusal, got {answer}"


def accepted(answer: Answer, _path: str = "") -> None:
    """The request keeps to all rules, so it succeeds."""
    assert 200 <= answer.status < 300, f"expected success, got {answer}"


def survived(answer: Answer, _path: str = "") -> None:
    """Whatever the request is, the server neither crashes nor leaves it without an answer."""
    assert 0 < answer.status < 500, f"expected an answer that is no crash, got {answer}"


def readable(answer: Answer, _path: str = "") -> None:
    """The body is JSON."""
    assert answer.document() is not None, f"expected JSON, got {answer}"


def numbers(answer: Answer, path: str) -> None:
    """What stands at the path are numbers, wherever there is anything."""
    assert answer.document() is not None, f"expected JSON, got {answer}"
    for value in at(answer.document(), path):
        assert type(value) in (int, float), f"{path}: no number: {value!r}"


def present(answer: Answer, path: str) -> None:
    """Each object that should have the member at the end of the path has it."""
    accepted(answer)
    parent, _, name = path.rpartition(".")
    for value in at(answer.document(), parent):
        assert isinstance(value, dict), f"{parent}: no object: {value!r}"
        assert value.get(name) is not None, f"{path}: absent in {value!r}"


def at(document: Any, path: str) -> list[Any]:
    """The values at a path such as `$.Users[*].Name`."""
    values = [document]
    for name, every in re.findall(r"\.([^.\[\]]+)|(\[\*\])", path):
        if every:
            values = [
                item for value in values for item in (value.values() if isinstance(value, dict) else value)
            ]
        else:
            values = [value[name] for value in values if isinstance(value, dict) and name in value]
    return values
