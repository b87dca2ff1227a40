# SPDX-License-Identifier: Apache-2.0
"""A finding as something that runs again, with the secrets kept out.

It owns the spelling of cases and histories for `aws`, boto3 and curl, the transcripts and scripts of
histories, cases made again from a report, and the masking of what is secret. It refuses to send anything.
"""
