"""Long calls on executors give what they give here, bit for bit, and an interrupt keeps what is there."""

from __future__ import annotations

import json
import multiprocessing
import pickle
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
import spectral_widgets as sw
import torch
from safetensors.torch import save_file
from spectral_widgets.metrics import frame_of
from spectral_widgets.records import LayerRef
from spectral_widgets.weights.layers import Layer
from spectral_widgets.weights.parcels import bytes_of, cost_of, lost_ref
from spectral_widgets.weights.sources import PlacedLayer, found, placed

from .storing import same as same_record
from .test_executing import Synchronous

NAMES = ["alpha", "stable_rank", "traps"]


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    generator = torch.Generator().manual_seed(0)
    tensors = {f"layers.{k}.mlp.down_proj.weight": torch.randn(50 + 8 * k, 40, generator=generator) for k in range(5)}
    tensors["layers.2.mlp.down_proj.weight"][3, 4] = 60.0
    file = tmp_path_factory.mktemp("model") / "weights.safetensors"
    save_file(tensors, file)
    return file


@pytest.fixture(scope="module")
def trapped() -> np.ndarray:
    values = np.random.default_rng(0).standard_normal((500, 340)).astype(np.float32)
    values[3, 4] = 80.0
    return values


def threads() -> Iterator[Executor]:
    with ThreadPoolExecutor(2) as executor:
        yield executor


def processes() -> Iterator[Executor]:
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        yield executor


def synchronous() -> Iterator[Executor]:
    yield Synchronous()


@pytest.fixture(scope="module", params=[threads, processes, synchronous], ids=lambda make: make.__name__)
def executor(request) -> Iterator[Executor]:
    yield from request.param()


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(one, other, check_exact=True)
    assert one.attrs == other.attrs


def test_models_in_files_live_models_and_arrays_measure_the_same(executor, path, trapped):
    live = sw.digits_mlp()
    for layers in (sw.open_model(path), live, [*live.layers[:1], trapped[:60, :50]]):
        same(sw.measure(layers, NAMES, executor=executor, cache=False), sw.measure(layers, NAMES, cache=False))


def saved(document, folder) -> dict:
    [file] = document.save(folder / "report.json")
    return json.loads(file.read_text(encoding="utf-8")) | {"created": ""}


def test_reports_are_the_same_whoever_measures(executor, path, trapped, tmp_path):
    live, asked = sw.digits_mlp(), {"metrics": NAMES, "seeds": range(2), "cache": False, "progress": False}
    for what in (path, live, [*live.layers[:1], trapped[:60, :50]]):
        there, here = (saved(sw.report(what, "", executor=one, **asked), tmp_path) for one in (executor, None))
        assert there == here
        assert here["layers"]


def test_a_report_says_of_a_lost_layer_why_it_is_missing(path):
    document = sw.report(path, metrics=NAMES, cache=False, progress=False, executor=Losing())
    caveats = [layer.ref.caveat for layer in document.report.layers]
    assert [bool(one) for one in caveats] == [False] * 4 + [True]
    assert "none of them came back" in caveats[4]


@pytest.mark.parametrize(
    "settings", [{}, {"spectra": "all"}, {"engine": "weightwatcher"}, {"stop_early": True}], ids=str
)
def test_shuffles_in_parts_are_one_scan(executor, trapped, settings):
    for values in (trapped, trapped[:200, :90]):
        here, there = (sw.find_traps(values, range(5), executor=one, **settings) for one in (None, executor))
        assert there.counts == here.counts
        assert (there.seeds, there.largest, there.decomposed) == (here.seeds, here.largest, here.decomposed)
        assert (there.threshold, there.caveat) == (here.threshold, here.caveat)
        assert same_record(there.statistics, here.statistics)
        for one, other in zip(here.traps, there.traps, strict=True):
            assert (one.seed, one.index, one.eigenvalue) == (other.seed, other.index, other.eigenvalue)
            assert repr(one.culprits) == repr(other.culprits)
            assert np.array_equal(one.left, other.left)
            assert np.array_equal(one.right, other.right)
        for one, other in zip(here.spectra, there.spectra, strict=True):
            assert np.array_equal(one.eigenvalues, other.eigenvalues)


def test_all_layers_together(executor, path):
    here, there = (sw.find_traps_in_model(str(path), range(3), executor=one) for one in (None, executor))
    assert there.sentence == here.sentence
    np.testing.assert_array_equal([one.q_value for one in there.layers], [one.q_value for one in here.layers])


@pytest.mark.parametrize("stop", ["all", "decided"])
def test_inputs_of_an_ablation_in_parts_are_one_run(executor, stop):
    model = sw.digits_mlp()
    trap = sw.find_traps(model.layers[1], [0]).traps[0]
    here, there = (
        sw.ablate(model, sw.RemoveTrap(trap), n_probes=200, n_controls=5, stop=stop, executor=one)
        for one in (None, executor)
    )
    assert there.n_done == here.n_done
    assert there.verdict == here.verdict
    for one, other in zip([here.edit, *here.controls], [there.edit, *there.controls], strict=True):
        # Each worker judges by its own first batch which changes are rounding and are measured again alone.
        np.testing.assert_allclose(other.values, one.values, rtol=1e-9, atol=1e-12)


