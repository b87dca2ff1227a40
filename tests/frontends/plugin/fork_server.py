# SPDX-License-Identifier: Apache-2.0
"""Runs pytest in forks of a process that has loaded it, the plugin and the AWS clients already.

It owns how a run is asked for, a line of JSON with its answer a line with the exit code, and what a fork
takes of the line. It refuses to know what is run. A fork has modules and caches of its own, as a process of
its own would; it lacks the seconds that each would take to load the same modules.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tempfile
import traceback
from pathlib import Path

import pytest

# A run of each kind: what they import is loaded by pytest itself, which so has its asserts rewritten.
_WARM_UP = """\
import boto3, requests, responses
import aws_conformance
from aws_conformance.frontends.plugin import answers, cases_api, stubs, target
from botocore.awsrequest import AWSResponse

class Raw:
    def stream(self, **options):
        yield b"{}"

def answer(request, **rest):
    headers = {"Content-Type": "application/x-amz-json-1.1", "x-amzn-RequestId": "1"}
    return AWSResponse(request.url, 200, headers, Raw())

def test_warm_up():
    keys = dict(aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1")
    client = boto3.session.Session(**keys).client("cognito-idp")
    client.meta.events.register("before-send", answer)
    client.start_user_import_job(UserPoolId="us-east-1_abc", JobId="import-a")
"""


_ITEMS = "--conformance cognito-idp:StartUserImportJob --conformance-phase random"
_KINDS = (["--conformance-observe"], [*_ITEMS.split(), "--conformance-max-examples", "1"])


def _warm_up() -> None:
    silence = os.open(os.devnull, os.O_WRONLY)
    answers = os.dup(1)
    os.dup2(silence, 1)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        Path("test_warm_up.py").write_text(_WARM_UP, "utf-8")
        Path("pyproject.toml").write_text("[tool.pytest.ini_options]\n", "utf-8")
        for words in _KINDS:
            code = pytest.main(["-q", "-p", "no:hypothesispytest", "-p", "no:cacheprovider", *words])
            assert code == 0, f"the warm-up with {words} ended with {code}"
        os.chdir("/")
    sys.modules.pop("test_warm_up")
    os.dup2(answers, 1)
    gc.collect()
    gc.freeze()


def _run(order: dict[str, object]) -> int:
    """Run pytest in this process, as `python -m pytest` in the folder of the order would."""
    folder = str(order["folder"])
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(order["environment"])  # type: ignore[call-overload]
    output = os.open(str(order["output"]), os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    words = [str(word) for word in order["arguments"]]  # type: ignore[attr-defined]
    sys.path.insert(0, folder)
    sys.argv = [pytest.__file__, *words]
    return int(pytest.main(words))


def main() -> None:
    """Take orders until there are no more."""
    _warm_up()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            code = 70
            try:
                code = _run(json.loads(line))
            except BaseException:
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
