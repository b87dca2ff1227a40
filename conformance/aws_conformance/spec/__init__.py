# SPDX-License-Identifier: Apache-2.0
"""What AWS documents of its operations: shapes, where they are read from, and what is derived of them alone.

It owns the vocabulary of AWS models, the readers of botocore's files and of CLI reference pages, the
differences between two services, selectors, the dialect of patterns, and JSON Schemas with their validators.
It refuses to know how a request is sent, and what an answer is worth.
"""
