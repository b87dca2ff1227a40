# SPDX-License-Identifier: Apache-2.0
"""botocore's models, read as raw data, become a Service of frozen shapes.

It owns where the models lie and how their JSON is spelled, and refuses to know what shapes are for.
botocore's own Shape objects are not used: walking frozen shapes is several times faster
(benchmarks/bench_generate.py), and nothing of botocore needs to be imported but its folder.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import gzip
import importlib.util
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from ..errors import UsageError, did_you_mean
from .documented_changes import is_repeatable, leaves_unsaid
from .documented_exclusions import documented_exclusions
from .documented_keys import documented_keys
from .documented_values import documented_values
from .shapes import (
    BlobShape,
    BooleanShape,
    Deprecation,
    DocumentShape,
    ErrorTraits,
    FloatShape,
    IntegerShape,
    ListShape,
    MapShape,
    Member,
    Operation,
    Service,
    Shape,
    StringShape,
    StructureShape,
    TimestampShape,
    XmlNamespace,
)

__all__ = [
    "ServiceHead",
    "add_service",
    "added_services",
    "data_folder",
    "load_service",
    "model_version",
    "models_added",
    "paginators",
    "parse_service",
    "service_heads",
    "service_names",
    "waiters",
]


@functools.cache
def data_folder() -> Path:
    """The folder of the installed botocore's models. Raises UsageError if botocore is not installed."""
    spec = importlib.util.find_spec("botocore")
    if spec is None or spec.origin is None:  # pragma: no cover - botocore is a dependency
        raise UsageError("botocore is not installed.", "Run `pip install botocore`.")
    return Path(spec.origin).parent / "data"


@functools.cache
def model_version() -> str:
    """The version of the installed botocore."""
    from importlib.metadata import version

    return version("botocore")


# An item of a list of filters: its name, and after a dash what it is.
_FILTER_NAME = re.compile(r"<code>([a-z][\w.:/&;<>-]*)</code>\s*[-–:]")

# Words by which a text says that a name may be given as an ARN.
_NAMES, _ARNS = (
    r"\b(?:[Nn]ames?|I[Dd]s?|[Ii]dentifiers?)",
    r"(?:Amazon Resource Names?(?: ?\(ARNs?\))?|ARNs?)\b",
)
_NAME_OR_ARN = re.compile(
    rf"{_NAMES}(?: \(I[Dd]\))?(?:,|,? or) (?:the |an |a )?(?:full |complete )?(?:key )?{_ARNS}"
    rf"|\b{_ARNS},? or (?:the |a |its )?(?:\w+ )?{_NAMES}\b"
    rf"|\balso (?:provide|specify|use) (?:the|an) {_ARNS}"
)
_MARKUP = re.compile(r"<[^>]+>")
_TOKEN_TAKEN = re.compile(r"(?i)\balready exists?,? with the (?:\w+ ){0,2}token\b")
# Shapes of which a text may list the values.
_LISTED = frozenset({"string", "integer", "long"})

# Services of models that are not botocore's (model_files.py), in the place of its own of the same name.
_ADDED: dict[str, Service] = {}
_ADDITIONS: list[str] = []


def add_service(service: Service) -> None:
    """Make a service known under its name, in place of botocore's model of that name if there is one."""
    _ADDED[service.name] = service
    _ADDITIONS.append(service.name)


def added_services() -> tuple[str, ...]:
    """The names of the services whose models were added, in their order."""
    return tuple(_ADDED)


def models_added() -> int:
    """How often a model was added so far: a key for what is derived of all models."""
    return len(_ADDITIONS)


def service_names(folder: Path | None = None) -> tuple[str, ...]:
    """Names of all services that have a model, sorted."""
    root = folder or data_folder()
    names = {path.name for path in root.iterdir() if path.is_dir() and _versions(path)}
    return tuple(sorted(names if folder else names | _ADDED.keys()))


