# SPDX-License-Identifier: Apache-2.0
"""One invocation of the `aws` command: its words, its environment, and what it did.

It owns how a trial is put on a command line, and that nothing of this machine's own configuration gets
there. It refuses to know what should come of it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...cases.contract import Contract, OperationContract
from ...http import Exchange
from ...spec.cli_pages.names import kebab_case
from ...targets.command import Finished, run_command
from ...targets.relay import Relay, refusing
from .case import CommandCase

__all__ = ["Commander", "Invocation", "service_command", "words"]

# The command calls a few services differently than botocore's folders.
_SERVICES = {"s3": "s3api", "codedeploy": "deploy", "config": "configservice"}


@dataclass(frozen=True, slots=True)
class Invocation:
    """How an invocation ended, and what passed between the command and its endpoint."""

    finished: Finished
    exchanges: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True)
class Commander:
    """The command in use: its path and version, its endpoint behind a relay, a folder to be at home in.

    `credentials` are variables of the environment; `timeout` bounds an invocation, in seconds.
    """

    command: str
    major: int
    relay: Relay
    folder: Path
    credentials: Mapping[str, str]
    region: str
    timeout: float

    def run(self, contract: OperationContract, case: CommandCase, document: Any) -> Invocation:
        """Invoke the command once. Raises TargetUnreachableError if it can't be started."""
        with refusing() if case.endpoint == "refusing" else nullcontext(self.relay.url) as url:
            self.relay.take()
            finished = run_command(
                (self.command, *words(contract, case, document, url)),
                environment=self._environment(with_credentials=case.credentials),
                folder=self.folder,
                timeout=self.timeout,
            )
        return Invocation(finished, self.relay.take())

    def _environment(self, *, with_credentials: bool) -> dict[str, str]:
        variables = {
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.folder),
            "LANG": "C.UTF-8",
            "AWS_REGION": self.region,
            "AWS_DEFAULT_REGION": self.region,
            "AWS_CONFIG_FILE": str(self.folder / "no-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(self.folder / "no-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            # A refused connection or a fault is to be reported at once.
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
            "AWS_CLI_AUTO_PROMPT": "off",
        }
        return variables | dict(self.credentials) if with_credentials else variables


def service_command(contract: Contract) -> str:
    """The word by which the command knows the service."""
    return _SERVICES.get(contract.service.name, contract.service.name)


def words(contract: OperationContract, case: CommandCase, document: Any, url: str) -> tuple[str, ...]:
    """The words of an invocation after the command's own name."""
    arguments = [
        service_command(contract.service_contract),
        kebab_case(contract.name),
        "--endpoint-url",
        url,
        "--output",
        "json",
    ]
    for name in case.options:
        arguments += _option(kebab_case(name), document[name])
    text = _file(case, document)
    if text is not None:
        arguments += ["--cli-input-json", text]
    if case.skeleton:
        arguments += ["--generate-cli-skeleton", *([] if case.skeleton == "bare" else [case.skeleton])]
    return tuple(arguments)


def _option(option: str, value: Any) -> list[str]:
    match value:
        case bool():
            return [f"--{option}" if value else f"--no-{option}"]
        case str():
            return [f"--{option}", value]
        case _:
            return [f"--{option}", json.dumps(value)]


def _file(case: CommandCase, document: Any) -> str | None:
    """The text for --cli-input-json, or None where there is none."""
    if case.raw is not None:
        return case.raw
    if case.file is None:
        return None
    pairs = [(name, document[name]) for name in case.file]
    if case.other:
        pairs = [(name, _another(value) if name == case.other else value) for name, value in pairs]
    if case.before:
        pairs.insert(0, (case.before, _another(document[case.before])))
    replaced = {name for name, _ in case.extra}
    pairs = [(name, value) for name, value in pairs if name not in replaced] + list(case.extra)
    # By hand: a mapping could not have a key twice.
    return "{" + ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in pairs) + "}"


def _another(value: Any) -> Any:
    """Another value of the same type, as long or as small, so that no rule of the command's is in the way."""
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case _:
            text = str(value)
            return text[:-1] + ("0" if text[-1:] != "0" else "1")
