"""A table by the window: a steaming cup, bread, flowers, the weather outside."""

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.curves import curve
from actors.emulator.pictures.lighting import Lighting
from actors.emulator.pictures.shapes import flower


def table(c: Canvas, lighting: Lighting, _words: str) -> None:
    """A table by the window: a steaming cup, bread, flowers, the weather outside."""
    wall = mix(rgb("#d8c3a5"), lighting.near, 0.25 if not lighting.dark else 0.6)
    c.gradient([(0, mix(wall, lighting.near, 0.3)), (1, wall)])
    board = c.h * 0.72
    x0, x1, y0 = c.w * 0.2, c.w * 0.8, c.h * 0.06
    c.gradient([(0, lighting.top), (0.5, lighting.middle), (1, lighting.horizon)], top=y0, bottom=board)
    c.glow(c.w * 0.58, c.h * 0.4, c.u * 32, lighting.light, 0.7)
    for n in range(3):
        line = c.line(c.h * (0.5 + 0.08 * n), c.h * 0.12, c.w * 0.25, 5)
        c.below(
            line,
            mix(lighting.land(0.15 + 0.2 * n), lighting.horizon, 0.2),
            mix(lighting.land(0.3 + 0.2 * n), lighting.horizon, 0.3),
            c.h * 0.2,
        )
    frame = mix(rgb("#f2ebdf"), lighting.near, 0.2 if not lighting.dark else 0.55)
    c.px[:, : int(x0)] = np.asarray(wall, np.float32)
    c.px[:, int(x1) :] = np.asarray(wall, np.float32)
    c.px[: int(y0)] = np.asarray(mix(wall, lighting.near, 0.2), np.float32)
    c.lines([[(x0, y0), (x1, y0), (x1, board), (x0, board), (x0, y0)]], frame, c.u * 2.4)
    c.lines([[(c.w * 0.5, y0), (c.w * 0.5, board)], [(x0, c.h * 0.3), (x1, c.h * 0.3)]], frame, c.u * 1.1)
    for side, edge in ((-1, x0), (1, x1)):
        folds = []
        for k in range(7):
            a = edge + side * c.u * (k * 3.2 - 6)
            folds.append(
                [
                    (a, 0),
                    (a + side * c.u * 3.6, 0),
                    (a + side * c.u * (3.4 + k * 0.5), board),
                    (a + side * c.u * k * 0.4, board),
                ]
            )
        for n, fold in enumerate(folds):
            c.polygon(
                fold,
                mix(
                    mix(rgb("#e9d9c0"), lighting.light, 0.2),
                    lighting.near,
                    0.12 + 0.16 * (n % 2) + (0.3 if lighting.dark else 0),
                ),
                0.94,
                blur=c.u * 0.2,
            )
    wood = mix(rgb("#b57a45"), lighting.near, 0.15 if not lighting.dark else 0.5)
    c.gradient([(0, mix(wood, lighting.light, 0.35)), (1, mix(wood, lighting.near, 0.45))], top=board)
    grain = c.noise(c.u * 2.2, 3, 16.0)
    c.blend(
        smooth(0.45, 0.7, grain) * smooth(board, board + 6, c.ys + 0 * c.xs),
        mix(wood, lighting.near, 0.5),
        0.3,
    )
    c.glow(c.w * 0.56, board + c.u * 4, c.u * 24, lighting.light, 0.4, 2.2)
    _cup(c, c.w * 0.46, c.h * 0.86, c.u * 10, lighting)
    _loaf(c, c.w * 0.68, c.h * 0.87, c.u * 12, lighting)
    _vase(c, c.w * 0.29, c.h * 0.84, c.u * 7, lighting)


