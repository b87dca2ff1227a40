# SPDX-License-Identifier: Apache-2.0
"""Signature Version 4A: one signature for all regions, which some endpoints of AWS ask for.

It owns the signer. The signature is that of awscrt, which botocore uses for it too and which is an extra of
ours (`aws-conformance[crt]`): its curve is none that Python's standard library has.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from ..errors import UsageError
from ..http import Request
from .signing import Signer

__all__ = ["EveryRegionSigner"]

_OWN = frozenset({"authorization", "x-amz-date", "x-amz-region-set", "x-amz-security-token"})


class EveryRegionSigner(Signer):
    """Signs requests of one service for every region. Raises UsageError where awscrt is not installed."""

    def __init__(
        self,
        access_key: str,
        secret_key: str,
        region: str,
        signing_name: str,
        session_token: str | None = None,
    ) -> None:
        try:
            import awscrt.auth  # noqa: F401 - whether it is there is all that is asked
        except ImportError:
            raise UsageError(
                f"{signing_name} is signed with SigV4a here, which needs awscrt.",
                "Install aws-conformance[crt].",
            ) from None
        super().__init__(access_key, secret_key, region, signing_name, session_token)

    def sign(self, request: Request, host: str, now: datetime) -> Request:
        """The request with X-Amz-Date, X-Amz-Region-Set and Authorization."""
        from io import BytesIO

        from awscrt import auth, http

        keys = self.credentials
        plain = tuple((name, value) for name, value in request.headers if name.lower() not in _OWN)
        signing = http.HttpRequest(
            request.method,
            request.path,
            http.HttpHeaders([("Host", host), *plain]),
            BytesIO(request.body) if request.body else None,
        )
        config = auth.AwsSigningConfig(
            algorithm=auth.AwsSigningAlgorithm.V4_ASYMMETRIC,
            signature_type=auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
            credentials_provider=auth.AwsCredentialsProvider.new_static(
                keys.access_key, keys.secret_key, keys.session_token
            ),
            region="*",
            service=self.signing_name,
            date=now.astimezone(UTC),
        )
        auth.aws_sign_request(signing, config).result()
        headers = tuple((name, value) for name, value in signing.headers if name.lower() != "host")
        return replace(request, headers=headers)
