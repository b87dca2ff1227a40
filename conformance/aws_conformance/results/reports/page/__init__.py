# SPDX-License-Identifier: Apache-2.0
"""The format `html`: one page that needs no network, of a run or of several side by side.

It owns the page's parts: operations by runs (matrix.py), findings (findings.py), plots (plots.py), and how
they become one file (render.py, with the template, style and script in templates/). Nothing of what a target
sent is ever executed: the template escapes, the script makes text nodes only, and the page's own policy
allows no other script.
"""
