# SPDX-License-Identifier: Apache-2.0
"""What a run has to say: violations, the outcome of each case, and the events that reports consume.

It owns these values. It refuses to know how they come about (engine/), how they are written
(event_json.py) and how they look (results/reports/).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, assert_never

from .terms import Answers, Provenance, Severity

__all__ = [
    "EVENTS_VERSION",
    "UNREACHED",
    "CaseFinished",
    "CaseInfo",
    "CaseSource",
    "Covered",
    "Errored",
    "Event",
    "Flaky",
    "Inconclusive",
    "Kind",
    "Lived",
    "NotImplementedByTarget",
    "OperationFinished",
    "OperationStarted",
    "Outcome",
    "Phase",
    "Reported",
    "Reproduction",
    "RunFinished",
    "RunStarted",
    "Tallied",
    "UnrepeatedViolation",
    "Verified",
    "Violated",
    "Violation",
    "WaitStarted",
    "tallied_as",
]

# In version 1 the `keyword` of a history held the name of its lifecycle, and its `value_class` the state.
EVENTS_VERSION = 2

Phase: TypeAlias = Literal["enumerated", "random", "stateful"]
# positive: valid and bound to existing state, so it should be answered with success;
# unbound: valid, but it names what does not exist; negative: one constraint broken; tolerance: odd but
# accepted by AWS; probe: provokes a documented error; fault: asks the target to answer with an error.
# Of histories (phase stateful): path, all of it is legal; forbidden: all but its last action; race: actions
# at once; walk: made by chance.
Kind: TypeAlias = Literal[
    "positive", "unbound", "negative", "tolerance", "probe", "fault", "path", "forbidden", "race", "walk"
]


@dataclass(frozen=True, slots=True)
class Violation:
    """The target broke a check: which, where, and both sides.

    `path` is a JSONPath into the response body, or into the request for checks about requests; list
    indices and map keys are generalised (`[*]`) so that one cause has one path. `scope` is "target"
    for what concerns every answer alike (a request id missing everywhere is one finding for a service and
    `answers`, the kind of its answers). Of a crash, `site` is what it is known by, over runs and versions:
    the exception with its place, or the answer's text without what varies; `thrown` is the exception's own
    text. Neither is part of what makes two violations the same finding.
    """

    check: str
    severity: Severity
    provenance: Provenance
    operation: str
    path: str
    requirement: str
    expected: str
    got: str
    cause: str = ""
    scope: Literal["operation", "target"] = "operation"
    answers: Literal[""] | Answers = ""
    site: str = ""
    thrown: str = ""

    @property
    def message(self) -> str:
        """One line: the place, what was expected and what came."""
        return f"{self.path}: expected {self.expected}, got {self.got}"

    @property
    def key(self) -> tuple[str, ...]:
        """What makes two violations the same finding."""
        if self.scope == "operation":
            return (self.operation, self.check, self.path, self.cause)
        if not self.answers:
            return self.merged_key
        service = self.operation.partition(":")[0]
        return (f"{service}:*", self.check, self.path, f"{self.cause} in {self.answers}".lstrip())

    @property
    def merged_key(self) -> tuple[str, ...]:
        """The key that it had when all services and all kinds of answers were one finding."""
        place = "*" if self.scope == "target" else self.operation
        return (place, self.check, self.path, self.cause)

    @property
    def id(self) -> str:
        """A short id, stable across runs and seeds: it depends on the finding alone."""
        return hashlib.sha256("\x1f".join(self.key).encode("utf-8", "surrogatepass")).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Verified:
    """The case ran and the target did what the documents say."""


@dataclass(frozen=True, slots=True)
class Violated:
    violations: tuple[Violation, ...]


@dataclass(frozen=True, slots=True)
class Inconclusive:
    """The case ran, or could not, and neither verdict would be honest; `reason` says why."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotImplementedByTarget:
    """The target does not implement the operation; `evidence` is what shows it."""

    evidence: str


@dataclass(frozen=True, slots=True)
class Errored:
    """Our side, or the connection to the target, failed: no verdict on the target."""

    reason: str


@dataclass(frozen=True, slots=True)
class Flaky:
    """A violation that did not come back when its case was sent again from fresh state."""

    violations: tuple[Violation, ...]


Outcome: TypeAlias = Verified | Violated | Inconclusive | NotImplementedByTarget | Errored | Flaky

# Why a case is inconclusive that would be verified if its operation had been reached.
UNREACHED = "the operation was not reached in this run"

# The outcomes as tallies call them.
Tallied: TypeAlias = Literal["verified", "violated", "inconclusive", "not_implemented", "errored", "flaky"]


def tallied_as(outcome: Outcome) -> Tallied:
    """The name under which an outcome is counted."""
    match outcome:
        case Verified():
            return "verified"
        case Violated():
            return "violated"
        case Inconclusive():
            return "inconclusive"
        case NotImplementedByTarget():
            return "not_implemented"
        case Errored():
            return "errored"
        case Flaky():
            return "flaky"
        case _:
            assert_never(outcome)


@dataclass(frozen=True, slots=True)
class CaseInfo:
    """What reports need to know of a case: `id` is stable, `title` says in words what it tries.

    `pointer`, `keyword` and `value_class` say what is broken in a request; `lifecycle` and `state` are of
    histories: the name of the lifecycle, and the state that its last action meets.
    """

    id: str
    operation: str
    phase: Phase
    kind: Kind
    title: str
    pointer: str = ""
    keyword: str = ""
    value_class: str = ""
    lifecycle: str = ""
    state: str = ""

    @property
    def repeatable(self) -> bool:
        """Whether every run of the same plan has this case: nothing in it was chosen by chance."""
        return self.phase == "enumerated" or (self.phase == "stateful" and self.kind != "walk")