def test_traps_by_turns(executor):
    model = sw.digits_mlp()
    scan = sw.find_traps(model.layers[1], [0])
    here, there = (sw.ablate_traps(model, scan, n_probes=40, n_controls=3, executor=one) for one in (None, executor))
    pd.testing.assert_frame_equal(here, there, check_exact=True)


class Losing(Synchronous):
    """Never brings back the last layer."""

    def submit(self, fn, /, *args, **kwargs):
        future = super().submit(fn, *args, **kwargs)
        if "layers.4" not in getattr(args[-1][0], "name", ""):
            return future
        gone: Future = Future()
        gone.set_exception(ConnectionError("gone"))
        return gone


def test_a_matrix_that_no_worker_brings_back_is_a_row_that_says_so(path):
    model, executor = sw.open_model(path), Losing()
    frame = sw.measure(model, NAMES, executor=executor, cache=False)
    assert len(executor.taken) == 4 + 3
    row = frame.loc["layers.4.mlp.down_proj.weight"]
    assert np.isnan(row["alpha"])
    assert "3 times" in row["caveats"]
    kept = frame.drop(index=row.name)
    pd.testing.assert_frame_equal(kept, sw.measure(model.layers[:4], NAMES, cache=False), check_exact=True)


def test_an_executor_that_brings_nothing_back_is_blamed(path):
    with pytest.raises(sw.Complaint, match=r"brought nothing back .*ConnectionError: gone"):
        sw.measure(sw.open_model(path).layers[4:], NAMES, executor=Losing(), cache=False)


def test_an_interrupt_keeps_what_was_found(path):
    model = sw.open_model(path)

    def interrupt(tally):
        if tally.done == 2:
            raise KeyboardInterrupt

    for executor in (None, Synchronous()):
        with pytest.raises(KeyboardInterrupt) as caught:
            sw.measure(model, NAMES, executor=executor, progress=interrupt, cache=False)
        assert isinstance(caught.value, sw.Interrupted)
        partial = caught.value.partial
        assert 1 <= len(partial) <= 2
        whole = sw.measure(model, NAMES, cache=False)
        pd.testing.assert_frame_equal(partial, whole.loc[partial.index], check_exact=True)


def test_an_interrupted_scan_keeps_its_shuffles(trapped):
    def interrupt(tally):
        if tally.done == 3:
            raise KeyboardInterrupt

    with pytest.raises(sw.Interrupted) as caught:
        sw.find_traps(trapped[:100, :60], range(5), progress=interrupt)
    assert caught.value.partial.seeds == (0, 1)


def test_growing_tables_end_in_the_table_of_all(path):
    tables = list(sw.measure_steps(str(path), NAMES, executor=Synchronous(), cache=False))
    assert [len(table.layers) for table in tables] == [1, 2, 3, 4, 5]
    pd.testing.assert_frame_equal(frame_of(tables[-1]), sw.measure(str(path), NAMES, cache=False))


def test_a_layer_in_a_file_travels_as_a_name_and_an_edited_or_live_one_by_its_values(path):
    layer = sw.open_model(path).layers[2]
    parcel = placed(layer)
    assert isinstance(parcel, PlacedLayer)
    assert len(pickle.dumps(parcel)) < 1000
    assert np.array_equal(found(pickle.loads(pickle.dumps(parcel))).read().values, layer.read().values)
    assert bytes_of(layer) == 0
    edited = sw.apply(layer.model, sw.SubtractMean(layer.ref)).layers[2]
    assert placed(edited) is None
    assert placed(sw.digits_mlp().layers[0]) is None
    assert bytes_of(edited) > 0


def test_a_file_that_changed_is_opened_again(tmp_path):
    file = tmp_path / "changing.safetensors"
    for value in (1.0, 2.0):
        save_file({"a.weight": value * torch.arange(1.0, 13.0 + 3 * value).reshape(3, -1)}, file)
        parcel = placed(sw.open_model(file).layers[0])
        assert parcel is not None
        assert found(parcel).read().values[0, 0] == value


def test_a_file_that_the_worker_does_not_have_is_told(tmp_path):
    file = tmp_path / "gone.safetensors"
    save_file({"a.weight": torch.ones(3, 4)}, file)
    parcel = placed(sw.open_model(file).layers[0])
    file.unlink()
    assert parcel is not None
    with pytest.raises(sw.Complaint, match="not on the worker's machine"):
        found(parcel)


def test_costs_and_lost_items_of_every_kind(path):
    layer = sw.open_model(path).layers[0]
    assert cost_of(layer) == 50 * 40 * 40
    assert cost_of(np.ones((3, 5))) == 3 * 3 * 5
    unreadable = LayerRef("a", "other", None, (9, 9), 9, 9, "int8", caveat="no")
    assert cost_of(Layer(unreadable, layer.model)) == 1
    assert lost_ref(layer, "gone").caveat == "gone"
    assert lost_ref(np.ones((3, 5)), "gone").n_rows == 5
