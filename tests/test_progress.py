"""How far it is: words, whom they go to, and how often."""

from __future__ import annotations

import io
import logging
import sys
import types

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spectral_widgets.api_progress import in_notebook, listener_for
from spectral_widgets.jobs import Tally, progress_of, told_steps
from spectral_widgets.jobs.telling import Calling, Logging, Silent, Terminal, duration_words, rate_words
from spectral_widgets.widgets.progress_bar import NotebookBar, ProgressBar


def tally(done: int, elapsed_s: float, total: int = 10) -> Tally:
    return Tally("Measuring", done, total, progress_of(done, total, elapsed_s))


def clock_of(*seconds: float):
    times = iter(seconds)
    return lambda: next(times)


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


def test_words():
    assert tally(0, 0.0).words == "0 of 10"
    assert tally(4, 2.0).words == "4 of 10 · 2.0/s · 3.0 s left"
    assert tally(10, 5.0).words == "10 of 10 · 2.0/s"
    assert [duration_words(s) for s in (0.25, 75, 720, 12600)] == ["0.2 s", "75 s", "12 min", "3.5 h"]
    assert [rate_words(r) for r in (3.14, 25, 0.2, 0.001)] == ["3.1/s", "25/s", "12/min", "3.6/h"]


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
        "Measuring: 0 of 10",
        "Measuring: 10 of 10 in 12 s",
    ]


def test_a_terminal_gets_a_bar_once_the_work_takes_a_while():
    stream = io.StringIO()
    bar = Terminal(0.5, stream)
    bar.tell(tally(1, 0.4))
    assert stream.getvalue() == ""
    bar.tell(tally(5, 1.0))
    bar.end(tally(10, 2.0))
    assert "Measuring  50 %|" in stream.getvalue()
    assert "5 of 10 · 5.0/s · 1.0 s left" in stream.getvalue()


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
