# SPDX-License-Identifier: Apache-2.0
"""The words by which a target is named, on a command line or in a configuration, become a TargetSpec.

It owns the grammar of those words. It refuses to know where they stand, and what is done with the target.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..engine.plan import (
    CLAIMS,
    AwsCliTarget,
    EmbeddedReference,
    RecordedTarget,
    StartedTarget,
    TargetSpec,
    UrlTarget,
)
from ..errors import UsageError, did_you_mean
from ..reproduce.mask import without_secrets
from ..reproduce.secret_variables import environment_secrets

if TYPE_CHECKING:
    from ..targets.installed import Installation

__all__ = [
    "AWS",
    "AWS_CLI",
    "NAME_LIMIT",
    "parse_account",
    "parse_command",
    "parse_header",
    "parse_name",
    "parse_target",
    "parse_url",
    "started_from",
]

AWS_CLI = "aws-cli"
AWS = "aws"
NAME_LIMIT = 100

# Host and port as people write them; without the port it could be a misspelt emulator.
_HOST_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):[0-9]+(/\S*)?")

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[\x20-\x7e]*")
# What signing, the protocols and the connection have the say on.
_OWN_HEADERS = frozenset(
    {
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "host",
        "transfer-encoding",
    }
)


def parse_target(text: str) -> TargetSpec:
    """The target that a word names: `reference`, a URL (its `http://` may be left out before HOST:PORT), or
    an emulator's name with or without a version.

    Raises UsageError for anything else, and for an emulator that is not installed.
    """
    from ..targets.presets import presets

    if text == "reference":
        return EmbeddedReference()
    if text.startswith("recorded:"):
        return _recorded(text.partition(":")[2])
    if text == AWS:
        raise UsageError(
            "Nothing is sent to AWS itself unless you say whose account it is.",
            "Pass --target aws with --i-own ACCOUNT, the twelve digits of an account that is yours.",
        )
    if text.partition("==")[0] == AWS_CLI:
        return _aws_cli(text.partition("==")[2])
    if "://" in text or _HOST_AND_PORT.fullmatch(text.rpartition("@")[2]):
        return parse_url(text)
    name = text.partition("==")[0]
    if name in presets():
        preset = presets()[name]
        return parse_url(preset.url) if preset.url else _emulator(text)
    known = ("reference", AWS_CLI, *presets())
    hint = (
        did_you_mean(name, known) or f"Supported: {', '.join(known)}, or a URL such as http://127.0.0.1:5000."
    )
    raise UsageError(f"There is no target named {text!r}.", hint)


def parse_account(text: str) -> str:
    """The number of an account. Raises UsageError for what is none."""
    if not re.fullmatch(r"[0-9]{12}", text, re.ASCII):
        raise UsageError(f"{text[:NAME_LIMIT]!r} is no account.", "Give its twelve digits.")
    return text


def parse_name(text: str) -> str:
    """The name of a target for baselines and reports. Raises UsageError for one that they can't hold.

    An address is none: baselines read it as every other address of the same server.
    """
    hint = f"Give up to {NAME_LIMIT} letters, digits and signs, such as `our-emulator`."
    if not text.strip() or text != text.strip() or len(text) > NAME_LIMIT or not text.isprintable():
        raise UsageError(f"{text[:NAME_LIMIT]!r} is no name for a target.", hint)
    if "://" in text:
        raise UsageError("The name of a target must not be an address.", hint)
    return text


def parse_header(text: str) -> tuple[str, str]:
    """A header written as NAME:VALUE. Raises UsageError for one that can't be added to every request.

    The value may be a secret, so it stands in no message.
    """
    name, separator, value = (part.strip() if part != ":" else part for part in text.partition(":"))
    if not separator or not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
        raise UsageError(f"{name[:NAME_LIMIT]!r} begins no header.", "Write it as NAME:VALUE, in ASCII.")
    if name.lower() in _OWN_HEADERS or name.lower().startswith("x-amz-"):
        raise UsageError(f"The header {name!r} is the requests' own.", "Give one that AWS does not use.")
    return name, value


def _emulator(text: str) -> StartedTarget:
    from ..targets.installed import find
    from ..targets.presets import parse_requested

    return started_from(find(parse_requested(text)))


def started_from(installation: Installation) -> StartedTarget:
    """An installed emulator as a target that is started."""
    import shlex

    preset = installation.preset
    return StartedTarget(
        command=preset.command.replace("{root}", shlex.quote(str(installation.root))),
        # The version is part of the name, because a verdict holds for no other.
        name=str(installation),
        environment={
            name: text.replace("{root}", str(installation.root)) for name, text in preset.environment.items()
        },
        not_implemented=preset.not_implemented,
        ready_seconds=preset.ready_seconds,
        health=preset.health,
        scratch=True,
        files=dict(preset.files),
    )


def _aws_cli(version: str) -> AwsCliTarget:
    from ..targets.awscli import VARIABLE, find_command

    command = find_command()
    if version and version != command.version:
        raise UsageError(
            f"{command.path} is version {command.version}, not {version}.", f"Name another one in {VARIABLE}."
        )
    # The version is part of the name, because a verdict holds for no other.
    return AwsCliTarget(command.path, command.version)


def _recorded(folder: str) -> RecordedTarget:
    from ..engine.recording import read_head

    head = read_head(Path(folder))
    return RecordedTarget(folder, claims=tuple(claim for claim in CLAIMS if claim in head.claims))


def parse_url(text: str) -> UrlTarget:
    """A server's address, of http if it has no scheme. Raises UsageError for anything more or less."""
    from urllib.parse import urlsplit

    hint = "Write it as http://HOST:PORT."
    if "@" in text:
        # A target's name stands in messages and in every report, and credentials never do.
        raise UsageError("A target's URL must not hold credentials.", hint)
    if _HOST_AND_PORT.fullmatch(text):
        text = f"http://{text}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        raise UsageError(f"{text!r} is not a URL.", hint) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise UsageError(f"{text!r} is not the URL of an HTTP server.", hint)
    if parts.query or parts.fragment or any(letter.isspace() for letter in text):
        raise UsageError(f"{text!r} is more than the address of a server.", hint)
    return UrlTarget(text.rstrip("/"))


def parse_command(command: str) -> StartedTarget:
    """A command that starts a target. Raises UsageError if it has no `{port}` or can't be split."""
    import shlex

    if "{port}" not in command:
        raise UsageError(
            f"The command {command!r} has no {{port}} in it.",
            "Put {port} where it takes the port to listen on, such as 'moto_server -p {port}'.",
        )
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError(f"The command {command!r} cannot be split into words: {error}.") from None
    if not words:  # pragma: no cover - it has {port} in it
        raise UsageError("The command to start is empty.")
    shown = without_secrets(command, environment_secrets(os.environ))
    # A shell has put into it what variables hold; reports call it by the rest.
    return StartedTarget(command, name=shown if shown != command else "")
