"""The open sea, long waves, a path of light, gulls."""

from actors.emulator.pictures.canvas import Canvas, mix, rgb
from actors.emulator.pictures.look import Look, paint_sky
from actors.emulator.pictures.things import glitter, gulls, swell


def sea(c: Canvas, look: Look, _words: str) -> None:
    """The open sea, long waves, a path of light, gulls."""
    horizon = c.h * 0.47
    paint_sky(c, look, horizon, clouds=0.8)
    tint = mix(mix(rgb("#1f5f7a"), look.middle, 0.3), look.top, 0.35)
    swell(c, look, horizon, 1.25 if look.mood == "tense" or look.weather == "rain" else 0.85, tint)
    glitter(c, look.sun[0] * c.w, horizon, c.h, look.light, 0.8, 0.08)
    c.haze(horizon, c.u * 2, look.horizon, 0.5)
    gulls(c, mix(look.near, look.top, 0.3))
