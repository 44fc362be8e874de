"""The shuffle of a seed: all orders equally likely, the same on every machine, for every kind of numbers."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.records import Complaint
from spectral_widgets.spectra.shuffles import permutation, permuted, places_of, shuffled, unshuffled

from .planting import noise

SEEDS = st.integers(0, 2**64 - 1)
#: One bucket, just two rows of random words, several buckets, and more of them than entries of a word.
SIZES = (1, 2, 7, 2048, 8191, 16385, 24577, 60_001)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SIZES), SEEDS)
def test_every_entry_is_used_once(n, seed):
    order = permutation(n, seed)
    assert order.dtype == np.int64
    assert (np.sort(order) == np.arange(n)).all()
    assert n < 7 or (order != np.arange(n)).any()


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from([np.bool_, np.uint8, np.float16, np.float32, np.float64, np.complex128]),
    st.sampled_from([(1, 1), (7, 3), (129, 64), (300, 171)]),
    SEEDS,
)
def test_values_of_every_kind_take_the_same_order(dtype, shape, seed):
    values = (100 * noise(shape, seed % 1000)).astype(dtype)
    kept, order = values.copy(), permutation(values.size, seed)
    moved = permuted(values, seed)
    assert (moved.shape, moved.dtype) == (shape, values.dtype)
    assert (moved == shuffled(values, order)).all()
    assert (unshuffled(moved, order) == values).all()
    assert (values == kept).all()


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SIZES), SEEDS, st.data())
def test_places_of_a_few_cells_are_those_of_the_whole_order(n, seed, data):
    cells = data.draw(st.lists(st.integers(0, n - 1), max_size=9))
    assert places_of(np.array(cells, np.int64), n, seed).tolist() == permutation(n, seed)[cells].tolist()


def test_views_of_every_layout_are_read_in_their_own_order():
    base = noise((200, 150), 0).astype(np.float32)
    raw = bytearray(1 + base.nbytes)
    odd = np.frombuffer(raw, np.uint8)[1:].view(np.float32).reshape(base.shape)
    odd[...] = base
    frozen = base.copy()
    frozen.flags.writeable = False
    for values in (base.T, base[::2, ::-1], odd, frozen, np.asfortranarray(base)):
        assert (permuted(values, 3) == shuffled(np.ascontiguousarray(values), permutation(values.size, 3))).all()


def test_all_orders_of_four_are_equally_likely():
    n_seeds = 24_000
    counts = Counter(tuple(permutation(4, seed).tolist()) for seed in range(n_seeds))
    assert len(counts) == 24
    expected = n_seeds / 24
    chi_square = sum((count - expected) ** 2 / expected for count in counts.values())
    assert abs(chi_square - 23) < 4 * np.sqrt(2 * 23)  # mean and standard deviation of the law with 23 degrees


@pytest.mark.parametrize(("n", "n_seeds"), [(10, 20_000), (24_577, 400)], ids=str)
def test_an_entry_lands_everywhere_equally_often(n, n_seeds):
    """Ten stretches of places against ten of origins; with several buckets too."""
    table = np.zeros((10, 10))
    origins = np.arange(n) * 10 // n
    for seed in range(n_seeds):
        np.add.at(table, (origins, origins[permutation(n, seed)]), 1)
    sizes = np.bincount(origins)
    expected = n_seeds * np.outer(sizes, sizes) / n
    # One count of a permutation table is hypergeometric.
    error = np.sqrt(expected * np.outer(n - sizes, n - sizes) / (n * (n - 1)))
    z_scores = (table - expected) / error
    assert np.abs(z_scores).max() < 4.5
    assert abs((z_scores**2).sum() - 81 * (1 + 1 / 9) ** 2) < 5 * np.sqrt(2 * 81) * (1 + 1 / 9) ** 2


@pytest.mark.parametrize("n", [1000, 60_001])
def test_neighbours_do_not_stay_together_nor_in_order(n):
    n_seeds, after, inversions = 400, 0, 0
    for seed in range(n_seeds):
        order = permutation(n, seed)
        after += np.count_nonzero(np.diff(order) == 1)
        inversions += np.count_nonzero(np.diff(order) < 0)
    # The number of successions is near Poisson(1), that of descents has mean (n − 1) / 2 and variance (n + 1) / 12.
    assert abs(after - n_seeds) < 4 * np.sqrt(n_seeds)
    assert abs(inversions - n_seeds * (n - 1) / 2) < 4 * np.sqrt(n_seeds * (n + 1) / 12)


def test_seeds_one_apart_have_nothing_in_common():
    n = 60_001
    fixed = [np.count_nonzero(permutation(n, seed) == permutation(n, seed + 1)) for seed in range(100)]
    assert abs(sum(fixed) - 100) < 4 * np.sqrt(100)


@pytest.mark.parametrize(
    ("n", "seed", "digest"),
    [
        (10, 0, "346b58002669e8ca"),
        (10, 1, "6e0b9b1c287f0a85"),
        (8192, 7, "a33b73e949ac3e55"),
        (60_001, 2**64 - 1, "e2676cb5f17b5470"),
        (5_000_000, 3, "17f65e8bf47e0586"),
    ],
)
def test_the_order_of_a_seed_is_frozen(n, seed, digest):
    order = permutation(n, seed).astype("<i8")
    assert hashlib.sha256(order.tobytes()).hexdigest()[:16] == digest


@pytest.mark.parametrize("seed", [-1, 2**64])
def test_a_seed_out_of_range_gets_a_sentence(seed):
    with pytest.raises(Complaint, match="takes a seed from 0 to"):
        permuted(np.zeros((3, 2)), seed)


def _in_fresh_python(code: str, **environment: str) -> str:
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert not found.stderr
    return found.stdout.strip()


def test_the_compiler_is_loaded_at_the_first_shuffle_only():
    """The modules of spectra and traps alone: neither torch nor the screens are loaded for this."""
    code = (
        "import sys\n"
        "import spectral_widgets.spectra.decompose, spectral_widgets.spectra.traps\n"
        "from spectral_widgets.spectra.shuffles import permuted, places_of\n"
        "print('numba' in sys.modules)"
    )
    assert _in_fresh_python(code) == "False"
    permuted(np.arange(10.0), 0)
    assert "numba" in sys.modules


@pytest.mark.slow
def test_a_machine_on_which_nothing_can_be_written_compiles_for_itself():
    code = (
        "import numba.core.caching as caching\n"
        "caching.CacheImpl._locator_classes = []\n"
        "import numpy as np\n"
        "from spectral_widgets.spectra.shuffles import permuted\n"
        "print(permuted(np.arange(10, dtype=np.float32), 1).astype(int).tolist())"
    )
    assert _in_fresh_python(code) == str(permutation(10, 1).tolist())
