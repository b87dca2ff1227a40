# SPDX-License-Identifier: Apache-2.0
"""Run the benchmarks and write what they print into docs/performance.md, between two marks.

    python benchmarks/write_table.py [NAME ...]

Each benchmark compares within one run; a NAME such as `bench_batch` runs that one alone, and leaves what is
written of the others as it is.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

__all__ = ["main", "with_output"]

FOLDER = Path(__file__).parent
PAGE = FOLDER.parent / "docs" / "performance.md"


def with_output(page: str, name: str, output: str) -> str:
    """The page with the output of a benchmark between its marks. Raises ValueError if it has none."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    block = f"{begin}```text\n{output.rstrip()}\n```\n{end}"
    written, count = pattern.subn(lambda _: block, page)
    if count != 1:
        raise ValueError(f"{PAGE.name} has no place for {name}: write its two marks.")
    return written


def main(names: list[str]) -> int:
    """Run the named benchmarks or all; 1 if one fails."""
    for name in names or sorted(file.stem for file in FOLDER.glob("bench_*.py")):
        ran = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}"],
            cwd=FOLDER.parent,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        print(ran.stdout, end="")
        if ran.returncode:
            return 1
        PAGE.write_text(with_output(PAGE.read_text("utf-8"), name, ran.stdout), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