@dataclass(frozen=True, slots=True)
class ServiceHead:
    """What the head of a model says of its service: enough to tell for whom a request is."""

    name: str
    signing_name: str
    endpoint_prefix: str
    marks: Mapping[str, str]


# The metadata stands at the head of a model; all of it would be a hundred times as much to read.
_HEAD_BYTES = 8_192
_METADATA = re.compile(r'"metadata"\s*:\s*')


def service_heads() -> tuple[ServiceHead, ...]:
    """The heads of the newest models of all services, by name."""
    installed = _installed_heads()
    if not _ADDED:
        return installed
    heads = {head.name: head for head in installed} | {name: _head(_ADDED[name]) for name in _ADDED}
    return tuple(heads[name] for name in sorted(heads))


def _head(service: Service) -> ServiceHead:
    marks = {
        "targetPrefix": service.target_prefix,
        "apiVersion": service.api_version,
        "serviceId": service.service_id,
        "jsonVersion": service.json_version,
    }
    texts = {key: text for key, text in marks.items() if text}
    return ServiceHead(service.name, service.signing_name, service.endpoint_prefix, MappingProxyType(texts))


@functools.cache
def _installed_heads() -> tuple[ServiceHead, ...]:
    heads = []
    for name in service_names(data_folder()):
        file = _versions(data_folder() / name)[-1]
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as stream:
            fields = _metadata(stream.read(_HEAD_BYTES).decode("utf-8", "ignore"))
        prefix = fields.get("endpointPrefix", name)
        heads.append(ServiceHead(name, fields.get("signingName", prefix), prefix, MappingProxyType(fields)))
    return tuple(heads)


def _metadata(head: str) -> dict[str, str]:
    """The texts of a model's metadata, all of which stands in the head of its file."""
    start = _METADATA.search(head)
    if start is None:
        return {}
    metadata, _ = json.JSONDecoder().raw_decode(head, start.end())
    return {key: text for key, text in metadata.items() if isinstance(text, str)}


def load_service(name: str, folder: Path | None = None) -> Service:
    """The newest model of a service. Raises UsageError, with a suggestion, for an unknown name."""
    if folder is None and name in _ADDED:
        return _ADDED[name]
    root = folder or data_folder()
    return _load(name, root)


# All 439 services at once take less memory than reading some of them again and again takes time.
@functools.cache
def _load(name: str, root: Path) -> Service:
    versions = _versions(root / name) if name and "/" not in name else []
    if not versions:
        hint = did_you_mean(name, service_names(root)) or "`aws-conformance plan '*'` lists what there is."
        raise UsageError(f"There is no service named {name!r}.", hint)
    model = versions[-1]
    with _uncollected():
        raw = _read(model)
        # Newer models come with a second file of additions for SDKs; botocore merges it as its loader does.
        extras = model.parent / "service-2.sdk-extras.json"
        if extras.exists():
            _merge(raw, json.loads(extras.read_text("utf-8")).get("merge", {}))
        return parse_service(name, raw, origin=f"botocore {name}/{model.parent.name}")


