# SPDX-License-Identifier: Apache-2.0
"""What other tools have recorded, read into one form: HAR, vcrpy cassettes, mitmproxy dumps, botocore logs.

It owns those files' forms, one module each. It refuses to know which of the exchanges are calls to AWS, and
what is right or wrong with them.
"""
