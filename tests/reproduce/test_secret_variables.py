# SPDX-License-Identifier: Apache-2.0
"""Which variables of an environment hold secrets."""

from __future__ import annotations

import pytest

from aws_conformance.reproduce.secret_variables import environment_secrets


@pytest.mark.parametrize(
    ("name", "value", "is_secret"),
    [
        ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG", True),
        ("DEPLOY_TOKEN", "ghp_0123456789", True),
        ("DB_PASSWORD", "1234567890123", True),
        # What emulators are spoken to with.
        ("AWS_SECRET_ACCESS_KEY", "testing", False),
        ("AWS_SECRET_ACCESS_KEY", "localstack", False),
        ("AWS_ACCESS_KEY_ID", "000000000000", False),
        ("AWS_ACCESS_KEY_ID", "123456789012", False),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token-1", False),
        ("HOME", "/home/user-1", False),
    ],
)
def test_secrets_are_known_by_names_and_are_no_words_of_tests(name: str, value: str, is_secret: bool) -> None:
    assert environment_secrets({name: value}) == ((value,) if is_secret else ())
