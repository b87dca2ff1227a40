# SPDX-License-Identifier: Apache-2.0
"""What the reference remembers: accounts, their pools, and the users, clients and import jobs of a pool.

It owns the state and how things are found in it. It refuses to know operations, wire forms and how a
job moves (jobs.py). These are the only mutable values of the reference; its one lock guards them.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

__all__ = [
    "Account",
    "Client",
    "Document",
    "Job",
    "JobStatus",
    "Password",
    "Pool",
    "Store",
    "User",
    "UserStatus",
]

# A decoded JSON object.
Document: TypeAlias = dict[str, Any]

JobStatus: TypeAlias = Literal[
    "Created", "Pending", "InProgress", "Stopping", "Expired", "Stopped", "Failed", "Succeeded"
]
UserStatus: TypeAlias = Literal["CONFIRMED", "FORCE_CHANGE_PASSWORD", "RESET_REQUIRED"]


@dataclass(frozen=True, slots=True)
class Password:
    """A password as it is kept: a salted hash, from which it can't be read."""

    salt: bytes
    digest: bytes


@dataclass(slots=True, eq=False)
class User:
    """A user. `number` orders a pool's users by creation; without a `password` none is right."""

    number: int
    username: str
    attributes: dict[str, str]
    created: float
    modified: float
    status: UserStatus
    enabled: bool = True
    password: Password | None = None


@dataclass(slots=True, eq=False)
class Client:
    """An app client of a pool. `number` orders them; `document` is what DescribeUserPoolClient shows."""

    number: int
    id: str
    document: Document

    @property
    def flows(self) -> frozenset[str]:
        return frozenset(self.document.get("ExplicitAuthFlows", ()))


@dataclass(slots=True, eq=False)
class Job:
    """An import job. `since` is when its present status began; `rows` are the lines still to import.

    `upload` is the file as it was put; `columns` is set once the file was read.
    """

    number: int
    id: str
    name: str
    pool: Pool
    role: str
    url: str
    created: float
    since: float
    algorithm: str | None = None
    status: JobStatus = "Created"
    started: float | None = None
    completed: float | None = None
    message: str | None = None
    upload: bytes | None = None
    columns: tuple[str, ...] = ()
    rows: list[str] = field(default_factory=list)
    imported: int = 0
    skipped: int = 0
    failed: int = 0


@dataclass(slots=True, eq=False)
class Pool:
    """A user pool. `document` is what DescribeUserPool shows, but for the number of users."""

    number: int
    id: str
    account: Account
    document: Document
    users: dict[str, User] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    jobs: dict[str, Job] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)

    @property
    def auto_verified(self) -> tuple[str, ...]:
        return tuple(self.document.get("AutoVerifiedAttributes", ()))

    @property
    def username_attributes(self) -> tuple[str, ...]:
        return tuple(self.document.get("UsernameAttributes", ()))

    def key(self, username: str) -> str:
        """The form in which user names compare: without regard to case only where the pool says so."""
        sensitive = self.document.get("UsernameConfiguration", {}).get("CaseSensitive", True)
        return username if sensitive else username.casefold()

    def find(self, name: str) -> User | None:
        """The user of that name, or whose sub (or e-mail or phone, where that signs in) it is."""
        key = self.key(name)
        user = self.users.get(key)
        if user is None:
            user = self.users.get(self.aliases.get(key, ""))
        return user

    def add(self, user: User) -> None:
        self.users[self.key(user.username)] = user
        self._alias(user)

    def changed(self, user: User) -> None:
        """Have the user found by the attributes that it has now, and by none that it had."""
        self._forget_aliases(user)
        self._alias(user)

    def remove(self, user: User) -> None:
        del self.users[self.key(user.username)]
        self._forget_aliases(user)

    def _alias(self, user: User) -> None:
        for name in ("sub", *self.username_attributes):
            if name in user.attributes:
                self.aliases[self.key(user.attributes[name])] = self.key(user.username)

    def _forget_aliases(self, user: User) -> None:
        key = self.key(user.username)
        for alias in [alias for alias, target in self.aliases.items() if target == key]:
            del self.aliases[alias]


@dataclass(slots=True, eq=False)
class Account:
    """An account: its pools in order of creation, and the one import job that is active, if any."""

    id: str
    pools: dict[str, Pool] = field(default_factory=dict)
    active: Job | None = None


@dataclass(slots=True, eq=False)
class Store:
    """All accounts, and all pools by id, whoever owns them."""

    accounts: dict[str, Account] = field(default_factory=dict)
    pools: dict[str, Pool] = field(default_factory=dict)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def account(self, account_id: str) -> Account:
        """The account of that id, made when it is first asked for."""
        return self.accounts.setdefault(account_id, Account(account_id))

    def job(self, account_id: str, pool_id: str, job_id: str) -> Job | None:
        pool = self.pools.get(pool_id)
        if pool is None or pool.account.id != account_id:
            return None
        return pool.jobs.get(job_id)
