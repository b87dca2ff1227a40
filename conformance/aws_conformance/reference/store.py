"""What the reference remembers: accounts, their pools, and the users and import jobs of a pool.

It owns the state and how things are found in it. It refuses to know operations, wire forms and how a
job moves (jobs.py). These are the only mutable values of the reference; its one lock guards them.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

__all__ = ["Account", "Document", "Job", "JobStatus", "Pool", "Store", "User"]

# A decoded JSON object.
Document: TypeAlias = dict[str, Any]

JobStatus: TypeAlias = Literal[
    "Created", "Pending", "InProgress", "Stopping", "Expired", "Stopped", "Failed", "Succeeded"
]


@dataclass(slots=True, eq=False)
class User:
    """A user. `number` orders a pool's users by creation; no password is ever kept."""

    number: int
    username: str
    attributes: dict[str, str]
    created: float
    modified: float
    status: str
    enabled: bool = True


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
        key = self.key(user.username)
        self.users[key] = user
        for name in ("sub", *self.username_attributes):
            if name in user.attributes:
                self.aliases[self.key(user.attributes[name])] = key

    def remove(self, user: User) -> None:
        key = self.key(user.username)
        del self.users[key]
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
        """The account of that id, made on first sight."""
        return self.accounts.setdefault(account_id, Account(account_id))

    def job(self, account_id: str, pool_id: str, job_id: str) -> Job | None:
        pool = self.pools.get(pool_id)
        if pool is None or pool.account.id != account_id:
            return None
        return pool.jobs.get(job_id)
