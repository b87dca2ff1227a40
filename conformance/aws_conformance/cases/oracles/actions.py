# SPDX-License-Identifier: Apache-2.0
"""What is done with a resource beyond making, showing, changing and taking it away, by the models alone.

It owns which operations ask for one named thing and say that it may not be there. It refuses to know the
links within a family (families.py) and what is told with them (scripts.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...spec.shapes import Operation, Service, StringShape
from .words import is_identifying, plain, spoken

__all__ = ["acts_on", "names_alone", "says_what_is_not_there"]

_NOT_FOUND = re.compile(r"(?i)not_?found|no_?such|not_?exist|non_?exist")
# What takes something off, ends it or makes up for it may well be done in vain, and what is asked of a
# service by a name that it does not keep is no question of that name.
_IN_VAIN = re.compile(
    r"(?:Admin|Batch)?(?:Disassociate|Detach|Remove|Unlink|Unsubscribe|Untag|Cancel|Revoke|Stop|Abort|Reset"
    r"|Reject|Purge|Clear|Unassign|Deny|Delete|Forget|Close|Unregister|Withdraw|Leave|Tag|Restore|Undelete"
    r"|Search|Query|Scan|Select|Check|Is|Validate|Verify|Confirm|Test|Describe|Get|List)(?=[A-Z0-9]|$)"
)


def says_what_is_not_there(service: Service, operation: Operation) -> bool:
    """Whether an operation declares an error for what it does not find."""
    return any(_NOT_FOUND.search(service.error_code(name)) for name in operation.errors)


def acts_on(service: Service, operation: Operation, noun: str) -> bool:
    """Whether an operation is an action on a thing of that noun, which has to be there.

    Its input names the thing with a member that has to be sent, and that is called as the thing is, or is
    its ARN, name or identifier where the operation's own name speaks of it.
    """
    if _IN_VAIN.match(operation.name) or not says_what_is_not_there(service, operation):
        return False
    structure = service.structure(operation.input)
    return any(
        _names(operation, name, noun)
        and isinstance(service.shape(structure.members[name].target), StringShape)
        for name in structure.required
    )


def names_alone(service: Service, operation: Operation, noun: str, inputs: Mapping[str, Any]) -> bool:
    """Whether what an action's input names is the thing of that noun, and what that belongs to.

    `inputs` has symbols for what the creator has made (`create.Id`) and was sent (`create.$in.Id`).
    """
    named = False
    for name in service.structure(operation.input).required:
        source = _source(inputs.get(name))
        ours = source.startswith("create.")
        if _names(operation, name, noun):
            named = named or ours
        elif (ours and source != f"create.$in.{name}") or (is_identifying(name) and not source):
            # What belongs to something else may be missing, or lie elsewhere.
            return False
    return named


def _names(operation: Operation, member: str, noun: str) -> bool:
    """Whether a member of an action's input can name nothing but a thing of that noun."""
    low, thing = plain(member), plain(noun)
    if low in (thing, *(f"{thing}{end}" for end in ("name", "id", "arn", "identifier"))):
        return True
    speaks = spoken(operation.name).endswith(f" {spoken(noun)}")
    return speaks and low in ("arn", "name", "id", "resourcearn", "identifier")


def _source(item: Any) -> str:
    return str(item.get("$from", "")) if isinstance(item, Mapping) else ""
