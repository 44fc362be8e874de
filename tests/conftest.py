"""Explorers with a page, and lanes, closed after the test.

The store of results is off, here and in every kernel that a test starts: a result of an earlier test would hide that
the computation is wrong, slow or not asked for. The tests of the store bring folders of their own.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest
import spectral_widgets as sw
import torch
from safetensors.torch import save_file
from spectral_widgets.jobs import Lane
from spectral_widgets.metrics import evidence
from spectral_widgets.store import Cache
from spectral_widgets.weights import open_model
from spectral_widgets.weights.memos import RACY_NS

from .job_steps import PATIENCE_S
from .pages import Page, trapped_module
from .report_page import small
from .storing import settle

os.environ["SPECTRAL_WIDGETS_CACHE"] = "off"
_SCREEN = "tests/browser/"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """In several processes one has the browser with all its tests; else the tests of a file stay together."""
    from xdist.scheduler import LoadScopeScheduling

    class ByFile(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return _SCREEN if nodeid.startswith(_SCREEN) else nodeid.partition("::")[0]

    return ByFile(config, log)


@pytest.fixture(scope="session")
def shared_report():
    """A report with findings, layers, traps and ablations; one for all tests."""
    return small()


@pytest.fixture
def pages():
    made = []

    def make(model, *arguments, **settings):
        made.append(Page(model, *arguments, **settings))
        return made[-1]

    yield make
    for page in made:
        page.bench.close()


@pytest.fixture
def explorer(pages):
    return pages(open_model(trapped_module()), layer="0.weight").start()


@pytest.fixture
def lane():
    lane = Lane("test")
    yield lane
    assert lane.close(PATIENCE_S)


# ---- the store of results


@pytest.fixture
def results(tmp_path) -> Cache:
    return Cache(tmp_path / "store", version=lambda: "one")


@pytest.fixture
def weights_file(tmp_path) -> Path:
    torch.manual_seed(1)
    path = tmp_path / "model.safetensors"
    save_file({f"layers.{k}.mlp.weight": torch.randn(40, 30 + k) for k in range(3)}, path)
    settle(path)
    return path


@pytest.fixture
def later(monkeypatch):
    """Clocks some seconds ahead, so that what was written just now is no longer fresh."""
    real = time.time_ns
    monkeypatch.setattr("spectral_widgets.weights.memos.time.time_ns", lambda: real() + 10 * RACY_NS)


@pytest.fixture
def computing(monkeypatch):
    """Names of the kinds of evidence that are really computed. The makers stay the shipped ones for the store."""
    made = []
    for kind, maker in dict(evidence.MAKERS).items():

        def noted(subject, kind=kind, maker=maker):
            made.append(kind.__name__)
            return maker(subject)

        monkeypatch.setitem(evidence.MAKERS, kind, noted)
        monkeypatch.setitem(evidence._SHIPPED, kind, noted)
    return made


@pytest.fixture
def reads(monkeypatch):
    """Names of the layers whose values are read."""
    seen, read = [], sw.Model.read

    def noted(self, name):
        seen.append(name)
        return read(self, name)

    monkeypatch.setattr(sw.Model, "read", noted)
    return seen
