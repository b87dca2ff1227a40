# SPDX-License-Identifier: Apache-2.0
"""A lifecycle compiled to a Hypothesis rule-based state machine: histories made by chance.

It owns the machine: a rule for each action and each reader, a bundle of the resources that there are. It
refuses to know what a move does (the walker) and what is made of what it shows; so nothing fails here, and
Hypothesis only chooses.

Which rules may be chosen depends on earlier choices alone, never on answers: the same seed then makes the
same histories, whatever a target does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ...cases.lifecycles.belief import Rules
from ...cases.lifecycles.histories import Step
from ...cases.lifecycles.model import Action, Setting

__all__ = ["random_histories"]

# Moves of one history, at most; and resources in it.
_MOVES = 12
_RESOURCES = ("first", "second")
# So often Hypothesis is asked for those that are missing, because it gives up some examples early.
_ROUNDS = 8

Begin = Callable[[str], Callable[[Step], None]]


def random_histories(
    rules: Rules, seed_text: str, count: int, begin: Begin, end: Callable[[], None], *, moves_time: bool
) -> None:
    """Choose `count` histories; `begin` gets a setting and gives what makes moves, `end` ends a history.

    With `moves_time`, what takes hours is among the moves.
    """
    left = [count]

    def begin_some(setting: str) -> Callable[[Step], None]:
        # Hypothesis gives some examples up before their first move: only the others count.
        performers: list[Callable[[Step], None]] = []

        def perform(move: Step) -> None:
            if not performers:
                left[0] -= 1
                performers.append(begin(setting) if left[0] >= 0 else _nothing)
            performers[0](move)

        return perform

    for again in range(_ROUNDS):
        if left[0] <= 0:
            return
        digest = hashlib.sha256(f"{seed_text}:{again}".encode()).digest()
        number = int.from_bytes(digest[:8], "big")
        machine = seed(number)(_machine(rules, begin_some, end, moves_time=moves_time))
        quiet = settings(
            max_examples=left[0],
            stateful_step_count=_MOVES,
            database=None,
            deadline=None,
            derandomize=False,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
            verbosity=Verbosity.quiet,
            print_blob=False,
        )
        run_state_machine_as_test(machine, settings=quiet)


def _nothing(_: Step) -> None:
    """What a move does once there are enough histories."""


def _machine(
    rules: Rules, begin: Begin, end: Callable[[], None], *, moves_time: bool
) -> type[RuleBasedStateMachine]:
    life = rules.lifecycle
    resources: Bundle[str] = Bundle("resources")
    creators = rules.creators()

    def stand(self: Any, setting: Setting) -> None:
        self.count = 0
        self.perform = begin(setting.name)

    def teardown(self: Any) -> None:
        end()

    members: dict[str, Any] = {
        "stand": initialize(setting=st.sampled_from(life.settings))(stand),
        "teardown": teardown,
    }
    for action in life.actions.values():
        name = _identifier(action.name)
        if action.name in creators:
            members[f"make_{name}"] = _creating(action, resources)
        else:
            members[f"do_{name}"] = _acting(action, resources)
    for reader in life.readers:
        members[f"ask_{_identifier(reader)}"] = _other(Step("read", "", reader), resources)
    if any(not line.by and line.after is None for line in life.transitions):
        members["wait"] = _other(Step("wait", ""), resources)
    if moves_time:
        for line in life.transitions:
            if line.after is not None:
                move = Step("pass", "", until=line.to)
                members[f"pass_until_{_identifier(line.to[0])}"] = _other(move, resources)
    return type("Life", (RuleBasedStateMachine,), members)


def _creating(action: Action, resources: Bundle[str]) -> Any:
    """A rule that makes one more resource, as long as there is room."""

    def make(self: Any, variant: str) -> str:
        who = _RESOURCES[self.count]
        self.count += 1
        self.perform(Step("act", who, action.name, variant))
        return who

    chosen = rule(target=resources, variant=_variants(action))(make)
    return precondition(lambda self: self.count < len(_RESOURCES))(chosen)


def _acting(action: Action, resources: Bundle[str]) -> Any:
    def act(self: Any, who: str, variant: str) -> None:
        self.perform(Step("act", who, action.name, variant))

    return rule(who=resources, variant=_variants(action))(act)


def _other(move: Step, resources: Bundle[str]) -> Any:
    def do(self: Any, who: str) -> None:
        self.perform(Step(move.do, who, move.name, until=move.until))

    return rule(who=resources)(do)


def _variants(action: Action) -> st.SearchStrategy[str]:
    return st.sampled_from([variant.name for variant in action.variants])


def _identifier(name: str) -> str:
    return "".join(char if char.isalnum() else "_" for char in name)
