# SPDX-License-Identifier: Apache-2.0
"""Several services behind one address, told apart as AWS's endpoints are.

It owns who answers a request: the stateful reference, or a service as its model describes it. It refuses to
know how either does it.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..cases.compile import contract_of
from ..http import Request, Response, header
from ..protocols.routing import Route, route, signed_for
from .generated import GENERATED, GeneratedService
from .service import Reference
from .settings import Settings

__all__ = ["Served"]

_REFERENCE = "cognito-idp"


class Served:
    """Answers requests for some services; `settings` are the reference's.

    With a `protocol`, what is in another is not understood.
    """

    def __init__(self, services: Sequence[str], settings: Settings, protocol: str | None = None) -> None:
        self._protocol = protocol
        self._services = tuple(services)
        self._reference = Reference(settings) if _REFERENCE in services else None
        self._generated = GeneratedService(settings.seed)

    def handle(self, request: Request) -> Response:
        """Answer one request; one that nothing tells the service of is for the only one, if there is one."""
        others = [name for name in self._services if name != _REFERENCE]
        if self._reference is not None and (not others or self._is_for_reference(request)):
            return self._reference.handle(request)
        path = self._route(request, others)
        if path is None or self._protocol not in (None, path.protocol):
            text = f"Nothing tells for which of {', '.join(self._services)} this request is."
            return Response(404, (("Content-Type", "text/plain"), GENERATED), text.encode())
        return self._generated.answer(contract_of(path.service, path.protocol), request).response

    def _route(self, request: Request, others: Sequence[str]) -> Route | None:
        host = (header(request.headers, "host") or "").partition(":")[0]
        path = route(request, host, among=others)
        if path is None and len(others) == 1:
            path = route(request, host, among=others, assumed=others[0])
        return path

    def _is_for_reference(self, request: Request) -> bool:
        if request.path.startswith("/_aws-conformance/"):
            return True
        path = route(request, among=(_REFERENCE,))
        # Its uploads are signed for storage, and go to the bucket that it names.
        upload = request.method == "PUT" and signed_for(request) == "s3" and "s3" not in self._services
        return upload or path is not None
