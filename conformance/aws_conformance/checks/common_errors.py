"""The error codes that any AWS service may answer with, whatever its model declares.

It owns this list, and refuses to know which answer deserves which.
"""

from __future__ import annotations

__all__ = ["FRAMEWORK_CODES"]

# Errors that any AWS service may answer with and that models leave out: AWS's "Common Errors" page, and
# what the front ends of json services were recorded to send.
FRAMEWORK_CODES = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InternalFailure",
        "InvalidSignatureException",
        "MalformedHttpRequestException",
        "MissingAuthenticationTokenException",
        "NotAuthorized",
        "OptInRequired",
        "RequestAbortedException",
        "RequestEntityTooLargeException",
        "RequestExpired",
        "RequestTimeoutException",
        "SerializationException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "ThrottlingException",
        "UnknownOperationException",
        "UnrecognizedClientException",
        "ValidationError",
        "ValidationException",
    }
)
