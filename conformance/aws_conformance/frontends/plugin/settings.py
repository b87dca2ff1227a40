# SPDX-License-Identifier: Apache-2.0
"""What a pytest run was asked for: its options and ini settings, over the project's own configuration.

It owns the order of precedence (command line, ini, `[tool.aws-conformance]`) and refuses to know what the
settings mean: frontends/config.py makes a Plan of them as it does for the command line.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ...engine.plan import AwsCliTarget, Plan
from ...errors import UsageError, did_you_mean
from ...results.events import Phase
from ..config import PHASES, Config, load_config, plan_from

if TYPE_CHECKING:
    import pytest

__all__ = ["configuration", "observing_plan", "plan_of", "seed_of"]


def configuration(config: pytest.Config) -> Config:
    """The project's configuration: `[tool.aws-conformance]` from pytest's rootdir upwards."""
    return load_config(config.rootpath)


def plan_of(config: pytest.Config, operations: tuple[str, ...] | None = None) -> Plan:
    """The Plan of this run. Raises UsageError as the command line does, and for a client as target."""
    plan = plan_from(configuration(config), _overrides(config), operations=operations)
    if isinstance(plan.target, AwsCliTarget):
        raise UsageError(
            "The `aws` command is a client, and the plugin checks servers.",
            "Use `aws-conformance run --target aws-cli`.",
        )
    return plan


def observing_plan(config: pytest.Config) -> Plan:
    """What observing needs of a Plan: severities, the baseline and the name of the target; no operations."""
    return plan_from(configuration(config), _overrides(config), operations=())


def seed_of(config: pytest.Config) -> int:
    """The seed of this run; 0 if nobody has set one."""
    seed = config.getoption("--conformance-seed")
    return seed if seed is not None else configuration(config).seed or 0


def _overrides(config: pytest.Config) -> Config:
    start = config.getoption("--conformance-start")
    target = config.getoption("--conformance-target")
    if target is None and start is None:
        target = config.getini("conformance_target") or None
    seed = config.getoption("--conformance-seed")
    if seed is not None and seed < 0:
        raise UsageError(f"The seed {seed} is negative.", "Give 0 or more.")
    most = config.getoption("--conformance-max-examples")
    if most is not None and most < 0:
        raise UsageError(f"There is no way to make {most} examples.", "Give 0 or more.")
    phases = config.getoption("--conformance-phase")
    return Config(
        target=target,
        start=start,
        phases=_phases(phases.split(",")) if phases is not None else None,
        seed=seed,
        max_examples=most,
        fail_on=config.getoption("--conformance-fail-on"),
        baseline=config.getoption("--conformance-baseline"),
        allow_remote=config.getoption("--conformance-allow-remote"),
    )


def _phases(words: Sequence[str]) -> tuple[Phase, ...]:
    known: dict[str, Phase] = {phase: phase for phase in PHASES}
    for word in words:
        if word.strip() not in known:
            hint = did_you_mean(word, PHASES) or f"There is {', '.join(PHASES)}."
            raise UsageError(f"There is no phase {word.strip()!r}.", hint)
    return tuple(dict.fromkeys(known[word.strip()] for word in words))
