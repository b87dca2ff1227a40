# SPDX-License-Identifier: Apache-2.0
"""Smithy's JSON AST, in which AWS publishes its models, becomes Services of the same frozen shapes.

It owns how Smithy says what botocore's models say in other words: traits, mixins, resources, constraints at
members. A service is first spelled as botocore would spell it, so that both have one reader (botocore.py).
It refuses to know what shapes are for, and what a protocol's test cases say.

Source: Smithy 2.0, "JSON AST", "Prelude model" and the AWS protocol specifications.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import UsageError
from .botocore import parse_service, service_heads
from .shapes import Service

__all__ = ["PROTOCOL_NAMES", "is_smithy", "operation_names", "parse_smithy", "smithy_services"]

Ast = Mapping[str, Any]

# botocore's names of protocols, with the version of json, by the traits of services.
_PROTOCOLS: Mapping[str, tuple[str, str | None]] = {
    "aws.protocols#awsJson1_0": ("json", "1.0"),
    "aws.protocols#awsJson1_1": ("json", "1.1"),
    "aws.protocols#restJson1": ("rest-json", None),
    "aws.protocols#restXml": ("rest-xml", None),
    "aws.protocols#awsQuery": ("query", None),
    "aws.protocols#ec2Query": ("ec2", None),
    "smithy.protocols#rpcv2Cbor": ("smithy-rpc-v2-cbor", None),
    "smithy.protocols#rpcv2Json": ("smithy-rpc-v2-json", None),
}
PROTOCOL_NAMES: Mapping[str, str] = {trait: name for trait, (name, _) in _PROTOCOLS.items()}
# botocore's name of a type, where it is another.
_TYPES: Mapping[str, str] = {
    "intEnum": "integer",
    "enum": "string",
    "set": "list",
    "union": "structure",
}
_PRELUDE: Mapping[str, Mapping[str, Any]] = {
    "Unit": {"type": "structure", "members": {}},
    "Document": {"type": "structure", "document": True},
    **{
        f"{prefix}{name}": {"type": _TYPES.get(name.lower(), name.lower())}
        for prefix in ("", "Primitive")
        for name in ("Boolean", "Byte", "Short", "Integer", "Long", "Float", "Double")
    },
    "BigInteger": {"type": "bigInteger"},
    "BigDecimal": {"type": "bigDecimal"},
    "Blob": {"type": "blob"},
    "String": {"type": "string"},
    "Timestamp": {"type": "timestamp"},
}
_FORMATS: Mapping[str, str] = {
    "date-time": "iso8601",
    "http-date": "rfc822",
    "epoch-seconds": "unixTimestamp",
}
_RESOURCE_OPERATIONS = ("create", "put", "read", "update", "delete", "list")
_API, _PROTOCOL = "smithy.api#", "aws.protocols#"
_UNIT = f"{_API}Unit"
# Constraints that Smithy lets stand at a member, and botocore's models only at a shape.
_CONSTRAINTS = (f"{_API}length", f"{_API}range", f"{_API}pattern")


def is_smithy(raw: Any) -> bool:
    """Whether the content of a file of JSON is a Smithy AST."""
    return isinstance(raw, dict) and "smithy" in raw and isinstance(raw.get("shapes"), dict)


def parse_smithy(shapes: Ast) -> tuple[Service, ...]:
    """The services of an AST's shapes that speak a protocol of AWS, by name."""
    return tuple(sorted(smithy_services(shapes).values(), key=lambda service: service.name))


def smithy_services(shapes: Ast) -> dict[str, Service]:
    """The same by their shapes' absolute names. Raises UsageError for a model that contradicts itself."""
    services = {}
    for name, shape in shapes.items():
        if shape.get("type") == "service" and not _PROTOCOLS.keys().isdisjoint(shape.get("traits", {})):
            try:
                services[name] = _Reader(shapes, name).service()
            except (KeyError, TypeError, AttributeError) as error:
                raise UsageError(f"The model of {name} can not be read: {error!r}.") from error
    return services


def operation_names(shapes: Ast, service: str) -> tuple[str, ...]:
    """The absolute names of a service's operations and of those of its resources, each once, in order."""
    names: dict[str, None] = {}
    left = [shapes[service]]
    while left:
        holder = left.pop(0)
        listed = [*holder.get("operations", ()), *holder.get("collectionOperations", ())]
        listed += [holder[role] for role in _RESOURCE_OPERATIONS if role in holder]
        names |= {reference["target"]: None for reference in listed}
        left += [shapes[resource["target"]] for resource in holder.get("resources", ())]
    return tuple(names)


