# SPDX-License-Identifier: Apache-2.0
"""A stand-in for the `aws` command: one operation, right in all that is checked, or wrong in one named way.

It owns a small model of `aws cognito-idp describe-user-import-job` and knows nothing of the package that
checks it: it is started as a program of its own, hundreds of times, and so needs the standard library only.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

__all__ = ["main"]

OPTIONS = {"--user-pool-id": "UserPoolId", "--job-id": "JobId"}
MEMBERS = tuple(OPTIONS.values())
TEXTS = ("JobName", "JobId", "UserPoolId", "PreSignedUrl")
TIMES = ("CreationDate", "StartDate", "CompletionDate")
COUNTS = ("ImportedUsers", "SkippedUsers", "FailedUsers")
MORE = ("Status", "CloudWatchLogsRoleArn", "CompletionMessage", "PasswordHashingAlgorithm")
USAGE = "usage: aws [options] <command> <subcommand> [parameters]\naws: error: "
TARGET = "AWSCognitoIdentityProviderService.DescribeUserImportJob"
#: By kind of failure: of version 1 and of version 2.
CODES = {
    "usage": (2, 252),
    "json": (255, 252),
    "object": (255, 252),
    "parameters": (255, 252),
    "service": (255, 254),
    "credentials": (255, 253),
    "connection": (255, 255),
}


class Failure(Exception):  # noqa: N818  # what the command ends with, rather than an error of ours
    """An end other than success: its kind and what is said of it."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


def main(words: Sequence[str], wrong: str = "", major: int = 1) -> int:
    """Do as the command does; the exit code."""
    if list(words) == ["--version"]:
        print(f"aws-cli/{major}.36.7 Python/3.11 a stand-in")
        return 0
    if list(words[:2]) != ["cognito-idp", "describe-user-import-job"]:
        print(f"{USAGE}argument operation: Invalid choice", file=sys.stderr)
        return CODES["usage"][major - 1]
    try:
        return Command(wrong).run(list(words[2:]))
    except Failure as failure:
        print(failure.message, file=sys.stderr)
        if wrong == "cli.exit.failure" and failure.kind == "connection":
            return 0
        return 1 if wrong == f"cli.exit.{failure.kind}" else CODES[failure.kind][major - 1]


