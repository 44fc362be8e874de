"""What a run tells beside its numbers: where it ran short of memory, and what half precision hides."""

from __future__ import annotations

import torch

HALVES = (torch.float16, torch.bfloat16)


def half_precision(dtype: torch.dtype) -> str:
    """The model's own precision is kept, and only the comparison is finer."""
    name = str(dtype).removeprefix("torch.")
    return (
        f"The model runs in {name}, as it is; its outputs are compared in float32 or float64, so that changes below "
        f"the rounding of {name} do not show."
    )


def smaller_batches(device: str, size: int) -> str:
    """The batch was halved."""
    inputs = "1 input" if size == 1 else f"{size} inputs"
    return f"Out of memory on {device}: the batch is {inputs} now, and what was measured is kept."


def on_the_cpu(device: str, n_done: int) -> str:
    """The run went on elsewhere."""
    return (
        f"Out of memory on {device} even with one input at a time: a copy of the model on the CPU measured what "
        f"follows the first {n_done} inputs."
    )
