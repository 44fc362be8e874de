"""What the outputs of a model are called: text of tokens, names of classes, or just their numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol

from torch import nn

from ..records import Complaint
from .hub import transformers_or_none
from .llama2c_tokenizer import read_llama2c_tokenizer

Namer = Callable[[int], str]


class Named(Protocol):
    """What is needed of a model to name its outputs; ``Model`` is one."""

    @property
    def module(self) -> nn.Module | None: ...
    @property
    def namer(self) -> Callable[[], Namer | None] | None: ...


def output_names(model: Named, outputs: Iterable[int]) -> list[str]:
    """The name of each output; its number where nothing else is known. Nothing is downloaded."""
    namer = model.namer() if model.namer is not None else _pretrained(model.module)
    return [namer(int(number)) if namer is not None else str(int(number)) for number in outputs]


def llama2c_namer(checkpoint: Path) -> Namer | None:
    """Text of the tokens where a ``tokenizer.bin`` lies beside the checkpoint or behind it in the same file."""
    for source in (checkpoint.with_name("tokenizer.bin"), checkpoint):
        try:
            pieces = read_llama2c_tokenizer(source).pieces
        except Complaint:
            continue
        return lambda number: shown(pieces[number].decode("utf-8", "replace")) if number < len(pieces) else str(number)
    return None


def shown(piece: str) -> str:
    """A token so that its spaces and line breaks can be seen.

    >>> shown(" the"), shown("a\\nb")
    ('␣the', 'a⏎b')
    """
    return piece.replace(" ", "␣").replace("▁", "␣").replace("Ġ", "␣").replace("\n", "⏎")


def _pretrained(module: nn.Module | None) -> Namer | None:
    """Names of classes from the config of a transformers model, else the text of its tokens, from local files."""
    config: Any = getattr(module, "config", None)
    if transformers_or_none() is None or config is None:
        return None
    labels = getattr(config, "id2label", None) or {}
    if type(module).__name__.endswith("Classification") and labels:
        return lambda number: str(labels.get(number, number))
    return _tokenizer(str(getattr(module, "name_or_path", "")))


def _tokenizer(source: str) -> Namer | None:
    transformers: Any = transformers_or_none()
    if not source:
        return None
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(source, local_files_only=True, trust_remote_code=False)
    except Exception:  # whatever is missing or broken there, numbers still name the outputs
        return None

    def name(number: int) -> str:
        piece = tokenizer.convert_ids_to_tokens(number)
        return shown(piece) if isinstance(piece, str) else str(number)

    return name
