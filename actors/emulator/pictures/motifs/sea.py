"""The open sea, long waves, a path of light, gulls."""

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.colours import mix, rgb
from actors.emulator.pictures.lighting import Lighting, paint_sky
from actors.emulator.pictures.shapes import glitter, gulls, swell


def sea(c: Canvas, lighting: Lighting, _words: str) -> None:
    """The open sea, long waves, a path of light, gulls."""
    horizon = c.h * 0.47
    paint_sky(c, lighting, horizon, clouds=0.8)
    tint = mix(mix(rgb("#1f5f7a"), lighting.middle, 0.3), lighting.top, 0.35)
    swell(
        c, lighting, horizon, 1.25 if lighting.mood == "tense" or lighting.weather == "rain" else 0.85, tint
    )
    glitter(c, lighting.sun[0] * c.w, horizon, c.h, lighting.light, 0.8, 0.08)
    c.haze(horizon, c.u * 2, lighting.horizon, 0.5)
    gulls(c, mix(lighting.near, lighting.top, 0.3))
