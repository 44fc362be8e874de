"""Threads and workers: lanes with jobs, tasks on executors, how far they are. Knows nobody."""

from .bridge import Bridge, Throttled
from .crew import Executors, NoExecutor, n_workers
from .executing import Lost, run_steps
from .job import Job, State
from .lane import Lane
from .progress import Progress, progress_of
from .scheduling import Schedule, scaling, schedule
from .telling import Listener, Tally
from .ticking import Telling, told_steps

__all__ = [
    "Bridge",
    "Executors",
    "Job",
    "Lane",
    "Listener",
    "Lost",
    "NoExecutor",
    "Progress",
    "Schedule",
    "State",
    "Tally",
    "Telling",
    "Throttled",
    "n_workers",
    "progress_of",
    "run_steps",
    "scaling",
    "schedule",
    "told_steps",
]
