# SPDX-License-Identifier: Apache-2.0
"""Documented lives of resources: data that drives any target and judges its history.

The YAML files beside this module are lifecycles; docs/lifecycles.md tells how to write one. This package
reads them, reasons about states and finds the histories worth walking. It refuses to know targets: how a
history goes is the engine's.
"""

from __future__ import annotations
