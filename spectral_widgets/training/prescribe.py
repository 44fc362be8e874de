"""The namespace ``sw.prescribe``: what the numbers of a model say about training it."""

from .finetuning import freeze_others, layers_to_finetune
from .mappings import MAPPINGS
from .measuring import measured_layers
from .rates import ALPHA_DECAY, LLR, TEMP_BALANCE, layerwise_lr, layerwise_weight_decay, update_groups
from .schedule import LayerwiseSchedule, cosine
from .sparsity import layerwise_sparsity, prunable

__all__ = [
    "ALPHA_DECAY",
    "LLR",
    "MAPPINGS",
    "TEMP_BALANCE",
    "LayerwiseSchedule",
    "cosine",
    "freeze_others",
    "layers_to_finetune",
    "layerwise_lr",
    "layerwise_sparsity",
    "layerwise_weight_decay",
    "measured_layers",
    "prunable",
    "update_groups",
]
