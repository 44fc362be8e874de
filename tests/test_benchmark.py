"""The arithmetic of the benchmarks: medians and quartiles, targets, ratios of sides, falls, and the tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from .benchmark import machine, tables, timing
from .benchmark.__main__ import SPEED, arguments
from .benchmark.baseline import ALLOWED, BASELINE, change, fallen, fell, keep, kept, merged
from .benchmark.memory import Peak
from .benchmark.registry import BENCHMARKS
from .benchmark.rows import Part, Record, Row, Setting, missed
from .benchmark.running import ROOT, clock, planned, remaining, run_one
from .benchmark.timing import LEAST_S, Side, Stopwatch, Times, interleaved

positive = st.floats(1e-3, 1e3)


def row(*values: float, **fields) -> Row:
    return Row(**{"name": "work", "ours": "ours", "peer": "theirs", "values": values, **fields})


def record(*rows: Row, name: str = "spectra", date: str = "2026-01-02") -> Record:
    return Record(date, "full", {"processor": "one"}, (Part(name, 1, 2.5, rows, date),))


# ---- one row


def test_median_and_quartiles_by_hand():
    assert row(4.0, 1.0, 3.0, 2.0, 5.0).value == 3.0
    assert row(4.0, 1.0, 3.0, 2.0, 5.0).quartiles == (2.0, 4.0)
    assert row(7.0).quartiles == (7.0, 7.0)


@given(st.lists(positive, min_size=1, max_size=9))
def test_quartiles_enclose_the_median_and_lie_among_the_values(values):
    low, high = row(*values).quartiles
    assert min(values) <= low <= row(*values).value <= high <= max(values) * (1 + 1e-12)


@pytest.mark.parametrize(
    ("value", "target", "at_most", "met"),
    [(3.5, 3.5, False, True), (3.4, 3.5, False, False), (0.4, 0.4, True, True), (0.41, 0.4, True, False)],
)
def test_a_target_is_kept_on_its_own_side(value, target, at_most, met):
    one = row(value, target=target, at_most=at_most)
    assert one.met is met
    assert missed([one]) == ([] if met else [one])


def test_without_a_target_nothing_is_missed():
    assert row(1.0).met is None
    assert missed([row(1.0)]) == []


# ---- timing


def test_ratios_are_those_of_the_same_round():
    times = Times({"processor": {"ours": [1.0, 2.0], "theirs": [30.0, 20.0]}})
    assert times.ratios("theirs", "ours", "processor") == (30.0, 10.0)
    found = times.row("work", "ours", "theirs", target=15.0, says={"ours": "measure"})
    assert (found.value, found.ours_s, found.peer_s, found.ours, found.met) == (20.0, 1.5, 25.0, "measure", True)


def test_sides_take_turns_on_every_item_and_change_their_order():
    seen = []
    sides = {name: Side(lambda item, name=name: seen.append((name, item)), warm=False) for name in "ab"}
    interleaved(sides, 2, [1, 2])
    assert seen == [("a", 1), ("b", 1), ("a", 2), ("b", 2), ("b", 1), ("a", 1), ("b", 2), ("a", 2)]


class Clocks:
    """Clocks that only the work moves; the processor's runs at half the speed of the one on the wall."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now, self.n_calls = 0.0, 0
        patch.setitem(timing.CLOCKS, "wall", lambda: self.now)
        patch.setitem(timing.CLOCKS, "processor", lambda: self.now / 2)

    def work(self, seconds: float) -> Side:
        def run(_: object) -> None:
            self.now += seconds
            self.n_calls += 1

        return Side(run)


def test_a_part_of_the_work_is_scaled_to_all_of_it(monkeypatch):
    clocks = Clocks(monkeypatch)
    sides = {"part": replace(clocks.work(2.0), factor=10.0, warm=False), "whole": clocks.work(5.0)}
    times = interleaved(sides, 2)
    assert times.seconds == {
        "processor": {"part": [10.0, 10.0], "whole": [2.5, 2.5]},
        "wall": {"part": [20.0, 20.0], "whole": [5.0, 5.0]},
    }
    assert times.ratios("whole", "part", "wall") == (0.25, 0.25)


