"""What a benchmark hands on: one row per number, with the runs behind it and the target it is held against."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from statistics import median, quantiles
from typing import Any, Literal

#: A ratio compares with a baseline of another machine; a time, a difference and a remark do not.
Kind = Literal["ratio", "time", "difference"]
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Row:
    """One number of a benchmark: a value per round, its unit, and where it should be.

    ``ours`` and ``peer`` say what ran on either side, ``ours_s`` and ``peer_s`` how long it took at the median.
    """

    name: str
    ours: str
    peer: str
    values: tuple[float, ...]
    kind: Kind = "ratio"
    unit: str = "×"
    target: float | None = None
    at_most: bool = False
    ours_s: float | None = None
    peer_s: float | None = None
    clock: str = ""
    note: str = ""

    @property
    def value(self) -> float:
        """Median over the rounds."""
        return median(self.values)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Lower and upper quartile over the rounds; of one round the value itself, twice."""
        if len(self.values) == 1:
            return self.values[0], self.values[0]
        low, _, high = quantiles(self.values, n=4, method="inclusive")
        return low, high

    @property
    def met(self) -> bool | None:
        """Whether the median keeps the target; ``None`` without one."""
        if self.target is None:
            return None
        return self.value <= self.target if self.at_most else self.value >= self.target

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Row:
        return cls(**{**fields, "values": tuple(fields["values"])})


@dataclass(frozen=True, slots=True)
class Setting:
    """How a benchmark is to run: small and short, how many threads numpy and torch have, on which device."""

    quick: bool = False
    threads: int = 1
    device: str = "cpu"

    def rounds(self, full: int) -> int:
        """Rounds of a measurement; a quick run makes three at most."""
        return min(full, 3) if self.quick else full


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one benchmark with what it cost to get them; ``failure`` says why it could not go on.

    ``load`` is how many processes wanted a core in the minute before: above zero, others worked beside.
    """

    name: str
    threads: int
    seconds: float
    rows: tuple[Row, ...]
    date: str
    failure: str = ""
    load: float = 0.0

    @property
    def title(self) -> str:
        """Name of the benchmark with its threads."""
        return f"{self.name}, {self.threads} thread{'s' if self.threads > 1 else ''}"


@dataclass(frozen=True, slots=True)
class Record:
    """One run of the benchmarks: where, when, with what, and all numbers."""

    date: str
    mode: str
    machine: dict[str, str]
    parts: tuple[Part, ...]

    def rows(self) -> dict[Key, Row]:
        """Every row by the title of its part, its name, and what stands beside it."""
        return {key_of(part, row): row for part in self.parts for row in part.rows}

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, fields: dict[str, Any]) -> Record:
        return cls(**{**fields, "parts": tuple(_part_from(one) for one in fields["parts"])})


def key_of(part: Part, row: Row) -> Key:
    """By what a row is found again in another record."""
    return part.title, row.name, row.peer


def missed(rows: Iterable[Row]) -> list[Row]:
    """The rows that do not keep their target."""
    return [row for row in rows if row.met is False]


def _part_from(fields: dict[str, Any]) -> Part:
    return Part(**{**fields, "rows": tuple(Row.from_json(one) for one in fields["rows"])})
