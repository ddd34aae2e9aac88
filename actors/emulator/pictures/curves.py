"""Smooth outlines through points."""

from collections.abc import Sequence

Point = tuple[float, float]


def curve(points: Sequence[Point], steps: int = 8, *, closed: bool = True) -> list[Point]:
    """A smooth line through the points (Catmull-Rom)."""
    count = len(points)
    if count < 3:
        return list(points)
    out: list[Point] = []
    for n in range(count if closed else count - 1):
        if closed:
            p0, p1, p2, p3 = (points[(n + k) % count] for k in (-1, 0, 1, 2))
        else:
            p0, p1, p2, p3 = (points[min(max(n + k, 0), count - 1)] for k in (-1, 0, 1, 2))
        for step in range(steps):
            t = step / steps
            out.append(
                (
                    _spline(p0[0], p1[0], p2[0], p3[0], t),
                    _spline(p0[1], p1[1], p2[1], p3[1], t),
                )
            )
    return out if closed else [*out, points[-1]]


def _spline(a: float, b: float, c: float, d: float, t: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t**3)