def _cup(c: Canvas, x: float, base: float, r: float, lighting: Lighting) -> None:
    china = mix(rgb("#f7f3ea"), lighting.near, 0.06 if not lighting.dark else 0.3)
    c.ellipse(x - r * 0.3, base + r * 0.1, r * 1.9, r * 0.36, lighting.near, 0.4, blur=r * 0.12)
    c.ellipse(x, base, r * 1.6, r * 0.36, mix(china, lighting.near, 0.16))
    c.ellipse(x, base - r * 0.06, r * 1.5, r * 0.31, china)
    c.lines(
        [
            curve(
                [
                    (x + r * 0.9, base - r * 0.95),
                    (x + r * 1.5, base - r * 0.9),
                    (x + r * 1.45, base - r * 0.45),
                    (x + r * 0.75, base - r * 0.35),
                ],
                8,
                closed=False,
            )
        ],
        china,
        r * 0.17,
    )
    c.polygon(
        curve(
            [
                (x - r, base - r * 1.25),
                (x - r * 0.88, base - r * 0.5),
                (x - r * 0.5, base - r * 0.05),
                (x + r * 0.5, base - r * 0.05),
                (x + r * 0.88, base - r * 0.5),
                (x + r, base - r * 1.25),
            ],
            8,
        ),
        china,
    )
    c.polygon(
        [
            (x + r * 0.2, base - r * 1.2),
            (x + r, base - r * 1.25),
            (x + r * 0.85, base - r * 0.5),
            (x + r * 0.45, base - r * 0.06),
            (x, base - r * 0.06),
        ],
        lighting.near,
        0.17,
        blur=r * 0.2,
    )
    c.ellipse(x, base - r * 1.25, r, r * 0.27, mix(china, (1, 1, 1), 0.5))
    c.ellipse(x, base - r * 1.22, r * 0.88, r * 0.21, rgb("#4a2a18"))
    c.ellipse(x - r * 0.2, base - r * 1.26, r * 0.4, r * 0.08, rgb("#8a5a36"), 0.8, blur=r * 0.05)
    for k in (-0.35, 0.05, 0.4):
        path = [
            (x + r * (k + 0.22 * np.sin(t * 5 + k * 9)), base - r * (1.35 + 2.1 * t))
            for t in np.linspace(0, 1, 22)
        ]
        c.lines([path], (1, 1, 1), r * 0.15, 0.32, blur=r * 0.16, lit=True)


def _loaf(c: Canvas, x: float, base: float, r: float, lighting: Lighting) -> None:
    crust = mix(rgb("#b8692c"), lighting.near, 0.1 if not lighting.dark else 0.4)
    c.ellipse(x, base + r * 0.06, r * 1.2, r * 0.22, lighting.near, 0.4, blur=r * 0.1)
    c.polygon(
        [
            (x - r * 1.25, base - r * 0.05),
            (x + r * 1.25, base - r * 0.05),
            (x + r * 1.15, base + r * 0.14),
            (x - r * 1.15, base + r * 0.14),
        ],
        mix(rgb("#7a4a28"), lighting.near, 0.2),
    )
    c.polygon(
        curve(
            [
                (x - r, base - r * 0.1),
                (x - r * 0.8, base - r * 0.6),
                (x, base - r * 0.78),
                (x + r * 0.8, base - r * 0.6),
                (x + r, base - r * 0.1),
                (x, base),
            ],
            8,
        ),
        crust,
    )
    c.ellipse(
        x - r * 0.1, base - r * 0.55, r * 0.7, r * 0.16, mix(crust, lighting.light, 0.45), 0.6, blur=r * 0.12
    )
    for k in (-0.5, -0.1, 0.3):
        c.polygon(
            curve(
                [
                    (x + r * k, base - r * 0.68),
                    (x + r * (k + 0.14), base - r * 0.7),
                    (x + r * (k + 0.3), base - r * 0.36),
                    (x + r * (k + 0.12), base - r * 0.38),
                ],
                5,
            ),
            rgb("#f1d9a8"),
            0.85,
        )


def _vase(c: Canvas, x: float, base: float, r: float, lighting: Lighting) -> None:
    glass = mix(rgb("#5f9ea0"), lighting.near, 0.15)
    stems, blooms = [], []
    for k in range(9):
        angle = np.pi * (0.2 + 0.6 * (k + 0.5) / 9)
        reach = r * float(c.rng.uniform(2.2, 3.6))
        tip = (x + np.cos(angle) * reach * 0.75, base - r * 1.9 - np.sin(angle) * reach)
        stems.append([(x, base - r * 1.5), ((x + tip[0]) / 2, (base - r * 1.7 + tip[1]) / 2 - r * 0.2), tip])
        blooms.append(tip)
    c.lines(stems, mix(rgb("#4d7a3e"), lighting.near, 0.25), r * 0.09)
    for tip in blooms:
        flower(
            c,
            tip[0],
            tip[1],
            r * float(c.rng.uniform(0.4, 0.62)),
            rgb(("#f2a0a8", "#fff1d6", "#f5c04f", "#d96b6b")[int(c.rng.integers(4))]),
        )
    c.ellipse(x, base, r * 0.9, r * 0.2, lighting.near, 0.35, blur=r * 0.12)
    c.polygon(
        curve(
            [
                (x - r * 0.42, base - r * 1.9),
                (x - r * 0.38, base - r * 1.5),
                (x - r * 0.85, base - r * 0.7),
                (x - r * 0.55, base),
                (x + r * 0.55, base),
                (x + r * 0.85, base - r * 0.7),
                (x + r * 0.38, base - r * 1.5),
                (x + r * 0.42, base - r * 1.9),
            ],
            6,
        ),
        glass,
    )
    c.ellipse(x - r * 0.35, base - r * 0.8, r * 0.12, r * 0.4, (1, 1, 1), 0.5, blur=r * 0.08)
