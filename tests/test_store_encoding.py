"""Records as bytes and back: the same bits, nothing else accepted, no code run."""

from __future__ import annotations

import dataclasses
import json
import math
import pickle
import struct
import zlib

import numpy as np
import pytest
import spectral_widgets as sw
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of
from spectral_widgets import records
from spectral_widgets.records import Entry, LayerRef, Measurement, ShuffleSummary, Spectrum, TrapScan, Verdict
from spectral_widgets.spectra.traps import find_traps
from spectral_widgets.store.encoding import RECORDS, Damaged, Unstorable, decoded, encoded

from .metric_subjects import matrix
from .storing import same

HERE = LayerRef("here", "other", None, (3, 2), 3, 2, "float32")
THERE = dataclasses.replace(HERE, name="there", parameter="there")


floats = st.one_of(
    st.floats(allow_nan=True),
    st.sampled_from([-0.0, math.inf, -math.inf, math.nan, 5e-324, 1e308]),
    st.integers(0, 2**51 - 1).map(lambda bits: struct.unpack("<d", struct.pack("<Q", 0xFFF << 52 | 1 | bits << 1))[0]),
)
arrays = st.sampled_from(["<f8", "<f4", ">f8", "<f2", "<c16", "<i8", "<u2", "|b1"]).flatmap(
    lambda dtype: arrays_of.arrays(np.dtype(dtype), arrays_of.array_shapes(min_dims=0, min_side=0, max_side=40))
)
scalars = st.one_of(st.none(), st.booleans(), st.integers(), floats, st.text(), arrays)
values = st.recursive(
    scalars, lambda inner: st.one_of(st.lists(inner).map(tuple), st.dictionaries(st.text(), inner)), max_leaves=12
)


@settings(max_examples=60)
@given(values)
def test_every_value_comes_back_bit_for_bit(value):
    assert same(decoded(encoded(value, HERE), HERE), value)


@settings(max_examples=40)
@given(arrays_of.arrays(np.float64, st.integers(0, 300), elements=st.floats(width=32)), st.text(), floats)
def test_records_come_back_bit_for_bit(eigenvalues, text, number):
    entry = Entry(1, 2, number, -0.0)
    for record in (
        Spectrum(eigenvalues, 3, 2, number),
        Measurement("another layer", text, number, text),
        Verdict("inert", text, text, True),
        ShuffleSummary(HERE, 1, (1, 2), number, 0.5, True, (), (), text),
        (entry, (entry, None), {text: entry}),
    ):
        assert same(decoded(encoded(record, HERE), HERE), record)


def test_float64_that_fits_float32_takes_half_and_random_digits_are_not_compressed():
    rng = np.random.default_rng(0)
    wide = rng.standard_normal(100_000)
    assert 800_000 < len(encoded(wide, HERE)) < 801_000
    assert len(encoded(wide.astype(np.float32).astype(np.float64), HERE)) < 401_000
    assert len(encoded(np.zeros(100_000), HERE)) < 10_000


def planted(name):
    values = np.random.default_rng(3).standard_normal((90, 60)).astype(np.float32)
    values[4, 5], values[40, 7] = 40.0, -35.0
    return matrix(values, name)


def test_a_real_scan_with_its_vectors_comes_back_and_belongs_to_the_layer_that_asks():
    scan, other = find_traps(planted("one"), range(3)), find_traps(planted("two"), range(3))
    assert len(scan.traps) >= 6
    data = encoded(scan, scan.layer)
    assert same(decoded(data, scan.layer), scan)
    assert same(decoded(data, other.layer), other)
    assert b"one" not in data


def test_nothing_that_a_layer_yields_has_its_name_in_it():
    """Equal weights share their results whatever they are called, so no sentence may name the layer."""
    for seeds in ((0, 1), (5,)):
        found = []
        for name in ("first", "second"):
            evidence = sw.metrics.Evidence(planted(name), seeds=seeds)
            measured = [sw.metrics.measure_one(evidence, one) for one in sw.metrics.metrics_named("all")]
            known = [one for kind, one in evidence._made.items() if kind is not records.WeightMatrix]
            assert len(known) > 8
            found.append([encoded(one, evidence.layer) for one in (*known, *measured)])
        assert found[0] == found[1]


@pytest.mark.parametrize("value", [object(), [1], {1, 2}, b"x", np.array([object()]), planted, TrapScan, print])
def test_what_has_no_stored_form_is_refused(value):
    with pytest.raises(Unstorable):
        encoded((value,), HERE)


def test_another_class_of_the_same_name_is_refused():
    @dataclasses.dataclass(frozen=True)
    class Spectrum:
        eigenvalues: tuple = ()

    with pytest.raises(Unstorable):
        encoded(Spectrum(), HERE)


@given(st.binary(max_size=80))
def test_other_bytes_are_damaged(data):
    with pytest.raises(Damaged):
        decoded(data, HERE)


@given(st.data())
def test_one_flipped_bit_is_noticed(data):
    good = bytearray(encoded(Spectrum(np.arange(5.0), 3, 2, 1.0), HERE))
    place = data.draw(st.integers(0, len(good) - 1))
    good[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(Damaged):
        decoded(bytes(good), HERE)


def forged(tree) -> bytes:
    """A tree of somebody's own with a checksum that fits."""
    packed = json.dumps(tree).encode()
    return struct.pack("<4sIII", b"swr1", zlib.crc32(packed), len(packed), len(packed)) + packed


@pytest.mark.parametrize(
    "tree",
    [
        {"Complaint": ["x"]},
        {"Popen": [["true"]]},
        {"__class__": []},
        {"Spectrum": [1]},
        {"~array": ["O", [1], "O", 0, 0, 8]},
        {"~array": ["<f8", [10**9, 10**9], "<f8", 0, 0, 8]},
        {"~array": ["<f8", [1], "<f8", 0, 0, 8]},
        {"~what": 1},
        {"a": 1, "b": 2},
        {"~map": [[[], 1, 2]]},
    ],
)
def test_forged_trees_are_damaged(tree):
    with pytest.raises(Damaged):
        decoded(forged(tree), HERE)


def test_pickles_are_bytes_like_any_other():
    with pytest.raises(Damaged):
        decoded(pickle.dumps(print), HERE)


def test_only_frozen_records_can_be_named():
    assert len(RECORDS) > 40
    assert all(kind.__dataclass_params__.frozen for kind in RECORDS.values())
