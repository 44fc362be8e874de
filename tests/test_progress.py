"""How far it is: words, whom they go to, and how often."""

from __future__ import annotations

import io
import logging
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spectral_widgets.api_measuring import measure_steps, work_of
from spectral_widgets.api_progress import in_notebook, listener_for
from spectral_widgets.jobs import Tally, Telling, progress_of, run_steps, told_steps
from spectral_widgets.jobs.telling import Calling, Logging, Silent, Terminal, duration_words, rate_words
from spectral_widgets.records import Complaint, FactoredMatrix, LayerRef
from spectral_widgets.weights.parcels import cost_of
from spectral_widgets.widgets.progress_bar import NotebookBar, ProgressBar


def tally(done: int, elapsed_s: float, total: int = 10) -> Tally:
    return Tally("Measuring", done, total, progress_of(done, total, elapsed_s))


class Watching(Silent):
    """Hears all and everything, and keeps it."""

    ticks = True

    def __init__(self) -> None:
        self.told: list[Tally] = []
        self.ticked: list[Tally] = []
        self.heard_a_tick = threading.Event()

    def tell(self, tally: Tally) -> None:
        self.told.append(tally)

    def tick(self, tally: Tally) -> None:
        self.ticked.append(tally)
        self.heard_a_tick.set()


@given(st.lists(st.floats(0.1, 100), min_size=1, max_size=20))
def test_the_time_left_goes_by_the_work_and_not_by_the_number(costs):
    """Where every task takes as long as it costs, the time left is right after each of them."""
    now = 0.0
    seen: list[Tally] = []

    def steps():
        nonlocal now
        for index, cost in enumerate(costs):
            now += cost
            yield index, index

    list(told_steps(steps(), "Measuring", costs, Calling(seen.append), clock=lambda: now))
    assert [one.done for one in seen] == list(range(len(costs) + 1))
    for one in seen[1:]:
        assert one.progress.remaining_s == pytest.approx(sum(costs[one.done :]), abs=1e-6)


@given(st.lists(st.floats(0.1, 100), min_size=2, max_size=20), st.data())
def test_the_time_left_goes_down_between_results_and_is_never_less_than_nothing(costs, data):
    """Where tasks take as long as they cost, it is right at every moment; after a longer wait nothing is said."""
    now, watching = 0.0, Watching()
    telling = Telling("Measuring", costs, watching, clock=lambda: now)

    def steps():
        nonlocal now
        for index, cost in enumerate(costs):
            begun, share = now, data.draw(st.floats(0, 1))
            now = begun + share * cost
            telling.tick()
            now = begun + cost
            yield index, index

    list(telling.steps(steps()))
    assert watching.ticked[0].progress.remaining_s is None
    for one in watching.ticked[1:]:
        left = sum(costs) - one.progress.elapsed_s
        assert one.progress.remaining_s == pytest.approx(left, rel=1e-6, abs=1e-6)
    telling.tick()
    assert len(watching.ticked) == len(costs)
    assert progress_of(1.0, 3.0, 10.0, since_s=8.0).remaining_s is None


def test_whoever_waits_for_the_first_result_hears_before_it():
    """In process from a timer, whose thread ends with the steps; on an executor from the loop that waits."""
    here, there = Watching(), Watching()
    n_threads = threading.active_count()
    slow = ((k, here.heard_a_tick.wait(10)) for k in range(2))
    assert list(told_steps(slow, "Measuring", [1.0, 1.0], here)) == [(0, True), (1, True)]
    assert threading.active_count() == n_threads
    telling = Telling("Measuring", [1.0], there)
    with ThreadPoolExecutor(1) as executor:
        steps = run_steps(lambda k: there.heard_a_tick.wait(10), lambda k: k, [1.0], executor, tick=telling.tick)
        assert list(telling.steps(steps)) == [(0, True)]
    for heard in (here, there):
        assert [heard.told[0].words, heard.ticked[0].words] == ["0 of 2" if heard is here else "0 of 1"] * 2


def test_steps_that_are_left_alone_end_their_timer():
    n_threads = threading.active_count()
    steps = told_steps(iter([(0, "a"), (1, "b")]), "Measuring", [1.0, 1.0], Watching())
    next(steps)
    assert threading.active_count() == n_threads + 1
    del steps
    assert threading.active_count() == n_threads


def test_words():
    assert tally(0, 0.0).words == "0 of 10"
    assert tally(0, 12.0).words == "0 of 10 · 12 s so far"
    assert tally(4, 2.0).words == "4 of 10 · 2.0/s · 3.0 s left"
    assert tally(10, 5.0).words == "10 of 10 · 2.0/s"
    assert [duration_words(s) for s in (0.25, 75, 720, 12600)] == ["0.2 s", "75 s", "12 min", "3.5 h"]
    assert [rate_words(r) for r in (3.14, 25, 0.2, 0.001)] == ["3.1/s", "25/s", "12/min", "3.6/h"]


