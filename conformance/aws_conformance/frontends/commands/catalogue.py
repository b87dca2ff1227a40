# SPDX-License-Identifier: Apache-2.0
"""`checks` and `explain`: the catalogue of checks, as text.

It owns how a check is told; it refuses to know what one does.
"""

from __future__ import annotations

import click

from ...errors import UsageError, did_you_mean

__all__ = ["checks", "explain"]


@click.command()
def checks() -> int:
    """List all checks: id, severity, provenance, requirement."""
    from ...checks import ALL_CHECKS
    from ...checks.extensions import load_extensions

    load_extensions()
    width = max(map(len, ALL_CHECKS), default=0)
    for name in sorted(ALL_CHECKS):
        check = ALL_CHECKS[name]
        click.echo(f"{name:<{width}}  {check.severity:<7}  {check.provenance:<8}  {check.requirement}")
    return 0


@click.command()
@click.argument("check_id", metavar="CHECK-ID")
def explain(check_id: str) -> int:
    """Tell what a check requires, how grave a violation is, and who says so."""
    from ...checks import ALL_CHECKS
    from ...checks.extensions import load_extensions

    load_extensions()
    if check_id not in ALL_CHECKS:
        hint = did_you_mean(check_id, ALL_CHECKS) or "`aws-conformance checks` lists them."
        raise UsageError(f"There is no check named {check_id!r}.", hint)
    check = ALL_CHECKS[check_id]
    scopes = {
        "operation": "an operation: one finding for each operation and place",
        "target": "the target: one finding however many operations show it",
    }
    rows = {
        "requirement": check.requirement,
        "severity": check.severity,
        "provenance": f"{check.provenance} ({_PROVENANCE[check.provenance]})",
        "citation": check.citation,
        "concerns": scopes[check.scope],
        "since": str(getattr(check, "since", "") or ""),
    }
    click.echo(check.id)
    for name, text in rows.items():
        if text:
            click.echo(f"  {name:<11}  {text}")
    return 0


_PROVENANCE = {
    "MODEL": "the service's own model says so",
    "PROTOCOL": "the protocol's specification says so",
    "DOC": "AWS's documentation says so",
    "OBSERVED": "recorded answers of AWS show it",
}
