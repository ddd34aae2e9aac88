"""Every motif by its subject's name: a function that draws it on a canvas in a given light."""

from collections.abc import Callable, Mapping

from actors.emulator.pictures.canvas import Canvas
from actors.emulator.pictures.lighting import Lighting
from actors.emulator.pictures.motifs.balloons import balloons
from actors.emulator.pictures.motifs.bridge import bridge
from actors.emulator.pictures.motifs.campfire import campfire
from actors.emulator.pictures.motifs.castle import castle
from actors.emulator.pictures.motifs.desert import desert
from actors.emulator.pictures.motifs.field import field
from actors.emulator.pictures.motifs.forest import forest
from actors.emulator.pictures.motifs.garden import garden
from actors.emulator.pictures.motifs.hills import hills
from actors.emulator.pictures.motifs.island import island
from actors.emulator.pictures.motifs.lake import lake
from actors.emulator.pictures.motifs.library import library
from actors.emulator.pictures.motifs.lighthouse import lighthouse
from actors.emulator.pictures.motifs.market import market
from actors.emulator.pictures.motifs.mountains import mountains
from actors.emulator.pictures.motifs.network import network
from actors.emulator.pictures.motifs.planet import planet
from actors.emulator.pictures.motifs.river import river
from actors.emulator.pictures.motifs.rocket import rocket
from actors.emulator.pictures.motifs.sea import sea
from actors.emulator.pictures.motifs.ship import ship
from actors.emulator.pictures.motifs.skyline import skyline
from actors.emulator.pictures.motifs.stage import stage
from actors.emulator.pictures.motifs.stars import stars
from actors.emulator.pictures.motifs.street import street
from actors.emulator.pictures.motifs.table import table
from actors.emulator.pictures.motifs.towers import towers
from actors.emulator.pictures.motifs.train import train
from actors.emulator.pictures.motifs.underwater import underwater
from actors.emulator.pictures.motifs.village import village
from actors.emulator.pictures.motifs.workshop import workshop
from actors.emulator.pictures.motifs.workspace import workspace

Motif = Callable[[Canvas, Lighting, str], None]

MOTIFS: Mapping[str, Motif] = {
    "balloons": balloons,
    "bridge": bridge,
    "campfire": campfire,
    "castle": castle,
    "desert": desert,
    "field": field,
    "forest": forest,
    "garden": garden,
    "hills": hills,
    "island": island,
    "lake": lake,
    "library": library,
    "lighthouse": lighthouse,
    "market": market,
    "mountains": mountains,
    "network": network,
    "planet": planet,
    "river": river,
    "rocket": rocket,
    "sea": sea,
    "ship": ship,
    "skyline": skyline,
    "stage": stage,
    "stars": stars,
    "street": street,
    "table": table,
    "towers": towers,
    "train": train,
    "underwater": underwater,
    "village": village,
    "workshop": workshop,
    "workspace": workspace,
}
