# SPDX-License-Identifier: Apache-2.0
"""Runs commands of the `aws` command and snippets of Python, each in a fork of a process that has all loaded.

    python tools/line_runner.py SERVICE...

Reads {"aws": [WORD...]} or {"python": TEXT}, each with its "environment"; writes {"exit": N, "said": TEXT,
"opened": [PATH...]}, a line for each.

It owns the forks, and what of the user's files they open: whatever belongs to neither Python, its packages
nor the system. It refuses to know what is sent. It imports nothing of ours, for the `aws` command has an
environment of its own.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
import sysconfig
import tempfile
import traceback
from pathlib import Path
from typing import Any

_LONGEST = 60
_SYSTEM = ("/dev/", "/etc/", "/lib", "/proc/", "/sys/", "/usr/", sys.prefix, sys.base_prefix)
# So much of what a task says is handed on: a refusal that lists all members of a large input is 2,000 long.
_SAID = 8_000
_OWN = (*_SYSTEM, *sysconfig.get_paths().values())


def _loaded(services: list[str]) -> Any:
    """What commands and snippets need, loaded once: the driver of the `aws` command, or None."""
    try:
        from awscli.clidriver import create_clidriver
    except ImportError:
        import boto3
        import botocore.config

        # Botocore keeps what it has read of a model with each session; a file that was read is in memory.
        boto3.client("sts", region_name="us-east-1", aws_access_key_id="a", aws_secret_access_key="b")
        assert botocore.config.Config
        return None
    driver = create_clidriver()
    loader = driver.session.get_component("data_loader")
    for service in services:
        loader.load_service_model(service, "service-2")
    return driver


def _carry_out(driver: Any, task: dict[str, Any], opened: list[str]) -> int:
    """The exit code of a task, in this process."""
    os.environ.update(task["environment"])

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and isinstance(arguments[0], str):
            path = str(Path(arguments[0]).absolute())
            if not path.startswith((*_OWN, os.environ["HOME"])):
                opened.append(path)

    sys.addaudithook(watch)
    if "python" in task:
        exec(compile(task["python"], "snippet", "exec"), {})
        return 0
    return int(driver.main(task["aws"]) or 0)


def _forked(driver: Any, task: dict[str, Any]) -> dict[str, Any]:
    """The outcome of a task that was carried out in a fork."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        signal.alarm(_LONGEST)
        output, opened, code = io.StringIO(), [], 1
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            try:
                code = _carry_out(driver, task, opened)
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 1
            except BaseException:
                traceback.print_exc(limit=-1)
        outcome = {"exit": code, "said": output.getvalue()[-_SAID:], "opened": opened}
        with os.fdopen(writer, "w") as stream:
            stream.write(json.dumps(outcome))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as stream:
        text = stream.read()
    os.waitpid(child, 0)
    return json.loads(text) if text else {"exit": 1, "said": "it ended without a word", "opened": []}


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="aws-conformance-lines-") as home:
        os.environ |= {"HOME": home, "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1"}
        os.environ |= {"AWS_PAGER": "", "PYTHONWARNINGS": "ignore"}
        driver = _loaded(sys.argv[1:])
        for line in sys.stdin:
            print(json.dumps(_forked(driver, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
