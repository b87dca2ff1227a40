# SPDX-License-Identifier: Apache-2.0
"""What a project settles once: `[tool.aws-conformance]` in pyproject.toml, or `aws-conformance.toml`.

It owns where the file is found, and how a configuration and what a command line or a plugin says over it
become a Plan. It refuses to know which keys there are (config_keys.py), and who asks: the command line and
the pytest plugin read the same file by the same rules.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..engine.plan import (
    DEFAULT_SELECTORS,
    EFFORTS,
    AccountTarget,
    AwsCliTarget,
    Claim,
    Effort,
    EmbeddedReference,
    Plan,
    RecordedTarget,
    TargetSpec,
)
from ..errors import UsageError, did_you_mean
from ..files import read_text
from ..results.events import Phase
from ..results.known import Baseline
from ..results.terms import Severity
from ..targets.presets import add_presets
from .access import access_settings
from .config_keys import (
    EARLIER_NAMES,
    FIELDS,
    KEYS,
    LISTS,
    OWN_FILE,
    PHASES,
    PROJECT_FILE,
    REQUEST_TIMEOUT_LIMIT,
    SEVERITIES,
    TABLE,
    config_schema,
    validate_config,
)
from .preset_rows import preset_files, preset_keys
from .target_words import (
    AWS,
    AWS_CLI,
    parse_account,
    parse_command,
    parse_header,
    parse_name,
    parse_target,
    parse_url,
)

__all__ = [
    "OWN_FILE",
    "PHASES",
    "REQUEST_TIMEOUT_LIMIT",
    "SEVERITIES",
    "Config",
    "config_schema",
    "find_config",
    "load_config",
    "parse_config",
    "plan_from",
    "target_spec",
]

DEFAULT_PHASES = PHASES
# Settings that would be as good as left out, if nothing were what they name.
_NEVER_EMPTY = ("ca_bundle", "client_certificate", "client_key", "credentials", "i_own", "ledger", "profile")


@dataclass(frozen=True, slots=True)
class Config:
    """Settings, each None where nobody has set it; `plan_from` then takes the Plan's own default.

    What concerns an account at AWS (`i_own`, `allow_writes`, `max_costly`) stands in no file: whoever sends
    there says so each time. `max_time`, `max_wait` and `timeout` are in seconds, `headers` as NAME:VALUE.
    `severities` maps check ids, or `service/check-id`, to a severity or "off". `source` is the file that it
    was read from.
    """

    target: str | None = None
    start: str | None = None
    name: str | None = None
    endpoint: str | None = None
    claims: tuple[Claim, ...] | None = None
    protocol: str | None = None
    phases: tuple[Phase, ...] | None = None
    seed: int | None = None
    max_examples: int | None = None
    exhaustive: bool | None = None
    effort: Effort | None = None
    fail_under_coverage: float | None = None
    fail_under_reached: float | None = None
    max_time: float | None = None
    max_wait: float | None = None
    timeout: float | None = None
    workers: int | None = None
    checks: tuple[str, ...] | None = None
    exclude_checks: tuple[str, ...] | None = None
    fail_on: Severity | None = None
    baseline: str | None = None
    lifecycles: tuple[str, ...] | None = None
    allow_remote: bool | None = None
    observe_allow: tuple[str, ...] | None = None
    allow_hosts: tuple[str, ...] | None = None
    allow_uploads: tuple[str, ...] | None = None
    ca_bundle: str | None = None
    client_certificate: str | None = None
    client_key: str | None = None
    profile: str | None = None
    credentials: str | None = None
    region: str | None = None
    headers: tuple[str, ...] | None = None
    max_failures: int | None = None
    max_requests: int | None = None
    ledger: str | None = None
    i_own: str | None = None
    allow_writes: bool | None = None
    max_costly: int | None = None
    severities: Mapping[str, str] = field(default_factory=dict)
    presets: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    source: str = field(default="", compare=False)


def find_config(folder: Path) -> Path | None:
    """The nearest configuration from a folder upwards, or None.

    A pyproject.toml counts if it has the table. Raises UsageError where one folder holds both, because
    a reader of either file would not know of the other, and for a file that cannot be read.
    """
    for here in (folder, *folder.parents):
        own, project = here / OWN_FILE, here / PROJECT_FILE
        has_own = own.is_file()
        has_table = project.is_file() and _table(_read(project)) is not None
        if has_own and has_table:
            raise UsageError(
                f"{here} has both {OWN_FILE} and [{TABLE}] in {PROJECT_FILE}.", "Keep one of the two."
            )
        if has_own:
            return own
        if has_table:
            return project
    return None


def load_config(folder: Path | None = None) -> Config:
    """The configuration that holds for a folder (the current one by default); empty if there is none.

    Raises UsageError, naming file and key, for what is not TOML or not in the schema.
    """
    path = find_config((folder or Path.cwd()).absolute())
    if path is None:
        return Config()
    raw = _read(path)
    return parse_config(raw if path.name == OWN_FILE else _table(raw), source=str(path))


def parse_config(raw: Any, *, source: str) -> Config:
    """A configuration from decoded TOML. Raises UsageError for the first thing that is wrong with it."""
    validate_config(raw, source)
    settings: dict[str, Any] = {}
    # In order, so that the earlier of two names comes second.
    for key, value in sorted(raw.items()):
        if key not in ("presets", "severities", "services"):
            setting = EARLIER_NAMES.get(key, key)
            if setting in settings:
                raise UsageError(f"{source}: {key} is the earlier name of {setting}.", "Keep one of the two.")
            settings[setting] = _typed(key, value)
    severities = dict(raw.get("severities", {}))
    for service, table in raw.get("services", {}).items():
        severities |= {f"{service}/{check}": level for check, level in table.get("severities", {}).items()}
    fields = {FIELDS.get(key, key.replace("-", "_")): value for key, value in settings.items()}
    return Config(**fields, severities=severities, presets=raw.get("presets", {}), source=source)


def _typed(key: str, value: Any) -> Any:
    if key in LISTS:
        return tuple(value)
    # In JSON Schema 1.0 is an integer, as it is in JSON.
    return int(value) if KEYS[key].get("type") == "integer" else value


def plan_from(
    config: Config, overrides: Config | None = None, *, operations: tuple[str, ...] | None = None
) -> Plan:
    """The Plan that a configuration and what overrides it amount to.

    A setting of `overrides` that is not None wins; severities are merged key by key. `operations` are
    full names, those of the default selectors if None. Raises UsageError for an unknown check, service
    or target.
    """
    from ..checks.extensions import load_extensions

    load_extensions()
    over = overrides or Config()
    for name in _NEVER_EMPTY:
        if getattr(over, name) == "":
            raise UsageError(f"--{name.replace('_', '-')} is empty.", "Leave it out if it is not meant.")
    merged = _merge(config, over)
    if operations is None:
        from ..spec.selectors import select

        operations = select(DEFAULT_SELECTORS)
    _known_checks(merged)
    add_presets(config.presets)
    usual: dict[str, Any] = preset_files(merged.target)
    merged = dataclasses.replace(
        merged, **{name: file for name, file in usual.items() if getattr(merged, name) is None}
    )
    plan = Plan(operations=operations, target=target_spec(merged), severities=dict(merged.severities))
    settings: dict[str, Any] = {
        "name": parse_name(merged.name) if merged.name is not None else None,
        "protocol": merged.protocol,
        "phases": merged.phases or _phases_of(plan.target),
        "seed": merged.seed,
        "max_examples": merged.max_examples,
        "exhaustive": merged.exhaustive,
        "fail_under_coverage": merged.fail_under_coverage,
        "fail_under_reached": merged.fail_under_reached,
        "max_time": merged.max_time,
        "max_wait": merged.max_wait,
        "timeout": merged.timeout,
        "workers": merged.workers,
        "checks": merged.checks,
        "excluded_checks": merged.exclude_checks,
        "allow_remote": merged.allow_remote,
        "fail_on": merged.fail_on,
        "region": merged.region,
        "baseline": _baseline(config, over),
        "lifecycles": _lifecycles(config, over),
        **(preset_keys(merged.target) if merged.profile is None and merged.credentials is None else {}),
        **access_settings(
            _placed(config, over, merged),
            getattr(plan.target, "url", ""),
            account=isinstance(plan.target, AccountTarget),
        ),
        "headers": tuple(map(parse_header, merged.headers)) if merged.headers else None,
        "max_failures": merged.max_failures,
        "max_requests": merged.max_requests,
        "ledger": merged.ledger,
    }
    effort = dict(EFFORTS[merged.effort]) if merged.effort is not None else {}
    explicit = {key: value for key, value in settings.items() if value is not None}
    return dataclasses.replace(plan, **effort | explicit)


def _phases_of(target: TargetSpec) -> tuple[Phase, ...]:
    """The phases of a run that names none: all, for what is found only with an option is not found.

    A recording has answers for those that it was made in.
    """
    if not isinstance(target, RecordedTarget):
        return DEFAULT_PHASES
    from ..engine.recording import read_head

    recorded = read_head(Path(target.folder)).phases
    return tuple(phase for phase in PHASES if phase in recorded)


def target_spec(config: Config) -> TargetSpec:
    """The target that a configuration names. Raises UsageError for an unknown one, or for two."""
    if config.target is not None and config.start is not None:
        raise UsageError("Both a target and a command to start one are given.", "Give one of the two.")
    if config.endpoint is not None and (config.target or "").partition("==")[0] != AWS_CLI:
        raise UsageError(
            "An endpoint is given without the `aws` command to speak to it.",
            f"Give --target {AWS_CLI}, or the address as the target itself.",
        )
    account = _account(config)
    if account is not None:
        return account
    spec: TargetSpec = EmbeddedReference()
    if config.start is not None:
        spec = parse_command(config.start)
    elif config.target is not None:
        spec = parse_target(config.target)
    if isinstance(spec, AwsCliTarget) and config.endpoint is not None:
        spec = dataclasses.replace(spec, url=parse_url(config.endpoint).url)
    return spec if config.claims is None else dataclasses.replace(spec, claims=config.claims)


def _account(config: Config) -> AccountTarget | None:
    """An account at AWS, if that is the target. Raises UsageError for what only goes with it."""
    if config.target == AWS and config.i_own is not None:
        if config.claims:
            raise UsageError("AWS claims nothing to us.", "Leave --claims out.")
        return AccountTarget(
            parse_account(config.i_own),
            bool(config.allow_writes),
            config.max_costly or 0,
            config.profile or "",
        )
    if (config.i_own, config.allow_writes, config.max_costly) != (None, None, None) and config.target != AWS:
        raise UsageError(
            "--i-own, --allow-writes and --max-costly are for an account at AWS.", "Add --target aws."
        )
    return None


def _placed(config: Config, over: Config, merged: Config) -> Config:
    """The configuration with its files where they are: what a configuration names stands beside it."""
    folder = Path(config.source).parent if config.source else Path()
    names = ("ca_bundle", "client_certificate", "client_key", "credentials")
    beside: dict[str, Any] = {
        name: str(folder / getattr(config, name))
        for name in names
        if getattr(over, name) is None and getattr(config, name) is not None
    }
    return dataclasses.replace(merged, **beside)


def _baseline(config: Config, over: Config) -> Baseline | None:
    """The baseline that is named, if any. Raises UsageError, with the line, for one that can't be used."""
    if over.baseline is not None:
        return _read_baseline(Path(over.baseline))
    if config.baseline is None:
        return None
    # What a configuration names stands beside it, wherever the command is given.
    beside = Path(config.source).parent / config.baseline if config.source else Path(config.baseline)
    return _read_baseline(beside)


