# SPDX-License-Identifier: Apache-2.0
"""Requests at once: sent, told, and the order looked for that explains their answers.

It owns one race within a walk. It refuses to know what else is done to the resource.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from ...cases.expectations import Expectation
from ...cases.lifecycles.linearize import explain
from ...cases.lifecycles.model import Action, Race
from ...checks.history_subjects import ConcurrentRun
from ...checks.verdict import is_throttled
from .context import WalkContext
from .harness import Blocked, Reply
from .resource import ModelResource

__all__ = ["run_race"]


def run_race(context: WalkContext, resource: ModelResource, race: Race) -> None:
    """Send a race's requests, and judge whether some order of them explains everything.

    Raises Blocked where the answers tell nothing.
    """
    believed, scene = context.may_be(resource), context.scene(resource)
    actions = [context.rules.lifecycle.actions[act.action] for act in race.acts for _ in range(act.times)]
    requests = [(context.harness.contract.operation(action.operation), action.input) for action in actions]
    label = f"{race.name} in {resource.label}"
    expectation = Expectation("answered", state=label)
    replies = context.harness.at_once(requests, context.observer.resolver(resource), expectation)
    _tell(context, resource, actions, replies)
    for reply in replies:
        context.record.reply(reply)
    if any(reply.crashed or is_throttled(reply.answer) for reply in replies):
        raise Blocked(f"no usable answers to {label}")
    for reply in replies:
        if reply.success:
            context.record.reach(reply)
    context.observer.changed()
    # Where it is now depends on who came first.
    resource.unplaced = True
    context.observer.look(resource, context.reader)
    outcomes = Counter((action.name, reply.success) for action, reply in zip(actions, replies, strict=True))
    order = explain(context.rules, believed, scene, outcomes, resource.state or None)
    if not order and not any(accepted for _, accepted in outcomes):
        # Whatever refuses all of them may have a reason that nobody told.
        raise Blocked(f"{label}: all were refused, such as with {replies[0].said[:120]}")
    operation = replies[0].operation
    context.record.add(
        context.harness.moment(ConcurrentRun(race, operation, outcomes, resource.state, order))
    )
    if order:
        context.harness.note(f"explained by: {', then '.join(order)}")


def _tell(
    context: WalkContext, resource: ModelResource, actions: Sequence[Action], replies: Sequence[Reply]
) -> None:
    """Equal requests with equal answers are one step of the transcript."""
    alike: dict[tuple[str, int, str], list[tuple[Action, Reply]]] = {}
    for action, reply in zip(actions, replies, strict=True):
        key = (action.name, reply.answer.response.status, reply.answer.code)
        alike.setdefault(key, []).append((action, reply))
    for group in alike.values():
        action, reply = group[0]
        context.observer.tell(reply, action.input, resource, times=len(group), at_once=True)
