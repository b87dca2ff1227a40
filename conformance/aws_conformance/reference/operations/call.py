# SPDX-License-Identifier: Apache-2.0
"""One call of an operation, as a handler sees it, and how it finds what the call names.

It owns what all handlers share. It refuses to know the wire: the input was read and checked before.
"""

from __future__ import annotations

import string
from dataclasses import dataclass
from random import Random

from ..jobs import Progress
from ..refusal import Refusal
from ..settings import Settings
from ..store import Account, Client, Document, Pool, Store, User

__all__ = ["Call", "identifier"]

_ALPHANUMERIC = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Call:
    """An operation's name and input, who calls, when, and what the handler may draw on."""

    operation: str
    input: Document
    account: Account
    now: float
    base_url: str
    store: Store
    settings: Settings
    random: Random
    progress: Progress

    def pool(self) -> Pool:
        """The pool that the input names. Raises Refusal if there is none, or it is another account's.

        What AWS answers for a pool of another account is not recorded. NotAuthorizedException is
        chosen, so that a request can provoke this code, which all of these operations declare.
        """
        pool_id: str = self.input["UserPoolId"]
        pool = self.store.pools.get(pool_id)
        if pool is None:
            raise Refusal("ResourceNotFoundException", f"User pool {pool_id} does not exist.")
        if pool.account is not self.account:
            raise Refusal(
                "NotAuthorizedException",
                f"Account {self.account.id} is not authorized to perform {self.operation} on {pool_id}.",
            )
        return pool

    def user(self) -> User:
        """The user that the input names, in its pool. Raises Refusal if there is none."""
        user = self.pool().find(self.input["Username"])
        if user is None:
            raise Refusal("UserNotFoundException", "User does not exist.")
        return user

    def client(self) -> Client:
        """The app client that the input names, in its pool. Raises Refusal if there is none."""
        client = self.pool().clients.get(self.input["ClientId"])
        if client is None:
            raise Refusal(
                "ResourceNotFoundException", f"User pool client {self.input['ClientId']} does not exist."
            )
        return client


def identifier(random: Random, length: int) -> str:
    """Letters and digits, as they end the ids of pools and jobs."""
    return "".join(random.choices(_ALPHANUMERIC, k=length))
