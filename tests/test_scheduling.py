"""List scheduling on paper: Graham's bounds, against the best schedule where it can be found by trying all."""

from __future__ import annotations

from itertools import product, takewhile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spectral_widgets.jobs import scaling, schedule

SECONDS = st.lists(st.floats(0.01, 100), min_size=1, max_size=40)


def best(seconds: list[float], n_workers: int) -> float:
    """The shortest makespan of all ways to give the tasks out."""
    return min(
        max(sum(s for s, w in zip(seconds, ways, strict=True) if w == worker) for worker in range(n_workers))
        for ways in product(range(n_workers), repeat=len(seconds))
    )


@given(SECONDS, st.integers(1, 64))
def test_no_schedule_beats_the_work_shared_evenly_or_the_largest_task(seconds, n_workers):
    found = schedule(seconds, n_workers)
    assert found.makespan_s >= max(sum(seconds) / n_workers, max(seconds)) * (1 - 1e-12)
    assert found.makespan_s <= sum(seconds) / n_workers + max(seconds) * (1 - 1 / n_workers) + 1e-9
    assert 0 < found.efficiency <= 1 + 1e-12


@given(st.lists(st.integers(1, 30), min_size=1, max_size=7), st.integers(1, 3))
def test_largest_first_is_within_grahams_bound_of_the_best(seconds, n_workers):
    bound = (4 / 3 - 1 / (3 * n_workers)) * best(seconds, n_workers)
    assert schedule(seconds, n_workers).makespan_s <= bound + 1e-9


@given(SECONDS, st.integers(1, 8))
def test_the_makespan_is_that_of_the_busiest_worker(seconds, n_workers):
    found = schedule(seconds, n_workers)
    loads = [0.0] * n_workers
    for second, worker in zip(seconds, found.worker_of, strict=True):
        loads[worker] += second
    assert found.makespan_s == pytest.approx(max(loads))


@given(SECONDS, st.integers(1, 16), st.floats(0, 1), st.floats(0, 5))
def test_sending_only_ever_costs(seconds, n_workers, send_s, transfer_s):
    plain, sent = schedule(seconds, n_workers), schedule(seconds, n_workers, send_s=send_s, transfer_s=transfer_s)
    assert sent.makespan_s >= plain.work_s / n_workers * (1 - 1e-12)
    assert sent.makespan_s >= send_s * len(seconds)
    assert sent.makespan_s >= max(seconds) + transfer_s


def test_by_hand():
    """Graham's example: 7 against the best possible 6, which is the bound 4/3 − 1/6 itself."""
    assert schedule([3, 3, 2, 2, 2], 2).makespan_s == 7
    assert schedule([2, 2], 2, send_s=0.5, transfer_s=1).makespan_s == 4
    assert schedule([], 3).makespan_s == 0


def test_the_best_by_trying_knows_the_example():
    assert best([3, 3, 2, 2, 2], 2) == 6


def test_scaling_is_one_schedule_for_every_number_of_workers():
    found = scaling([1.0] * 64, (1, 2, 64))
    assert [one.speedup for one in found] == [1, 2, 64]


@pytest.mark.parametrize(("seconds", "n_workers"), [([1.0], 0), ([-1.0], 1)])
def test_nonsense_is_refused(seconds, n_workers):
    with pytest.raises(ValueError, match="needs a worker"):
        schedule(seconds, n_workers)


def table_after(heading: str) -> list[list[str]]:
    """The cells of the first table of the documentation that has this heading."""
    lines = (Path(__file__).parents[1] / "notebooks" / "scaling.md").read_text(encoding="utf-8").splitlines()
    start = next(k for k, line in enumerate(lines) if line.startswith(f"| {heading} |")) + 2
    rows = takewhile(lambda line: line.startswith("|"), lines[start:])
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_the_table_of_the_documentation_is_what_its_recorded_times_give():
    seconds, transfer_s = [], []
    for _, number, shape, recorded, extrapolated in table_after("matrices"):
        n_rows, n_cols = (8 * int(side) for side in shape.split("×"))
        assert float(recorded) * 8**3 == pytest.approx(float(extrapolated), rel=0.03)
        seconds += [float(recorded) * 8**3] * int(number)
        transfer_s += [2 * n_rows * n_cols / 1e9] * int(number)
    rows = table_after("nodes")
    found = scaling(seconds, [int(row[0]) for row in rows], send_s=0.01, transfer_s=transfer_s)
    for row, one in zip(rows, found, strict=True):
        assert [one.makespan_s / 3600, one.speedup, one.efficiency] == pytest.approx(
            [float(cell) for cell in row[1:]], rel=0.01
        )
    assert found[-1].n_workers == 64
    assert found[-1].efficiency > 0.95