@dataclass(frozen=True, slots=True)
class Lived:
    """One history of an operation that needs no chance, and what came of it.

    `outcome` is the name of the outcome in words, `reason` what it says of itself.
    """

    case: CaseInfo
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Covered:
    """Of one kind of what there is to judge of an operation: how much there is, was judged, and departs.

    `unjudged` names the first of what was not judged.
    """

    what: str
    there: int
    judged: int
    departing: int
    unjudged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseSource:
    """What a case is made again from, beside its template: how it is sent, and what it should earn.

    `sent` and `expectation` hold fields of Case and Expectation that are not as they mostly are. A
    template that is `redacted` can't be sent; its case is found by its id if it was enumerated, or made
    anew from its `choices` if it was random.
    """

    sent: Mapping[str, Any] = field(default_factory=dict)
    expectation: Mapping[str, Any] = field(default_factory=dict)
    choices: tuple[int, ...] = ()
    redacted: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class Reproduction:
    """How to see a violation again: command lines, the case itself, and the raw exchange as text.

    `template` is the request's document with symbolic bindings; `request` and `response` are redacted.
    `source` is what `replay` needs besides. A history has a `transcript`, and is whole scripts rather than
    lines.
    """

    aws: str
    boto3: str
    curl: str
    case: CaseInfo
    template: Any
    request: str
    response: str
    steps: tuple[str, ...] = ()
    transcript: tuple[str, ...] = ()
    source: CaseSource = field(default_factory=CaseSource)


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The head of a run. `settings` are what else its verdicts depend on, under the names of the Plan."""

    target: str
    seed: int
    phases: tuple[Phase, ...]
    operations: tuple[str, ...]
    versions: Mapping[str, str]
    started: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    version: int = EVENTS_VERSION


@dataclass(frozen=True, slots=True)
class OperationStarted:
    operation: str
    cases: int


@dataclass(frozen=True, slots=True)
class CaseFinished:
    """A case is through: `answered` is the HTTP status (0: no answer), `code` the error code, if any.

    `elapsed` is in seconds. `shows` are the ids of findings that it counts for. `answer` is what a success
    holds at its places, as far as two targets can be compared by it; only where the plan asked for it.
    """

    case: CaseInfo
    outcome: Outcome
    answered: int = 0
    code: str = ""
    elapsed: float = 0.0
    answer: Mapping[str, tuple[str, ...]] | None = None
    shows: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reported:
    """A finding, once, when all operations are through; `count` is how often it occurred.

    `cases` are the ids of the first enumerated cases that showed it. `baseline` is the reason for which a
    baseline excuses it, if one does.
    """

    violation: Violation
    count: int
    reproduction: Reproduction
    operations: tuple[str, ...] = ()
    baseline: str = ""
    cases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UnrepeatedViolation:
    """A grave violation that did not show again, with its exchange: no finding, and not forgotten.

    `outcome` is "flaky" if its case, sent again from fresh state, was answered otherwise, "unconfirmed" if
    the repetition said nothing of it (it was refused for its state, or not answered); `reason` says what
    came instead.
    """

    violation: Violation
    outcome: Literal["flaky", "unconfirmed"]
    reason: str
    reproduction: Reproduction


@dataclass(frozen=True, slots=True)
class OperationFinished:
    """The tally of an operation. `errors` holds for each error code seen how it was provoked.

    `findings` are the operation's own, before what several operations show alike becomes one: with them
    this event alone is enough to take an operation over from an interrupted run. `succeeded` says that
    a 2xx was seen, which may have been in violation of something; `excused` that the baseline lists the
    operation as unreached. `histories` are those of its histories that need no chance, in order. `deaths`
    say when the target died of something that did not kill it again. `unrepeated` are grave violations that
    did not show again. `coverage` is how much of what there is was judged; empty where nobody counted.
    `left_out` are cases that only an exhaustive run sends, `places_left_out` places of shapes that are tried
    at another place.
    `chain` is what was learned of the target so that the operation succeeds: steps and an accepted input.
    `judged` stands for `coverage` item by item where the run had only a part of the operation: of each kind
    of what there is, every item with "", "judged" or "departing".
    """

    operation: str
    implemented: bool
    evidence: str
    reached: bool
    cases: int
    verified: int = 0
    violated: int = 0
    inconclusive: int = 0
    not_implemented: int = 0
    errored: int = 0
    flaky: int = 0
    errors: Mapping[str, Literal["request", "fault injection"]] = field(default_factory=dict)
    unreached: str = ""
    succeeded: bool = False
    excused: bool = False
    findings: tuple[Reported, ...] = ()
    histories: tuple[Lived, ...] = ()
    deaths: tuple[str, ...] = ()
    unrepeated: tuple[UnrepeatedViolation, ...] = ()
    coverage: tuple[Covered, ...] = ()
    left_out: int = 0
    places_left_out: int = 0
    chain: Mapping[str, Any] = field(default_factory=dict)
    judged: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The end of a run: the exit code and why, in one line each.

    `complaints` are those of the reasons that are about the baseline and fail the run.
    """

    exit: int
    reasons: tuple[str, ...]
    elapsed: float
    complaints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class WaitStarted:
    """The run waits, for so many seconds; it is told while it happens, and stands in no report."""

    operation: str
    what: str
    seconds: float


Event: TypeAlias = (
    RunStarted | OperationStarted | CaseFinished | Reported | OperationFinished | RunFinished | WaitStarted
)
