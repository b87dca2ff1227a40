# SPDX-License-Identifier: Apache-2.0
"""Tests that need models, or a client of botocore's, that its lowest supported version does not have yet.

They skip there with the reason; CI, whose versions are pinned, has them all.
"""

from __future__ import annotations

import botocore
import pytest
from packaging.version import Version

__all__ = ["of_newer_models", "require_newer_models"]

_NEWER = Version("1.44.5")
_REASON = f"botocore {botocore.__version__} lacks what is tried here: {_NEWER} has it"
_ARE_OLDER = Version(botocore.__version__) < _NEWER

of_newer_models = pytest.mark.skipif(_ARE_OLDER, reason=_REASON)


def require_newer_models() -> None:
    """Skip the rest of a module that can't even be read with older models."""
    if _ARE_OLDER:
        pytest.skip(_REASON, allow_module_level=True)
