"""``traps --level``: the level of the traps that are counted, apart from the false-discovery rate."""

from __future__ import annotations

import numpy as np
import pytest
import spectral_widgets as sw
from safetensors.numpy import save_file
from spectral_widgets.commands import USAGE_ERROR, main


@pytest.fixture
def path(tmp_path) -> str:
    """A trap that the usual level sees in every shuffle and a strict one in few."""
    values = np.random.default_rng(0).standard_normal((120, 90)).astype(np.float32)
    values[3, 4] = 13.0
    file = tmp_path / "weights.safetensors"
    save_file({"layers.0.weight": values}, file)
    return str(file)


def test_a_strict_level_counts_fewer_traps_and_leaves_the_q_values(path):
    usual, strict = (sw.find_traps_in_model(path, range(5), level=level) for level in (0.2, 1e-12))
    assert [one.q_value for one in usual.layers] == [one.q_value for one in strict.layers]
    assert sum(usual.layers[0].scan.counts) > sum(strict.layers[0].scan.counts)
    for found, level in ((usual, 0.2), (strict, 1e-12)):
        assert found.layers[0].scan.counts == sw.find_traps(sw.open_model(path).layers[0], range(5), level).counts


def test_the_command_takes_the_level_and_refuses_a_wrong_one(path, capsys):
    for level in (0.2, 1e-12):
        assert main(["traps", path, "--level", str(level)]) == 0
        count = sw.find_traps(sw.open_model(path).layers[0], range(5), level).median_count
        assert f"{count:g} traps in the median shuffle" in capsys.readouterr().out
    assert main(["traps", path, "--level", "3"]) == USAGE_ERROR
    assert "between 0 and 0.5" in capsys.readouterr().err
