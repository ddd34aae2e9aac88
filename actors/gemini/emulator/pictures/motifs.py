"""Every motif by its subject's name: a function that draws it on a canvas in a given light."""

from collections.abc import Callable, Mapping

from actors.gemini.emulator.pictures.aloft import ALOFT
from actors.gemini.emulator.pictures.canvas import Canvas
from actors.gemini.emulator.pictures.city import CITY
from actors.gemini.emulator.pictures.land import LAND
from actors.gemini.emulator.pictures.look import Look
from actors.gemini.emulator.pictures.places import PLACES
from actors.gemini.emulator.pictures.rooms import ROOMS
from actors.gemini.emulator.pictures.water import WATER

Motif = Callable[[Canvas, Look, str], None]

MOTIFS: Mapping[str, Motif] = {**LAND, **WATER, **CITY, **ALOFT, **ROOMS, **PLACES}