@given(st.integers(2, 200_000), st.integers(2, 20_000))
def test_an_estimated_layer_counts_as_passes_over_its_entries(n_rows, n_cols):
    """The time left of a model with a huge embedding goes by what is done, and not by what would take hours."""

    def item(times: int = 1) -> FactoredMatrix:
        shape = (times * max(n_rows, n_cols), min(n_rows, n_cols))
        return FactoredMatrix(LayerRef("a", "other", None, shape, *shape, "float32"), *np.zeros((2, 1, 1)))

    assert work_of(item(), exact=True) == cost_of(item())
    assert work_of(item()) in (work_of(item(), exact=True), work_of(item(), exact=False))
    assert work_of(item(), exact=False) <= cost_of(item())
    assert work_of(item(3), exact=False) == pytest.approx(3 * work_of(item(), exact=False))
    assert work_of(np.zeros((20, 30))) == cost_of(np.zeros((20, 30)))


def test_steps_end_when_the_listener_asks_for_it():
    class Impatient(Silent):
        stop_requested = False

        def tell(self, tally):
            self.stop_requested = tally.done == 2

    assert list(told_steps(enumerate("abcd"), "", [1.0] * 4, Impatient())) == [(0, "a"), (1, "b")]


def test_a_log_gets_a_line_every_few_seconds_and_one_at_the_end(caplog):
    caplog.set_level(logging.INFO, logger="spectral_widgets")
    log = Logging(every_s=5.0)
    for second in range(12):
        log.tell(tally(second % 10, float(second)))
    log.end(tally(10, 12.0))
    assert [record.getMessage() for record in caplog.records] == [
        "Measuring: 5 of 10 · 1.0/s · 5.0 s left",
        "Measuring: 0 of 10 · 10 s so far",
        "Measuring: 10 of 10 in 12 s",
    ]


def test_a_long_wait_fills_no_log():
    lines: list[str] = []
    log = Logging(say=lines.append)
    for second in range(36_000):
        log.tick(tally(0, float(second)))
    assert 100 < len(lines) < 200


@pytest.mark.parametrize("has_log", [False, True])
def test_asked_for_at_once_it_is_heard_at_once_with_and_without_a_log(has_log, monkeypatch, caplog):
    """Standard error is no terminal here; without a log its lines go there."""
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    if has_log:
        caplog.set_level(logging.INFO, logger="spectral_widgets")
    assert list(told_steps(iter([(0, "a")]), "Measuring", [1.0], listener_for(True))) == [(0, "a")]
    lines = caplog.messages if has_log else stream.getvalue().splitlines()
    assert [line.split(" in ")[0] for line in lines] == ["Measuring: 0 of 1", "Measuring: 1 of 1"]
    assert bool(stream.getvalue()) is not has_log


@pytest.mark.parametrize("wrong", ["yes", 1, 0, ()])
def test_progress_is_none_true_false_or_a_function(wrong):
    with pytest.raises(Complaint, match="None, True, False or a function"):
        next(measure_steps([], progress=wrong))


def test_a_terminal_gets_a_bar_once_the_work_takes_a_while():
    stream = io.StringIO()
    bar = Terminal(0.5, stream)
    bar.tell(tally(1, 0.4))
    assert stream.getvalue() == ""
    bar.tell(tally(5, 1.0))
    bar.end(tally(10, 2.0))
    assert "Measuring  50 %|" in stream.getvalue()
    assert "| 5 of 10 · 5.0/s · 1.0 s left" in stream.getvalue()


def test_short_work_shows_no_bar_and_no_line(caplog):
    stream = io.StringIO()
    for listener in (Terminal(0.5, stream), Logging()):
        listener.tell(tally(1, 0.1))
        listener.end(tally(10, 0.2))
    assert stream.getvalue() == ""
    assert caplog.records == []


def test_who_listens(monkeypatch):
    assert type(listener_for(False)) is Silent
    assert isinstance(listener_for(print), Calling)
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert isinstance(listener_for(None), Logging)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    assert isinstance(listener_for(None), Terminal)
    shell = types.SimpleNamespace(kernel=object())
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    assert in_notebook()
    assert isinstance(listener_for(None), NotebookBar)


def test_the_bar_of_a_notebook_hears_cancel_and_nothing_else():
    bar = ProgressBar({})
    bar._receive(bar, {"kind": "other"}, [])
    bar._receive(bar, "cancel", [])
    assert not bar.cancelled
    bar._receive(bar, {"kind": "cancel"}, [])
    assert bar.cancelled
    bar.close()


def test_a_notebook_gets_a_bar_and_then_a_line_in_its_place(monkeypatch):
    shown: list[tuple[str, str, str]] = []
    monkeypatch.setattr("IPython.display.display", lambda data, **k: shown.append(("new", k["display_id"], "")))
    monkeypatch.setattr(
        "IPython.display.update_display", lambda data, **k: shown.append(("now", k["display_id"], data["text/plain"]))
    )
    bar = NotebookBar(0.5)
    bar.tell(tally(1, 0.1))
    assert shown == []
    bar.tell(tally(5, 1.0))
    bar.tell(tally(6, 1.01))
    assert bar._bar is not None
    assert bar._bar.tally["words"] == "5 of 10 · 5.0/s · 1.0 s left"
    bar.end(tally(10, 2.0))
    place = shown[0][1]
    assert shown == [("new", place, ""), ("now", place, "Measuring: 10 of 10 in 2.0 s.")]
