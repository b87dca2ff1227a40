# SPDX-License-Identifier: Apache-2.0
"""Send the requests behind docs/findings.md again, without our code, and say whether each still shows.

    python tools/confirm_findings.py BASE-URL EMULATOR                           each cause of the list
    python tools/confirm_findings.py BASE-URL EMULATOR --report FILE [--check ID]...   each violation of it

It imports nothing but the standard library, because a witness must not share our mistakes. It knows how
to make a pool, a client, a user and a group, and what answer shows a cause; it refuses to know why that
answer is wrong, which docs/findings.md tells. Nothing that it speaks to checks signatures, so the
Authorization header is made up. Exits 0 if everything was confirmed, else 1.
"""

from __future__ import annotations

import argparse
import http.client
import json
import re
import shlex
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

PREFIX = "AWSCognitoIdentityProviderService"
JSON_TYPE = "application/x-amz-json-1.1"
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/cognito-idp/aws4_request, "
    "SignedHeaders=host;x-amz-target, Signature=00"
)
# What each emulator is asked to forget everything by, where it can be asked.
RESETS = {"moto": "/moto-api/reset", "ministack": "/_ministack/reset"}
CHECKS = ("request.invalid.accepted", "server.crash", "request.valid.refused")
WITHHELD = "***"
OTHERS = {"pool": "us-east-1_Nonexist9", "job": "import-NoSuchJob9"}