@pytest.mark.parametrize(("seconds", "factor", "n_calls"), [(0.02, 1.0, 2 + 3), (0.02, 30.0, 1 + 3), (0.7, 1.0, 1 + 1)])
def test_short_work_is_repeated_and_counted_once(monkeypatch, seconds, factor, n_calls):
    clocks = Clocks(monkeypatch)
    times = interleaved({"short": replace(clocks.work(seconds), factor=factor)}, 1)
    assert LEAST_S == 0.05
    assert clocks.n_calls == n_calls
    assert times.seconds["wall"]["short"] == [pytest.approx(factor * seconds)]


def test_a_stopwatch_counts_nothing_while_it_stands(monkeypatch):
    clocks = Clocks(monkeypatch)
    with Stopwatch() as watch:
        clocks.now += 3
        watch.stop()
        clocks.now += 100
        watch.start()
        clocks.now += 4
    assert watch.seconds == {"processor": 3.5, "wall": 7.0}


def test_a_peak_of_memory_is_seen_though_it_passes():
    with Peak() as peak:
        held = np.ones(4_000_000)
        time.sleep(0.1)
        del held
    assert 30e6 < peak.above_bytes < 60e6


# ---- baseline


@given(positive, positive)
def test_a_change_is_better_for_more_of_a_speed_and_for_less_of_a_cost(value, before):
    more = change(row(value), row(before))
    less = change(row(value, at_most=True), row(before, at_most=True))
    assert more == pytest.approx(value / before - 1, abs=1e-9)
    assert (1 + more) * (1 + less) == pytest.approx(1)


@pytest.mark.parametrize(
    ("values", "before", "fields", "fails"),
    [
        ((7.4, 7.4, 7.4), (10.0, 10.0, 10.0), {}, True),
        ((7.6, 7.6, 7.6), (10.0, 10.0, 10.0), {}, False),
        ((1.0, 7.0, 30.0), (9.0, 10.0, 11.0), {}, False),
        ((14.0, 14.0, 14.0), (10.0, 10.0, 10.0), {"at_most": True}, True),
        ((13.0, 13.0, 13.0), (10.0, 10.0, 10.0), {"at_most": True}, False),
        ((9.0, 14.0, 15.0), (9.0, 10.0, 13.0), {"at_most": True}, False),
        ((9.0, 9.0, 9.0), (1.0, 1.0, 1.0), {"kind": "time", "at_most": True}, False),
        ((9.0, 9.0, 9.0), (1.0, 1.0, 1.0), {"kind": "difference", "at_most": True}, False),
    ],
)
def test_a_ratio_falls_beyond_what_is_allowed_and_beyond_its_spread(values, before, fields, fails):
    assert fell(row(*values, **fields), row(*before, **fields)) is fails
    assert ALLOWED == 0.25


def test_only_rows_that_both_records_have_are_compared():
    old = record(row(10.0), row(10.0, name="other"), row(10.0, peer="third"))
    new = record(row(2.0), row(9.0, name="other"), row(1.0, name="new"))
    [(name, fallen_row, before)] = fallen(new, old)
    assert name == "spectra, 1 thread: work, theirs"
    assert (fallen_row.value, before.value) == (2.0, 10.0)
    assert fallen(new, None) == []


def test_a_record_survives_its_file_and_keeps_parts_that_were_not_run_again(tmp_path):
    path = tmp_path / "baseline.json"
    first = record(row(1.0, 2.0, target=3.0, note="said"), name="traps")
    keep(first, path)
    assert kept("full", path) == first
    assert kept("quick", path) is None
    whole = keep(record(row(5.0), date="2026-02-03"), path)
    assert [part.name for part in whole.parts] == ["traps", "spectra"]
    assert whole.date == "2026-02-03"
    assert kept("full", path) == whole
    elsewhere = replace(record(row(6.0)), machine={"processor": "another"})
    assert keep(elsewhere, path) == kept("full", path) == elsewhere


def test_a_part_that_was_run_again_takes_the_place_of_the_old_one():
    both = merged(record(row(1.0)), record(row(2.0)))
    assert [one.value for one in both.rows().values()] == [2.0]


# ---- words


