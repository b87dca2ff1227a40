# SPDX-License-Identifier: Apache-2.0
"""Other people's suites as proof: their tests without and with `--conformance-observe`, compared.

It owns the table of suites, their environments in .walks/suites, and what of two runs has to be equal. It
refuses to know what a finding means: each one at severity error has been read by a person, and what came of
it stands in tests/suites/findings.yaml. One that does not stand there, or an outcome that differs, is exit 1.

    python tools/run_suites.py [NAME ...]

Each suite's tests are those of its source distribution at the pinned version. The results are written to
.walks/suites/results.json.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tarfile
import xml.etree.ElementTree as ElementTree
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import yaml

__all__ = ["main"]

_ROOT = Path(__file__).resolve().parent.parent
_PINS = _ROOT / "tests" / "suites"
_SUITES = _ROOT / ".walks" / "suites"
_STAMP = ".installed"
_SHOWN = 10
# What is added to both runs of a suite, whatever its own configuration says.
_ARGUMENTS = ("-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header", "--tb=no", "-W", "ignore")


@dataclass(frozen=True, slots=True)
class Suite:
    """A suite: the source distribution that it is in, and the part of its tests that is run.

    `environment` names the file of pins in tests/suites, `added` maps files of the suite to files there that
    its distribution lacks.
    """

    distribution: str
    tests: tuple[str, ...]
    environment: str = "boto3"
    added: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the project."""
        return self.distribution.partition("==")[0]


# A part of each: what is quick, and of moto a service of each protocol with all kinds of members.
_TABLE = (
    Suite(
        "moto==5.2.5",
        tuple(
            f"tests/test_{service}"
            for service in (
                "acm",
                "cognitoidentity",
                "events",
                "kinesis",
                "kms",
                "route53",
                "scheduler",
                "secretsmanager",
                "ses",
                "sns",
                "sqs",
                "ssm",
                "stepfunctions/test_stepfunctions.py",
                "sts",
                "timestreamwrite",
                "wafv2",
                "xray/test_xray_client.py",
                "cloudwatch",
                "dynamodb/exceptions",
                "s3/test_s3.py",
                "s3control",
            )
        ),
    ),
    Suite(
        "botocore==1.44.8",
        tuple(
            f"tests/functional/test_{name}.py"
            for name in (
                "apigateway",
                "cloudformation",
                "cognito_idp",
                "context_params",
                "dynamodb",
                "ec2",
                "events",
                "httpchecksum",
                "iot_data",
                "kinesis",
                "lex",
                "machinelearning",
                "modeled_exceptions",
                "query_compatibility",
                "rds",
                "retry",
                "route53",
                "rpc_v2_cbor",
                "s3",
                "s3_control",
                "sagemaker",
                "sqs",
                "sts",
                "stub",
            )
        ),
    ),
    Suite("s3transfer==0.19.3", ("tests/functional",)),
    Suite("s3path==0.6.5", ("tests",), added={"tests/conftest.py": "s3path-conftest.txt"}),
    Suite("kombu==5.7.0", ("t/unit/transport/SQS",)),
    Suite("s3fs==2026.9.0", ("s3fs/tests/test_s3fs.py", "s3fs/tests/test_mapping.py"), "aio"),
)


@dataclass(frozen=True, slots=True)
class SuiteRun:
    """One run of a suite: how each test ended, the seconds of CPU, and what was observed if it was."""

    outcomes: Mapping[str, str]
    cpu: float
    observed: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both runs of a suite: what differs, what it cost, and what was found."""

    suite: str
    tests: int
    outcomes: Mapping[str, int]
    differing: tuple[str, ...]
    cpu_without: float
    cpu_with: float
    calls: int
    validated: int
    not_validated: Mapping[str, int]
    mistakes: Mapping[str, int]
    severities: Mapping[str, int]
    invalid: int
    errors: tuple[str, ...]
    unread: tuple[str, ...]

    @property
    def overhead(self) -> float:
        """The share of CPU that observing adds."""
        return self.cpu_with / self.cpu_without - 1 if self.cpu_without else 0.0

    @property
    def is_proof(self) -> bool:
        """Whether nothing was changed, and nothing is unread."""
        return not (self.differing or self.unread or self.mistakes)


def _carry_out(*words: str | Path) -> None:
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise SystemExit(f"{' '.join(map(str, words))[:200]} ended with {done.returncode}: {said[-1:]}")


def _python(environment: str) -> Path:
    """The Python of an environment, which is made anew when its pins or Python have changed."""
    folder = _SUITES / "environments" / environment
    pins = _PINS / f"{environment}.txt"
    stamp = folder / _STAMP
    made_of = hashlib.sha256(sys.version.encode() + pins.read_bytes()).hexdigest()
    python = folder / "bin" / "python"
    if not stamp.is_file() or stamp.read_text("utf-8") != made_of:
        shutil.rmtree(folder, ignore_errors=True)
        _carry_out(sys.executable, "-m", "venv", "--without-pip", folder)
        pip = (
            sys.executable,
            "-m",
            "pip",
            "--python",
            python,
            "--disable-pip-version-check",
            "install",
            "-q",
        )
        _carry_out(*pip, "-r", pins)
        _carry_out(*pip, "-e", f"{_ROOT}[pytest]")
        # Last, so that an installation that was cut off does not count.
        stamp.write_text(made_of, "utf-8")
    return python


def _sources(suite: Suite) -> Path:
    """The folder of a suite's sources."""
    folder = _SUITES / "sources" / suite.distribution
    stamp = folder / _STAMP
    if not stamp.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "-q", "--no-deps")
        _carry_out(*pip, "--no-binary", ":all:", "-d", folder, suite.distribution)
        (archive,) = folder.glob("*.tar.gz")
        with tarfile.open(archive) as files:
            files.extractall(folder, filter="data")
        archive.unlink()
        stamp.touch()
    (sources,) = (path for path in folder.iterdir() if path.is_dir())
    for path, pinned in suite.added.items():
        shutil.copy(_PINS / pinned, sources / path)
    return sources