@contextlib.contextmanager
def _uncollected() -> Iterator[None]:
    """A stretch in which Python looks for no cycles: nothing of a model is one, and all of it is kept."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _versions(folder: Path) -> list[Path]:
    """Model files of one service, oldest first; the folders are named by date."""
    if not folder.is_dir():
        return []
    files = []
    for version in sorted(folder.iterdir()):
        for file in ("service-2.json.gz", "service-2.json"):
            if (version / file).exists():
                files.append(version / file)
                break
    return files


def paginators(service: str, folder: Path | None = None) -> Mapping[str, Any]:
    """How each operation of a service is paged, by its name, in the words of `paginators-1.json`."""
    return _beside_model(service, folder or data_folder(), "paginators-1", "pagination")


def waiters(service: str, folder: Path | None = None) -> Mapping[str, Any]:
    """What each waiter of a service looks at, by its name, in the words of `waiters-2.json`."""
    return _beside_model(service, folder or data_folder(), "waiters-2", "waiters")


@functools.cache
def _beside_model(service: str, folder: Path, name: str, root: str) -> Mapping[str, Any]:
    """What the newest version of a service has in a file beside its model."""
    if not (folder / service).is_dir():
        return {}
    for version in sorted((folder / service).iterdir(), reverse=True):
        for file in (f"{name}.json.gz", f"{name}.json"):
            if (version / file).exists():
                rows: dict[str, Any] = _read(version / file)[root]
                return rows
    return {}


def _read(path: Path) -> dict[str, Any]:
    content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    model: dict[str, Any] = json.loads(content)
    return model


def _merge(base: dict[str, Any], extra: Mapping[str, Any]) -> None:
    for key, value in extra.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            _merge(base[key], value)
        else:
            base[key] = value


def parse_service(name: str, raw: Mapping[str, Any], *, origin: str = "") -> Service:
    """A Service from the content of a `service-2.json`.

    Raises UsageError if the model has a shape of an unknown type.
    """
    metadata = raw["metadata"]
    shapes_raw: Mapping[str, Any] = raw.get("shapes", {})
    shapes = {key: _shape(key, value, shapes_raw) for key, value in shapes_raw.items()}
    operations = {key: _operation(key, value, metadata) for key, value in raw["operations"].items()}
    for operation in operations.values():
        shape = shapes.get(operation.input or "")
        if isinstance(shape, StructureShape):
            shapes[shape.name] = _with_rules(shape, shapes_raw[shape.name].get("members", {}))
    endpoint_prefix = metadata.get("endpointPrefix", name)
    return Service(
        name=name,
        api_version=metadata.get("apiVersion", ""),
        protocols=_protocols(metadata),
        operations=MappingProxyType(operations),
        shapes=MappingProxyType(shapes),
        service_id=metadata.get("serviceId", ""),
        uid=metadata.get("uid", ""),
        endpoint_prefix=endpoint_prefix,
        signing_name=metadata.get("signingName", endpoint_prefix),
        signature_version=metadata.get("signatureVersion", ""),
        target_prefix=metadata.get("targetPrefix"),
        json_version=metadata.get("jsonVersion"),
        query_compatible="awsQueryCompatible" in metadata,
        xml_namespace=_namespace(metadata.get("xmlNamespace")),
        origin=origin,
    )


def _protocols(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    first: str = metadata["protocol"]
    return (first, *(other for other in metadata.get("protocols", ()) if other != first))


def _operation(name: str, raw: Mapping[str, Any], metadata: Mapping[str, Any]) -> Operation:
    http = raw.get("http", {})
    input_ref = raw.get("input", {})
    output_ref = raw.get("output", {})
    return Operation(
        name=name,
        input=input_ref.get("shape"),
        output=output_ref.get("shape"),
        errors=tuple(error["shape"] for error in raw.get("errors", ())),
        method=http.get("method", "POST"),
        uri=http.get("requestUri", "/"),
        status=http.get("responseCode"),
        signed=raw.get("authtype") != "none" and "smithy.api#noAuth" not in raw.get("auth", ())[:1],
        result_wrapper=output_ref.get("resultWrapper"),
        input_location_name=input_ref.get("locationName"),
        input_xml_namespace=_namespace(input_ref.get("xmlNamespace")),
        host_prefix=raw.get("endpoint", {}).get("hostPrefix"),
        idempotent=bool(raw.get("idempotent")),
        readonly=bool(raw.get("readonly")),
        checksum_required=bool(raw.get("httpChecksumRequired"))
        or bool(raw.get("httpChecksum", {}).get("requestChecksumRequired")),
        compressions=tuple(raw.get("requestcompression", {}).get("encodings", ())),
        unsigned_payload=bool(raw.get("unsignedPayload")),
        deprecated=_deprecation(raw),
        partial=leaves_unsaid(raw.get("documentation", "")),
        repeatable=is_repeatable(raw.get("documentation", "")),
    )


def _namespace(raw: Any) -> XmlNamespace | None:
    if raw is None:
        return None
    if isinstance(raw, str):
        return XmlNamespace(raw)
    return XmlNamespace(raw["uri"], raw.get("prefix"))


def _deprecation(raw: Mapping[str, Any]) -> Deprecation | None:
    return Deprecation(raw.get("deprecatedSince")) if raw.get("deprecated") else None


def _member(name: str, raw: Mapping[str, Any], shapes: Mapping[str, Any]) -> Member:
    target = shapes.get(raw["shape"], {})
    # A structure's locationName is that of a root which it is.
    shape_name = None if target.get("type") == "structure" else target.get("locationName")
    return Member(
        name=name,
        target=raw["shape"],
        deprecated=_deprecation(raw),
        idempotency_token=bool(raw.get("idempotencyToken")),
        location=raw.get("location"),
        location_name=raw.get("locationName", shape_name),
        query_name=raw.get("queryName"),
        flattened=bool(raw.get("flattened", target.get("flattened"))),
        xml_attribute=bool(raw.get("xmlAttribute")),
        xml_namespace=_namespace(raw.get("xmlNamespace", target.get("xmlNamespace"))),
        streaming=bool(raw.get("streaming", target.get("streaming"))),
        json_value=bool(raw.get("jsonvalue")),
        host_label=bool(raw.get("hostLabel")),
        event_payload=bool(raw.get("eventpayload")),
        event_header=bool(raw.get("eventheader")),
        context_param=raw.get("contextParam", {}).get("name"),
        timestamp_format=raw.get("timestampFormat"),
        filter_names=_filter_names(name, raw),
        beside_arn=_beside_arn(raw),
        key_examples=documented_keys(name, raw.get("documentation", ""))
        if target.get("type") == "map"
        else (),
        listed_values=_listed_values(raw, target),
    )


def _listed_values(raw: Mapping[str, Any], target: Mapping[str, Any]) -> tuple[str, ...]:
    """The values that a text lists of a member that has no enumeration: its own, or that of its shape."""
    if target.get("type") not in _LISTED or "enum" in target:
        return ()
    return documented_values(raw.get("documentation") or target.get("documentation", ""))


def _filter_names(name: str, raw: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the filters that the text about a member for filters lists."""
    if not name.endswith(("Filters", "Filter")):
        return ()
    return tuple(dict.fromkeys(_FILTER_NAME.findall(raw.get("documentation", ""))))


