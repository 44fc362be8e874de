"""``python -m tests.benchmark [NAMES]``: run benchmarks, print and write their table, compare with the kept one."""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

from .baseline import BASELINE, compared, fallen, keep, kept
from .machine import machine
from .registry import BENCHMARKS
from .rows import Record, Setting, missed
from .running import ROOT, planned, run_all, say, today
from .tables import as_markdown, as_text

SPEED = ROOT / "notebooks" / "speed.md"


def arguments(words: list[str] | None = None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser("python -m tests.benchmark", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}; all but device if none")
    parser.add_argument("--quick", action="store_true", help="small sizes and few rounds")
    parser.add_argument("--device", default="", help="only the work of a device: gpu, cuda, mps or cpu")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a ratio fell behind the baseline")
    parser.add_argument("--keep", action="store_true", help="keep this run as the baseline and write its table")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "speed.json", help="where the numbers go")
    asked = parser.parse_args(words)
    for name in asked.names:
        if name not in BENCHMARKS:
            parser.error(f"There is no benchmark {name!r}; choose from {', '.join(BENCHMARKS)}.")
    asked.mode = "quick" if asked.quick else "full"
    if asked.check and not asked.keep and kept(asked.mode) is None:
        made = f"make bench{' QUICK=1' if asked.quick else ''} KEEP=1"
        parser.error(f"{BASELINE.name} has no numbers of the {asked.mode} mode to check against; keep some: {made}.")
    return asked


def main() -> int:
    """Run what is asked. 0, or 1 if a benchmark could not run or, with ``--check``, if a ratio fell or none is kept."""
    asked = arguments()
    setting, facts = Setting(quick=asked.quick), machine()
    names = asked.names or [name for name in BENCHMARKS if name != "device"]
    if asked.device:
        from .device import chosen, name_of

        setting = Setting(asked.quick, device=chosen(asked.device))
        names, facts["device"] = ["device"], name_of(setting.device)
    parts = []
    for part in run_all(planned(names, setting)):
        parts.append(part)
        record = Record(today(), asked.mode, facts, tuple(parts))
        _write(record, asked.json)
    return _told(record, asked)


def _told(record: Record, asked: argparse.Namespace) -> int:
    """Print, keep and judge a finished run."""
    before = kept(record.mode)
    print(as_text(record, before))
    failures = [part.failure for part in record.parts if part.failure]
    rows = record.rows().values()
    held = sum(row.met is True for row in rows)
    print(f"\n{held} targets met, {len(missed(rows))} missed. Numbers: {asked.json}")
    if asked.device and not asked.quick and not failures:
        _record_device(record)
    elif asked.keep and not failures:
        whole = keep(record)
        if whole.mode == "full":
            SPEED.write_text(as_markdown(whole), encoding="utf-8")
    behind = fallen(record, before) if asked.check else []
    for name, row, old in behind:
        say(f"Fell behind {BASELINE.name}: {name}, from {old.value:.3g} to {row.value:.3g} {row.unit}")
    unchecked = asked.check and not asked.keep and not compared(record, before)
    if unchecked:
        say(f"Nothing was checked: {BASELINE.name} has no ratio of these benchmarks. Keep their numbers with KEEP=1.")
    return 1 if failures or behind or unchecked else 0


def _record_device(record: Record) -> None:
    """Numbers and table of a device, under its name."""
    device = record.machine["device"]
    slug = re.sub(r"[^a-z0-9]+", "_", device.lower()).strip("_")
    path = SPEED.with_name(f"speed_{slug}.json")
    _write(record, path)
    path.with_suffix(".md").write_text(as_markdown(record, f"Speed on {device}"), encoding="utf-8")
    print(f"Recorded: {path.relative_to(ROOT)} and its table")


def _write(record: Record, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record.to_json(), indent=1, allow_nan=False, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
