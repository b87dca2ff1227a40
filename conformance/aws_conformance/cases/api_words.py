# SPDX-License-Identifier: Apache-2.0
"""The words that names in AWS models are made of: verbs by what they do, words that say nothing.

It owns the lists, and the parting of a name into words. It refuses to know what is read out of a name by
them (links.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, TypeAlias

__all__ = [
    "GATE_VERBS",
    "GENERIC_NAMES",
    "MAKING_VERBS",
    "SMALL_WORDS",
    "VERBS",
    "Verb",
    "singular",
    "words_of",
]

# What an operation does, by the verb in its name; what no list has changes what is there.
Verb: TypeAlias = Literal["create", "destroy", "read", "change"]

_CREATE = """
    Create Put Register Allocate Import Request Run Start Upload Publish Add Issue Initiate Send Subscribe
    Enable Set Tag Attach Associate Purchase Copy Restore Define Provision Open Begin Generate Sign Activate
    Assign Grant Authorize Schedule Apply Install Join Build Store Invite Link
"""
_DESTROY = """
    Delete Deregister Release Terminate Remove Cancel Disassociate Detach Stop Untag Unsubscribe Disable
    Revoke Reject Purge Deactivate Unassign Abort Forget Destroy Unlink Deallocate Close Retire Unregister
    Deprecate Discard Leave Complete
"""
_READ = """
    Get List Describe Search Lookup Query Scan Head Receive View Count Check Test Validate Batch Estimate
    Preview Select Simulate Verify Filter Poll Is Discover
"""
VERBS: Mapping[Verb, tuple[str, ...]] = {
    "create": tuple(_CREATE.split()),
    "destroy": tuple(_DESTROY.split()),
    "read": tuple(_READ.split()),
}
# Verbs of which something new comes, before those that may only change what is there.
_MAKING = "Create Register Allocate Request Import Purchase Run Add Upload Put Initiate Send"
_SMALL = "from to on for of by in with and the as at all"
# Members of these names say nothing of whose they are; they count only with what gives them.
_GENERIC = "id arn name key value type status state version description url uri text message"
# Of operations that may have come before another about the same thing, the likelier first.
_GATES = "Put Create Set Add Attach Tag Associate Register Enable Start Update Modify"

MAKING_VERBS = frozenset(_MAKING.split())
SMALL_WORDS = frozenset(_SMALL.split())
GENERIC_NAMES = frozenset(_GENERIC.split())
GATE_VERBS = tuple(_GATES.split())


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in capitals or with hyphens, as they are written."""
    return tuple(re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+|[0-9]+", name))


def singular(word: str) -> str:
    """A word by which things are compared: lower case, in the singular."""
    plain = word.lower()
    if plain.endswith("ies") and len(plain) > 4:
        return f"{plain[:-3]}y"
    if plain.endswith(("sses", "xes", "ches", "shes", "ases")):
        return plain[:-1] if plain.endswith("ases") and not plain.endswith("iases") else plain[:-2]
    keeps = plain.endswith(("ss", "us", "is", "as")) or len(plain) < 4
    return plain[:-1] if plain.endswith("s") and not keeps else plain
