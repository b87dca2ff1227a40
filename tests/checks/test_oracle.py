# SPDX-License-Identifier: Apache-2.0
"""No false alarm at error severity on what real AWS has answered: recorded outputs and errors."""

from __future__ import annotations

from collections import Counter
from importlib import resources

import pytest
import yaml
from tests.shared_data import oracle_lines
from tools.mine_error_codes import code_table, halves, predicted

from aws_conformance.checks.errata import errata
from aws_conformance.checks.validate import validate_error, validate_instance
from aws_conformance.results.events import Violation
from aws_conformance.spec.botocore import load_service


def _summed(name: str, violations: list[Violation], alarms: Counter[str], levels: Counter[str]) -> None:
    levels.update(violation.severity for violation in violations)
    alarms.update(
        f"{name} {violation.check} {violation.message}"
        for violation in violations
        if violation.severity == "error"
    )


@pytest.mark.parametrize(
    ("file", "lines", "services"), [("real-responses", 2136, 35), ("recorded-success", 1435, 30)]
)
def test_recorded_answers_of_real_services_have_no_finding_at_error(
    file: str, lines: int, services: int
) -> None:
    alarms: Counter[str] = Counter()
    levels: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    for line in oracle_lines(file):
        name = f"{line['service']}:{line['operation']}"
        violations = validate_instance(
            line["service"], line["operation"], line["instance"], status=line["status"]
        )
        _summed(name, violations, alarms, levels)
        seen[line["service"]] += 1
    assert seen.total() == lines
    assert len(seen) >= services
    assert dict(alarms) == {}
    # The lines are judged, not waved through: models and recordings are years apart.
    assert levels["warning"] > 0
    assert levels["note"] > 0


def test_recorded_errors_of_real_services_have_no_finding_at_error() -> None:
    alarms: Counter[str] = Counter()
    levels: Counter[str] = Counter()
    lines = 0
    for line in oracle_lines("recorded-errors"):
        service, operation = line["service"], line["operation"]
        violations = validate_error(service, operation, line["code"], line["message"], status=line["status"])
        _summed(f"{service}:{operation}", violations, alarms, levels)
        lines += 1
    assert lines == 609
    assert dict(alarms) == {}
    assert levels["warning"] > 0


@pytest.mark.parametrize("seed", range(1, 6))
def test_what_a_half_of_the_recorded_errors_shows_holds_for_the_other(seed: int) -> None:
    """By service and kind of fault there is a code and a status, as far as the messages name the fault."""
    by_service = predicted(*halves(list(oracle_lines("recorded-errors")), seed))
    known = sum(count.known for count in by_service.values())
    assert known > 100
    assert sum(count.right for count in by_service.values()) / known >= 0.85


def test_what_is_written_down_of_codes_is_what_was_recorded() -> None:
    table = code_table(oracle_lines("recorded-errors"))
    text = resources.files("aws_conformance").joinpath("data/validation.yaml").read_text("utf-8")
    for service, row in yaml.safe_load(text).items():
        if "evidence" not in row:
            assert table[service, "constraint"] == {(row["code"], 400): row["recorded"]}, service


def test_each_erratum_still_departs_from_the_model() -> None:
    for entry in errata()["success-status"]:
        service, _, operation = entry["operation"].partition(":")
        assert entry["evidence"]
        assert (load_service(service).operations[operation].status or 200) != entry["status"], entry
