"""One benchmark in a process of its own: rows as lines of JSON on standard output, what it is at on standard error."""

from __future__ import annotations

import json
import os
import sys
from contextlib import redirect_stdout

from .registry import BENCHMARKS
from .rows import Setting


def main(name: str, setting: Setting) -> None:
    """Run one benchmark. What the tools print goes to standard error, so that the rows stay alone."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out, redirect_stdout(sys.stderr):
        os.dup2(2, 1)
        for row in BENCHMARKS[name].rows()(setting):
            out.write(json.dumps(row.to_json(), allow_nan=False) + "\n")
            out.flush()


if __name__ == "__main__":
    main(sys.argv[1], Setting(**json.loads(sys.argv[2])))
