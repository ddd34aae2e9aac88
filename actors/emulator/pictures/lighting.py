"""The light of a picture: hour, weather and mood made into colours that all motifs share.

Motifs do not choose colours of their own for sky, land and light; so any motif can stand in any light, and
the pictures of one film belong together.
"""

from typing import NamedTuple

import numpy as np

from actors.emulator.pictures.canvas import Canvas, smooth
from actors.emulator.pictures.colours import Colour, mix, rgb
from actors.emulator.vocabulary.matching import hour_of, mood_of, weather_of

SKIES: dict[str, tuple[tuple[str, ...], ...]] = {
    # top, middle, horizon, light, far land, near land
    "dawn": (
        ("#3d5a94", "#d99aa5", "#ffd8a1", "#fff0c4", "#9a93b8", "#1c2747"),
        ("#2f6690", "#f0a58f", "#ffe2b0", "#fff4d6", "#a58fae", "#24304f"),
        ("#5a6fa8", "#f4b6a0", "#ffe9bd", "#fff6dd", "#8fa0bf", "#22364d"),
    ),
    "day": (
        ("#2f78c4", "#86c0ea", "#e6f3f2", "#fffbe8", "#9dbdd4", "#1f4a3c"),
        ("#3a86c8", "#9ad0ec", "#f2f2e1", "#fffbe8", "#a7c4cf", "#2a5238"),
    ),
    "dusk": (
        ("#1d2152", "#9a4675", "#ff9f5e", "#ffd690", "#6f4c7d", "#150f28"),
        ("#232a5c", "#b8576f", "#ffb36b", "#ffe0a0", "#7a5580", "#1a1430"),
        ("#2a1f4f", "#7f3f7f", "#ff8864", "#ffc98a", "#5f4379", "#130d26"),
    ),
    "night": (
        ("#050a1e", "#0e2350", "#2d5488", "#e9f0ff", "#1d3259", "#040916"),
        ("#070b24", "#161f57", "#4a4a8f", "#f0ecff", "#252b5e", "#060818"),
        ("#04101c", "#0b2f46", "#2f6f7f", "#e6fbff", "#17404f", "#030c13"),
    ),
}
DEFAULT_HOUR = {
    "hopeful": "dawn",
    "serene": "dawn",
    "joyful": "day",
    "tense": "dusk",
    "melancholic": "dusk",
    "mysterious": "night",
    "epic": "dusk",
    "tender": "dusk",
    "energetic": "night",
}


class Lighting(NamedTuple):
    """Hour, weather, mood, and the colours that follow; ``sun`` is where the light stands, in shares."""

    hour: str
    weather: str | None
    mood: str
    top: Colour
    middle: Colour
    horizon: Colour
    light: Colour
    far: Colour
    near: Colour
    sun: tuple[float, float]

    @property
    def dark(self) -> bool:
        return self.hour == "night"

    def land(self, nearness: float) -> Colour:
        """The colour of land: 0 lost in the haze, 1 at the viewer's feet."""
        return mix(self.far, self.near, nearness)


def lighting_for(words: str, rng: np.random.Generator) -> Lighting:
    """The light that the words call for, with a little chance in it."""
    mood = mood_of(words) or "hopeful"
    hour = hour_of(words) or DEFAULT_HOUR[mood]
    weather = weather_of(words)
    options = SKIES[hour]
    top, middle, horizon, light, far, near = (rgb(code) for code in options[int(rng.integers(len(options)))])
    if weather in {"rain", "mist"} or mood in {"tense", "melancholic"}:
        grey = rgb("#56606d") if hour != "night" else rgb("#101722")
        share = 0.5 if weather == "rain" else 0.3
        top, middle, horizon = (mix(colour, grey, share) for colour in (top, middle, horizon))
    sun = (float(rng.uniform(0.3, 0.7)), {"dawn": 0.5, "day": 0.2, "dusk": 0.52, "night": 0.22}[hour])
    return Lighting(hour, weather, mood, top, middle, horizon, light, far, near, sun)


