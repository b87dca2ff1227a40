# SPDX-License-Identifier: Apache-2.0
"""A run against the `aws` command: its endpoint opened, a relay before it, state provided behind its back.

It owns how the command is set up within a run. It refuses to know what is tried of it (engine/aws_cli/).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ..cases.compile import contract_of
from ..cases.prerequisites import prerequisites_for
from ..checks.cli import CLI_CATALOGUE
from ..errors import UsageError
from ..results.events import Event
from ..targets.relay import Relay
from .aws_cli.cases import command_cases
from .aws_cli.explore import CommandSettings, explore
from .aws_cli.invocation import Commander
from .environment import Environment
from .masked_events import masked_events
from .opening import connection_to, opened
from .plan import AwsCliTarget, Plan
from .selection import severities_for

__all__ = ["run_command_target"]

# Starting the command takes a good part of a second, and much more on a busy machine.
_PATIENCE = 3.0


def run_command_target(
    plan: Plan,
    target: AwsCliTarget,
    begin: Callable[[], None],
    emit: Callable[[Event], None],
    expired: Callable[[], bool],
) -> None:
    """Explore every operation of the plan by the command.

    Raises as `opened` does, and UsageError for what a run of the command does not have.
    """
    if "enumerated" not in plan.phases:
        raise UsageError("The `aws` command has no cases but enumerated ones.", "Add --phase enumerated.")
    if plan.record:
        # It would hold what provides state, and nothing of what the command did.
        raise UsageError("What the `aws` command does can't be recorded.", "Leave --record out.")
    checks = tuple(
        check
        for name, check in CLI_CATALOGUE.items()
        if (not plan.checks or name in plan.checks) and name not in plan.excluded_checks
    )
    with (
        opened(plan) as session,
        Relay(connection_to(plan, session.url)) as relay,
        tempfile.TemporaryDirectory(prefix="aws-conformance-", ignore_cleanup_errors=True) as folder,
    ):
        own = session.credentials["own"]
        credentials = {"AWS_ACCESS_KEY_ID": own.access_key, "AWS_SECRET_ACCESS_KEY": own.secret_key}
        if own.session_token:
            credentials["AWS_SESSION_TOKEN"] = own.session_token
        commander = Commander(
            target.command,
            target.major,
            relay,
            Path(folder),
            credentials,
            plan.region,
            plan.timeout * _PATIENCE,
        )
        begin()
        for full_name in plan.operations:
            service, _, name = full_name.partition(":")
            contract = contract_of(service, plan.protocol)
            operation = contract.operation(name)
            session.begin(full_name, contract.protocol)
            state = Environment(
                session, contract, prerequisites_for(contract.of(operation)), f"run{plan.seed % 10_000}"
            )
            settings = CommandSettings(
                checks,
                severities_for(plan, service),
                plan.fail_on,
                plan.region,
                session.secrets(contract.of(operation), None),
                expired,
            )
            take = masked_events(emit, partial(session.secrets, contract.of(operation), None))
            explore(
                commander,
                contract.of(operation),
                command_cases(contract.of(operation)),
                state,
                settings,
                take,
            )