def _environment() -> dict[str, str]:
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))}
    return outside | {"PYTHONHASHSEED": "0"}


def _run(suite: Suite, *, observe: bool) -> SuiteRun:
    sources, python = _sources(suite), _python(suite.environment)
    report, seen = _SUITES / f"{suite.name}.xml", _SUITES / f"{suite.name}.json"
    words = [str(python), "-m", "pytest", *_ARGUMENTS, f"--junitxml={report}", *suite.tests]
    if observe:
        words += ["--conformance-observe", f"--conformance-observe-report={seen}"]
    for file in (report, seen):
        file.unlink(missing_ok=True)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    log = _SUITES / f"{suite.name}{'-observed' if observe else ''}.log"
    with log.open("w") as output:
        subprocess.run(
            words, cwd=sources, env=_environment(), stdout=output, stderr=subprocess.STDOUT, check=False
        )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if not report.is_file() or (observe and not seen.is_file()):
        raise SystemExit(f"{suite.name} did not run; see {log}.")
    cpu = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
    return SuiteRun(dict(_outcomes(report)), cpu, json.loads(seen.read_text("utf-8")) if observe else {})


def _outcomes(report: Path) -> Iterator[tuple[str, str]]:
    for case in ElementTree.parse(report).iter("testcase"):
        kinds = [child.tag for child in case if child.tag in ("failure", "error", "skipped")]
        yield f"{case.get('classname')}::{case.get('name')}", kinds[0] if kinds else "passed"


def _compare(suite: Suite, ledger: Sequence[Mapping[str, Any]]) -> Comparison:
    without, observed = _run(suite, observe=False), _run(suite, observe=True)
    names = sorted({*without.outcomes, *observed.outcomes})
    differing = tuple(
        f"{name}: {without.outcomes.get(name)} without, {observed.outcomes.get(name)} with"
        for name in names
        if without.outcomes.get(name) != observed.outcomes.get(name)
    )
    record = observed.observed
    errors = [fault["text"] for fault in record["target_faults"] if fault["severity"] == "error"]
    own = [text.splitlines()[0] for texts in record["invalid_requests"].values() for text in texts]
    found = tuple(dict.fromkeys([*errors, *own]))
    read = [(row["operation"], row["check"]) for row in ledger if suite.name in row["suites"]]
    return Comparison(
        suite.distribution,
        len(observed.outcomes),
        dict(Counter(observed.outcomes.values())),
        differing,
        round(without.cpu, 1),
        round(observed.cpu, 1),
        record["calls"],
        record["validated"],
        record["not_validated"],
        record["mistakes"],
        dict(Counter(fault["severity"] for fault in record["target_faults"])),
        len(record["invalid_requests"]),
        found,
        tuple(
            text
            for text in found
            if not any(operation in text.split() and check in text for operation, check in read)
        ),
    )


def _tell(comparison: Comparison) -> None:
    outcomes = ", ".join(f"{number:,} {name}" for name, number in sorted(comparison.outcomes.items()))
    print(f"{comparison.suite}: {comparison.tests:,} tests ({outcomes})")
    print(f"  {comparison.calls:,} AWS calls, {comparison.validated:,} validated")
    print(
        f"  CPU {comparison.cpu_without} s without, {comparison.cpu_with} s with: {comparison.overhead:+.1%}"
    )
    severities = ", ".join(f"{number:,} {name}" for name, number in sorted(comparison.severities.items()))
    print(f"  the target's faults: {severities or 'none'}; tests with invalid requests: {comparison.invalid}")
    for title, lines in (
        ("outcomes that differ", comparison.differing),
        ("mistakes of our own", tuple(comparison.mistakes)),
        ("findings at error that nobody has read", comparison.unread),
    ):
        if lines:
            print(f"  {title}: {len(lines)}")
            print(*(f"    {line}" for line in lines[:_SHOWN]), sep="\n")
            if len(lines) > _SHOWN:
                print(f"    and {len(lines) - _SHOWN} more")


def main(names: Sequence[str]) -> int:
    """Run the suites of these names (none: all) and compare; the exit code."""
    known = [suite.name for suite in _TABLE]
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"There is no suite {unknown[0]!r}. There are {', '.join(known)}.", file=sys.stderr)
        return 2
    _SUITES.mkdir(parents=True, exist_ok=True)
    if not names:
        # Its suite is our own, and run by tests/frontends/plugin/test_plugin_combinations.py.
        _python("combinations")
    ledger = yaml.safe_load((_PINS / "findings.yaml").read_text("utf-8"))
    results = _SUITES / "results.json"
    written = json.loads(results.read_text("utf-8")) if results.is_file() else {}
    proved = True
    for suite in _TABLE:
        if names and suite.name not in names:
            continue
        comparison = _compare(suite, ledger)
        _tell(comparison)
        sys.stdout.flush()
        written[suite.name] = asdict(comparison)
        results.write_text(json.dumps(written, indent=2) + "\n", "utf-8")
        proved = proved and comparison.is_proof
    return 0 if proved else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
