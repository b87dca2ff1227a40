# SPDX-License-Identifier: Apache-2.0
"""The worked examples of docs/examples, as modules."""

from __future__ import annotations

import functools
import importlib.util
from pathlib import Path
from types import ModuleType

__all__ = ["EXAMPLES", "example"]

EXAMPLES = Path(__file__).parent.parent / "docs" / "examples"


@functools.cache
def example(name: str) -> ModuleType:
    """The module of an example, such as `new_check`."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
