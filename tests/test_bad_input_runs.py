"""Models that cannot run as asked: one sentence that names the model or what it was given."""

from __future__ import annotations

import pytest
import torch
from spectral_widgets.records import Complaint
from spectral_widgets.weights import digits_mlp, open_model
from torch import nn


def test_outputs_is_one_of_two_words():
    with pytest.raises(Complaint, match="neither 'logits' nor 'features'"):
        open_model(nn.Linear(3, 3), outputs="probabilities")


@pytest.mark.parametrize("batch", [torch.ones(2, 63), torch.ones(2, 64).long(), "text", None])
def test_inputs_that_do_not_fit_are_named(batch):
    with pytest.raises(Complaint, match="digits_mlp at step 374000 failed on"):
        digits_mlp().run(batch)


def test_a_device_without_memory_is_named():
    def forward(module, batch):
        raise torch.OutOfMemoryError("tried to allocate")

    with pytest.raises(Complaint, match="ran out of memory on cpu; use smaller batches"):
        open_model(nn.Linear(3, 3), forward=forward).run(torch.ones(1, 3))


def test_output_without_a_tensor():
    model = open_model(nn.Linear(3, 3), forward=lambda module, batch: "done")
    with pytest.raises(Complaint, match="gives a str without a tensor"):
        model.run(torch.ones(1, 3))
