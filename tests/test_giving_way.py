"""Work that takes turns, and work that is cancelled: what it holds goes, and the screen says so at once."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from spectral_widgets.weights import open_model
from spectral_widgets.weights.digests import digest_of_values
from spectral_widgets.weights.interrupting import Interrupted, interruptible, look_up
from spectral_widgets.widgets import bench as bench_module
from spectral_widgets.widgets.tasks import TableProgress
from spectral_widgets.widgets.turns import Turns

from .pages import trapped_module

# ---- taking turns


def test_what_is_set_aside_gives_back_what_it_held_and_begins_anew():
    turns, log = Turns(), []

    def work(name, n_steps):
        try:
            for step in range(n_steps):
                log.append(f"{name}{step}")
                yield step
        finally:
            log.append(f"{name} closed")
        return name

    def whole(name):
        found.append((yield from turns.alone(lambda: work(name, 2))))

    found = []
    first, second = whole("a"), whole("b")
    assert next(first) == 0
    assert next(second) == 0
    assert log == ["a0", "a closed", "b0"]
    assert list(second) == [1]
    assert list(first) == [0, 1]
    assert found == ["b", "a"]
    assert log[3:] == ["b1", "b closed", "a0", "a1", "a closed"]
    third = whole("c")
    next(third)
    third.close()
    assert log[-1] == "c closed"


# ---- cancelling


def test_the_screen_says_cancelled_at_once_while_a_long_step_ends(pages, monkeypatch):
    entered, gate = threading.Event(), threading.Event()

    def long_step(*_):
        entered.set()
        assert gate.wait(20)
        yield from ()

    monkeypatch.setattr(bench_module, "filling_steps", long_step)
    page = pages(open_model(trapped_module()))
    job = page.bench.measure()
    assert entered.wait(20)
    start = time.monotonic()
    page.bench.cancel("layers")
    assert time.monotonic() - start < 0.2
    last = page.of("finished")[-1]
    assert (last["job"], last["outcome"]) == ("layers", "cancelled")
    assert "Its last step is still ending" in last["message"]
    assert job.is_active
    page.bench.cancel("layers")
    gate.set()
    page.bench.wait(20)
    assert len(page.of("finished")) == 1
    assert not page.panel("layers")["job_active"]


def test_a_job_that_stops_in_time_is_told_once_in_plain_words(pages, monkeypatch):
    def short_steps(*_):
        while True:
            time.sleep(0.005)
            yield TableProgress(0, 0.0, 1)

    monkeypatch.setattr(bench_module, "filling_steps", short_steps)
    page = pages(open_model(trapped_module()))
    page.bench.measure()
    page.bench.cancel("layers")
    page.bench.wait(20)
    assert [one["outcome"] for one in page.of("finished")] == ["cancelled"]
    assert "still" not in page.of("finished")[0]["message"]


def test_reading_and_hashing_are_given_up_between_two_pieces(tmp_path, monkeypatch):
    save_file({"a.weight": torch.zeros(300, 200)}, tmp_path / "m.safetensors")
    monkeypatch.setattr("spectral_widgets.weights.reading.PIECE_BYTES", 1000)
    monkeypatch.setattr("spectral_widgets.weights.digests._PIECE", 1000)
    layer = open_model(tmp_path / "m.safetensors").layers[0]
    for work in (layer.model.read, lambda _: digest_of_values(np.ones((300, 200)))):
        looks = []
        with pytest.raises(Interrupted), interruptible(lambda: looks.append(1) or len(looks) > 5):  # noqa: B023
            work(layer.name)
        assert len(looks) == 6
    assert digest_of_values(np.ones((300, 200))) == digest_of_values(np.ones((300, 200)))


def test_a_step_that_is_given_up_ends_the_job_as_cancelled(pages, monkeypatch):
    entered = threading.Event()

    def endless(*_):
        yield TableProgress(0, 0.0, 7)
        while True:
            entered.set()
            look_up()
            time.sleep(0.001)

    monkeypatch.setattr(bench_module, "filling_steps", endless)
    page = pages(open_model(trapped_module()))
    job = page.bench.measure()
    assert entered.wait(20)
    page.bench.cancel("layers")
    page.bench.wait(20)
    assert job.state == "cancelled"
    assert job.last.n_total == 7
    assert [one["outcome"] for one in page.of("finished")] == ["cancelled"]