def _beside_arn(raw: Mapping[str, Any]) -> Literal["", "id", "name"]:
    """What the text about a member says that it takes beside an ARN; empty if it does not say so."""
    text: str = raw.get("documentation", "")
    if "ARN" not in text and "Resource Name" not in text:
        return ""
    match = _NAME_OR_ARN.search(_MARKUP.sub("", text))
    if match is None:
        return ""
    return "name" if re.search(r"(?i)(?<!resource )\bnames?\b", match[0]) else "id"


def _error(raw: Mapping[str, Any]) -> ErrorTraits | None:
    if not raw.get("exception") and "error" not in raw:
        return None
    error = raw.get("error", {})
    fault = bool(raw.get("fault")) or error.get("senderFault") is False or bool(error.get("fault"))
    text = raw.get("documentation", "")
    of_token = "token" in text and _TOKEN_TAKEN.search(_MARKUP.sub("", text)) is not None
    return ErrorTraits(error.get("code"), error.get("httpStatusCode"), fault, of_token)


# The bits of numbers; those of Smithy's numbers without bounds are what they are generated in.
_BITS: Mapping[str, Literal[8, 16, 32, 64]] = {
    "byte": 8,
    "short": 16,
    "integer": 32,
    "long": 64,
    "bigInteger": 64,
}
_FLOAT_BITS: Mapping[str, Literal[32, 64]] = {"float": 32, "double": 64, "bigDecimal": 64}