class Command:
    def __init__(self, wrong: str) -> None:
        self.wrong = wrong

    def run(self, words: list[str]) -> int:
        arguments = self.parsed(words)
        options = {member: arguments[name] for name, member in OPTIONS.items() if name in arguments}
        url = arguments["--endpoint-url"]
        skeleton = arguments.get("--generate-cli-skeleton", "")
        if skeleton in ("bare", "input"):
            self.input_skeleton(skeleton, options, url)
            return 0
        text = arguments.get("--cli-input-json")
        missing = [name for name, member in OPTIONS.items() if member not in options]
        if text is None and missing and not self.lets_pass(skeleton):
            named = "something" if self.wrong == "cli.required.named" else ", ".join(missing)
            raise Failure("usage", f"{USAGE}the following arguments are required: {named}")
        request = self.merged(options, text)
        if skeleton == "output":
            if self.wrong != "cli.skeleton.output.validates" and (text is not None or not missing):
                self.validate(request)
            print(json.dumps(self.output_skeleton(), indent=4))
            return 0
        if text is not None and not isinstance(request, dict):
            request = {}
        elif text is not None or not missing:
            self.validate(request, calling=True)
        answer = self.sent(url, request)
        job = answer["UserImportJob"]
        if self.wrong == "cli.output.document":
            job["ImportedUsers"] = str(job["ImportedUsers"])
        print(json.dumps(answer, indent=4))
        return 1 if self.wrong == "cli.exit.success" else 0

    def lets_pass(self, skeleton: str) -> bool:
        if skeleton == "output":
            return self.wrong == "cli.skeleton.output.required"
        return self.wrong == "cli.required.enforced"

    def parsed(self, words: list[str]) -> dict[str, str]:
        arguments: dict[str, str] = {}
        while words:
            name = words.pop(0)
            if name == "--generate-cli-skeleton" and (not words or words[0].startswith("--")):
                arguments[name] = "bare"
            else:
                arguments[name] = words.pop(0)
        return arguments

    def input_skeleton(self, kind: str, options: dict[str, str], url: str) -> None:
        skeleton: dict[str, Any] = dict.fromkeys(MEMBERS, "")
        match self.wrong:
            case "cli.skeleton.default" if kind == "bare":
                skeleton = {}
            case "cli.skeleton.ignores":
                skeleton = {name: "" for name in skeleton if name not in options}
            case "cli.skeleton.input.form":
                skeleton["JobId"] = 0
            case "cli.skeleton.input.members":
                del skeleton["JobId"]
            case "cli.skeleton.offline":
                with contextlib.suppress(Failure):
                    self.sent(url, {})
        print(json.dumps(skeleton, indent=4))

    def output_skeleton(self) -> dict[str, Any]:
        instant = "1970-01-01T00:00:00"
        if self.wrong == "cli.skeleton.output.timestamp":
            instant += "Z"
        job: dict[str, Any] = {name: name for name in (*TEXTS, *MORE)}
        job |= dict.fromkeys(TIMES, instant) | dict.fromkeys(COUNTS, 0)
        if self.wrong == "cli.skeleton.output.form":
            job["ImportedUsers"] = "0"
        if self.wrong == "cli.skeleton.output.members":
            del job["FailedUsers"]
        return {"UserImportJob": job}

    def merged(self, options: dict[str, str], text: str | None) -> Any:
        """The request of options and JSON; not an object where a wrong stand-in takes what is none."""
        if text is None:
            if self.wrong == "cli.options.request" and "JobId" in options:
                options = {**options, "JobId": options["JobId"] + "x"}
            return options
        read = self.read(text)
        if not isinstance(read, dict):
            return read
        if self.wrong == "cli.input-json.form" and not options and "JobId" in read:
            read["JobId"] = f"{read['JobId']}x" if isinstance(read["JobId"], str) else read["JobId"]
        if self.wrong == "cli.input-json.merge" and options:
            return options
        if self.wrong == "cli.input-json.override":
            return {**options, **read}
        return {**read, **options}

    def read(self, text: str) -> Any:
        def first(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            return dict(reversed(pairs))

        hook = first if self.wrong == "cli.input-json.duplicate" else None
        try:
            read = json.loads(text, object_pairs_hook=hook)
        except ValueError as error:
            if self.wrong == "cli.crash":
                raise
            if self.wrong == "cli.timeout":
                # Whoever waits for us is told; a slow machine is not taken for one that hangs.
                Path(sys.argv[0]).with_name("hangs").touch()
                time.sleep(3600)
            if self.wrong == "cli.input-json.malformed":
                return None
            raise Failure("json", f"Error parsing parameter 'cli-input-json': {error}") from None
        if not isinstance(read, dict) and self.wrong != "cli.input-json.object":
            raise Failure("object", "Error parsing parameter 'cli-input-json': no object")
        return read

    def validate(self, request: dict[str, Any], *, calling: bool = False) -> None:
        wrong = self.wrong if calling else ""
        complaints = []
        for name in list(request):
            if name not in MEMBERS:
                if wrong == "cli.input-json.unknown-key":
                    del request[name]
                else:
                    complaints.append(f'Unknown parameter in input: "{name}"')
        for name in MEMBERS:
            value = request.get(name)
            if name not in request:
                if wrong != "cli.input-json.required":
                    complaints.append(f'Missing required parameter in input: "{name}"')
            elif not isinstance(value, str):
                if wrong != "cli.input-json.type":
                    complaints.append(f"Invalid type for parameter {name}")
            elif not value and wrong != "cli.parameters.minimum":
                complaints.append(f"Invalid length for parameter {name}, value: 0, valid min length: 1")
        if complaints:
            raise Failure("parameters", "Parameter validation failed:\n" + "\n".join(complaints))

    def sent(self, url: str, request: dict[str, Any]) -> Any:
        if "AWS_ACCESS_KEY_ID" not in os.environ:
            raise Failure("credentials", "Unable to locate credentials.")
        body = json.dumps(request).encode()
        call = urllib.request.Request(url + "/", body, signed(url, body), method="POST")
        # Without proxies: a machine that has one would send a loopback address there.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(call, timeout=120) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            refusal = json.load(error)
            message = (
                f"An error occurred ({refusal['__type']}) when calling the DescribeUserImportJob operation: "
            )
            if self.wrong == "cli.error.message":
                raise Failure("service", "An error occurred.") from None
            raise Failure("service", message + refusal.get("message", "")) from None
        except urllib.error.URLError:
            raise Failure("connection", f'Could not connect to the endpoint URL: "{url}"') from None


def signed(url: str, body: bytes) -> dict[str, str]:
    """The headers of a request, with Signature Version 4 over them."""
    now = datetime.datetime.now(datetime.UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": urlsplit(url).netloc,
        "x-amz-date": now,
        "x-amz-target": TARGET,
    }
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"POST\n/\n\n{lines}\n{names}\n{hashlib.sha256(body).hexdigest()}"
    scope = f"{now[:8]}/{os.environ['AWS_REGION']}/cognito-idp/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"AWS4{os.environ['AWS_SECRET_ACCESS_KEY']}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), "sha256")
    signature = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"{os.environ['AWS_ACCESS_KEY_ID']}/{scope}"
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={names}, Signature={signature}"
    )
    return headers