MOTO, MINISTACK, LOCAL = "moto", "ministack", "cognito-local"
ALL = (MOTO, MINISTACK, LOCAL)


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status (0 for no answer), content type, body as text."""

    status: int
    content_type: str = ""
    body: str = ""

    @property
    def html(self) -> bool:
        # Some label everything as a page, so only the body tells.
        return self.body.lstrip().lower().startswith(("<!doctype", "<html"))


@dataclass(frozen=True, slots=True)
class Shows:
    """The answer that shows a cause: its status, whether it is a web page, a text in it."""

    status: int
    html: bool = False
    text: str = ""

    def by(self, answer: Answer) -> bool:
        return answer.status == self.status and answer.html == self.html and self.text in answer.body


ACCEPTED = Shows(200)
WEB_PAGE = Shows(500, html=True)
INTERNAL = Shows(500, text='"InternalError"')
EMPTY_500 = Shows(500, text="{}")


@dataclass(frozen=True, slots=True)
class Cause:
    """One cause: the request that shows it, on which emulators, by which answer.

    In `document`, "{pool}", "{client}", "{user}" and "{group}" stand for what is made first, "{new}" for a
    name that nothing has yet. `body` is sent as it is, in place of the document; `pools` are made first.
    """

    name: str
    operation: str
    document: Any = None
    shows: Mapping[str, Shows] = field(default_factory=dict)
    body: str | None = None
    content_type: str = JSON_TYPE
    pools: int = 0
    target: str | None = None
    signed: bool = True


def everywhere(shows: Shows, *emulators: str) -> dict[str, Shows]:
    return dict.fromkeys(emulators or ALL, shows)


LONG_ARN = "arn:aws:iam::123456789012:role/" + "a" * 2050
CAUSES: tuple[Cause, ...] = (
    # Below the document.
    Cause(
        "malformed-json",
        "CreateUserPool",
        body='{"PoolName":"a"',
        shows={MOTO: WEB_PAGE, LOCAL: Shows(400, True)},
    ),
    Cause(
        "malformed-json-accepted",
        "DescribeUserPoolDomain",
        body="this is not JSON",
        shows=everywhere(ACCEPTED, MOTO),
    ),
    Cause(
        "content-type-accepted",
        "ListUserPools",
        {"MaxResults": 1},
        everywhere(ACCEPTED, MOTO, MINISTACK),
        content_type="text/plain",
    ),
    Cause(
        "content-type-crash",
        "CreateUserPool",
        {"PoolName": "{new}"},
        everywhere(EMPTY_500, LOCAL),
        content_type="text/plain",
    ),
    Cause(
        "unknown-operation",
        "ListUserPools",
        {"MaxResults": 1},
        {MOTO: WEB_PAGE, LOCAL: Shows(500, text="Unsupported x-amz-target")},
        target=f"{PREFIX}.NoSuchOperation",
    ),
    Cause("no-target", "ListUserPools", {"MaxResults": 1}, {MOTO: Shows(404)}, target=""),
    Cause(
        "no-target-no-code",
        "ListUserPools",
        {"MaxResults": 1},
        everywhere(Shows(400, text='{"message":"Missing x-amz-target header"}'), LOCAL),
        target="",
    ),
    Cause("body-is-a-text", "DescribeUserPool", "text", {MINISTACK: INTERNAL, LOCAL: Shows(400, True)}),
    Cause("body-is-an-array", "ListUserPools", [], everywhere(ACCEPTED, LOCAL)),
    Cause(
        "long-request",
        "CreateUserPool",
        {"PoolName": "{new}", "EmailConfiguration": {"From": "a" * 131_072}},
        everywhere(Shows(413, True), LOCAL),
    ),
    # Types.
    Cause("number-for-text", "CreateUserPool", {"PoolName": 12}, everywhere(ACCEPTED)),
    Cause(
        "text-for-structure",
        "CreateUserPool",
        {"PoolName": "{new}", "LambdaConfig": "x"},
        everywhere(ACCEPTED),
    ),
    Cause(
        "text-for-integer",
        "CreateGroup",
        {"UserPoolId": "{pool}", "GroupName": "{new}", "Precedence": "x"},
        {MOTO: WEB_PAGE, **everywhere(ACCEPTED, MINISTACK, LOCAL)},
    ),
    Cause(
        "list-for-identifier", "DescribeUserPool", {"UserPoolId": []}, {MOTO: WEB_PAGE, MINISTACK: INTERNAL}
    ),
    Cause(
        "number-in-a-password",
        "AdminSetUserPassword",
        {"UserPoolId": "{pool}", "Username": "{user}", "Password": 12},
        {MOTO: WEB_PAGE, MINISTACK: INTERNAL},
    ),
    Cause(
        "text-for-list",
        "AdminCreateUser",
        {"UserPoolId": "{pool}", "Username": "{new}@example.com", "UserAttributes": "x"},
        everywhere(EMPTY_500, LOCAL),
    ),
    Cause(
        "null-in-a-list",
        "AdminCreateUser",
        {"UserPoolId": "{pool}", "Username": "{new}@example.com", "UserAttributes": [None]},
        everywhere(EMPTY_500, LOCAL),
    ),
    Cause(
        "null-for-optional",
        "AdminCreateUser",
        {"UserPoolId": "{pool}", "Username": "{new}", "UserAttributes": None},
        {MOTO: WEB_PAGE, MINISTACK: INTERNAL},
    ),
    Cause(
        "decimal-crash", "ListUserPools", {"MaxResults": 1.5}, {MOTO: WEB_PAGE, MINISTACK: INTERNAL}, pools=2
    ),
    Cause(
        "decimal-kept",
        "CreateGroup",
        {"UserPoolId": "{pool}", "GroupName": "{new}", "Precedence": 1.5},
        everywhere(Shows(200, text="1.5"), MINISTACK, LOCAL),
    ),
    # Constraints of the model.
    Cause("required-missing", "ListUserPools", {}, everywhere(ACCEPTED)),
    Cause("required-nested-missing", "CreateUserPoolClient", {"UserPoolId": "{pool}"}, everywhere(ACCEPTED)),
    Cause(
        "required-null",
        "CreateIdentityProvider",
        {"UserPoolId": "{pool}", "ProviderName": "{new}", "ProviderType": "SAML", "ProviderDetails": None},
        everywhere(ACCEPTED, MOTO),
    ),
    Cause(
        "required-missing-crash",
        "AddCustomAttributes",
        {"UserPoolId": "{pool}"},
        everywhere(EMPTY_500, LOCAL),
    ),
    Cause("above-maximum", "ListUserPools", {"MaxResults": 61}, everywhere(ACCEPTED)),
    Cause("below-minimum", "ListUserPools", {"MaxResults": 0}, everywhere(ACCEPTED)),
    Cause(
        "too-long",
        "CreateGroup",
        {"UserPoolId": "{pool}", "GroupName": "{new}", "Description": "a" * 2049},
        everywhere(ACCEPTED),
    ),
    Cause(
        "too-short",
        "CreateGroup",
        {"UserPoolId": "{pool}", "GroupName": "{new}", "RoleArn": "a"},
        everywhere(ACCEPTED),
    ),
    Cause(
        "pattern",
        "CreateGroup",
        {"UserPoolId": "{pool}", "GroupName": "{new}", "RoleArn": "a" * 20},
        everywhere(ACCEPTED),
    ),
    Cause(
        "enum", "CreateUserPool", {"PoolName": "{new}", "MfaConfiguration": "SOMETIMES"}, everywhere(ACCEPTED)
    ),
    Cause(
        "too-many-items",
        "CreateUserPool",
        {
            "PoolName": "{new}",
            "AccountRecoverySetting": {"RecoveryMechanisms": [{"Priority": 1, "Name": "verified_email"}] * 3},
        },
        everywhere(ACCEPTED),
    ),
    Cause("too-few-items", "CreateUserPool", {"PoolName": "{new}", "Schema": []}, everywhere(ACCEPTED)),
    Cause(
        "new-enum-value",
        "InitiateAuth",
        {"AuthFlow": "USER_AUTH", "ClientId": "{client}"},
        everywhere(Shows(400, text="enum value set"), MOTO),
        signed=False,
    ),
    # Valid requests, and members that the model leaves optional.
    Cause(
        "attribute-without-name",
        "AddCustomAttributes",
        {"UserPoolId": "{pool}", "CustomAttributes": [{}]},
        everywhere(WEB_PAGE, MOTO),
    ),
    Cause(
        "attribute-without-value",
        "AdminCreateUser",
        {"UserPoolId": "{pool}", "Username": "{new}", "UserAttributes": [{"Name": "a"}, {"Name": "a"}]},
        {MOTO: WEB_PAGE, MINISTACK: INTERNAL},
    ),
    Cause(
        "refresh-without-parameters",
        "InitiateAuth",
        {"AuthFlow": "REFRESH_TOKEN_AUTH", "ClientId": "{client}"},
        everywhere(WEB_PAGE, MOTO),
        signed=False,
    ),
    Cause(
        "challenge-without-responses",
        "RespondToAuthChallenge",
        {"ChallengeName": "PASSWORD_VERIFIER", "ClientId": "{client}"},
        everywhere(WEB_PAGE, MOTO),
        signed=False,
    ),
    Cause(
        "secret-hash-unasked",
        "SignUp",
        {"ClientId": "{client}", "SecretHash": "a", "Username": "{new}"},
        everywhere(WEB_PAGE, MOTO),
        signed=False,
    ),
    Cause(
        "unknown-pool-crash",
        "ListResourceServers",
        {"UserPoolId": "us-east-1_nowhere"},
        everywhere(WEB_PAGE, MOTO),
    ),
    Cause(
        "foreign-token", "ListUserPools", {"MaxResults": 1, "NextToken": "a"}, everywhere(INTERNAL, MINISTACK)
    ),
    Cause(
        "unsupported-flow",
        "InitiateAuth",
        {"AuthFlow": "USER_SRP_AUTH", "ClientId": "{client}"},
        everywhere(Shows(500, text="CognitoLocal#Unsupported"), LOCAL),
        signed=False,
    ),
)


class Target:
    """A running emulator: one request, one connection."""

    def __init__(self, url: str, emulator: str) -> None:
        parts = urlsplit(url)
        if parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            raise SystemExit("error: only an emulator on this machine is spoken to")
        self._host, self._port = parts.hostname, parts.port or 80
        self.emulator = emulator
        self._names = 0

    def post(self, headers: Mapping[str, str], body: bytes, path: str = "/") -> Answer:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=20)
        try:
            connection.request("POST", path, body, dict(headers))
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
            return Answer(response.status, response.getheader("Content-Type") or "", text)
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, body=str(error))
        finally:
            connection.close()

    def call(self, operation: str, document: Any, *, signed: bool = True) -> Answer:
        headers = {"Content-Type": JSON_TYPE, "X-Amz-Target": f"{PREFIX}.{operation}"}
        if signed:
            headers["Authorization"] = AUTHORIZATION
        return self.post(headers, _encoded(document))

    def need(self, operation: str, document: Any) -> Any:
        """The document that an operation answers with; a step that fails makes a request pointless."""
        answer = self.call(operation, document)
        if answer.status != 200:
            raise LookupError(f"{operation} answered {answer.status} {answer.body[:100]}")
        return json.loads(answer.body)

    def name(self, word: str = "n") -> str:
        self._names += 1
        return f"again-{word[:12]}-{self._names}"

    def reset(self) -> None:
        if self.emulator in RESETS:
            self.post({}, b"", RESETS[self.emulator])


def _encoded(document: Any) -> bytes:
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def _replaced(value: Any, replace: Callable[[str], str]) -> Any:
    """A document with `replace` applied to every text in it."""
    if isinstance(value, str):
        return replace(value)
    if isinstance(value, dict):
        return {key: _replaced(item, replace) for key, item in value.items()}
    if isinstance(value, list):
        return [_replaced(item, replace) for item in value]
    return value


def confirm(target: Target, cause: Cause) -> tuple[bool, Answer]:
    """Whether a cause shows, and the answer."""
    target.reset()
    resources: dict[str, str] = {}

    def make(match: re.Match[str]) -> str:
        word = match[1]
        if word == "new":
            return target.name()
        if word not in resources:
            resources[word] = _make(target, word, resources)
        return resources[word]

    def replace(text: str) -> str:
        return re.sub(r"\{(pool|client|user|group|new)\}", make, text)

    for _ in range(cause.pools):
        target.need("CreateUserPool", {"PoolName": target.name()})
    body = cause.body.encode() if cause.body is not None else _encoded(_replaced(cause.document, replace))
    headers = {"Content-Type": cause.content_type}
    named = f"{PREFIX}.{cause.operation}" if cause.target is None else cause.target
    if named:
        headers["X-Amz-Target"] = named
    if cause.signed:
        headers["Authorization"] = AUTHORIZATION
    answer = target.post(headers, body)
    return cause.shows[target.emulator].by(answer), answer


def _make(target: Target, word: str, resources: dict[str, str]) -> str:
    if word != "pool" and "pool" not in resources:
        resources["pool"] = _make(target, "pool", resources)
    pool = resources.get("pool", "")
    match word:
        case "pool":
            return str(target.need("CreateUserPool", {"PoolName": target.name()})["UserPool"]["Id"])
        case "client":
            asked = {"UserPoolId": pool, "ClientName": target.name()}
            return str(target.need("CreateUserPoolClient", asked)["UserPoolClient"]["ClientId"])
        case "user":
            asked = {"UserPoolId": pool, "Username": f"{target.name()}@example.com"}
            return str(target.need("AdminCreateUser", asked)["User"]["Username"])
        case _:
            asked = {"UserPoolId": pool, "GroupName": target.name()}
            return str(target.need("CreateGroup", asked)["Group"]["GroupName"])


def confirm_list(target: Target) -> int:
    """Confirm every cause of the list that the emulator has; prints one line for each."""
    causes = [cause for cause in CAUSES if target.emulator in cause.shows]
    missed = 0
    for cause in causes:
        try:
            shows, answer = confirm(target, cause)
        except LookupError as error:
            shows, answer = False, Answer(0, body=str(error))
        missed += not shows
        said = " ".join(answer.body.split())[:90]
        word = "confirmed" if shows else "NOT CONFIRMED"
        print(f"{word:<13}  {cause.name:<28} {cause.operation:<22} {answer.status} {said}")
    print(f"{target.emulator}: {len(causes) - missed} of {len(causes)} causes confirmed")
    return missed


# What follows reads a report of ours: its own words for what a run made, and lines to paste.


def confirm_report(target: Target, path: Path, checks: tuple[str, ...]) -> int:
    """Send every violation of these checks again, from fresh state; prints what was not confirmed."""
    violations = [
        item for item in _violations(path) if item["check"] in checks and item["severity"] == "error"
    ]
    counts: Counter[tuple[str, str]] = Counter()
    for item in violations:
        verdict = _verdict(target, item)
        counts[item["check"], verdict.partition(":")[0]] += 1
        if verdict != "confirmed":
            print(f"{item['id']} {item['operation']} {item['check']} {item['path']}: {verdict}")
    missed = 0
    for check in checks:
        by_verdict = {verdict: number for (name, verdict), number in sorted(counts.items()) if name == check}
        missed += sum(by_verdict.values()) - by_verdict.get("confirmed", 0) - by_verdict.get("withheld", 0)
        print(
            f"{check}: {by_verdict.get('confirmed', 0)} of {sum(by_verdict.values())} confirmed {by_verdict}"
        )
    return missed


def _violations(path: Path) -> list[dict[str, Any]]:
    """The violations of a report; only NDJSON has the reproductions of all of them."""
    text = path.read_text("utf-8")
    if not text.startswith('{"@"'):
        violations: list[dict[str, Any]] = json.loads(text)["violations"]
        return violations
    events = map(json.loads, text.splitlines())
    return [
        {**event["violation"], "reproduce": event["reproduction"]}
        for event in events
        if event["@"] == "Reported"
    ]


def _verdict(target: Target, item: Mapping[str, Any]) -> str:
    """`confirmed`, `withheld` (the report keeps a value back), or what is different."""
    target.reset()
    shown = item["reproduce"]
    if "template" not in shown:
        return "withheld: it is told in short, and its cause's representative in full"
    if WITHHELD in json.dumps(shown["template"]):
        return "withheld: the request holds a value that the report keeps back"
    try:
        answers: dict[str, Any] = {}
        for step in shown["steps"]:
            _follow(target, step, answers)
        headers, body = _request(target, shown, answers)
    except (LookupError, ValueError) as error:
        return f"not sent: {error}"
    answer = target.post(headers, body)
    if item["check"] == "request.invalid.accepted":
        return "confirmed" if 200 <= answer.status < 300 else f"differs: {answer.status} {answer.body[:100]}"
    reported = _reported_answer(shown["response"])
    same = (answer.status, answer.html, _code(answer)) == (reported.status, reported.html, _code(reported))
    return (
        "confirmed" if same else f"differs: {answer.status} {answer.body[:100]!r}, reported {reported.status}"
    )


def _follow(target: Target, line: str, answers: dict[str, Any]) -> None:
    """Carry out a step of a report: an `aws` line whose comment says what later lines call its answer."""
    command, _, comment = line.partition("   # ")
    named = re.search(r"\$(\w+?)_\.\.\.", comment)
    words = shlex.split(command)
    if not named or "--cli-input-json" not in words:
        raise ValueError(f"this step is none that can be sent: {line[:80]}")
    document = json.loads(words[words.index("--cli-input-json") + 1])
    answers[named[1]] = target.need(named[1], _replaced(document, lambda text: _filled(text, answers)))


def _filled(text: str, answers: Mapping[str, Any]) -> str:
    """A text with the variables of earlier steps filled in."""
    for step, document in answers.items():
        for variable, value in _variables(step, document):
            text = re.sub(rf"\${variable}\b", lambda _match, value=value: value, text)  # type: ignore[misc]
    return text


def _variables(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _variables(f"{prefix}_{name}", item)
    elif isinstance(value, str):
        yield prefix, value


def _request(
    target: Target, shown: Mapping[str, Any], answers: Mapping[str, Any]
) -> tuple[dict[str, str], bytes]:
    """The request of a violation: headers from its curl line, document from its template."""
    words = shlex.split(shown["curl"])
    pairs = [words[index + 1].partition(": ") for index, word in enumerate(words) if word == "-H"]
    headers = {name: value for name, _, value in pairs}
    if "--aws-sigv4" in words:
        headers["Authorization"] = AUTHORIZATION
    sent = words[words.index("--data-binary") + 1]
    document = _bound(target, shown["template"], answers)
    try:
        json.loads(sent)
    except ValueError:
        # What is wrong with these is below the document: they are no JSON, or cut off.
        return headers, _encoded(document)[:-1] if sent.startswith("{") else sent.encode()
    return headers, _encoded(document)


def _bound(target: Target, template: Any, answers: Mapping[str, Any]) -> Any:
    """A template with what stands for a run's values filled in."""
    match template:
        case {"$from": str(source), **rest} if not rest:
            step, *path = source.split(".")
            value = answers[step]
            for name in path:
                value = value[name]
            return value
        case {"$name": str(word), **rest} if not rest:
            return target.name(word)
        case {"$other": str(word), **rest} if not rest:
            return OTHERS[word]
        case dict():
            return {key: _bound(target, item, answers) for key, item in template.items()}
        case list():
            return [_bound(target, item, answers) for item in template]
        case _:
            return template


def _reported_answer(text: str) -> Answer:
    """The answer that a report shows."""
    head, _, body = text.partition("\n\n")
    status = re.match(r"HTTP/1\.1 (\d+)", head)
    kind = re.search(r"^content-type: *(.*)$", head, re.IGNORECASE | re.MULTILINE)
    return Answer(int(status[1]) if status else 0, kind[1] if kind else "", body)


def _code(answer: Answer) -> str:
    match = re.search(r'"__type": *"([^"]*)"', answer.body)
    return match[1] if match else ""


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        description="Confirm findings on a running emulator, without our own code."
    )
    parser.add_argument("url", metavar="BASE-URL")
    parser.add_argument("emulator", choices=ALL)
    parser.add_argument("--report", type=Path, help="confirm every violation of this JSON report instead")
    parser.add_argument("--check", action="append", dest="checks", help="only these checks; repeatable")
    options = parser.parse_args(arguments)
    target = Target(options.url, options.emulator)
    if options.report is not None:
        return 1 if confirm_report(target, options.report, tuple(options.checks or CHECKS)) else 0
    return 1 if confirm_list(target) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
