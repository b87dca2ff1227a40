# SPDX-License-Identifier: Apache-2.0
"""What can be set about the reference, and the credentials that it accepts; values only, no behaviour.

An access key is an account: clients with keys of their own never meet in each other's pools, nor in
the rule that an account has one active import job at a time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "ACCESS_KEY",
    "ACCOUNT_ID",
    "REGION",
    "SECRET_KEY",
    "AccessKey",
    "Settings",
    "find_access_key",
]

# Made up for this server, which is the only one that knows them.
ACCESS_KEY = "AKIDCONFORMANCE00001"
SECRET_KEY = "conformance-reference-secret"
REGION = "us-east-1"
ACCOUNT_ID = "123456789012"

_FAMILY = re.compile(r"AKIDCONFORMANCE([0-9]{5})", re.ASCII)
_FAMILY_ACCOUNTS = 500_000_000_000


@dataclass(frozen=True, slots=True)
class AccessKey:
    """An access key that the reference knows, its secret, and the account that it acts for."""

    key: str
    secret: str
    account: str


@dataclass(frozen=True, slots=True)
class Settings:
    """How a reference behaves; times are in seconds.

    `base_url` is what presigned URLs begin with; None takes it from each request's Host header.
    `stopping_seconds` above 0 makes StopUserImportJob answer `Stopping` first. `seed` makes identifiers
    repeatable. `faults` lets a request header provoke any error that an operation declares, `time_control`
    lets a request move the clock (control.py). `accept_any` takes every signature for right.
    """

    base_url: str | None = None
    region: str = REGION
    access_keys: tuple[AccessKey, ...] = ()
    pending_seconds: float = 2.0
    progress_seconds: float = 2.0
    stopping_seconds: float = 0.0
    expiry_seconds: float = 24 * 3600.0
    jobs_per_pool: int = 1_000
    upload_limit: int = 100 * 1024 * 1024
    faults: bool = False
    time_control: bool = False
    seed: int = 0
    accept_any: bool = False


def find_access_key(settings: Settings, key: str) -> AccessKey | None:
    """The access key of that name: one of the settings', or any of the built-in family.

    The family is `AKIDCONFORMANCE` and five digits, all with one secret and each with its own account,
    so that parallel workers need no arrangement.
    """
    for known in settings.access_keys:
        if known.key == key:
            return known
    if key == ACCESS_KEY:
        return AccessKey(ACCESS_KEY, SECRET_KEY, ACCOUNT_ID)
    matched = _FAMILY.fullmatch(key)
    if matched is None:
        return None
    return AccessKey(key, SECRET_KEY, str(_FAMILY_ACCOUNTS + int(matched[1])))
