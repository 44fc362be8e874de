"""How much memory a pass over a checkpoint takes: a generated one, and a child process that reads it and says so."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np

#: Matrices of a model of 70 billion weights, a few of each kind: 8.4 GB in bfloat16.
LARGE = {
    "model.embed_tokens.weight": (128_256, 8192),
    **{
        f"model.layers.{block}.{part}.weight": shape
        for block in range(3)
        for part, shape in {
            "self_attn.q_proj": (8192, 8192),
            "self_attn.k_proj": (1024, 8192),
            "self_attn.v_proj": (1024, 8192),
            "self_attn.o_proj": (8192, 8192),
            "mlp.gate_proj": (28_672, 8192),
            "mlp.up_proj": (28_672, 8192),
            "mlp.down_proj": (8192, 28_672),
        }.items()
    },
    "lm_head.weight": (128_256, 8192),
}
#: The same in small, an eighth of every side: 146 MB.
SMALL = {name: (rows // 8, columns // 8) for name, (rows, columns) in LARGE.items()}
_SHARDS = 6
_CHILD = """
import json, sys, threading, time
from pathlib import Path
import numpy as np, torch
import spectral_widgets as sw
from spectral_widgets.api_measuring import file_order
torch.set_num_threads(1)

def used(what):
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return next(1024 * int(line.split()[1]) for line in lines if line.startswith(what + ":"))

def read_so_far():
    return next(int(line.split()[1]) for line in Path("/proc/self/io").read_text().splitlines() if "rchar" in line)

sw.open_model(sys.argv[2]).layers[0].read()
base, characters = {what: used(what) for what in ("Anonymous", "Rss")}, read_so_far()
start = time.perf_counter()
model = sw.open_model(sys.argv[1])
opened_s, opened_bytes = time.perf_counter() - start, read_so_far() - characters
peak, going = dict.fromkeys(base, 0), True

def watch():
    while going:
        for what in peak:
            peak[what] = max(peak[what], used(what) - base[what])
        time.sleep(0.005)

watcher = threading.Thread(target=watch)
watcher.start()
layers, energy = list(model.layers), {}
start, characters = time.perf_counter(), read_so_far()
order = [layers[k] for k in file_order(layers)]
for layer in order:
    values = layer.read().values
    blocks = np.array_split(values, max(1, len(values) // 256))
    energy[layer.name] = sum(float(np.vdot(block, block)) for block in blocks)
    del values, blocks
going = False
watcher.join()
print(json.dumps({"opened_s": opened_s, "opened_bytes": opened_bytes, "read_bytes": read_so_far() - characters,
    "pass_s": time.perf_counter() - start, "peak": peak, "energy": energy, "order": [one.name for one in order]}))
"""


def write_checkpoint(folder: Path, shapes: dict[str, tuple[int, int]], seed: int = 0) -> int:
    """Shards of random bfloat16 weights with an index, written a block at a time; the bytes of all matrices."""
    rng, names = np.random.default_rng(seed), list(shapes)
    # The upper half of a float32 is a bfloat16. One block over and over: this tests memory, not spectra.
    block = (rng.standard_normal(1 << 20).astype(np.float32) * 0.02).view(np.uint32) >> 16
    data = block.astype("<u2").tobytes()
    owner, total = {}, 0
    for shard in range(_SHARDS):
        file = f"model-{shard + 1:05}-of-{_SHARDS:05}.safetensors"
        mine = names[shard::_SHARDS]
        owner |= dict.fromkeys(mine, file)
        total += _write_shard(folder / file, {name: shapes[name] for name in mine}, data)
    index = {"metadata": {"total_size": total}, "weight_map": owner}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return total


def _write_shard(path: Path, shapes: dict[str, tuple[int, int]], data: bytes) -> int:
    header, place = {}, 0
    for name, shape in shapes.items():
        size = 2 * shape[0] * shape[1]
        header[name] = {"dtype": "BF16", "shape": list(shape), "data_offsets": [place, place + size]}
        place += size
    words = json.dumps(header).encode()
    words += b" " * (-len(words) % 8)
    with path.open("wb") as file:
        file.write(len(words).to_bytes(8, "little") + words)
        for start in range(0, place, len(data)):
            file.write(data[: min(len(data), place - start)])
    return place


def largest_matrix_bytes(shapes: dict[str, tuple[int, int]]) -> int:
    """The largest matrix in float32."""
    return max(4 * rows * columns for rows, columns in shapes.values())


def memory_of_a_pass(folder: Path, small: Path) -> dict:
    """What a child process used to open the checkpoint and to read every matrix once.

    Seconds and bytes to open it, bytes and seconds of the pass, peaks of anonymous and of all resident memory above
    what the process had after it opened and read ``small``, the energy of every layer, and the order of reading.
    """
    command = [sys.executable, "-c", _CHILD, str(folder), str(small)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=_environment())
    return json.loads(done.stdout)


def _environment() -> dict[str, str]:
    # One arena: what one thread frees another can use, so that the peak is that of the data.
    return {**os.environ, "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
