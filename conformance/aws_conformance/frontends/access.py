# SPDX-License-Identifier: Apache-2.0
"""Whom a run may speak to, whom it trusts, and by whose keys it signs: settings as parts of a Plan.

It owns their words and where keys come from, which is botocore's own chain. It refuses to know how requests
are signed and connections are opened (targets).

A server on this machine gets keys that open nothing, unless others are asked for: what listens on a port of
the loopback may be anybody's. A remote one gets those of the environment or of its profile.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from typing import Any, Protocol

from ..errors import UsageError
from ..files import read_text
from ..targets.address import Tls, parse_address

__all__ = ["access_settings"]

_LARGEST_KEYS = 1024 * 1024


class AccessWords(Protocol):
    """The settings that are about this, as a configuration has them."""

    @property
    def allow_hosts(self) -> tuple[str, ...] | None: ...
    @property
    def allow_uploads(self) -> tuple[str, ...] | None: ...
    @property
    def ca_bundle(self) -> str | None: ...
    @property
    def client_certificate(self) -> str | None: ...
    @property
    def client_key(self) -> str | None: ...
    @property
    def profile(self) -> str | None: ...
    @property
    def credentials(self) -> str | None: ...
    @property
    def region(self) -> str | None: ...


def access_settings(config: AccessWords, url: str, *, account: bool = False) -> dict[str, Any]:
    """The fields of a Plan that say how it gets to its target, whose `url` is empty where it has none yet.

    An `account` at AWS is spoken to with the user's keys or not at all.

    Raises UsageError for what can't be used.
    """
    address = parse_address(url) if url else None
    secure = address is not None and address.scheme == "https"
    settings: dict[str, Any] = {
        "hosts": tuple(map(_host, config.allow_hosts)) if config.allow_hosts else None,
        "uploads": tuple(map(_place, config.allow_uploads)) if config.allow_uploads else None,
        "tls": _tls(config, os.environ.get("AWS_CA_BUNDLE", "") if secure or account else ""),
    }
    remote = address is not None and not address.loopback
    named = config.profile is not None or config.credentials is not None
    if named or remote or account:
        settings |= _keys(config, required=named or account)
    return settings


def _host(word: str) -> str:
    """A host as addresses spell it."""
    address = parse_address(f"https://{word}")
    if address.path != "/" or address.port != 443 or address.host != word.lower().strip("[]"):
        raise UsageError(f"{word!r} is no host.", "Write its name alone, such as staging.example.com.")
    return address.host


def _place(word: str) -> str:
    host, _, port = word.rpartition(":")
    address = parse_address(f"http://{word}")
    if not host or not port.isdigit() or address.path != "/":
        raise UsageError(f"{word!r} is no HOST:PORT.", "Write it as 127.0.0.1:9000.")
    return f"{address.host}:{address.port}"


def _tls(config: AccessWords, usual_bundle: str) -> Tls | None:
    bundle = config.ca_bundle or usual_bundle
    certificate, key = config.client_certificate or "", config.client_key or ""
    if key and not certificate:
        raise UsageError("A client's key is given without its certificate.", "Add --client-certificate FILE.")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for path, load in (
        (bundle, lambda: context.load_verify_locations(bundle)),
        (certificate, lambda: context.load_cert_chain(certificate, key or None, password="")),
    ):
        if path:
            _loaded(path, load)
    return Tls(bundle, certificate, key) if bundle or certificate else None


def _loaded(path: str, load: Any) -> None:
    if not Path(path).is_file():
        raise UsageError(f"{path} is no file.", "Give a file in PEM.")
    try:
        load()
    except ssl.SSLError:
        raise UsageError(f"{path} holds no certificate (and key) in PEM that can be used.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None


def _readable(path: Path) -> None:
    """Raises UsageError for what is no file of keys: botocore would read it for minutes, or wait for ever."""
    hint = "Give a credentials file of the AWS command."
    if not path.is_file():
        raise UsageError(f"{path} is no file.", hint)
    try:
        read_text(path, _LARGEST_KEYS)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.", hint) from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8.", hint) from None


def _keys(config: AccessWords, *, required: bool) -> dict[str, Any]:
    """Keys and region by botocore's chain, which may use a profile's sign-on, and no role of a machine."""
    import botocore.session
    from botocore.exceptions import BotoCoreError

    if config.credentials is not None:
        _readable(Path(config.credentials))
    session = botocore.session.Session(profile=config.profile)
    session.set_config_variable("metadata_service_num_attempts", 0)
    if config.credentials is not None:
        session.set_config_variable("credentials_file", config.credentials)
        session.set_config_variable("config_file", config.credentials)
    try:
        providers = session.get_component("credential_provider")
        for machine_role in ("iam-role", "container-role"):
            providers.remove(machine_role)
        if config.credentials is not None and config.profile is None:
            # A file that is named comes before the environment.
            providers.remove("env")
        held = session.get_credentials()
        frozen = held.get_frozen_credentials() if held is not None else None
        region = session.get_config_variable("region")
    except (BotoCoreError, OSError, ValueError) as error:
        raise UsageError(f"No keys can be had: {' '.join(str(error).split())}.".replace("..", ".")) from None
    if frozen is None or not frozen.access_key or not frozen.secret_key:
        if not required:
            return {}
        where = (
            f"The profile {config.profile!r}" if config.profile else config.credentials or "The environment"
        )
        raise UsageError(f"{where} has no keys.", "`aws configure list` tells what the AWS command sees.")
    return {
        "access_key": frozen.access_key,
        "secret_key": frozen.secret_key,
        "session_token": frozen.token or None,
        "region": config.region or region,
    }
