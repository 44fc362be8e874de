"""One door for every source of weights."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, cast

from torch import nn

from ..records import Complaint, Probe
from . import hub, llama2c, safetensors_files, state_dicts
from .adapters import scaled_by_config
from .cuts import Cut
from .live import open_module
from .llama2c_network import Llama2c
from .model import Forward, Model, ProbeMaker
from .output_names import Namer, llama2c_namer
from .outputs import TOKENS_LENGTH, Outputs, outputs_of, tokens
from .packing import packed_by_config
from .store import Store, from_source
from .structure import with_configuration

_HOW_TO_RUN = "These weights have no network to run them; give it with model.with_module(nn_module)"
_TORCH_SUFFIXES = (".pt", ".pth", ".bin", ".ckpt")
_FILE_SUFFIXES = (*_TORCH_SUFFIXES, ".safetensors", ".data", ".json")
#: Folders with more weights than this are opened by their headers, without the network that runs them.
STREAMED_FROM_BYTES = 4 * 10**9
_HUB_ID = re.compile(r"[\w.-]+(/[\w.-]+)?")


@dataclass(frozen=True)
class _Opened:
    store: Store
    module: nn.Module | None = None
    probe_maker: ProbeMaker | None = None
    missing: str = f"{_HOW_TO_RUN}."
    namer: Callable[[], Namer | None] | None = None


def open_model(
    source: nn.Module | Mapping[str, Any] | str | Path,
    *,
    name: str | None = None,
    forward: Forward | None = None,
    outputs: Outputs | None = None,
    cut: Cut = "default",
    stream: bool | None = None,
) -> Model:
    """Open a model to look at its weights, and to run it where that is possible.

    ``source`` is a live module; a safetensors file, index or folder; a state_dict, or one saved by torch (never
    unpickled beyond tensors); a llama2.c checkpoint; or a Hugging Face id or folder (the extra
    ``transformers``). Files are read one tensor at a time. ``forward(module, batch)`` says how to run the
    module where ``module(batch)`` does not; ``outputs`` (``"logits"`` or ``"features"``) overrides the guess.
    ``cut`` chooses the matrices that tensors are cut into; see :meth:`Model.recut`. ``stream=True`` opens a Hugging
    Face folder by its headers alone, without the network that would run it, ``False`` loads the network; without
    either, folders of more than 4 GB of weights are streamed.

    Raises Complaint, one sentence on what is wrong and what to do.
    """
    if outputs not in (None, "logits", "features"):
        raise Complaint(f"outputs={outputs!r} is neither 'logits' nor 'features'; leave it out to have it found.")
    opened, title, expression = _open(source, stream)
    model = Model(
        name=name or title,
        code=_code(expression, name, forward, outputs, cut, stream),
        store=opened.store,
        module=opened.module,
        missing="" if opened.module is not None else opened.missing,
        forward=forward,
        probe_maker=opened.probe_maker,
        cut=cut,
        namer=opened.namer,
    )
    if not model.layers:
        raise Complaint(f"{title} has no weight with two axes or more to study; give another model.")
    return _with_outputs(model, outputs)


def _with_outputs(model: Model, outputs: Outputs | None) -> Model:
    if outputs is not None:
        return replace(model, outputs=outputs, outputs_reason="you said so")
    if model.module is None:
        return model
    found, reason = outputs_of(model.module)
    return replace(model, outputs=found, outputs_reason=reason)


def _code(
    expression: str, name: str | None, forward: Forward | None, outputs: str | None, cut: str, stream: bool | None
) -> str:
    extras = [f"name={name!r}"] if name else []
    extras += ["forward=forward"] if forward else []
    extras += [f"outputs={outputs!r}"] if outputs else []
    extras += [f"cut={cut!r}"] if cut != "default" else []
    extras += [f"stream={stream!r}"] if stream is not None else []
    return f"sw.open_model({', '.join([expression, *extras])})"


def _open(source: nn.Module | Mapping[str, Any] | str | Path, stream: bool | None = None) -> tuple[_Opened, str, str]:
    """What was opened, its name, and the expression that stands for the source in code."""
    if isinstance(source, nn.Module):
        return _Opened(open_module(source), source), type(source).__name__, "module"
    if isinstance(source, Mapping):
        return _Opened(state_dicts.store_of_mapping(source)), "state_dict", "state_dict"
    if not isinstance(source, str | Path):
        raise Complaint(
            f"A model cannot be opened from a {type(source).__name__}; give an nn.Module, a state_dict, a path or a "
            "Hugging Face id."
        )
    path = Path(source).expanduser()
    if path.is_dir():
        return _from(path, _open_folder(path, stream)), path.resolve().name, repr(str(source))
    if path.is_file():
        return _from(path, _open_file(path)), path.stem, repr(str(source))
    return _open_hub_id(str(source)), str(source), repr(str(source))


def _from(path: Path, opened: _Opened) -> _Opened:
    """A network may be trained after it was opened, so that only weights without one are those of their files."""
    return opened if opened.module is not None else replace(opened, store=from_source(opened.store, path))


def _open_hub_id(source: str) -> _Opened:
    is_path = source.startswith(("/", ".", "~")) or source.endswith(_FILE_SUFFIXES) or "\\" in source
    if is_path or not _HUB_ID.fullmatch(source):
        raise Complaint(f"There is no file or folder {source}; check the path.")
    if hub.transformers_or_none() is None:
        raise Complaint(
            f"There is no file or folder {source!r}, and opening it as a Hugging Face id needs the extra: "
            f"{hub.INSTALL}."
        )
    module = hub.load_pretrained(source, local=False)
    return _Opened(open_module(module), module)


def _open_file(path: Path) -> _Opened:
    if path.name.endswith(".index.json"):
        return _Opened(packed_by_config(_open_index(path), path.parent))
    if path.suffix == ".safetensors":
        return _Opened(_with_configs(safetensors_files.open_safetensors(path), path.parent))
    if path.suffix in (".bin", ".data"):
        config = llama2c.read_config(path)
        if config is not None:
            return _open_llama2c(path, config)
    if path.suffix in _TORCH_SUFFIXES:
        return _Opened(_with_configs(state_dicts.open_state_dict(path), path.parent))
    raise Complaint(
        f"{path} is of no known type; give safetensors, an .index.json, a state_dict (.pt, .pth, .bin) or a "
        "llama2.c .bin."
    )


def _with_configs(store: Store, folder: Path) -> Store:
    """The store with what configurations beside it say of adapters and of packed integers."""
    return packed_by_config(scaled_by_config(store, folder), folder)


def _open_index(path: Path) -> Store:
    shards = safetensors_files.shards_of_index(path)
    if all(shard.suffix == ".safetensors" for shard in shards):
        return safetensors_files.open_shards(shards)
    return state_dicts.open_state_dicts(shards)


def _open_llama2c(path: Path, config: llama2c.Llama2cConfig) -> _Opened:
    network = Llama2c(llama2c.read_tensors(path, config), config).eval()

    def probe(n: int, seed: int) -> Probe:
        return tokens(n, seed, config.vocabulary_size, min(TOKENS_LENGTH, config.length))

    return _Opened(open_module(network), network, probe, namer=partial(llama2c_namer, path))


def _open_folder(path: Path, stream: bool | None = None) -> _Opened:
    """A Hugging Face folder runs where transformers can load it, and gives its weights alone where not."""
    if not (path / "config.json").is_file():
        return _Opened(_weights_in(path))
    size = _size_of_weights(path)
    if stream or (stream is None and size > STREAMED_FROM_BYTES):
        return _Opened(_configured(path), missing=f"{_HOW_TO_RUN}, or open it with stream=False ({size / 1e9:.3g} GB).")
    if hub.transformers_or_none() is None:
        missing = f"{_HOW_TO_RUN}, or {hub.INSTALL} and open the folder again."
        return _Opened(_configured(path), missing=missing)
    try:
        module = hub.load_pretrained(str(path), local=True)
    except Complaint as complaint:
        return _Opened(_configured(path), missing=f"{_HOW_TO_RUN}: {complaint}")
    return _Opened(open_module(module), module)


def _size_of_weights(path: Path) -> int:
    """Bytes of the files that :func:`_weights_in` would open."""
    kinds = ("*.safetensors", "pytorch_model*.bin", "*.pt", "*.pth")
    found = ([file.stat().st_size for file in path.glob(pattern) if file.is_file()] for pattern in kinds)
    return sum(next((sizes for sizes in found if sizes), []))


def _configured(path: Path) -> Store:
    """The weights of a folder with what its configuration says of them; one that is no JSON says nothing."""
    store = _weights_in(path)
    try:
        config = json.loads((path / "config.json").read_text(encoding="utf-8"))
    except ValueError:
        return store
    return with_configuration(store, config) if isinstance(config, dict) else store


def _weights_in(path: Path) -> Store:
    for pattern, opener in _FOLDER_KINDS:
        found = sorted(file for file in path.glob(pattern) if file.is_file())
        if found:
            return _with_configs(opener(found), path)
    content = sorted(file.name for file in path.iterdir())
    shown = ", ".join(content[:4]) + (", …" if len(content) > 4 else "")
    what = f"holds no weights, only {shown}" if content else "is an empty folder"
    raise Complaint(f"{path} {what}; give a folder of .safetensors or .pt files.")


def _only_index(found: list[Path]) -> Store:
    if len(found) > 1:
        raise Complaint(f"{found[0].parent} holds several indexes of shards; open one, such as {found[0]}.")
    return _open_index(found[0])


def _only_state_dict(found: list[Path]) -> Store:
    return state_dicts.open_state_dicts(found)


_Opener = Callable[[list[Path]], Store]
_FOLDER_KINDS: tuple[tuple[str, _Opener], ...] = (
    ("*.safetensors.index.json", _only_index),
    ("*.safetensors", cast(_Opener, safetensors_files.open_shards)),
    ("*.bin.index.json", _only_index),
    ("pytorch_model*.bin", _only_state_dict),
    ("*.pt", _only_state_dict),
    ("*.pth", _only_state_dict),
)
