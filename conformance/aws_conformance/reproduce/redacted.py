"""The mark that stands where a secret stood.

It owns the mark, and refuses to know what is a secret.
"""

from __future__ import annotations

from typing import Any

__all__ = ["REDACTED", "holds_redacted"]


REDACTED = "***"


def holds_redacted(document: Any) -> bool:
    """Whether something of a document was replaced, so that it can't be sent any more."""
    match document:
        case dict():
            return any(map(holds_redacted, document.values()))
        case list():
            return any(map(holds_redacted, document))
        case _:
            return bool(document == REDACTED)
