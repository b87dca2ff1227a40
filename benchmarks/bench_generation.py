# SPDX-License-Identifier: Apache-2.0
"""Valid requests per second under Hypothesis, by the engine that makes them: ratios in one run, of CPU time.

    python -m benchmarks.bench_generation

Ours, Schemathesis's and hypothesis-jsonschema draw from the same JSON Schemas with the same settings. That
Schemathesis sees them as the body of POST / in an OpenAPI 3.1 document, and nothing else: X-Amz-Target and
the headers of a signature are the same for all requests, and would be given to it as they are, so it is not
made to generate them, nor charged for them. What is valid is what the compiled schema takes. A round ends
after so many documents or so much CPU time, and is counted by what it made until then.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.draw_documents import ENGINES
from benchmarks.peers import PeerMissingError, peer_python

from aws_conformance.cases.compile import contract_of

__all__ = ["Round", "main", "refusal", "row"]

OPERATIONS = (
    ("cognito-idp", "StartUserImportJob"),
    ("cognito-idp", "CreateUserPool"),
    ("dynamodb", "PutItem"),
)
DOCUMENTS = 200
SECONDS = 20
SCRIPT = Path(__file__).with_name("draw_documents.py")


@dataclass(frozen=True, slots=True)
class Round:
    """What an engine made of an operation's schema, or why it made nothing."""

    documents: int
    valid: int
    seconds: float
    refusal: str = ""

    @property
    def rate(self) -> float:
        """Valid documents per second of CPU."""
        return self.valid / self.seconds if self.seconds else 0.0


def row(engine: str, drawn: Round, ours: Round) -> str:
    """A line of the table; the ratio is how many times the engine's rate ours is."""
    if drawn.refusal:
        return f"  {engine:<22} {drawn.refusal}"
    if not drawn.documents:
        return f"  {engine:<22} none within {drawn.seconds:.0f} s"
    share = drawn.valid / drawn.documents
    text = f"  {engine:<22} {drawn.rate:>7.1f} valid/s   {share:>4.0%} of {drawn.documents:>3} valid"
    return text + (f"   ours {ours.rate / drawn.rate:.1f} x" if drawn.valid and drawn is not ours else "")


def refusal(trace: str) -> str:
    """The kind and the first words of the error that a traceback ends with."""
    # Hypothesis adds notes below the error's own line, and a message may go on with all of the schema.
    lines = re.findall(r"^(?:\w+\.)*(\w+(?:Error|Exception)): (.*)$", trace, re.MULTILINE)
    return f"{lines[-1][0]}: {lines[-1][1].partition('=')[0]:.60}" if lines else "without a word"


def drawn_by(engine: str, python: Path, service: str, operation: str) -> Round:
    """What an engine draws in its environment, judged here."""
    contract = contract_of(service)
    ran = subprocess.run(
        [str(python), str(SCRIPT), engine, str(DOCUMENTS), str(SECONDS)],
        input=json.dumps(contract.schema(operation, "input")),
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode:
        return Round(0, 0, 0.0, f"refuses: {refusal(ran.stderr)}")
    answer = json.loads(ran.stdout)
    validator = contract.validator(operation, "input")
    valid = sum(validator.is_valid(document) for document in answer["documents"])
    return Round(len(answer["documents"]), valid, answer["seconds"])


def main() -> int:
    """Print the table; always 0."""
    interpreters: dict[str, Path] = {}
    for engine in ENGINES:
        try:
            interpreters[engine] = Path(sys.executable) if engine == "ours" else peer_python(engine)
        except PeerMissingError as missing:
            print(f"skipped: {missing}")
    for service, operation in OPERATIONS:
        print(f"{service}:{operation}")
        rounds = {
            engine: drawn_by(engine, python, service, operation) for engine, python in interpreters.items()
        }
        for engine, drawn in rounds.items():
            print(row(engine, drawn, rounds["ours"]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
