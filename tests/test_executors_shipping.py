"""Networks whose classes no worker can import, such as those of a notebook's cells, and what cannot travel at all."""

from __future__ import annotations

import sys
import threading

import pytest
import spectral_widgets as sw
import torch
from spectral_widgets import api_ablating

from .test_executing import Synchronous


@pytest.fixture
def in_a_cell(monkeypatch) -> type[torch.nn.Module]:
    """A class that stands in ``__main__``, as one of a cell does."""

    class Net(torch.nn.Linear):
        pass

    Net.__module__, Net.__qualname__ = "__main__", "Net"
    monkeypatch.setattr(sys.modules["__main__"], "Net", Net, raising=False)
    monkeypatch.setattr(api_ablating, "_kept", {})
    return Net


def asked(model: sw.Model) -> dict:
    return {"edit": sw.SubtractMean(model.layers[0].ref), "n_probes": 8, "n_controls": 2}


class Elsewhere(Synchronous):
    """A worker whose ``__main__`` is another program's."""

    def submit(self, fn, /, *args, **kwargs):
        here = sys.modules["__main__"].__dict__.pop("Net")
        try:
            return super().submit(fn, *args, **kwargs)
        finally:
            sys.modules["__main__"].__dict__["Net"] = here


def test_a_network_of_a_cell_is_ablated_on_workers_as_here(in_a_cell):
    torch.manual_seed(0)
    model = sw.open_model(in_a_cell(40, 30), outputs="logits")
    here, there = (sw.ablate(model, **asked(model), executor=one) for one in (None, Elsewhere()))
    assert there.n_done == here.n_done == 8
    assert there.edit.values == pytest.approx(here.edit.values, rel=1e-9)


def test_without_cloudpickle_a_sentence_says_where_to_define_it(in_a_cell, monkeypatch):
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    model = sw.open_model(in_a_cell(40, 30), outputs="logits")
    with pytest.raises(sw.Complaint, match=r"'Net'.* not in a cell, or install cloudpickle") as caught:
        sw.ablate(model, **asked(model), executor=Elsewhere())
    assert "AttributeError" not in str(caught.value)


@pytest.mark.parametrize("pickler", ["cloudpickle", "pickle"])
def test_what_cannot_be_pickled_is_refused_in_a_sentence(monkeypatch, pickler):
    if pickler == "pickle":
        monkeypatch.setitem(sys.modules, "cloudpickle", None)
    module = torch.nn.Linear(20, 30)
    module.held = threading.Lock()
    model = sw.open_model(module, outputs="logits")
    with pytest.raises(sw.Complaint, match=r"cannot be sent to a worker .*lock"):
        sw.ablate(model, **asked(model), executor=Synchronous())
