"""Threads: one lane a device, jobs on it, and the way back to the kernel's loop. Knows nobody."""

from .bridge import Bridge, Throttled
from .job import Job, State
from .lane import Lane
from .progress import Progress, progress_of

__all__ = ["Bridge", "Job", "Lane", "Progress", "State", "Throttled", "progress_of"]
