# SPDX-License-Identifier: Apache-2.0
"""CPU time of the schemas of all services (`schema '*' --out`), beside reading the models they are made of.

    python -m benchmarks.bench_schemas

Files are written into a folder of the system's, and the time of the system is told apart: it is that of
sixty thousand files, whatever is in them.
"""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from aws_conformance.spec.botocore import data_folder

__all__ = ["main"]


def seconds_to_read() -> float:
    """CPU seconds of decompressing and parsing the newest model of each service."""
    start = time.process_time()
    for service in sorted(data_folder().iterdir()):
        models = sorted(service.glob("*/service-2.json*"))
        if models:
            content = models[-1].read_bytes()
            json.loads(gzip.decompress(content) if models[-1].suffix == ".gz" else content)
    return time.process_time() - start


def seconds_to_write(folder: str) -> tuple[float, float]:
    """CPU seconds of the command, its own and the system's. Raises CalledProcessError if it fails."""
    command = [sys.executable, "-m", "aws_conformance", "schema", "*", "--out", folder]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime


def main() -> int:
    """Print the table; always 0."""
    seconds_to_read()
    base = seconds_to_read()
    with tempfile.TemporaryDirectory() as folder:
        own, system = seconds_to_write(folder)
        sizes = [file.stat().st_size for file in Path(folder).rglob("*.json")]
    print(f"models decompressed and parsed         {base:5.2f} s      1.0 x")
    print(f"schemas of all services                {own:5.2f} s    {own / base:5.1f} x")
    print(f"  of the system, for {len(sizes)} files      {system:5.2f} s    {system / base:5.1f} x")
    print(f"{sum(sizes) / 1e6:.0f} MB of text")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