class _Reader:
    """Spells one service as botocore would."""

    def __init__(self, ast: Ast, name: str) -> None:
        self._ast = ast
        self._name = name
        self._traits: Mapping[str, Any] = ast[name].get("traits", {})
        spoken = [_PROTOCOLS[trait] for trait in self._traits if trait in _PROTOCOLS]
        self._protocols = tuple(dict.fromkeys(protocol for protocol, _ in spoken))
        self._json_version = next((version for _, version in spoken if version), None)
        self._shapes: dict[str, Any] = {}
        self._locals: dict[str, str] = {}

    def service(self) -> Service:
        shape = self._ast[self._name]
        common = [error["target"] for error in shape.get("errors", ())]
        operations = {
            _local(name): self._operation(name, common) for name in operation_names(self._ast, self._name)
        }
        raw = {"metadata": self._metadata(shape), "operations": operations, "shapes": self._shapes}
        return parse_service(self._service_name(), raw, origin=f"Smithy {self._name}")

    def _service_name(self) -> str:
        """botocore's name of the service that has the same id, or a name like it."""
        service_id = self._traits.get("aws.api#service", {}).get("sdkId", _local(self._name))
        known = {head.marks.get("serviceId"): head.name for head in service_heads()}
        return known.get(service_id) or "-".join(service_id.lower().split())

    def _metadata(self, shape: Ast) -> dict[str, Any]:
        described = self._traits.get("aws.api#service", {})
        signing = self._traits.get("aws.auth#sigv4", {}).get("name")
        prefix = described.get("endpointPrefix") or signing or self._service_name()
        metadata = {
            "apiVersion": shape.get("version", ""),
            "protocol": self._protocols[0],
            "protocols": list(self._protocols),
            "serviceId": described.get("sdkId", ""),
            "uid": f"{prefix}-{shape.get('version', '')}",
            "endpointPrefix": prefix,
            "signingName": signing or prefix,
            "signatureVersion": "v4" if signing else "",
            "targetPrefix": _local(self._name),
            "jsonVersion": self._json_version,
            "xmlNamespace": self._traits.get(f"{_API}xmlNamespace"),
        }
        if f"{_PROTOCOL}awsQueryCompatible" in self._traits:
            metadata["awsQueryCompatible"] = {}
        return {key: value for key, value in metadata.items() if value is not None}

    def _operation(self, name: str, common_errors: list[str]) -> dict[str, Any]:
        shape = self._ast[name]
        traits = shape.get("traits", {})
        errors = [error["target"] for error in shape.get("errors", ())]
        operation: dict[str, Any] = {
            "http": _http(traits),
            "errors": [{"shape": self._shape(error)} for error in dict.fromkeys(errors + common_errors)],
            "idempotent": f"{_API}idempotent" in traits,
            "readonly": f"{_API}readonly" in traits,
            "httpChecksumRequired": f"{_API}httpChecksumRequired" in traits,
            "httpChecksum": traits.get(f"{_PROTOCOL}httpChecksum", {}),
            "requestcompression": traits.get(f"{_API}requestCompression", {}),
            "unsignedPayload": "aws.auth#unsignedPayload" in traits,
            **_deprecated(traits),
        }
        if f"{_API}endpoint" in traits:
            operation["endpoint"] = {"hostPrefix": traits[f"{_API}endpoint"]["hostPrefix"]}
        if f"{_API}optionalAuth" in traits or traits.get(f"{_API}auth") == []:
            operation["authtype"] = "none"
        for side in ("input", "output"):
            target = shape.get(side, {}).get("target", _UNIT)
            if target != _UNIT:
                operation[side] = self._side(target, side, _local(name))
        return operation

    def _side(self, target: str, side: str, operation: str) -> dict[str, Any]:
        reference: dict[str, Any] = {"shape": self._shape(target)}
        raw = self._shapes[reference["shape"]]
        if side == "input" and "rest-xml" in self._protocols:
            reference["locationName"] = raw.get("locationName", _local(target))
            namespace = raw.get("xmlNamespace", self._traits.get(f"{_API}xmlNamespace"))
            if namespace is not None:
                reference["xmlNamespace"] = namespace
        if side == "output" and "query" in self._protocols:
            reference["resultWrapper"] = f"{operation}Result"
        return reference

    def _shape(self, target: str) -> str:
        """The local name of a shape, spelled when it is first asked for."""
        if target not in self._locals:
            name = _local(target)
            if name in self._shapes:
                # Two namespaces may have a name; the second goes by both.
                name = target.replace("#", "_").replace(".", "_")
            self._locals[target] = name
            self._shapes[name] = {}
            self._shapes[name] |= self._spelled(target)
        return self._locals[target]

    def _spelled(self, target: str) -> Mapping[str, Any]:
        namespace, _, name = target.partition("#")
        if namespace == "smithy.api" and name in _PRELUDE:
            return _PRELUDE[name]
        shape = self._ast[target]
        traits = self._traits_of(target)
        kind = shape["type"]
        raw: dict[str, Any] = {"type": _TYPES.get(kind, kind), **_constraints(kind, traits)}
        raw |= _deprecated(traits)
        if f"{_API}sensitive" in traits:
            raw["sensitive"] = True
        match kind:
            case "structure" | "union":
                raw |= self._structure(target, kind, traits)
            case "list" | "set":
                member = self._members(target)["member"]
                raw |= {"member": self._member("member", member, target), "sparse": f"{_API}sparse" in traits}
                raw["uniqueItems"] = kind == "set" or f"{_API}uniqueItems" in traits
            case "map":
                members = self._members(target)
                raw |= {key: self._member(key, members[key], target) for key in ("key", "value")}
                raw["sparse"] = f"{_API}sparse" in traits
            case "document":
                raw |= {"type": "structure", "document": True}
            case "enum":
                raw["enum"] = [
                    member.get("traits", {}).get(f"{_API}enumValue", key)
                    for key, member in self._members(target).items()
                    # What is internal is no documented value.
                    if f"{_API}internal" not in member.get("traits", {})
                ]
            case "string" if f"{_API}enum" in traits:
                rows = traits[f"{_API}enum"]
                raw["enum"] = [row["value"] for row in rows if "internal" not in row.get("tags", ())]
            case "blob":
                raw["streaming"] = f"{_API}streaming" in traits
                raw["requiresLength"] = f"{_API}requiresLength" in traits
                raw["mediaType"] = traits.get(f"{_API}mediaType")
            case "timestamp" if f"{_API}timestampFormat" in traits:
                raw["timestampFormat"] = _FORMATS[traits[f"{_API}timestampFormat"]]
            case _:
                pass
        return raw

    def _structure(self, target: str, kind: str, traits: Ast) -> dict[str, Any]:
        members = self._members(target)
        raw: dict[str, Any] = {
            "members": {name: self._member(name, member, target) for name, member in members.items()},
            "required": [
                name for name, member in members.items() if f"{_API}required" in member.get("traits", {})
            ],
        }
        if kind == "union" and f"{_API}streaming" in traits:
            raw["eventstream"] = True
            for reference in raw["members"].values():
                self._shapes[reference["shape"]]["event"] = True
        elif kind == "union":
            raw["union"] = True
        payload = next(
            (name for name, member in members.items() if f"{_API}httpPayload" in member.get("traits", {})),
            None,
        )
        if payload is not None:
            raw["payload"] = payload
        if f"{_API}xmlName" in traits:
            raw["locationName"] = traits[f"{_API}xmlName"]
        if f"{_API}xmlNamespace" in traits:
            raw["xmlNamespace"] = traits[f"{_API}xmlNamespace"]
        if f"{_API}error" in traits:
            raw |= _error(traits)
        return raw

    def _member(self, name: str, member: Ast, holder: str) -> dict[str, Any]:
        traits = member.get("traits", {})
        shape = self._shape(member["target"])
        tightened = {trait: traits[trait] for trait in _CONSTRAINTS if trait in traits}
        if tightened:
            shape = self._tightened(shape, member["target"], tightened, f"{_local(holder)}_{name}")
        raw: dict[str, Any] = {"shape": shape, **_deprecated(traits), **_place(name, traits)}
        raw |= self._written(name, traits, raw)
        for trait, key in _FLAGS.items():
            if trait in traits:
                raw[key] = True
        if f"{_API}timestampFormat" in traits:
            raw["timestampFormat"] = _FORMATS[traits[f"{_API}timestampFormat"]]
        if f"{_API}xmlNamespace" in traits:
            raw["xmlNamespace"] = traits[f"{_API}xmlNamespace"]
        if f"{_PROTOCOL}ec2QueryName" in traits:
            raw["queryName"] = traits[f"{_PROTOCOL}ec2QueryName"]
        media = self._traits_of(member["target"]).get(f"{_API}mediaType")
        if media == "application/json" and raw.get("location") == "header":
            raw["jsonvalue"] = True
        if f"{_API}streaming" in self._traits_of(member["target"]):
            raw["streaming"] = True
        return raw

    def _written(self, name: str, traits: Ast, placed: Ast) -> dict[str, Any]:
        """The member's name in a body, where it is another: by the trait that its protocol looks at."""
        if "location" in placed:
            return {}
        of_json = {"rest-json"} & set(self._protocols)
        of_xml = {"rest-xml", "query", "ec2"} & set(self._protocols)
        if of_json and f"{_API}jsonName" in traits:
            return {"locationName": traits[f"{_API}jsonName"]}
        if of_xml and f"{_API}xmlName" in traits:
            return {"locationName": traits[f"{_API}xmlName"]}
        return {}

    def _tightened(self, shape: str, target: str, traits: Ast, name: str) -> str:
        """The name of a shape like that one with a member's constraints."""
        kind = "string" if target.startswith(_API) else self._ast[target]["type"]
        if target.startswith(_API):
            kind = self._shapes[shape]["type"]
        self._shapes[name] = {**self._shapes[shape], **_constraints(kind, traits)}
        return name

    def _members(self, target: str) -> dict[str, Any]:
        """The members of a shape: those of its mixins, then its own, with the traits applied to them."""
        shape = self._ast[target]
        members: dict[str, Any] = {}
        for mixin in shape.get("mixins", ()):
            members |= self._members(mixin["target"])
        members |= shape.get("members", {})
        if kind_member := shape.get("member"):
            members["member"] = kind_member
        for role in ("key", "value"):
            if role in shape:
                members[role] = shape[role]
        return {name: self._with_applied(f"{target}${name}", member) for name, member in members.items()}

    def _with_applied(self, name: str, member: Ast) -> Ast:
        applied = self._ast.get(name, {})
        if applied.get("type") != "apply":
            return member
        return {**member, "traits": {**member.get("traits", {}), **applied.get("traits", {})}}

    def _traits_of(self, target: str) -> dict[str, Any]:
        shape = self._ast.get(target, {})
        traits: dict[str, Any] = {}
        for mixin in shape.get("mixins", ()):
            inherited = self._traits_of(mixin["target"])
            local = inherited.pop(f"{_API}mixin", {}).get("localTraits", ())
            traits |= {name: value for name, value in inherited.items() if name not in local}
        traits |= shape.get("traits", {})
        return traits


