"""Pins, exports, recipes: everything on the screen can be said as code and gives the same numbers."""

from __future__ import annotations

import json

import numpy as np
import pytest
import spectral_widgets as sw
from spectral_widgets.weights import open_model
from spectral_widgets.widgets.explorer import Explorer
from spectral_widgets.widgets.views.findings import FORMATS

from .pages import WAIT_S, choose_trap, trapped_module

# ---- pins, exports, recipes


def test_pins_notes_and_unpins(explorer):
    first = explorer.ask("pin", note="a layer")["finding"]
    choose_trap(explorer)
    second = explorer.ask("pin", note="a trap")["finding"]
    explorer.ask("ablate")
    third = explorer.ask("pin")["finding"]
    assert len({first, second, third}) == 3
    assert explorer.ask("note", finding=second, note="<b>bold</b>")["ok"]
    assert [item["note"] for item in explorer.panel("findings")["items"]] == ["a layer", "<b>bold</b>", ""]
    assert explorer.ask("unpin", finding=first)["ok"]
    assert [item["id"] for item in explorer.panel("findings")["items"]] == [second, third]
    assert not explorer.ask("unpin", finding=first)["ok"]
    assert not explorer.ask("note", finding=first, note="x")["ok"]


def test_every_export_is_a_file_and_none_without_a_pin(explorer):
    for wanted in FORMATS:
        assert "Nothing is pinned yet" in explorer.ask("export", format=wanted)["error"]
    explorer.ask("pin", note="</script><img src=x onerror=alert(1)>")
    starts = {"png": b"\x89PNG", "json": b"{", "svg": b"<svg", "html": b"<!"}
    for wanted in FORMATS:
        answer = explorer.ask("export", format=wanted)
        [content] = explorer.buffers[json.dumps(answer["id"])]
        assert answer["filename"].startswith("findings.")
        assert "/" in answer["mime"]
        assert content.lstrip()[: len(starts.get(wanted, b""))].lower().startswith(starts.get(wanted, b"").lower())
        assert len(content) > 50
    [page_content] = explorer.buffers[json.dumps(explorer.ask("export", format="html")["id"])]
    assert b"<img src=x" not in page_content
    [record] = explorer.buffers[json.dumps(explorer.ask("export", format="json")["id"])]
    json.loads(record, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))


def test_pinning_nothing_is_a_sentence(pages):
    page = pages(open_model(trapped_module()))
    assert "nothing to pin yet" in page.ask("pin", note="x")["error"]


@pytest.fixture
def digits(pages):
    page = pages(sw.digits_mlp(), layer="2.weight", n_shuffles=2, seed=3, bins=44)
    return choose_trap_of(page.start(), 3)


def choose_trap_of(page, seed):
    assert page.ask("set", changes={"trap": {"seed": seed, "index": 0}, "edit": "remove"})["ok"]
    assert page.bench.trap is not None
    return page


def run_code(code: str) -> dict:
    names: dict = {}
    exec(compile(code, "<recipe>", "exec"), names)
    return names


def test_the_recipe_gives_the_same_screen_and_the_same_numbers(digits, monkeypatch):
    assert digits.ask("ablate")["ok"]
    digits.ask("pin", note="a note\nwith a line break")
    code = digits.ask("recipe")["code"]
    monkeypatch.setattr(Explorer, "_post", lambda self, content, buffers=None: None)
    again = run_code(code)["bench"]
    try:
        again.wait(WAIT_S)
        own, other = digits.bench, again._bench
        assert own.state == other.state
        assert own.scan.counts == other.scan.counts
        assert own.trap.eigenvalue == other.trap.eigenvalue
        np.testing.assert_array_equal(own.ablation.edit.values, other.ablation.edit.values)
        assert own.ablation.verdict == other.ablation.verdict
        assert [one.claim for one in again.findings] == [one.claim for one in own.findings.items]
        assert [one.note for one in again.findings] == ["a note\nwith a line break"]
        assert own.recipe() == again.recipe
    finally:
        again.close()


def test_the_code_of_each_pin_gives_its_numbers(digits):
    digits.bench.set(trap=None)
    digits.wait()
    digits.ask("pin")
    choose_trap_of(digits, 3)
    digits.ask("pin")
    for edit in ("replace", "remove", "subtract_mean", "change_entries"):
        digits.bench.set(edit=edit)
        digits.wait()
        if digits.ask("ablate")["ok"]:
            digits.ask("pin")
    findings = digits.bench.findings.items
    assert len(findings) >= 5
    for finding in findings:
        names = run_code(finding.provenance.code)
        layer = finding.evidence["layer"]
        assert list(names["scan"].counts) == layer["traps_per_shuffle"]
        if "trap" in finding.evidence:
            assert names["trap"].eigenvalue == finding.evidence["trap"]["eigenvalue"]
            assert names["trap"].cause == finding.evidence["trap"]["cause"]
        else:
            frame = names["table"]
            for metric in ("alpha", "stable_rank"):
                assert frame.iloc[0][metric] == pytest.approx(layer["metrics"][metric], rel=1e-12)
        if "ablation" in finding.evidence:
            result, evidence = names["result"], finding.evidence["ablation"]
            assert float(result.edit.mean[-1]) == pytest.approx(evidence["edit"]["mean"], rel=1e-12)
            assert result.verdict.word == evidence["verdict"]
            means = [track["mean"] for track in evidence["controls"]]
            assert [float(track.mean[-1]) for track in result.controls] == pytest.approx(means, rel=1e-12)


def test_provenance_is_complete(digits):
    digits.ask("ablate")
    digits.ask("pin")
    provenance = digits.bench.findings.items[-1].provenance
    assert provenance.seeds == (3, 4)
    assert provenance.engine == "calibrated"
    assert provenance.layer == "2.weight"
    assert len(provenance.fingerprint) >= 8
    assert len(provenance.layer_digest) >= 8
    assert {"spectral_widgets", "python", "numpy", "scipy", "torch"} <= set(provenance.versions)
    assert (provenance.device, provenance.precision) == ("cpu", digits.bench.model.precision)
