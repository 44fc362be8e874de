"""Composition of heads: against the formed products, against random heads, and where it was planted."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from spectral_widgets import charts
from spectral_widgets.api_attention import composition_components, composition_scores
from spectral_widgets.metrics.composition import component_scores, composition_score, composition_steps
from spectral_widgets.records import AttentionHead, Complaint
from spectral_widgets.rmt import composition_moments, gaussian_head_spread
from torch import nn

from .architectures import build

WIDTH, RANK = 64, 8


def head(rng, depth, index, width=WIDTH, rank=RANK, stack="layers"):
    query, key, value = (rng.standard_normal((rank, width)) for _ in range(3))
    name = f"{stack}.{depth}.attn"
    return AttentionHead(name, stack, depth, index, query, key, value, rng.standard_normal((width, rank)))


def heads(seed, n_blocks=3, n_heads=2, **sizes):
    rng = np.random.default_rng(seed)
    return [head(rng, depth, index, **sizes) for depth in range(n_blocks) for index in range(n_heads)]


def scores_of(some):
    return [score for step in composition_steps(some) for score in step]


def formed(one):
    return {"ov": one.output @ one.value, "qk": one.query.T @ one.key}


def naive(writer, reader, reading):
    """Through the formed d × d products."""
    left = {"key": formed(reader)["qk"], "query": formed(reader)["qk"].T, "value": formed(reader)["ov"]}[reading]
    written = formed(writer)["ov"]
    return np.linalg.norm(left @ written) / np.linalg.norm(left) / np.linalg.norm(written)


def test_small_factors_give_what_formed_products_give():
    some = heads(0)
    by_name = {(one.attention, one.index): one for one in some}
    found = scores_of(some)
    assert len(found) == 3 * (2 * 2 + 2 * 4)
    for score in found:
        writer = by_name[score.writer, score.writer_head]
        reader = by_name[score.reader, score.reader_head]
        assert score.writer_depth < score.reader_depth
        assert score.score == pytest.approx(naive(writer, reader, score.reading), rel=1e-9)


def test_components_are_those_of_the_formed_product():
    some = heads(1, n_blocks=2, n_heads=1)
    left = np.linalg.svd(formed(some[0])["ov"])[0][:, :RANK]
    for score in scores_of(some):
        reader = {"key": formed(some[1])["qk"], "query": formed(some[1])["qk"].T, "value": formed(some[1])["ov"]}
        matrix = reader[score.reading]
        pieces = np.linalg.norm(matrix @ left, axis=0) / np.linalg.norm(matrix)
        assert score.component == int(pieces.argmax())
        assert score.component_score == pytest.approx(pieces.max())
        assert score.component_score <= np.linalg.norm(matrix, 2) / np.linalg.norm(matrix) + 1e-12


@pytest.mark.parametrize("reading", ["query", "key", "value"])
def test_all_components_are_those_of_the_formed_products(reading):
    writer, reader = heads(9, n_blocks=2, n_heads=1)
    matrix = {"key": formed(reader)["qk"], "query": formed(reader)["qk"].T, "value": formed(reader)["ov"]}[reading]
    left, sizes, _ = np.linalg.svd(formed(writer)["ov"])
    found = component_scores(writer, reader, reading)
    assert [one.component for one in found] == list(range(RANK))
    assert [one.singular_value for one in found] == pytest.approx(sizes[:RANK])
    pieces = np.linalg.norm(matrix @ left[:, :RANK], axis=0) / np.linalg.norm(matrix)
    assert [one.score for one in found] == pytest.approx(pieces)
    energy = sum((one.singular_value * one.score) ** 2 for one in found) / (sizes**2).sum()
    assert energy == pytest.approx(naive(writer, reader, reading) ** 2)


def test_component_z_scores_of_random_heads_are_standard():
    some = heads(10, n_blocks=2, n_heads=8)
    pairs = [(writer, reader) for writer in some[:8] for reader in some[8:]]
    z_scores = [one.z_score for pair in pairs for one in component_scores(*pair, "key")]
    assert abs(np.mean(z_scores)) < 0.2
    assert np.std(z_scores) == pytest.approx(1, abs=0.15)


def test_components_of_a_live_module_agree_with_its_scores():
    module = build("gpt2")
    row = composition_scores(module).iloc[0]
    places = [(int(row[f"{side}_depth"]), int(row[f"{side}_head"])) for side in ("writer", "reader")]
    table = composition_components(module, *places, row["reading"])
    assert table["score"].max() == pytest.approx(row["component_score"])
    assert table["score"].idxmax() == row["component"]
    with pytest.raises(Complaint, match="no head 9 in block 0"):
        composition_components(module, (0, 9), (1, 0))
    with pytest.raises(Complaint, match="no reading 'keys'"):
        composition_components(module, (0, 0), (1, 0), "keys")


@given(st.integers(0, 10_000))
def test_scores_are_shares_and_know_no_scale_and_no_common_rotation(seed):
    rng = np.random.default_rng(seed)
    some = heads(seed, n_blocks=2, n_heads=1, width=12, rank=3)
    turn = np.linalg.qr(rng.standard_normal((12, 12)))[0]
    changed = [
        replace(
            one,
            query=rng.uniform(0.1, 10) * one.query @ turn,
            key=one.key @ turn,
            value=one.value @ turn,
            output=rng.uniform(0.1, 10) * turn.T @ one.output,
        )
        for one in some
    ]
    for before, after in zip(scores_of(some), scores_of(changed), strict=True):
        assert 0 <= before.score <= 1 + 1e-12
        assert after.score == pytest.approx(before.score, rel=1e-9)
        assert after.z_rotated == pytest.approx(before.z_rotated, rel=1e-6, abs=1e-9)


def test_z_scores_of_random_heads_are_standard():
    found = scores_of(heads(2, n_blocks=4, n_heads=6))
    for column in ("z_score", "z_rotated"):
        values = np.array([getattr(score, column) for score in found])
        assert abs(values.mean()) < 0.35
        assert values.std() == pytest.approx(1, abs=0.15)
        assert np.abs(values).max() < 6


@pytest.mark.parametrize("reading", ["query", "key", "value"])
def test_a_planted_direction_is_heard(reading):
    """Head 1.0 writes a direction that head 2.1 reads; all other pairs stay random."""
    some, direction = heads(3), np.random.default_rng(4).standard_normal(WIDTH)
    writer, reader = (next(one for one in some if (one.depth, one.index) == place) for place in ((1, 0), (2, 1)))
    direction *= 2.5 / np.linalg.norm(direction) * WIDTH**0.5
    writer.output[:, 0] += direction
    getattr(reader, reading)[0] += direction
    found = [score for score in scores_of(some) if score.reading == reading]
    best = max(found, key=lambda score: score.z_rotated)
    assert (best.writer_depth, best.writer_head, best.reader_depth, best.reader_head) == (1, 0, 2, 1)
    assert best.z_rotated > 10
    assert best.z_score > 20
    assert max(score.z_rotated for score in found if score is not best) < 6
    loudest = np.linalg.svd(formed(writer)["ov"])[0][:, best.component]
    assert abs(loudest @ direction) / np.linalg.norm(direction) > 0.8


def test_only_earlier_heads_of_the_same_stack_are_heard():
    rng = np.random.default_rng(5)
    some = [head(rng, depth, 0, stack=stack) for stack in ("encoder", "decoder") for depth in (0, 1)]
    pairs = {(score.writer, score.reader) for score in scores_of(some)}
    assert pairs == {("encoder.0.attn", "encoder.1.attn"), ("decoder.0.attn", "decoder.1.attn")}


def test_a_silent_head_has_no_score():
    some = heads(6, n_blocks=2, n_heads=1)
    some[0].output[:] = 0
    assert all(np.isnan([score.score, score.z_score, score.z_rotated]).all() for score in scores_of(some))


def test_streams_of_different_width_are_refused():
    rng = np.random.default_rng(7)
    with pytest.raises(Complaint, match="widths differ"):
        scores_of([head(rng, 0, 0), head(rng, 1, 0, width=32)])


def test_scores_by_hand():
    column, row = np.array([[1.0], [0.0]]), np.array([[1.0, 0.0]])
    assert composition_score(row, column) == 1
    assert composition_score(row, column[::-1]) == 0
    assert composition_score(np.eye(4), np.eye(4)) == pytest.approx(0.5)
    assert np.isnan(composition_score(0 * row, column))


def test_the_published_baseline_of_rank_32_in_width_256():
    rng = np.random.default_rng(8)
    some = [head(rng, depth, index, width=256, rank=32) for depth in range(2) for index in range(12)]
    scores = np.array([score.score for score in scores_of(some)])
    assert scores.mean() == pytest.approx(0.0625, abs=4 * 0.0015 / 12)
    spread = gaussian_head_spread(256, 32)
    assert scores.std() == pytest.approx(composition_moments(256, spread, spread)[1], rel=0.15)


def test_the_frame_has_a_row_for_every_pair_and_reading():
    table = composition_scores(build("gpt2"))
    assert len(table) == 3 * 2 * 2
    assert set(table["reading"]) == {"query", "key", "value"}
    assert (table["writer_depth"] < table["reader_depth"]).all()
    assert table[["score", "z_score", "z_rotated", "component_score"]].notna().all(axis=None)


def test_planted_composition_in_a_live_module_tops_the_frame():
    torch.manual_seed(0)
    layer = nn.TransformerEncoderLayer(32, 4, 64, batch_first=True)
    module = nn.TransformerEncoder(layer, 3, enable_nested_tensor=False)
    with torch.no_grad():
        for k, block in enumerate(module.layers):
            generator = torch.Generator().manual_seed(k)
            block.self_attn.in_proj_weight.normal_(generator=generator)
            block.self_attn.out_proj.weight.normal_(generator=generator)
        direction = 4 * torch.randn(32, generator=generator)
        module.layers[0].self_attn.out_proj.weight[:, 17] += direction  # head 2 of four, eight columns each
        module.layers[2].self_attn.in_proj_weight[32 + 9] += direction  # key of head 1
    table = composition_scores(module)
    best = table.loc[table["z_rotated"].idxmax()]
    assert best[["writer_depth", "writer_head", "reader_depth", "reader_head", "reading"]].to_list() == [
        0,
        2,
        2,
        1,
        "key",
    ]
    text = charts.composition_text(table, "key")
    assert "head 0.2 read by head 2.1" in text
    spec, rows = charts.split(charts.composition(table, "key"))
    assert len(rows["pairs"]) == 3 * 16
    assert (rows["strongest"][0]["writer"], rows["strongest"][0]["reader"]) == ("0.2", "2.1")
    assert "values" not in str(spec["layer"])
    assert charts.picture(charts.composition(table, "value", "score"), "composition", "x").png


def test_a_single_block_has_nothing_to_compose():
    with pytest.raises(Complaint, match="nothing to compose"):
        composition_scores(nn.MultiheadAttention(8, 2))


def test_a_chart_without_rows_says_so():
    with pytest.raises(Complaint, match="nothing to draw"):
        charts.composition([], "key")
