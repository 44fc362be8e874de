"""Weights of many edits side by side in memory, so that those that run together are a slice of it and never a copy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from ..records import Edit
from .tensors import EditedTensors
from .twin import Names, Patch

_ROOM_BYTES = 1 << 29


class Rooms:
    """Room for the first of these edits of the same weights, as many as fit; made when they first run."""

    def __init__(self, tensors: EditedTensors, edits: Mapping[int, Edit]) -> None:
        self._tensors, self._made = tensors, set[int]()
        alike = _alike(tensors, edits)
        self._edits = list(alike.values())
        self._rooms = _rooms(tensors, self._edits)
        self.n_rooms = min((len(room) for room in self._rooms.values()), default=0)
        self._place = dict(zip(alike, range(self.n_rooms), strict=False))
        tensors.reserve(sum(room.nbytes for room in self._rooms.values()))

    def several(self, part: Sequence[int], *, control: bool) -> Patch | None:
        """The edits of a part as one patch, with ``control`` one more that changes nothing; ``None`` without room."""
        places = [self._place[index] for index in part if index in self._place]
        if len(places) < len(part) or not self._side_by_side(places, control):
            return None
        for place in places:
            if place not in self._made:
                self._tensors.write(self._edits[place], self._at(place))
                self._made.add(place)
        stop = places[-1] + 1
        if control:
            # The next room is still empty: what is written here is written over when its own edit comes.
            for names, room in self._at(stop).items():
                room.copy_(self._tensors.unchanged(names))
        return self._tensors.patch_of({names: room[places[0] : stop + control] for names, room in self._rooms.items()})

    def _side_by_side(self, places: Sequence[int], control: bool) -> bool:
        start, stop = places[0], places[-1] + 1
        next_is_free = stop < self.n_rooms and stop not in self._made
        return stop - start == len(places) and (next_is_free or not control)

    def _at(self, place: int) -> dict[Names, Tensor]:
        return {names: room[place] for names, room in self._rooms.items()}


def _alike(tensors: EditedTensors, edits: Mapping[int, Edit]) -> dict[int, Edit]:
    """The edits that change the same weights as the first."""
    names = [tensors.names_of(edit) for edit in edits.values()]
    return {index: edit for (index, edit), own in zip(edits.items(), names, strict=True) if own == names[0]}


def _rooms(tensors: EditedTensors, edits: Sequence[Edit]) -> dict[Names, Tensor]:
    """One more than there are edits, where that fits; nothing where not even two would."""
    if len(edits) < 2:
        return {}
    originals = {names: tensors.original(names[0]) for names in tensors.names_of(edits[0])}
    most = _ROOM_BYTES // sum(original.nbytes for original in originals.values())
    if most < 2:
        return {}
    n_rooms = min(len(edits) + 1, most)
    try:
        return {names: _empty(n_rooms, original) for names, original in originals.items()}
    except (MemoryError, torch.OutOfMemoryError):
        return {}


def _empty(n_rooms: int, like: Tensor) -> Tensor:
    """So many tensors of this kind with arbitrary values."""
    if like.device.type != "cpu":
        return like.new_empty((n_rooms, *like.shape))
    # numpy asks the system for large pages, which come three times faster.
    return torch.from_numpy(np.empty(n_rooms * like.nbytes, np.uint8)).view(like.dtype).view(n_rooms, *like.shape)
