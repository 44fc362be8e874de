"""What the papers report, as far as it is stated in numbers: arXiv 2605.12394 (traps) and 2602.02859 (α).

``(value, stated error)`` along ``STEPS``. Modular addition is reported by phase: before, at and after grokking.
"""

from __future__ import annotations

STEPS = (100_000, 1_000_000, 10_000_000)
PHASES = ("pre-grokking", "grokking", "anti-grokking")
#: Start and end of each phase of the MLP in steps.
PHASE_BOUNDS = ((1e2, 1e5), (1e5, 1e6), (1e6, 1e7))

#: Layers by our names: FC1, FC2.
MNIST_LAYERS = {"0": "FC1", "2": "FC2", "4": "FC3"}
MNIST_ALPHA = {
    "0": ((5.0, 0.7), (3.6, 0.5), (0.9, 0.4)),
    "2": ((2.9, 0.7), (2.3, 0.2), (1.3, 0.3)),
}
MNIST_TRAPS = {
    "0": ((0.0, 0.0), (0.0, 0.0), (7.5, 5.6)),
    "2": ((0.0, 0.0), (0.0, 0.0), (1.0, 0.0)),
}
#: Smallest and largest entry after the collapse.
MNIST_EXTREMES = {"0": (-14.8, 5.7), "2": (-4.7, 1.1), "4": (-1.6, 2.6)}

ADDITION_LAYERS = {
    "embed": "embed",
    "query": "W_Q",
    "key": "W_K",
    "value": "W_V",
    "out_proj": "out_proj",
    "fc1": "fc1",
    "fc2": "fc2",
    "unembed": "unembed",
}
ADDITION_TEST_ACCURACY = (0.40, 0.97, 0.68)
ADDITION_MEAN_ALPHA = (4.10, 2.02, 3.89)
ADDITION_LAST_TRAPS = {
    "embed": 7,
    "query": 3,
    "key": 5,
    "value": 3,
    "out_proj": 4,
    "fc1": 5,
    "fc2": 7,
    "unembed": 5,
}