def _shape(name: str, raw: Mapping[str, Any], shapes: Mapping[str, Any]) -> Shape:
    kind = raw["type"]
    sensitive = bool(raw.get("sensitive"))
    deprecated = _deprecation(raw)
    low, high = raw.get("min"), raw.get("max")
    match kind:
        case "structure" if raw.get("document"):
            return DocumentShape(name, sensitive=sensitive, deprecated=deprecated)
        case "structure":
            return _structure(name, raw, shapes)
        case "list":
            return ListShape(
                name,
                _member("member", raw["member"], shapes),
                low,
                high,
                sparse=bool(raw.get("sparse")),
                flattened=bool(raw.get("flattened")),
                sensitive=sensitive,
                deprecated=deprecated,
                unique=bool(raw.get("uniqueItems")),
            )
        case "map":
            return MapShape(
                name,
                _member("key", raw["key"], shapes),
                _member("value", raw["value"], shapes),
                low,
                high,
                sparse=bool(raw.get("sparse")),
                flattened=bool(raw.get("flattened")),
                sensitive=sensitive,
                deprecated=deprecated,
            )
        case "string" | "character":
            enum = tuple(raw.get("enum", ()))
            return StringShape(name, low, high, raw.get("pattern"), enum, sensitive, deprecated)
        case "blob":
            streaming, sized = bool(raw.get("streaming")), bool(raw.get("requiresLength"))
            return BlobShape(name, low, high, streaming, sized, sensitive, deprecated, raw.get("mediaType"))
        case "boolean":
            return BooleanShape(name, sensitive, deprecated)
        case _ if kind in _BITS:
            big = kind == "bigInteger"
            return IntegerShape(name, _BITS[kind], low, high, sensitive, deprecated, big=big)
        case _ if kind in _FLOAT_BITS:
            big = kind == "bigDecimal"
            return FloatShape(name, _FLOAT_BITS[kind], low, high, sensitive, deprecated, big=big)
        case "timestamp":
            return TimestampShape(name, raw.get("timestampFormat"), sensitive, deprecated)
        case _:
            raise UsageError(
                f"Shape {name} has the unknown type {kind!r}.", "Is this model newer than aws-conformance?"
            )


def _structure(name: str, raw: Mapping[str, Any], shapes: Mapping[str, Any]) -> StructureShape:
    members = {key: _member(key, value, shapes) for key, value in raw.get("members", {}).items()}
    return StructureShape(
        name,
        MappingProxyType(members),
        required=_in_order(raw.get("required", ()), members),
        union=bool(raw.get("union")),
        error=_error(raw),
        payload=raw.get("payload"),
        event_stream=bool(raw.get("eventstream")),
        event=bool(raw.get("event")),
        wrapper=bool(raw.get("wrapper")),
        xml_order=tuple(raw.get("xmlOrder", ())),
        xml_namespace=_namespace(raw.get("xmlNamespace")),
        location_name=raw.get("locationName"),
        sensitive=bool(raw.get("sensitive")),
        deprecated=_deprecation(raw),
    )


def _with_rules(shape: StructureShape, raw: Mapping[str, Any]) -> StructureShape:
    """The structure of an input with what its texts say of members that are sent together, or left out."""
    known: dict[str, Member] = {}
    for key, value in raw.items():
        text = value.get("documentation", "")
        exclusions, stays = documented_exclusions(key, text, raw.keys()), leaves_unsaid(text)
        if exclusions or stays:
            known[key] = replace(shape.members[key], exclusions=exclusions, unsaid_stays=stays)
    if not known:
        return shape
    return replace(shape, members=MappingProxyType({**shape.members, **known}))


def _in_order(required: Iterable[str], members: Mapping[str, Member]) -> tuple[str, ...]:
    """Required members that exist (a few models require members that they do not have)."""
    return tuple(name for name in required if name in members)
