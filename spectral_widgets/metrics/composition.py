"""How strongly attention heads are wired to each other: composition scores of small factors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import nan

import numpy as np

from ..records import AttentionHead, Complaint, ComponentScore, CompositionScore, Reading
from ..rmt import composition_moments, gaussian_head_spread

READINGS: tuple[Reading, ...] = ("query", "key", "value")


def composition_score(reader: np.ndarray, writer: np.ndarray) -> float:
    """``‖B A‖_F / (‖B‖_F ‖A‖_F)`` of ``B`` ``(n, d)`` and ``A`` ``(d, m)``, from 0 to 1; ``nan`` for a zero matrix.

    ``1/√d`` for directions that have nothing to do with each other, 1 for two matrices of rank one that share
    their direction. Source: Elhage and others (2021), a mathematical framework for transformer circuits.

    >>> round(composition_score(np.array([[1.0, 0.0]]), np.array([[1.0], [1.0]])) ** 2, 9)
    0.5
    """
    norms = float(np.linalg.norm(reader)) * float(np.linalg.norm(writer))
    return float(np.linalg.norm(reader @ writer)) / norms if norms > 0 else nan


def composition_steps(heads: Iterable[AttentionHead]) -> Iterator[tuple[CompositionScore, ...]]:
    """Scores of one reading head after the other, with every writer of an earlier block of its stack, if any.

    ``heads`` come block by block. With columns as vectors: the key reading of a later head is
    ``‖Q₂ᵀ K₂ O₁ V₁‖_F / (‖Q₂ᵀ K₂‖_F ‖O₁ V₁‖_F)``, the query reading has ``K₂ᵀ Q₂`` and the value reading
    ``O₂ V₂`` in the first place (talking heads, arXiv 2406.09519). No ``d × d`` product is formed:
    ``‖X Y‖_F = ‖R Y‖_F`` with ``X = Q R``. Raises Complaint for heads of different widths in one stack.
    """
    writers: dict[str, list[_Wired]] = {}
    streams: dict[str, _Stream] = {}
    for head in heads:
        wired = _wired(head)
        earlier = [one for one in writers.setdefault(head.stack, []) if _is_earlier(one.head, head)]
        if any(one.width != wired.width for one in earlier):
            raise Complaint(f"{head.name} does not read the same stream as the heads before it: widths differ.")
        if earlier:
            known = streams.get(head.stack)
            stream = known if known and len(known.writers) == len(earlier) else _stream(earlier)
            streams[head.stack] = stream
        yield tuple(_scores(wired, stream)) if earlier else ()
        writers[head.stack].append(wired)


def component_scores(writer: AttentionHead, reader: AttentionHead, reading: Reading) -> tuple[ComponentScore, ...]:
    """How well the reader hears every singular direction of the writer's OV product, strongest direction first.

    ``‖B uₖ‖ / ‖B‖_F`` with ``O V = Σ sₖ uₖ vₖᵀ``; it does not depend on ``sₖ`` (arXiv 2406.09519). The z-score is that
    of a random direction and a random Gaussian head of the reader's shape.
    """
    heard, wrote = _wired(reader), _wired(writer)
    if heard.width != wrote.width:
        raise Complaint(f"{reader.name} does not read the stream that {writer.name} writes: widths differ.")
    strengths = np.linalg.svd(np.nan_to_num(wrote.writer), compute_uv=False) * wrote.norm
    scores = np.linalg.norm(heard.readers[reading] @ wrote.directions, axis=0)
    spreads = (_gaussian_spread(heard.readers[reading].T), 1.0)
    return tuple(
        ComponentScore(k, float(strength), float(score), _deviations(float(score), heard.width, spreads))
        for k, (strength, score) in enumerate(zip(strengths, scores, strict=True))
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Wired:
    """A head as what it reads ``(r, d)`` and what it writes ``(d, r)``, all of Frobenius norm one or ``nan``.

    ``norm`` is the Frobenius norm of its OV product.
    """

    head: AttentionHead
    readers: dict[Reading, np.ndarray]
    writer: np.ndarray
    directions: np.ndarray
    reading_spreads: dict[Reading, float]
    writing_spread: float
    norm: float

    @property
    def width(self) -> int:
        return len(self.writer)


@dataclass(frozen=True, slots=True, eq=False)
class _Stream:
    """What all earlier heads write, side by side ``(d, Σr)``; ``ends`` is where each of them starts and stops."""

    writers: list[_Wired]
    written: np.ndarray
    directions: np.ndarray
    ends: np.ndarray


def _stream(writers: list[_Wired]) -> _Stream:
    ends = np.cumsum([0] + [one.writer.shape[1] for one in writers])
    written, directions = (np.hstack(parts) for parts in zip(*((w.writer, w.directions) for w in writers), strict=True))
    return _Stream(writers, written, directions, ends)


def _wired(head: AttentionHead) -> _Wired:
    query, key, value = (part.astype(np.float64) for part in (head.query, head.key, head.value))
    output = head.output.astype(np.float64)
    written = output @ _triangle(value.T).T
    writer = _of_unit_norm(written)
    readers: dict[Reading, np.ndarray] = {
        "query": _of_unit_norm(_triangle(key.T) @ query),
        "key": _of_unit_norm(_triangle(query.T) @ key),
        "value": _of_unit_norm(_triangle(output) @ value),
    }
    directions = np.linalg.svd(np.nan_to_num(writer), full_matrices=False)[0]
    spreads = {reading: _spread(reader) for reading, reader in readers.items()}
    return _Wired(head, readers, writer, directions, spreads, _spread(writer.T), float(np.linalg.norm(written)))


def _triangle(tall: np.ndarray) -> np.ndarray:
    return np.asarray(np.linalg.qr(tall, mode="r"))


def _of_unit_norm(matrix: np.ndarray) -> np.ndarray:
    norm = float(np.linalg.norm(matrix))
    return matrix / (norm if norm > 0 else nan)


def _is_earlier(writer: AttentionHead, reader: AttentionHead) -> bool:
    """Heads of one block act side by side; blocks without a number count by their name."""
    if writer.depth is None or reader.depth is None:
        return writer.attention != reader.attention
    return writer.depth < reader.depth


def _scores(wired: _Wired, stream: _Stream) -> Iterator[CompositionScore]:
    ends = stream.ends
    for reading in READINGS:
        reader = wired.readers[reading]
        energies = np.add.reduceat(((reader @ stream.written) ** 2).sum(axis=0), ends[:-1])
        by_direction = np.nan_to_num(np.linalg.norm(reader @ stream.directions, axis=0))
        for k, writer in enumerate(stream.writers):
            yield _score(wired, writer, reading, float(np.sqrt(energies[k])), by_direction[ends[k] : ends[k + 1]])


def _score(reader: _Wired, writer: _Wired, reading: Reading, score: float, pieces: np.ndarray) -> CompositionScore:
    random = (_gaussian_spread(reader.readers[reading].T), _gaussian_spread(writer.writer))
    rotated = (reader.reading_spreads[reading], writer.writing_spread)
    best = int(np.argmax(pieces))
    return CompositionScore(
        writer=writer.head.attention,
        writer_depth=writer.head.depth,
        writer_head=writer.head.index,
        reader=reader.head.attention,
        reader_depth=reader.head.depth,
        reader_head=reader.head.index,
        reading=reading,
        score=score,
        z_score=_deviations(score, reader.width, random),
        z_rotated=_deviations(score, reader.width, rotated),
        component=best,
        component_score=float(pieces[best]) if score == score else nan,
    )


def _spread(flat: np.ndarray) -> float:
    """``Σ s⁴ / (Σ s²)²`` of a matrix of norm one."""
    return float(np.linalg.norm(flat @ flat.T) ** 2)


def _gaussian_spread(tall: np.ndarray) -> float:
    return gaussian_head_spread(tall.shape[0], tall.shape[1])


def _deviations(score: float, width: int, spreads: tuple[float, float]) -> float:
    if width < 2 or not all(spread == spread for spread in spreads):
        return nan
    mean, deviation = composition_moments(width, *spreads)
    return (score - mean) / deviation if deviation > 0 else nan
