# SPDX-License-Identifier: Apache-2.0
"""Send the stories behind docs/findings.md again, without our code, and say whether each still shows.

    python tools/confirm_stories.py BASE-URL EMULATOR

What `confirm_findings.py` is for single requests, this is for several in a row, and at once. It owns the
stories; how a request is sent is there.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from confirm_findings import LOCAL, Answer, Target

# How often requests are sent at once until one of them shows what depends on which comes first.
_TRIES = 20
_AT_ONCE = 8
_TEMPORARY = "Temporary-1"


@dataclass(frozen=True, slots=True)
class Story:
    """What is done, and what it comes to on which emulators: the status and a text of the last answer."""

    name: str
    tell: Callable[[Target], Answer]
    shows: Mapping[str, tuple[int, str]]


def _user(target: Target) -> tuple[dict[str, str], dict[str, object]]:
    """A new pool's new user, and what signs it in with its temporary password."""
    pool = target.need("CreateUserPool", {"PoolName": target.name("pool")})["UserPool"]["Id"]
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
    client = target.need(
        "CreateUserPoolClient", {"UserPoolId": pool, "ClientName": "stories", "ExplicitAuthFlows": flows}
    )["UserPoolClient"]["ClientId"]
    who = {"UserPoolId": pool, "Username": target.name("user")}
    target.need("AdminCreateUser", {**who, "MessageAction": "SUPPRESS", "TemporaryPassword": _TEMPORARY})
    parameters = {"USERNAME": who["Username"], "PASSWORD": _TEMPORARY}
    flow = "ADMIN_USER_PASSWORD_AUTH"
    return who, {"UserPoolId": pool, "ClientId": client, "AuthFlow": flow, "AuthParameters": parameters}


def temporary_password_signs_in(target: Target) -> Answer:
    _, sign_in = _user(target)
    return target.call("AdminInitiateAuth", sign_in)


def disabled_user_signs_in(target: Target) -> Answer:
    who, sign_in = _user(target)
    target.need("AdminDisableUser", who)
    return target.call("AdminInitiateAuth", sign_in)


def update_of_a_deleted_user(target: Target) -> Answer:
    who, _ = _user(target)
    target.need("AdminDeleteUser", who)
    attributes = [{"Name": "nickname", "Value": "Joe"}]
    return target.call("AdminUpdateUserAttributes", {**who, "UserAttributes": attributes})


def pool_deleted_at_once(target: Target) -> Answer:
    """The first answer that is no 200 and no 400, of the same deletion from many connections."""
    last = Answer(0)
    for _ in range(_TRIES):
        pool = target.need("CreateUserPool", {"PoolName": target.name("pool")})["UserPool"]["Id"]
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            sent = [threads.submit(target.call, "DeleteUserPool", {"UserPoolId": pool}) for _ in range(8)]
        for future in sent:
            last = future.result()
            if last.status not in (200, 400):
                return last
    return last


STORIES = (
    Story("temporary-password-signs-in", temporary_password_signs_in, {LOCAL: (200, "AccessToken")}),
    Story("disabled-user-signs-in", disabled_user_signs_in, {LOCAL: (200, "AccessToken")}),
    Story("update-of-a-deleted-user", update_of_a_deleted_user, {LOCAL: (400, "NotAuthorizedException")}),
    Story("pool-deleted-at-once", pool_deleted_at_once, {LOCAL: (500, "ENOENT")}),
)


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__)
        return 2
    target = Target(arguments[0], arguments[1])
    chosen = [story for story in STORIES if arguments[1] in story.shows]
    confirmed = 0
    for story in chosen:
        target.reset()
        answer = story.tell(target)
        status, text = story.shows[arguments[1]]
        shown = answer.status == status and text in answer.body
        confirmed += shown
        print(f"{'confirmed' if shown else 'DIFFERS':<10} {story.name}: {answer.status} {answer.body[:100]}")
    print(f"{confirmed} of {len(chosen)} confirmed")
    return 0 if confirmed == len(chosen) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