def _lifecycles(config: Config, over: Config) -> tuple[str, ...] | None:
    """The files of lifecycles that are named. Raises UsageError, with the line, for one that is none."""
    files = over.lifecycles
    if files is None and config.lifecycles is not None:
        folder = Path(config.source).parent if config.source else Path()
        files = tuple(str(folder / name) for name in config.lifecycles)
    if files:
        from ..cases.lifecycles.registry import check_files

        check_files(files)
    return files


def _read_baseline(path: Path) -> Baseline:
    from ..checks import ALL_CHECKS
    from ..results.baseline_yaml import read_baseline

    baseline = read_baseline(path)
    for known in baseline.known:
        if known.check not in ALL_CHECKS:
            hint = did_you_mean(known.check, ALL_CHECKS) or "`aws-conformance checks` lists them."
            raise UsageError(f"{baseline.source}:{known.line}: there is no check {known.check!r}.", hint)
    return baseline


def _merge(config: Config, over: Config) -> Config:
    settings = {item.name: getattr(over, item.name) for item in dataclasses.fields(Config)}
    chosen = {name: value for name, value in settings.items() if value is not None}
    # A target of the command line replaces the file's, by whichever of the two keys each names it. What
    # the file says of its own target says nothing of another.
    if over.target is not None or over.start is not None:
        chosen |= {
            "target": over.target,
            "start": over.start,
            "name": over.name,
            "claims": over.claims,
            "endpoint": over.endpoint,
        }
    chosen["severities"] = {**config.severities, **over.severities}
    chosen["presets"] = config.presets
    chosen["source"] = config.source
    return dataclasses.replace(config, **chosen)


def _known_checks(config: Config) -> None:
    """Raises UsageError for a check or service that nothing is named by, such as a misspelt one."""
    named = [*(config.checks or ()), *(config.exclude_checks or ()), *config.severities]
    if not named:
        return
    from ..checks import ALL_CHECKS

    services = [name.partition("/")[0] for name in config.severities if "/" in name]
    if services:
        from ..spec.botocore import service_names

        _known(services, service_names(), "service", "")
    ids = [name.rpartition("/")[2] for name in named]
    _known(ids, ALL_CHECKS, "check", "`aws-conformance checks` lists them.")


def _known(names: Iterable[str], known: Iterable[str], what: str, otherwise: str) -> None:
    pool = frozenset(known)
    for name in names:
        if name not in pool:
            hint = did_you_mean(name, sorted(pool)) or otherwise
            raise UsageError(f"There is no {what} named {name!r}.", hint)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(read_text(path))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8, which TOML is written in.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not valid TOML: {error}.") from None


def _table(project: Mapping[str, Any]) -> Any:
    tool = project.get("tool")
    return tool.get("aws-conformance") if isinstance(tool, Mapping) else None
