"""The bench of a lab without a browser: dials and their checks, cancelling by moving on, the wire, the still form."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import spectral_widgets as sw
from spectral_widgets.charts.plot_range import datasets_of
from spectral_widgets.labs import LABS
from spectral_widgets.records import Complaint
from spectral_widgets.widgets import lab_run
from spectral_widgets.widgets.lab_actions import handle_lab
from spectral_widgets.widgets.lab_run import LabRun
from spectral_widgets.widgets.lab_state import LabState
from spectral_widgets.widgets.protocol import VERSION

WAIT_S = 60
SMALL = {"n_rows": 60, "n_draws": 5}


class LabPage:
    """What the page of a lab gets: strict JSON with its buffers, in order."""

    def __init__(self, name, **choices):
        self.messages, self.states, self.changed = [], [], threading.Condition()
        lab = LABS[name]
        self.run = LabRun(lab, LabState(lab.defaults).changed(lab, choices), self.send, self.states.append)

    def send(self, message, buffers=None):
        with self.changed:
            self.messages.append((json.loads(json.dumps(message, allow_nan=False)), buffers))
            self.changed.notify_all()

    def ask(self, kind, **fields):
        handle_lab(self.run, self.send, {"v": VERSION, "id": 1, "kind": kind, **fields}, lambda: None)
        return [message for message, _ in self.messages if message["kind"] == "answer"][-1]

    def drawn(self, wanted=lambda data: data["complete"]):
        """The first drawing that is ``wanted``, once it is there; drawings before it are forgotten."""
        with self.changed:
            assert self.changed.wait_for(lambda: self._find(wanted) is not None, WAIT_S)
            at = self._find(wanted)
            shown, buffers = {}, None
            for message, own in self.messages[: at + 1]:
                if message["kind"] == "drawn":
                    shown, buffers = shown | message["data"], buffers if own is None else own
            del self.messages[: at + 1]
        return shown, buffers

    def _find(self, wanted):
        drawings = ((k, message["data"]) for k, (message, _) in enumerate(self.messages) if message["kind"] == "drawn")
        return next((k for k, data in drawings if wanted(data)), None)


@pytest.fixture
def desk():
    opened = LabPage("bulk-and-edge", **SMALL)
    opened.run.wait(WAIT_S)
    opened.drawn()
    yield opened
    opened.run.close()


def test_the_page_gets_the_lesson_once_and_then_numbers_alone(desk):
    answer = desk.ask("hello")
    assert answer["ok"]
    assert answer["lesson"]["title"] == "Bulk and edge"
    assert [dial["key"] for dial in answer["lesson"]["dials"]] == [dial.key for dial in desk.run.lab.dials]
    first, _ = desk.drawn()
    assert all(panel["spec"]["layer"] for panel in first["panels"])
    assert desk.ask("set", changes={"deviation": 2.0})["ok"]
    again, _ = desk.drawn()
    assert all("spec" not in panel for panel in again["panels"])
    assert [panel["shape"] for panel in again["panels"]] == [panel["shape"] for panel in first["panels"]]
    assert (again["n_draws"], again["n_total"]) == (5, 5)


def test_buffers_hold_the_numbers_of_the_chart(desk):
    desk.ask("hello")
    data, buffers = desk.drawn()
    panels = desk.run.lab.panels(desk.run.record, True)
    for shown, panel in zip(data["panels"], panels, strict=True):
        for name, columns in datasets_of(panel).items():
            packed = shown["datasets"][name]
            values = np.frombuffer(buffers[packed["buffer"]], "<f4").reshape(len(packed["numbers"]), packed["length"])
            for key, column in zip(packed["numbers"], values, strict=True):
                np.testing.assert_allclose(column, columns[key], rtol=1e-6)
            assert all(columns[key].tolist() == words for key, words in packed["words"].items())


def test_moving_on_cancels_the_draw_that_runs(desk):
    desk.run.set(n_rows=500, n_draws=200)
    first, _ = desk.drawn(lambda data: not data["complete"])
    abandoned = desk.run._job
    assert first["n_total"] == 200
    desk.run.set(n_rows=50, n_draws=3)
    desk.run.wait(WAIT_S)
    data, _ = desk.drawn()
    assert data["n_total"] == data["n_draws"] == 3
    abandoned.wait(WAIT_S)
    assert abandoned.state == "cancelled"
    assert abandoned.last is not None
    assert abandoned.last.n_draws < 200
    assert desk._find(lambda data: data["n_total"] == 200) is None
    assert desk.states[-1] == desk.run.state.to_json()


def test_growing_draws_are_shown_one_after_the_other(desk):
    desk.run.set(n_rows=400, n_draws=30)
    desk.run.wait(WAIT_S)
    desk.drawn(lambda data: data["n_total"] == 30 and data["complete"] is False)
    counts = [message["data"]["n_draws"] for message, _ in desk.messages if message["kind"] == "drawn"]
    assert all(before <= after for before, after in pairwise(counts))
    assert desk.drawn()[0]["n_draws"] == 30


def test_a_draw_of_one_step_is_drawn_on_the_page_once(desk):
    desk.messages.clear()
    desk.run.set(deviation=1.5)
    desk.run.wait(WAIT_S)
    with desk.changed:
        assert desk.changed.wait_for(lambda: desk._find(lambda data: data["complete"]) is not None, WAIT_S)
        drawings = [message["data"] for message, _ in desk.messages if message["kind"] == "drawn"]
    assert ["panels" in data for data in drawings] == [True, False]
    assert drawings[-1] == {"n_draws": 5, "n_total": 5, "complete": True}


def test_the_page_has_time_for_the_first_result_and_moving_on_does_not_wait_for_it(desk, monkeypatch):
    monkeypatch.setattr(lab_run, "FIRST_SHOWN_S", float(WAIT_S))
    desk.run.set(n_rows=500, n_draws=200)
    first, _ = desk.drawn(lambda data: not data["complete"])
    assert first["n_draws"] < 200
    desk.run.set(n_rows=50, n_draws=3)
    assert desk.run.wait(WAIT_S / 2).n_draws == 3


def test_theory_is_switched_without_another_draw(desk):
    record = desk.run.record
    desk.ask("hello")
    desk.drawn()
    desk.run.set(theory=False)
    without, _ = desk.drawn()
    assert desk.run.record is record
    desk.run.set(theory=True)
    drawn, _ = desk.drawn()
    assert len(without["panels"][0]["datasets"]) < len(drawn["panels"][0]["datasets"])


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rows": 3}, "no dial 'rows'; did you mean 'n_rows'"),
        ({"n_rows": 1}, "n_rows must lie between 20 and 1000"),
        ({"seed": -1}, "seed must lie between"),
        ({"theory": 1}, "theory must be true or false"),
        ({"law": "cauchy"}, "law must be one of normal"),
        ([1], "named by their dials"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence_and_changes_nothing(desk, changes, sentence):
    before = desk.run.state
    answer = desk.ask("set", changes=changes)
    assert not answer["ok"]
    assert sentence in answer["error"]
    assert desk.run.state == before


def test_an_action_of_another_screen_is_refused(desk):
    assert "no action 'ablate'" in desk.ask("ablate")["error"]
    assert "different versions" in desk.ask("hello", v=VERSION + 1)["error"]


def test_the_code_is_that_of_the_dials(desk):
    desk.run.set(seed=7, theory=False)
    space: dict[str, object] = {}
    exec(desk.ask("recipe")["code"], space)
    np.testing.assert_array_equal(space["result"].eigenvalues, desk.run.wait(WAIT_S).eigenvalues)


@pytest.fixture
def bench():
    opened = sw.lab("bulk-and-edge", **SMALL)
    yield opened
    opened.close()


def test_a_lab_in_python(bench):
    assert bench.record.n_draws == 5
    assert bench.set(n_draws=6).record.n_draws == 6
    assert bench.facts.loc["draws", "value"] == 6
    assert bench.facts.loc["mean eigenvalue", "theory"] == 1
    assert bench.sentence.startswith("6 matrices of 60 × 30")
    assert bench.state["n_draws"] == 6
    with pytest.raises(Complaint, match="no lab 'bulk'"):
        sw.lab("bulk")
    with pytest.raises(Complaint, match="no dial 'n_row'"):
        sw.lab("bulk-and-edge", n_row=3)


def test_a_saved_lab_teaches_without_a_kernel(bench):
    bench.wait(WAIT_S)
    bench._take()
    still = bench._static()
    assert still["image/png"]
    for words in (bench.lab.title, bench.lab.question, "<details>", "Marchenko–Pastur", "± "):
        assert words in still["text/html"]
    assert "draws: 5" in still["text/plain"]
    assert bench.lab.sentence(bench.record) in still["text/plain"]
    assert sum(map(len, still.values())) < 500_000
    assert bench._png == b"", "the picture stands once in the notebook until the view is frozen"


def test_a_draw_that_fails_is_told(desk):
    def broken(values, seed):
        raise Complaint("The dice are gone.")
        yield

    desk.run.lab = replace(desk.run.lab, draw_steps=broken)
    desk.run.set(seed=1)
    with pytest.raises(Complaint, match="dice are gone"):
        desk.run.wait(WAIT_S)
    notices = [message["text"] for message, _ in desk.messages if message["kind"] == "notice"]
    assert notices == ["The dice are gone."]
