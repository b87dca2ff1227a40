# SPDX-License-Identifier: Apache-2.0
"""The catalogue of oracles: what must hold of any resource, told from the models alone.

An oracle is a row like any other check, with a rule over a whole story rather than one answer. A new rule is
a new row beside its function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TypeAlias

from ..check import Breach, Check
from . import (
    associations,
    batches,
    facts,
    filtering,
    listing,
    naming,
    partial,
    reading,
    repeats,
    tags,
    versions,
    waiters,
)
from .story import STORY, Story

__all__ = ["ORACLE_CATALOGUE", "OracleCheck"]


OracleCheck: TypeAlias = Check[Story]

_MODELS = "https://smithy.io/2.0/spec/resource-traits.html"
_PAGES = "https://smithy.io/2.0/spec/behavior-traits.html#paginated-trait"
_TOKENS = "https://smithy.io/2.0/spec/behavior-traits.html#idempotencytoken-trait"
_ARNS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"


def _row(
    name: str, requirement: str, run: Callable[[Story], Iterator[Breach]], citation: str = _MODELS
) -> OracleCheck:
    return Check(name, requirement, "error", "MODEL", citation, run, about=STORY)


_ROWS = (
    _row("oracle.arn", "A resource's ARN names its partition, region and account.", facts.arn_named, _ARNS),
    _row(
        "oracle.association.absent",
        "What was added to something is in the lists of both.",
        associations.absent,
    ),
    _row(
        "oracle.association.dangling",
        "What was deleted is in no list of what it was added to.",
        associations.dangling,
    ),
    _row(
        "oracle.association.others",
        "What takes off one of several leaves the others.",
        associations.others_lost,
    ),
    _row(
        "oracle.association.outlived",
        "What was taken off is in no list any more.",
        associations.outlives_removal,
    ),
    _row(
        "oracle.association.stranger",
        "What is not there is added to nothing, where an error says so.",
        associations.added_to_nothing,
    ),
    _row(
        "oracle.association.twice",
        "What is added twice is listed once.",
        associations.added_twice,
    ),
    _row(
        "oracle.batch",
        "Of things asked for at once, each is shown, or named as what is not there.",
        batches.answered_for_each,
    ),
    _row(
        "oracle.create.replaced",
        "What was created is not replaced by creating another under its name.",
        reading.replaced,
    ),
    _row(
        "oracle.create.twice",
        "Of one name there is one, however often it is asked for.",
        listing.created_twice,
    ),
    _row(
        "oracle.date.advance",
        "What says when it was changed says so after each change.",
        facts.dates_advance,
    ),
    _row("oracle.date.order", "Nothing changes before it was created, or backwards.", facts.dates_ordered),
    _row("oracle.date.range", "A resource says that it was created when it was.", facts.dated),
    _row("oracle.delete.changed", "What was deleted is not changed any more.", reading.changed_too_late),
    _row("oracle.delete.outlived", "What was deleted is neither read nor listed.", reading.outlives),
    _row(
        "oracle.delete.used",
        "What was deleted is not there for other operations, where they have an error that says so.",
        reading.misused,
    ),
    _row("oracle.filter", "A list shows what a filter asks for, and nothing else.", filtering.filtered),
    _row(
        "oracle.identifier.alternative",
        "What may be named by its name or its ARN is found by either.",
        naming.found_by_either,
    ),
    _row("oracle.identifier.stable", "Reads show the identifiers that creating showed.", reading.identified),
    _row("oracle.identifier.unique", "Two resources share no identifier.", facts.unique),
    _row("oracle.list.absent", "What was created is in the list of what there is.", listing.listed),
    _row("oracle.page.end", "The tokens of pages come to an end.", listing.pages_end, _PAGES),
    _row("oracle.page.limit", "A page holds no more than was asked for.", listing.limit_respected, _PAGES),
    _row("oracle.page.sum", "All pages together hold everything once.", listing.pages_sum, _PAGES),
    _row("oracle.page.token", "A token that was never issued is refused.", listing.forged_token, _PAGES),
    _row("oracle.read.absent", "What was created can be read.", reading.gone),
    _row("oracle.read.stable", "Two reads with nothing between them show the same.", reading.stable),
    _row("oracle.read.value", "What was written is read as it was written.", reading.written),
    _row(
        "oracle.refused.accepted",
        "What AWS is known to refuse, whatever its shapes say, is refused.",
        filtering.let_pass,
    ),
    _row("oracle.refused.changed", "A request that was refused changes nothing.", reading.changed_by_refusal),
    _row("oracle.refused.created", "A request that was refused creates nothing.", reading.left_behind),
    _row("oracle.region", "What was created in one region is in no other.", listing.elsewhere),
    _row(
        "oracle.repeat",
        "What documents call idempotent can be asked for twice.",
        repeats.repeated,
    ),
    _row("oracle.tags", "Tags that were added are shown until they are taken away.", tags.tagged),
    _row("oracle.token", "What is asked for twice with one token is made once.", filtering.replayed, _TOKENS),
    _row(
        "oracle.update.lost",
        "What a change does not speak of stays as it was, where the documents say so.",
        partial.unsaid_stays,
    ),
    _row(
        "oracle.version",
        "Each version shows what it was written with, until that version is taken away.",
        versions.version_contents,
    ),
    _row(
        "oracle.waiter",
        "What an SDK waits for after something was made is shown where it looks.",
        waiters.awaited,
        "https://smithy.io/2.0/additional-specs/waiters.html",
    ),
)

ORACLE_CATALOGUE: Mapping[str, OracleCheck] = MappingProxyType({row.id: row for row in _ROWS})
