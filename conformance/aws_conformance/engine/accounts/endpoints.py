# SPDX-License-Identifier: Apache-2.0
"""Where AWS listens, by botocore's own resolver: partitions, regions, the user's own settings over them.

It owns the question. It refuses to know how requests are sent there, and reads no keys: botocore's clients
are made with keys of nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ...errors import UsageError
from ...spec.shapes import Operation, Service
from ...targets.address import parse_address

__all__ = ["Endpoint", "Endpoints"]

_LABEL = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an operation is asked for, and for which region it is signed there.

    `every_region` tells that one signature holds for all regions (SigV4a).
    """

    url: str
    region: str
    every_region: bool = False


@dataclass(slots=True)
class Endpoints:
    """The endpoints of a region, as the profile and the environment of the user have them."""

    region: str
    profile: str = ""
    _clients: dict[str, Any] = field(default_factory=dict)

    def of(self, service: Service, operation: Operation, document: Any) -> Endpoint:
        """The endpoint of an operation. Raises UsageError where botocore knows none."""
        client = self._client(service.name)
        url, schemes = _resolved(client, operation, document if isinstance(document, Mapping) else {})
        address = parse_address(url)
        scheme = next((item for item in schemes if item.get("name") in ("sigv4", "sigv4a")), {})
        regional = client._request_signer._region_name  # botocore tells it nowhere else
        return Endpoint(
            url=f"{address.scheme}://{_prefixed(operation, document, address.authority, address.loopback)}",
            region="*" if scheme.get("name") == "sigv4a" else scheme.get("signingRegion", regional),
            every_region=scheme.get("name") == "sigv4a",
        )

    def base(self, service: str) -> str:
        """The address of a service, by which reports call it. Raises UsageError where botocore knows none."""
        return str(self._client(service).meta.endpoint_url)

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            import botocore.session
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError

            try:
                session = botocore.session.Session(profile=self.profile or None)
                self._clients[service] = session.create_client(
                    service,
                    region_name=self.region,
                    aws_access_key_id="nobody",
                    aws_secret_access_key="nobody",
                    config=Config(s3={"addressing_style": "path"}, account_id_endpoint_mode="disabled"),
                )
            except (BotoCoreError, ValueError) as error:
                reason = " ".join(str(error).split()).rstrip(".")
                raise UsageError(f"There is no endpoint of {service}: {reason}.") from None
        return self._clients[service]


def _resolved(
    client: Any, operation: Operation, document: Mapping[str, Any]
) -> tuple[str, list[Mapping[str, Any]]]:
    """The address that botocore's rules have for an operation, and how it is signed there."""
    from botocore.exceptions import BotoCoreError

    resolver = client._ruleset_resolver
    model = client.meta.service_model
    if resolver is None or operation.name not in model.operation_names:
        return client.meta.endpoint_url, []
    # Buckets stay in paths, as the requests have them.
    arguments = {name: value for name, value in document.items() if name != "Bucket"}
    for call_args in ({}, arguments):
        try:
            endpoint = resolver.construct_endpoint(
                model.operation_model(operation.name), call_args, {"client_config": client.meta.config}
            )
        except (BotoCoreError, TypeError, ValueError, AttributeError):
            continue
        return endpoint.url, endpoint.properties.get("authSchemes") or []
    return client.meta.endpoint_url, []


def _prefixed(operation: Operation, document: Any, authority: str, loopback: bool) -> str:
    """The host, with what the model puts before it; on this machine nothing is."""
    prefix = operation.host_prefix
    if not prefix or loopback:
        return authority
    values = document if isinstance(document, Mapping) else {}
    labels = _LABEL.findall(prefix)
    if not all(isinstance(values.get(label), str) and values[label].isalnum() for label in labels):
        return authority
    return _LABEL.sub(lambda match: str(values[match[1]]), prefix) + authority
