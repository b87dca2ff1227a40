# SPDX-License-Identifier: Apache-2.0
"""The error codes that any AWS service may answer with, whatever its model declares.

It owns this list, and refuses to know which answer deserves which.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["FRAMEWORK_CODES", "is_common"]

# Errors that any AWS service may answer with and that models leave out: AWS's "Common Errors" pages of the
# JSON, REST and query protocols, and what the front ends of json services were recorded to send.
FRAMEWORK_CODES = frozenset(
    {
        "AccessDeniedException",
        "ExpiredTokenException",
        "IncompleteSignature",
        "IncompleteSignatureException",
        "InternalFailure",
        "InvalidAction",
        "InvalidClientTokenId",
        "InvalidParameterCombination",
        "InvalidParameterValue",
        "InvalidQueryParameter",
        "InvalidSignatureException",
        "MalformedHttpRequestException",
        "MalformedQueryString",
        "MissingAction",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "MissingParameter",
        "NotAuthorized",
        "OptInRequired",
        "RequestAbortedException",
        "RequestEntityTooLargeException",
        "RequestExpired",
        "RequestTimeoutException",
        "SerializationException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "SignatureDoesNotMatch",
        "Throttling",
        "ThrottlingException",
        "UnknownOperationException",
        "UnrecognizedClientException",
        "UnsupportedMediaTypeException",
        "ValidationError",
        "ValidationException",
    }
)

# Of one service: Amazon S3 API Reference, List of error codes; its model declares few.
_OF_SERVICE: Mapping[str, frozenset[str]] = {
    "s3": frozenset(
        {
            "AccessDenied",
            "AccountProblem",
            "AllAccessDisabled",
            "AmbiguousGrantByEmailAddress",
            "AuthorizationHeaderMalformed",
            "BadDigest",
            "BucketAlreadyExists",
            "BucketAlreadyOwnedByYou",
            "BucketNotEmpty",
            "CredentialsNotSupported",
            "CrossLocationLoggingProhibited",
            "EntityTooLarge",
            "EntityTooSmall",
            "ExpiredToken",
            "IllegalLocationConstraintException",
            "IllegalVersioningConfigurationException",
            "IncompleteBody",
            "IncorrectNumberOfFilesInPostRequest",
            "InlineDataTooLarge",
            "InternalError",
            "InvalidAccessKeyId",
            "InvalidArgument",
            "InvalidBucketName",
            "InvalidBucketState",
            "InvalidDigest",
            "InvalidEncryptionAlgorithmError",
            "InvalidLocationConstraint",
            "InvalidObjectState",
            "InvalidPart",
            "InvalidPartOrder",
            "InvalidPayer",
            "InvalidPolicyDocument",
            "InvalidRange",
            "InvalidRequest",
            "InvalidSecurity",
            "InvalidStorageClass",
            "InvalidTag",
            "InvalidTargetBucketForLogging",
            "InvalidToken",
            "InvalidURI",
            "KeyTooLongError",
            "MalformedACLError",
            "MalformedPOSTRequest",
            "MalformedXML",
            "MaxMessageLengthExceeded",
            "MetadataTooLarge",
            "MethodNotAllowed",
            "MissingContentLength",
            "MissingRequestBodyError",
            "MissingSecurityHeader",
            "NoLoggingStatusForKey",
            "NoSuchBucket",
            "NoSuchBucketPolicy",
            "NoSuchCORSConfiguration",
            "NoSuchKey",
            "NoSuchLifecycleConfiguration",
            "NoSuchPublicAccessBlockConfiguration",
            "NoSuchTagSet",
            "NoSuchUpload",
            "NoSuchVersion",
            "NoSuchWebsiteConfiguration",
            "NotImplemented",
            "NotModified",
            "ObjectLockConfigurationNotFoundError",
            "OperationAborted",
            "OwnershipControlsNotFoundError",
            "PermanentRedirect",
            "PreconditionFailed",
            "Redirect",
            "ReplicationConfigurationNotFoundError",
            "RequestIsNotMultiPartContent",
            "RequestTimeout",
            "RequestTimeTooSkewed",
            "ServerSideEncryptionConfigurationNotFoundError",
            "SignatureDoesNotMatch",
            "SlowDown",
            "TemporaryRedirect",
            "TokenRefreshRequired",
            "TooManyBuckets",
            "UnexpectedContent",
            "UnresolvableGrantByEmailAddress",
            "UserKeyMustBeSpecified",
            "XAmzContentSHA256Mismatch",
        }
    )
}


def is_common(service: str, code: str) -> bool:
    """Whether an error may come from any operation of a service, though none declares it."""
    return code in FRAMEWORK_CODES or code in _OF_SERVICE.get(service, ())