_FLAGS: Mapping[str, str] = {
    f"{_API}eventHeader": "eventheader",
    f"{_API}eventPayload": "eventpayload",
    f"{_API}hostLabel": "hostLabel",
    f"{_API}idempotencyToken": "idempotencyToken",
    f"{_API}xmlAttribute": "xmlAttribute",
    f"{_API}xmlFlattened": "flattened",
}


def _local(name: str) -> str:
    return name.partition("#")[2]


def _http(traits: Ast) -> dict[str, Any]:
    http = traits.get(f"{_API}http")
    if http is None:
        return {"method": "POST", "requestUri": "/"}
    return {"method": http["method"], "requestUri": http["uri"], "responseCode": http.get("code", 200)}


def _place(name: str, traits: Ast) -> dict[str, Any]:
    """Where a member travels, outside of bodies."""
    places = {
        f"{_API}httpHeader": ("header", None),
        f"{_API}httpPrefixHeaders": ("headers", None),
        f"{_API}httpQuery": ("querystring", None),
        f"{_API}httpQueryParams": ("querystring", name),
        f"{_API}httpLabel": ("uri", name),
        f"{_API}httpResponseCode": ("statusCode", name),
    }
    for trait, (location, fixed) in places.items():
        if trait in traits:
            return {"location": location, "locationName": fixed if fixed is not None else traits[trait]}
    return {}


def _constraints(kind: str, traits: Ast) -> dict[str, Any]:
    raw: dict[str, Any] = {}
    bounds = traits.get(f"{_API}length", {}) | traits.get(f"{_API}range", {})
    integral = kind not in ("float", "double", "bigDecimal")
    for key in ("min", "max"):
        if key in bounds:
            raw[key] = int(bounds[key]) if integral else bounds[key]
    if f"{_API}pattern" in traits:
        raw["pattern"] = traits[f"{_API}pattern"]
    return raw


def _deprecated(traits: Ast) -> dict[str, Any]:
    if f"{_API}deprecated" not in traits:
        return {}
    since = traits[f"{_API}deprecated"].get("since")
    return {"deprecated": True, **({"deprecatedSince": since} if since else {})}


def _error(traits: Ast) -> dict[str, Any]:
    query = traits.get(f"{_PROTOCOL}awsQueryError", {})
    error: dict[str, Any] = {}
    if "code" in query:
        error["code"] = query["code"]
    status = query.get("httpResponseCode", traits.get(f"{_API}httpError"))
    if status is not None:
        error["httpStatusCode"] = status
    return {"exception": True, "error": error, "fault": traits[f"{_API}error"] == "server"}
