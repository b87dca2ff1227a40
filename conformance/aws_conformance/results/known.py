# SPDX-License-Identifier: Apache-2.0
"""What is known of targets before a run: violations with their reasons, and operations reached or not.

It owns these values, and which names mean the same target. It refuses to know what a run has shown
(baseline.py).
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Baseline", "Known", "names_target", "same_target"]


@dataclass(frozen=True, slots=True)
class Known:
    """One known violation of one target, for a reason.

    `operation` is "SERVICE:*" for what concerns every answer of a kind alike ("*" where it was written before
    these were told apart: such an entry covers all of them). `place` and `cause` are the violation's `path`
    and `cause`. `cases` are enumerated cases that showed it. `expires` is an ISO date, the last on which
    the entry holds, or empty. `line` is where it stands in its file.
    """

    target: str
    operation: str
    check: str
    place: str
    reason: str
    cause: str = ""
    link: str = ""
    expires: str = ""
    cases: tuple[str, ...] = ()
    line: int = field(default=0, compare=False)

    @property
    def key(self) -> tuple[str, ...]:
        """What it has in common with the violations that it covers (see Violation.key)."""
        return (self.operation, self.check, self.place, self.cause)

    def expired(self, today: str) -> bool:
        """Whether it no longer covers anything on an ISO date."""
        return bool(self.expires) and self.expires < today


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is known of targets: violations, and operations that were reached or are known not to be.

    `reached` and `unreached` map a target's name to full names of operations.
    """

    known: tuple[Known, ...] = ()
    reached: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unreached: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = field(default="", compare=False)

    def of(self, target: str) -> Baseline:
        """The part of it that is about a target."""
        return Baseline(
            tuple(known for known in self.known if names_target(known.target, target)),
            {target: _listed(self.reached, target)},
            {target: _listed(self.unreached, target)},
            self.source,
        )

    def keys(self, target: str) -> frozenset[tuple[str, ...]]:
        """The keys of all violations that are known of a target, expired or not."""
        return frozenset(known.key for known in self.of(target).known)


def names_target(named: str, target: str) -> bool:
    """Whether a baseline's name of a target means it: `moto` means `moto==5.2.5` too, not vice versa."""
    return named == target.partition("==")[0] or same_target(named, target)


def same_target(name: str, other: str) -> bool:
    """Whether two names are of one target: equal, or addresses that differ only in the port or the spelling
    of the loopback, because a server that is started anew listens elsewhere.
    """
    return name == other or _without_port(name) == _without_port(other)


# An address is a name as it is, or what the `aws` command speaks to.
_ADDRESS = re.compile(
    r"(aws-cli==\S+ at )?(https?)://(\[[0-9a-f:.]+\]|[^/:\[\]\s]+)(?::[0-9]+)?(/\S*)?", re.I
)


def _without_port(name: str) -> tuple[str, ...]:
    parts = _ADDRESS.fullmatch(name)
    if parts is None:
        return (name,)
    client, scheme, host, path = parts.groups(default="")
    return (client, scheme.lower(), "localhost" if _is_loopback(host) else host.lower(), path.rstrip("/"))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host.lower() == "localhost" or host.lower().endswith(".localhost")


def _listed(lists: Mapping[str, tuple[str, ...]], target: str) -> tuple[str, ...]:
    names = (name for named, names in lists.items() if names_target(named, target) for name in names)
    return tuple(dict.fromkeys(names))
