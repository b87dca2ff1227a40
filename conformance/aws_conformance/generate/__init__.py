# SPDX-License-Identifier: Apache-2.0
"""JSON Schema to instances: documents (model.py), boundaries.py, one constraint broken (mutations.py).

It owns how a sequence of decisions (choices.py of the package) becomes a document. It refuses to know who
decides, which operation a document is for, and what a target should say to it.
"""
