# SPDX-License-Identifier: Apache-2.0
"""What the walks in Python share: the file that is imported, and its upload.

It owns the file's one user and how long a job is waited for, in seconds. It refuses to know any client.
"""

from __future__ import annotations

import urllib.request
from collections.abc import Sequence

__all__ = ["ENDS", "PATIENCE", "PAUSE", "ROLE", "csv_file", "upload"]

ROLE = "arn:aws:iam::123456789012:role/CognitoImport"
ENDS = ("Succeeded", "Failed", "Stopped", "Expired")
PATIENCE = 30.0
PAUSE = 0.5

_ROW = {
    "cognito:username": "walker",
    "cognito:mfa_enabled": "false",
    "email": "walker@example.com",
    "email_verified": "true",
    "phone_number_verified": "false",
}


def csv_file(columns: Sequence[str]) -> bytes:
    """A file of one user, with the pool's own columns; documented as one line each, without quotes."""
    row = (_ROW.get(column, "") for column in columns)
    return f"{','.join(columns)}\n{','.join(row)}\n".encode()


def upload(url: str, content: bytes) -> None:
    """PUT the file to a presigned URL, with the header that the URL signs. Raises HTTPError if refused."""
    headers = {"x-amz-server-side-encryption": "aws:kms"}
    request = urllib.request.Request(url, content, headers, method="PUT")
    # Without proxies: a machine that has one would send a loopback address there.
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30):
        pass