def test_the_table_says_what_was_measured_beside_what_and_where_it_fell_short():
    one = row(20.0, 24.0, 22.0, target=30.0, ours_s=0.5, peer_s=11.0, clock="wall", note="Scaled.")
    assert tables.cells_of(one) == ("work (wall)", "ours 500 ms", "theirs 11 s", "22× [21 … 23]", "≥ 30×", "missed")
    text = tables.as_markdown(record(one))
    assert "| work (wall) | ours 500 ms | theirs 11 s | 22× [21 … 23] | ≥ 30× | missed |" in text
    assert "\n\nScaled.\n" in text
    assert "2026-01-02" in text


def test_a_time_and_a_cost_in_passes_carry_their_unit():
    late = row(0.25, kind="time", unit="s", target=0.2, at_most=True)
    assert tables.cells_of(late)[3:] == ("250 ms", "≤ 200 ms", "missed")
    cheap = row(0.31, unit="forwards", target=0.4, at_most=True)
    assert tables.cells_of(cheap)[3:] == ("0.31 forwards", "≤ 0.4 forwards", "met")


def test_the_terminal_shows_how_much_better_it_became():
    assert "+50 %" in tables.as_text(record(row(15.0)), record(row(10.0)))
    assert "-20 %" in tables.as_text(record(row(8.0)), record(row(10.0)))
    assert "%" not in tables.as_text(record(row(8.0)), None)


# ---- running


def test_every_benchmark_can_be_loaded_and_names_its_threads():
    for name, one in BENCHMARKS.items():
        assert callable(one.rows()), name
        assert one.threads
        assert one.seconds[1] <= one.seconds[0]
    plan = planned(BENCHMARKS, Setting())
    assert sum(BENCHMARKS[name].seconds[False] for name, _ in plan) <= 25 * 60
    assert sum(BENCHMARKS[name].seconds[True] for name, _ in plan) <= 3 * 60


def test_remaining_time_follows_the_pace():
    plan = planned(["tail", "metrics"], Setting())
    tail, metrics = BENCHMARKS["tail"].seconds[False], BENCHMARKS["metrics"].seconds[False]
    assert remaining(plan, 0, 0.0) == tail + metrics
    assert remaining(plan, 1, 2 * tail) == pytest.approx(2 * metrics)
    assert remaining(plan, 2, 99.0) == 0
    assert clock(125.4) == "2:05"


def test_a_child_has_its_threads_and_no_kernels_chosen_by_hand(monkeypatch):
    for name in machine.UNSET:
        monkeypatch.setenv(name, "1")
    found = machine.environment(2)
    assert not set(machine.UNSET) & set(found)
    assert {found[name] for name in machine.THREADS} == {"2"}
    assert found["SPECTRAL_WIDGETS_CACHE"] == "off"
    assert os.environ["OPENBLAS_CORETYPE"] == "1"


def test_a_benchmark_that_cannot_run_says_so_and_does_not_stop_the_others(capfd):
    part = run_one("nowhere", Setting())
    assert part.rows == ()
    assert "code 1" in part.failure
    assert "nowhere" in capfd.readouterr().err


@pytest.mark.slow
def test_a_run_of_one_command_prints_a_table_and_writes_its_numbers(tmp_path):
    path = tmp_path / "speed.json"
    command = [sys.executable, "-m", "tests.benchmark", "tails", "--quick", "--check", "--json", str(path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    written = Record.from_json(json.loads(path.read_text(encoding="utf-8")))
    assert written.mode == "quick"
    assert written.machine["cores"] == str(os.cpu_count())
    for (_, name, peer), one in written.rows().items():
        assert one.value > 0, (name, peer)
        assert tables.number(one.value, one) in ended.stdout
    assert "[1/1] tails" in ended.stderr


def test_an_unknown_name_is_told_which_there_are(capsys):
    with pytest.raises(SystemExit):
        arguments(["spektra"])
    assert "choose from minilm" in capsys.readouterr().err


# ---- what is kept in the repository


def test_the_table_in_the_repository_is_that_of_the_kept_numbers():
    whole = kept("full")
    assert whole is not None
    assert SPEED.read_text(encoding="utf-8") == tables.as_markdown(whole)
    assert set(json.loads(Path(BASELINE).read_text(encoding="utf-8"))) <= {"full", "quick"}