def paint_sky(
    c: Canvas,
    lighting: Lighting,
    horizon: float,
    *,
    clouds: float = 0.55,
    orb: bool = True,
    stars: float = 1.0,
) -> None:
    """Sky down to ``horizon`` (pixels): gradient, stars by night, sun or moon, clouds lit from it."""
    c.gradient([(0, lighting.top), (0.55, lighting.middle), (1, lighting.horizon)], bottom=horizon + 2)
    c.px[int(horizon) :] = lighting.horizon
    x, y = lighting.sun[0] * c.w, min(lighting.sun[1] * c.h, horizon - c.u * 4)
    if lighting.dark:
        paint_stars(c, horizon, stars)
    c.glow(x, y, c.u * 42, lighting.light, 0.32 if lighting.dark else 0.5, 1.25)
    c.glow(x, y, c.u * 14, lighting.light, 0.4)
    if orb:
        radius = c.u * (4.2 if lighting.hour != "day" else 4.8)
        c.circles([(x, y, radius)], lighting.light, 0.97, blur=0.7)
        if lighting.dark:
            moon = mix(lighting.light, lighting.top, 0.16)
            c.circles(
                [
                    (x - radius * 0.3, y - radius * 0.2, radius * 0.28),
                    (x + radius * 0.35, y + radius * 0.3, radius * 0.2),
                ],
                moon,
                0.5,
                blur=2,
            )
    if clouds:
        paint_clouds(c, lighting, horizon, clouds, (x, y))


def paint_stars(c: Canvas, horizon: float, strength: float = 1.0) -> None:
    count = int(c.w * c.h / 2600)
    xs, ys = c.rng.uniform(0, c.w, count), c.rng.uniform(0, horizon, count) * c.rng.uniform(0.2, 1, count)
    size = c.rng.power(0.28, count)
    stars = [(float(x), float(y), 0.35 + 1.15 * float(s)) for x, y, s in zip(xs, ys, size, strict=True)]
    c.circles([s for s in stars if s[2] < 0.9], (0.85, 0.9, 1.0), 0.55 * strength, lit=True)
    bright = [s for s in stars if s[2] >= 0.9]
    c.circles(bright, (1.0, 0.97, 0.92), 0.95 * strength, lit=True)
    for x, y, r in bright[:24]:
        c.glow(x, y, r * 3.4, (0.8, 0.88, 1.0), 0.35 * strength)


def paint_clouds(
    c: Canvas, lighting: Lighting, horizon: float, amount: float, sun: tuple[float, float]
) -> None:
    """Clouds flattened towards the horizon, bright on the side of the light."""
    lumps = c.noise(c.u * 34, 5, 3.2, 0.55)
    top = int(horizon)
    height = np.clip(c.ys[:top] / horizon, 0, 1)
    body = smooth(0.62 - amount * 0.16, 0.86, lumps[:top] + 0.1 * height - 0.05)
    body *= 0.25 + 0.75 * smooth(0.05, 0.75, height)
    near = np.exp(-(((c.xs - sun[0]) / (c.w * 0.42)) ** 2) - ((c.ys[:top] - sun[1]) / (c.h * 0.34)) ** 2)
    lit = np.asarray(mix(lighting.light, lighting.horizon, 0.35), np.float32)
    shade = np.asarray(mix(lighting.middle, lighting.top, 0.45 if not lighting.dark else 0.6), np.float32)
    edge = (near * (1.25 - body))[..., None].clip(0, 1)
    colour = shade * (1 - edge) + lit * edge
    c.blend(body, colour.astype(np.float32), 0.62 if not lighting.dark else 0.4)


def paint_weather(c: Canvas, lighting: Lighting) -> None:
    """Rain, snow or mist over the finished scene."""
    if lighting.weather == "rain":
        drops = []
        for _ in range(int(c.w * c.h / 2600)):
            x, y = float(c.rng.uniform(-20, c.w)), float(c.rng.uniform(-20, c.h))
            length = float(c.rng.uniform(1.6, 4.6)) * c.u
            drops.append([(x, y), (x - length * 0.16, y + length)])
        c.lines(drops, (0.82, 0.88, 0.96), 0.8, 0.2, lit=True)
    elif lighting.weather == "snow":
        for size, count, opacity in ((0.22, 700, 0.5), (0.42, 260, 0.7), (0.9, 46, 0.5)):
            flakes = [
                (
                    float(c.rng.uniform(0, c.w)),
                    float(c.rng.uniform(0, c.h)),
                    size * c.u * float(c.rng.uniform(0.6, 1.2)),
                )
                for _ in range(count)
            ]
            c.circles(flakes, (1, 1, 1), opacity, blur=size * 0.9)
    elif lighting.weather == "mist":
        c.haze(c.h * 0.66, c.h * 0.16, mix(lighting.horizon, (1, 1, 1), 0.25), 0.6)
