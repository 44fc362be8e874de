"""What to do with the numbers: learning rates, weight decay and sparsity by layer, layers to fine-tune, a schedule."""

from .schedule import LayerwiseSchedule

__all__ = ["LayerwiseSchedule"]
