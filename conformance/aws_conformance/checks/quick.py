# SPDX-License-Identifier: Apache-2.0
"""One look that tells most documents for right: a schema that leaves no rule anything to object to.

It owns what becomes of an output's schema when every rule that is asked of a bare document makes it as strict
as the rule is. It refuses to say what is wrong with a document: that takes the rules themselves.
"""

from __future__ import annotations

import functools
from typing import Any

from ..cases.contract import Contract
from ..spec.schema.validate import Validator, compile_validator
from . import CATALOGUE
from .response import INSTANCE_TOPICS

__all__ = ["quick_validator"]


def quick_validator(contract: Contract, operation: str) -> Validator | None:
    """What takes only documents of an output that no rule objects to; None where a rule has to be asked.

    A document that it does not take may be right.
    """
    return _quick_validator(contract, operation, len(CATALOGUE))


# A project may add checks, of which nobody knows what they object to.
@functools.lru_cache(maxsize=4096)
def _quick_validator(contract: Contract, operation: str, checks: int) -> Validator | None:
    schema: Any = contract.schema(operation, "output")
    known = contract.operation(operation)
    for check in CATALOGUE.values():
        if not check.about.isdisjoint(INSTANCE_TOPICS):
            schema = check.narrowed(contract.service, known, schema)
            if schema is None:
                return None
    return compile_validator(schema)
