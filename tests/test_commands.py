"""The command line: tables, exit codes, one sentence for what is wrong, and names that never act on the terminal."""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import threading

import pandas as pd
import pytest
import spectral_widgets as sw
import torch
from safetensors.torch import save_file
from spectral_widgets import commands
from spectral_widgets.commands import INTERRUPTED, USAGE_ERROR, main
from spectral_widgets.commands.workers import workers_of
from spectral_widgets.commands.writing import plain_text
from spectral_widgets.store import cache

NASTY = "layers.0.\x1b[31mred\x1b]0;title\x07.weight"


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    generator = torch.Generator().manual_seed(0)
    names = ["layers.0.mlp.down_proj.weight", NASTY]
    file = tmp_path_factory.mktemp("model") / "weights.safetensors"
    save_file({name: torch.randn(60, 40, generator=generator) for name in names}, file)
    return file


def test_measure_prints_the_same_numbers_as_the_package(path, capsys):
    assert main(["measure", str(path), "--metrics", "stable_rank, alpha", "--no-cache"]) == 0
    printed = capsys.readouterr().out
    frame = sw.measure(str(path), ["stable_rank", "alpha"], cache=False)
    for name, row in frame.iterrows():
        assert plain_text(str(name)) in printed
        assert f"{row['stable_rank']:.4g}" in printed
    assert "60×40" in printed
    assert "\x1b" not in printed


@pytest.mark.parametrize("suffix", ["csv", "json"])
def test_measure_writes_a_table(path, tmp_path, suffix):
    out = tmp_path / f"table.{suffix}"
    assert main(["measure", str(path), "--metrics", "stable_rank", "--out", str(out), "--no-cache"]) == 0
    if suffix == "csv":
        values = pd.read_csv(out, comment="#")["stable_rank"].tolist()
    else:
        values = [row["stable_rank"] for row in json.loads(out.read_text())["rows"]]
    assert values == sw.measure(str(path), ["stable_rank"], cache=False)["stable_rank"].tolist()


def test_traps_says_every_layer_and_the_sentence(path, capsys):
    assert main(["traps", str(path), "--seeds", "2"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == 3
    assert printed[-1] == sw.find_traps_in_model(str(path), range(2)).sentence
    assert "\x1b" not in "".join(printed)


def test_cache_tells_and_clears(path, tmp_path, capsys):
    before = cache.folder if cache.is_on else None
    cache.on(tmp_path / "kept")
    try:
        assert main(["measure", str(path), "--metrics", "alpha"]) == 0
        assert cache.n_records > 0
        assert main(["cache"]) == 0
        assert f"{cache.n_records} results" in capsys.readouterr().out
        assert main(["cache", "--clear"]) == 0
        assert capsys.readouterr().out.startswith("0 results")
        cache.off()
        assert main(["cache"]) == 0
        assert "The cache is off" in (said := capsys.readouterr().out)
        assert "0 results" not in said
    finally:
        cache.on(before) if before is not None else cache.off()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["measure", "nowhere.safetensors"], "There is no file or folder nowhere.safetensors"),
        (["measure", "PATH", "--metrics", "alhpa"], "alhpa"),
        (["measure", "PATH", "--out", "table.xyz"], "'.xyz'; use .csv or .json"),
        (["measure", "PATH", "--out", "nowhere/table.csv"], "no folder nowhere"),
        (["measure", "PATH", "--device", "abacus"], "abacus"),
        (["measure", "PATH", "--ipyparallel", "no-such-profile"], "No ipyparallel cluster answers"),
        (["traps", "PATH", "--rate", "7"], "rate"),
    ],
)
def test_what_is_wrong_is_one_sentence_and_exit_code_2(path, capsys, arguments, words):
    given = [str(path) if one == "PATH" else one for one in arguments]
    assert main(given) == USAGE_ERROR
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error
    assert error.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["measure"], ["measure", "x", "--workers", "0"]])
def test_arguments_that_cannot_be_read_exit_with_2_too(arguments, capsys):
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == USAGE_ERROR
    assert "usage: spectral-widgets" in capsys.readouterr().err


def test_workers_are_processes(path):
    parsed = commands._parser().parse_args(["measure", str(path), "--workers", "2"])
    with workers_of(parsed) as executor, executor() as pool:
        assert pool.submit(abs, -3).result() == 3


def test_an_interrupt_writes_what_was_found_and_exits_with_130(tmp_path, capsys):
    generator = torch.Generator().manual_seed(0)
    file, out = tmp_path / "many.safetensors", tmp_path / "table.csv"
    save_file({f"layers.{k}.weight": torch.randn(150, 100, generator=generator) for k in range(3000)}, file)
    # A shell that starts the tests in the background leaves the signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    interrupt = threading.Timer(2.0, lambda: os.kill(os.getpid(), signal.SIGINT))
    gc.disable()  # Python swallows what is raised while a callback of the collector runs, and Hypothesis has one
    interrupt.start()
    try:
        code = main(["measure", str(file), "--out", str(out), "--no-cache"])
    finally:
        interrupt.join()
        gc.enable()
        signal.signal(signal.SIGINT, before)
    said, errors = capsys.readouterr()
    assert code == INTERRUPTED
    assert "stopped" in errors
    assert "layers in" in said
    assert 0 < len(pd.read_csv(out, comment="#")) < 3000


def test_the_module_runs_as_a_program():
    command = [sys.executable, "-m", "spectral_widgets", "cache"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert "cache is off" in done.stdout
