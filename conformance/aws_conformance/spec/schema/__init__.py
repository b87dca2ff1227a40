# SPDX-License-Identifier: Apache-2.0
"""JSON Schemas of what operations take and return: written from shapes, published, read and validated.

It owns the `x-aws-*` vocabulary and both directions between shapes and schemas. It refuses to know which
documents are generated from a schema, and how bad it is that a document does not fit.
"""
