# SPDX-License-Identifier: Apache-2.0
"""What a run is asked to do, as plain frozen data that travels to worker processes unchanged.

It owns the plan and the kinds of target. It refuses to know how either is carried out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

from ..results.events import Phase, Reproduction
from ..results.known import Baseline
from ..results.terms import Severity
from ..targets.address import Tls
from .parts import UNCUT, Part

__all__ = [
    "BUDGET",
    "CLAIMS",
    "DEFAULT_SELECTORS",
    "EFFORTS",
    "AccountTarget",
    "AwsCliTarget",
    "Claim",
    "Effort",
    "EmbeddedReference",
    "Plan",
    "RecordedTarget",
    "StartedTarget",
    "TargetSpec",
    "UrlTarget",
    "target_name",
]

# What a target may be said to do beyond answering, and is then held to. sigv4: it verifies signatures;
# clock: it lets its time be moved (docs/lifecycles.md), so that what takes hours can be seen.
Claim: TypeAlias = Literal["clock", "sigv4"]
CLAIMS: tuple[Claim, ...] = ("clock", "sigv4")

Effort: TypeAlias = Literal["quick", "standard", "thorough"]
# What a run of each effort has instead of a plan's own numbers.
EFFORTS: Mapping[Effort, Mapping[str, Any]] = MappingProxyType(
    {
        "quick": {"budget": 40, "max_examples": 5},
        "standard": {},
        "thorough": {"exhaustive": True, "max_examples": 500},
    }
)

# So many enumerated cases an operation has by default.
BUDGET = 350

DEFAULT_SELECTORS = ("cognito-idp:*UserImportJob*", "cognito-idp:GetCSVHeader")


@dataclass(frozen=True, slots=True)
class EmbeddedReference:
    """The implementation that ships with the kit, served on a loopback port of its own."""

    claims: tuple[Claim, ...] = CLAIMS


@dataclass(frozen=True, slots=True)
class UrlTarget:
    """A server that already runs; `url` is its base address."""

    url: str
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class StartedTarget:
    """A server that we start and stop: a command with `{port}` in it, split as a shell splits words.

    `not_implemented` are texts whose presence in standard error or in an answer shows that the target
    does not implement an operation. `health` is a path that answers 200 when the server can be used; if
    empty, any answer will do. With `scratch` it runs in a folder of its own, `{scratch}` in `environment`,
    which holds `files` (by path) and goes when it ends.
    """

    command: str
    name: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    not_implemented: tuple[str, ...] = ("NotImplementedError",)
    ready_seconds: float = 60.0
    health: str = ""
    scratch: bool = False
    files: Mapping[str, str] = field(default_factory=dict)
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordedTarget:
    """What a target answered before, read from a folder that `--record` wrote; no connection is made."""

    folder: str
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class AwsCliTarget:
    """The `aws` command itself: `command` is its path, `url` the endpoint that it speaks to.

    Without a `url` that is the embedded reference.
    """

    command: str
    version: str
    url: str = ""
    claims: tuple[Claim, ...] = ()

    @property
    def major(self) -> int:
        """The first part of the version: 1 and 2 have exit codes of their own."""
        return int(self.version.partition(".")[0])


@dataclass(frozen=True, slots=True)
class AccountTarget:
    """AWS itself, with an account of the user's: nothing is sent that `engine/accounts` does not let through.

    With `allow_writes` more than reading is let through, and `max_costly` requests that are known to cost.
    `profile` is whose settings say where AWS listens.
    """

    account: str
    allow_writes: bool = False
    max_costly: int = 0
    profile: str = ""
    claims: tuple[Claim, ...] = ()


TargetSpec: TypeAlias = (
    EmbeddedReference | UrlTarget | StartedTarget | RecordedTarget | AwsCliTarget | AccountTarget
)


def target_name(target: TargetSpec) -> str:
    """How reports call a target that has no name of its own."""
    match target:
        case EmbeddedReference():
            return "reference"
        case UrlTarget(url=url):
            return url
        case StartedTarget(name=name, command=command):
            return name or command
        case RecordedTarget(folder=folder):
            return f"recorded:{folder}"
        case AwsCliTarget(version=version, url=url):
            return f"aws-cli=={version}{f' at {url}' if url else ''}"
        case AccountTarget():
            # Whose account it is nobody needs to read in a report.
            return "aws"


@dataclass(frozen=True, slots=True)
class Plan:
    """A run: which operations of which target, in which phases, and what counts.

    `operations` are full names (`cognito-idp:StartUserImportJob`), already selected. `max_examples` is
    the number of random cases per operation, `budget` that of enumerated ones; `exhaustive` sends every
    enumerated case; `fail_under_coverage` and `fail_under_reached` are shares in percent below which a run
    does not pass; `max_time` bounds the run in seconds; `timeout` a request,
    `max_wait` a wait for the target's own time to pass.
    `checks` and `excluded_checks` name check ids; `severities` maps check ids to another severity or to
    "off", keyed by check id or `service/check-id`. `baseline` excuses what is known; `record` names a
    folder to write exchanges to; `compares` keeps of each success what another target's is compared with.
    `lifecycles` are files beside those of the kit. `name` is what baselines and reports call the target, if
    not by its address or command. `hosts` may be spoken to beside the loopback; `uploads` (HOST:PORT) may be
    uploaded to beside the target itself. `models` are files of models that workers read before anything
    else. `chains` are what an earlier run learned of the target, by operation (frozen_chains.py). `headers`
    are added to every request to it, and may be secret. After `max_failures` findings that fail the run,
    nothing more is explored. `shard` is the run's place among those that share its operations (3 of 8), of
    `selected` operations in all; `parts` has the operations that it shares with other shards. Random cases
    begin with the index `first_example`. No more than `rate` requests are sent a second.
    `corpus` are cases of operations that are sent before all others. After `max_requests` requests nothing
    more is explored. `ledger` is a file in which all is written down that the run makes.
    """

    operations: tuple[str, ...]
    target: TargetSpec = EmbeddedReference()
    protocol: str | None = None
    phases: tuple[Phase, ...] = ("enumerated", "random")
    seed: int = 0
    max_examples: int = 50
    budget: int = BUDGET
    exhaustive: bool = False
    max_time: float | None = None
    timeout: float = 10.0
    max_wait: float | None = None
    workers: int = 1
    checks: tuple[str, ...] = ()
    excluded_checks: tuple[str, ...] = ()
    severities: Mapping[str, str] = field(default_factory=dict)
    allow_remote: bool = False
    hosts: tuple[str, ...] = ()
    uploads: tuple[str, ...] = ()
    tls: Tls = field(default_factory=Tls)
    fail_on: Severity = "error"
    fail_under_coverage: float | None = None
    fail_under_reached: float | None = None
    baseline: Baseline | None = None
    record: str = ""
    compares: bool = False
    lifecycles: tuple[str, ...] = ()
    region: str = "us-east-1"
    access_key: str = ""
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    name: str = ""
    models: tuple[str, ...] = ()
    chains: Mapping[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    max_failures: int | None = None
    shard: tuple[int, int] | None = None
    selected: int = 0
    parts: Mapping[str, Part] = field(default_factory=dict)
    first_example: int = 0
    rate: float | None = None
    corpus: Mapping[str, tuple[Reproduction, ...]] = field(default_factory=dict)
    max_requests: int | None = None
    ledger: str = ""

    @property
    def target_name(self) -> str:
        """How baselines and reports call the target."""
        return self.name or target_name(self.target)

    def part(self, operation: str) -> Part:
        """The part of an operation, by its full name, that the run is to explore."""
        return self.parts.get(operation, UNCUT)

    def prefix(self, word: str, operation: str) -> str:
        """What names begin with that are used for an operation.

        Runs that share an operation, and the target too, use names of their own.
        """
        number = self.part(operation).number if isinstance(self.target, UrlTarget) else 0
        return f"{word}{self.seed % 10_000}{f'p{number}' if number else ''}"
