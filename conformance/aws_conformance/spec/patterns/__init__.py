# SPDX-License-Identifier: Apache-2.0
"""AWS's pattern dialect: translated exactly or refused with a reason, and the strings it is about.

`parse` gives the tree, `translate` the JSON Schema `pattern`, `language` the strings that every reading of
the pattern accepts, and those that every reading refuses.
"""

from __future__ import annotations

from .language import Language, language
from .parser import parse
from .refusal import PatternRefused
from .syntax import Pattern
from .translate import translate

__all__ = ["Language", "Pattern", "PatternRefused", "language", "parse", "translate"]
