"""Running the benchmarks: children, remaining time, one command, the tables, and those kept in the repository."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from .benchmark import __main__ as command
from .benchmark import machine, tables
from .benchmark.__main__ import SPEED, arguments
from .benchmark.baseline import BASELINE, kept
from .benchmark.registry import BENCHMARKS
from .benchmark.rows import Record, Setting
from .benchmark.running import ROOT, clock, planned, remaining, run_one
from .test_benchmark import record, row

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


def test_a_table_says_when_the_machine_was_busy():
    [part] = record(row(1.0)).parts
    assert tables.notes_of(part) == []
    [note] = tables.notes_of(replace(part, load=7.25))
    assert "busy" in note
    assert "7.2" in note


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
    command = [sys.executable, "-m", "tests.benchmark", "tails", "--quick", "--json", str(path)]
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


def test_a_check_without_kept_numbers_is_refused_before_the_work(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(kept, "__defaults__", (tmp_path / "none.json",))
    for words in (["--check"], ["--check", "--quick", "tails"]):
        with pytest.raises(SystemExit) as ended:
            arguments(words)
        assert ended.value.code != 0
        assert "KEEP=1" in (said := capsys.readouterr().err)
        assert ("the quick mode" in said) is ("--quick" in words)
    assert arguments(["--check", "--keep"]).mode == "full"
    assert arguments(["--quick"]).mode == "quick"


@pytest.mark.parametrize(("before", "code"), [(row(10.0), 0), (row(20.0), 1), (None, 1)])
def test_a_check_fails_where_a_ratio_fell_and_where_there_was_none_to_check(
    before, code, monkeypatch, tmp_path, capsys
):
    monkeypatch.setattr(command, "kept", lambda mode: before and record(before))
    asked = argparse.Namespace(check=True, keep=False, quick=False, device="", json=tmp_path / "speed.json")
    assert command._told(record(row(10.0)), asked) == code
    assert ("Nothing was checked" in capsys.readouterr().err) is (before is None)


# ---- what is kept in the repository


def test_the_table_in_the_repository_is_that_of_the_kept_numbers():
    whole = kept("full")
    assert whole is not None
    assert SPEED.read_text(encoding="utf-8") == tables.as_markdown(whole)
    assert set(json.loads(BASELINE.read_text(encoding="utf-8"))) <= {"full", "quick"}
