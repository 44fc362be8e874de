"""Explorers with a page, and lanes, closed after the test."""

from __future__ import annotations

import pytest
from spectral_widgets.jobs import Lane
from spectral_widgets.weights import open_model

from .job_steps import PATIENCE_S
from .pages import Page, trapped_module


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
