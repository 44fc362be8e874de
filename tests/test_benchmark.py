"""The arithmetic of the benchmarks: medians and quartiles, targets, ratios of sides, memory, and what is a fall."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from .benchmark import timing
from .benchmark.baseline import ALLOWED, change, fallen, fell, keep, kept, merged
from .benchmark.rows import Part, Record, Row, missed
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
