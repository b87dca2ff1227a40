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
from ..histories.context import WalkContext
from ..histories.harness import Blocked, Reply
from ..histories.resource import ModelResource

__all__ = ["run_race"]


def run_race(cast: WalkContext, actor: ModelResource, race: Race) -> None:
    """Send a race's requests, and judge whether some order of them explains everything.

    Raises Blocked where the answers tell nothing.
    """
    believed, scene = cast.may_be(actor), cast.scene(actor)
    actions = [cast.rules.lifecycle.actions[act.action] for act in race.acts for _ in range(act.times)]
    wanted = [(cast.stage.compiled.operation(one.operation), one.input) for one in actions]
    label = f"{race.name} in {actor.label}"
    expectation = Expectation("answered", state=label)
    replies = cast.stage.at_once(wanted, cast.sights.resolver(actor), expectation)
    _tell(cast, actor, actions, replies)
    for reply in replies:
        cast.record.reply(reply)
    if any(reply.crashed or is_throttled(reply.answer) for reply in replies):
        raise Blocked(f"no usable answers to {label}")
    for reply in replies:
        if reply.success:
            cast.record.reach(reply)
    cast.sights.changed()
    # Where it is now depends on who came first.
    actor.astray = True
    cast.sights.look(actor, cast.reader)
    outcomes = Counter((action.name, reply.success) for action, reply in zip(actions, replies, strict=True))
    order = explain(cast.rules, believed, scene, outcomes, actor.state or None)
    if not order and not any(accepted for _, accepted in outcomes):
        # Whatever refuses all of them may have a reason that nobody told.
        raise Blocked(f"{label}: all were refused, such as with {replies[0].said[:120]}")
    operation = replies[0].operation
    cast.record.found(cast.stage.moment(ConcurrentRun(race, operation, outcomes, actor.state, order)))
    if order:
        cast.stage.note(f"explained by: {', then '.join(order)}")


def _tell(
    cast: WalkContext, actor: ModelResource, actions: Sequence[Action], replies: Sequence[Reply]
) -> None:
    """Equal requests with equal answers are one step of the transcript."""
    alike: dict[tuple[str, int, str], list[tuple[Action, Reply]]] = {}
    for action, reply in zip(actions, replies, strict=True):
        key = (action.name, reply.answer.response.status, reply.answer.code)
        alike.setdefault(key, []).append((action, reply))
    for group in alike.values():
        action, reply = group[0]
        cast.sights.tell(reply, action.input, actor, times=len(group), at_once=True)
