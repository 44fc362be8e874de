"""``spectral-widgets report``: files, conditions and exit codes."""

from __future__ import annotations

import json

import pytest
import spectral_widgets as sw
import torch
from safetensors.torch import save_file
from spectral_widgets.api_report import inputs_in
from spectral_widgets.commands import USAGE_ERROR, main
from spectral_widgets.findings.schema import report_schema
from spectral_widgets.records import Complaint

from .reporting import digits


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    generator = torch.Generator().manual_seed(0)
    values = torch.randn(60, 40, generator=generator)
    values[3, 4] = 40.0
    file = tmp_path_factory.mktemp("model") / "weights.safetensors"
    save_file({"layers.0.mlp.down_proj.weight": values, "layers.1.mlp.down_proj.weight": values[:, :30].clone()}, file)
    return file


def run(*arguments):
    return main(["report", *map(str, arguments)])


def test_a_report_is_written_and_a_failed_condition_exits_with_one(path, tmp_path, capsys):
    outs = [tmp_path / "report.json", tmp_path / "report.md"]
    asked = [path, "--seeds", 2, "--no-cache", "--out", outs[0], "--out", outs[1]]
    assert run(*asked, "--fail-on", "alpha-above:1000") == 0
    assert "alpha-above:1000: met" in capsys.readouterr().out
    loaded = sw.load_report(outs[0]).report
    direct = sw.report(str(path), seeds=range(2), cache=False, progress=False).report
    assert not sw.compare_reports(loaded, direct).differences
    outs[0].unlink()
    assert run(*asked, "--fail-on", "traps") == 1
    printed = capsys.readouterr().out
    assert "traps: failed, 2 times" in printed
    assert outs[0].exists()


def test_workers_write_the_same_report(path, tmp_path):
    outs = [tmp_path / name for name in ("here.json", "workers.json")]
    for out, workers in zip(outs, ([], ["--workers", 2]), strict=True):
        assert run(path, "--seeds", 2, "--no-cache", "--out", out, *workers) == 0
    one, other = (sw.load_report(out) for out in outs)
    assert not sw.compare_reports(one, other).differences
    assert len(other.report.layers) == 2


@pytest.mark.parametrize(
    "asked",
    [
        [],
        ["{path}"],
        ["{path}", "--out", "report.docx"],
        ["{path}", "--out", "nowhere/report.json"],
        ["{path}", "--fail-on", "everything"],
        ["{path}", "--fail-on", "active-traps", "--seeds", "1", "--no-cache"],
        ["{path}", "--layers", "nothing", "--out", "{folder}/a.json"],
        ["nothing.safetensors", "--out", "{folder}/a.json"],
        ["--compare", "a.json", "b.json"],
    ],
)
def test_bad_input_exits_with_two_and_one_sentence(path, tmp_path, capsys, asked):
    assert run(*[one.format(path=path, folder=tmp_path) for one in asked]) == USAGE_ERROR
    assert capsys.readouterr().err.startswith("spectral-widgets: ")


def test_reports_are_compared_and_the_schema_is_printed(tmp_path, capsys):
    (first,) = digits().save(tmp_path / "a.json")
    (second,) = digits(seed=1).save(tmp_path / "b.json")
    assert run("--compare", first, first) == 0
    assert run("--compare", first, second) == 1
    assert "The weights are the same" in capsys.readouterr().out
    assert run("--schema") == 0
    assert json.loads(capsys.readouterr().out) == report_schema()


def test_inputs_of_your_own_come_with_labels(tmp_path):
    test = sw.digits_test()
    save_file({"inputs": test.data[:64], "labels": torch.from_numpy(test.labels[:64])}, tmp_path / "inputs.safetensors")
    probe = inputs_in(tmp_path / "inputs.safetensors")
    report = sw.report(
        sw.digits_mlp(), layers=["2.weight"], seeds=range(1), ablate=1, probe=probe, n_controls=4, cache=False,
        progress=False,
    ).report  # fmt: skip
    assert report.ablations[0].probe.labelled
    assert report.ablations[0].verdict.word in ("harmful", "benign", "undecided")
    save_file({"images": test.data[:4]}, tmp_path / "wrong.safetensors")
    with pytest.raises(Complaint, match="inputs"):
        inputs_in(tmp_path / "wrong.safetensors")
    (tmp_path / "junk.safetensors").write_bytes(b"junk")
    with pytest.raises(Complaint, match="could not be read"):
        inputs_in(tmp_path / "junk.safetensors")
