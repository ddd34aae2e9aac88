"""What a bench is, and how its rows are printed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """Two sides of one run; ``ratio`` is how many times as much ``ours`` takes as ``other``."""

    what: str
    ours: float
    other: float
    unit: str
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.ours / self.other


@dataclass(frozen=True)
class Bench:
    """``measure(quick)`` gives rows; ``sides`` names what is compared, ours first."""

    name: str
    about: str
    sides: tuple[str, str]
    measure: Callable[[bool], Sequence[Row]]


def table(bench: Bench, rows: Iterable[Row], command: str) -> str:
    """The rows as text, under the command that makes them again."""
    head = ("", *bench.sides, "ratio", "")
    cells = [
        (
            row.what,
            f"{_figure(row.ours)} {row.unit}",
            f"{_figure(row.other)} {row.unit}",
            f"{row.ratio:.3f}",
            row.note,
        )
        for row in rows
    ]
    widths = [max(len(line[column]) for line in (head, *cells)) for column in range(len(head))]
    lines = [
        "  ".join(
            text.ljust(width) if n in (0, 4) else text.rjust(width)
            for n, (text, width) in enumerate(zip(line, widths, strict=True))
        )
        for line in (head, *cells)
    ]
    return "\n".join(
        [f"{bench.name}: {bench.about}", f"$ {command}", *(line.rstrip() for line in lines), "", ""]
    )


def _figure(value: float) -> str:
    """Three figures that count, and never as a power of ten."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(values: Sequence[float]) -> str:
    """How far apart the middle half of the values lies, as a share of their median."""
    ordered = sorted(values)
    quarter = len(ordered) // 4
    return f"±{(ordered[-1 - quarter] - ordered[quarter]) / 2 / median(ordered):.0%}"
