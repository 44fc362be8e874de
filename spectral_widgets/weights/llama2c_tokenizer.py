"""The tokenizer beside a llama2.c checkpoint: pieces of text with scores."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from ..records import Complaint
from .llama2c import checkpoint_bytes, read_config

_ENTRY = struct.Struct("<fi")
# Unknown, begin and end; then the 256 single bytes; then the pieces of text.
_BEGIN, _FIRST_BYTE, _FIRST_PIECE = 1, 3, 259


@dataclass(frozen=True, slots=True)
class Llama2cTokenizer:
    """``pieces[i]`` are the bytes of token ``i``; encoding joins the neighbours of highest score first."""

    pieces: tuple[bytes, ...]
    scores: tuple[float, ...]
    _numbers: dict[bytes, int] = field(repr=False)

    def encode(self, text: str, *, begin: bool = True) -> list[int]:
        """Token numbers of ``text``; ``begin`` puts the begin-of-text token in front."""
        tokens = self._characters(" " + text) if text else []
        while (place := self._best_pair(tokens)) is not None:
            joined = self._bytes_of(tokens[place]) + self._bytes_of(tokens[place + 1])
            tokens[place : place + 2] = [self._numbers[joined]]
        return [_BEGIN, *tokens] if begin else tokens

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of these tokens; the space that encoding puts in front is taken off again."""
        content = b"".join(self._bytes_of(token) for token in tokens if token >= _FIRST_BYTE)
        return content.decode("utf-8", "replace").removeprefix(" ")

    def _characters(self, text: str) -> list[int]:
        """One token a character, or one a byte where the character has none."""
        tokens: list[int] = []
        for character in text:
            raw = character.encode()
            number = self._numbers.get(raw)
            tokens += [number] if number is not None else [byte + _FIRST_BYTE for byte in raw]
        return tokens

    def _best_pair(self, tokens: list[int]) -> int | None:
        """Where the pair stands whose joined piece has the highest score, the first of equals."""
        joined = (self._bytes_of(first) + self._bytes_of(second) for first, second in pairwise(tokens))
        candidates = (
            (self.scores[self._numbers[piece]], -place) for place, piece in enumerate(joined) if piece in self._numbers
        )
        best = max(candidates, default=None)
        return None if best is None else -best[1]

    def _bytes_of(self, token: int) -> bytes:
        """Byte tokens are known by number: files write them as ``<0x0A>`` or as a bare character."""
        return bytes([token - _FIRST_BYTE]) if _FIRST_BYTE <= token < _FIRST_PIECE else self.pieces[token]


def read_llama2c_tokenizer(path: str | Path) -> Llama2cTokenizer:
    """Read ``tokenizer.bin``, or the tokenizer behind the checkpoint in a file that holds both.

    Raises Complaint for a missing or damaged file.
    """
    source = Path(path)
    if not source.is_file():
        raise Complaint(f"There is no file {source}; give the path of a llama2.c tokenizer.bin.")
    config = read_config(source)
    with source.open("rb") as file:
        if config is not None and source.stat().st_size > checkpoint_bytes(config):
            file.seek(checkpoint_bytes(config))
        pieces, scores = _parse(file.read(), source)
    numbers = {piece: number for number, piece in enumerate(pieces) if number >= _FIRST_PIECE}
    return Llama2cTokenizer(pieces, scores, numbers)


def _parse(content: bytes, source: Path) -> tuple[tuple[bytes, ...], tuple[float, ...]]:
    """After the length of the longest piece (four bytes): score, length and bytes of each piece."""
    pieces: list[bytes] = []
    scores: list[float] = []
    place = 4
    while place + _ENTRY.size <= len(content):
        score, size = _ENTRY.unpack_from(content, place)
        place += _ENTRY.size
        if not 0 <= size <= len(content) - place:
            break
        pieces.append(content[place : place + size])
        scores.append(score)
        place += size
    if place != len(content) or len(pieces) < _FIRST_PIECE:
        raise Complaint(f"{source} is no llama2.c tokenizer, or is cut off; copy the file again.")
    return tuple(pieces), tuple(scores)
