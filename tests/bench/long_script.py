"""What the analysis of the longest script answers: tokens beside the script's, time at a model's pace.

Counts, not times: they are the same on any machine. The answers are the emulator's, whose descriptions are as
long as the prompt allows or longer. The pace is that of the emulator when it is like Google; recorded answers
of flash models with 900 tokens or more came at 126 to 195 tokens a second, the first one included.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import Mock

from actors.emulator.like_google import LikeGoogle, Temper
from actors.emulator.models import MODELS
from actors.emulator.thinking import LEVEL_RANGES
from actors.emulator.tokens import of_text
from actors.emulator.writing.text_answer import write
from actors.stages.script_analyst import ScriptAnalyst
from actors.work.provider_call import Provider
from domain.asset import AssetKey
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.script import MAX_SCRIPT_CHARACTERS, Kind, annotation_schema
from domain.submission import MOST_IMAGES, Models, Options
from tests.actors.staging import Staging
from tests.bench.report import Bench, Row

STORY = (Path(__file__).parents[1] / "actors" / "emulator" / "keeper.txt").read_text(encoding="utf-8")
MOST_SCENES = 100
FEW_PICTURES = Options().max_scenes
ASKED = ((Options().max_scenes, FEW_PICTURES), (Options().max_scenes, None), (MOST_SCENES, None))
"""Most scenes and pictures; None: as many as suit the script's length, which are the most there may be."""


@dataclass(frozen=True)
class Counts:
    """Of one call: tokens as the emulator bills them, and what of its limit is used."""

    script: int
    answer: int
    limit: int
    seconds: float
    """With the longest thoughts at the level asked for; before the first token passes the median time."""


def long_script() -> str:
    """As long as a script may be, of whole sentences."""
    text = (STORY.strip() + "\n\n") * (MAX_SCRIPT_CHARACTERS // len(STORY) + 1)
    text = text[:MAX_SCRIPT_CHARACTERS]
    return text[: text.rindex(".") + 1]


def analysed(script: str, max_scenes: int, max_images: int | None = None) -> Counts:
    """What the call is that analyses this script."""
    with tempfile.TemporaryDirectory() as folder:
        staging = Staging(Path(folder))
        prices = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
        analyst = ScriptAnalyst(Provider(Mock(), prices, lambda: datetime(2026, 11, 22, tzinfo=UTC)))
        brief = staging.brief(script=script, options={"max_scenes": max_scenes, "max_images": max_images})
        plan = analyst.plan(brief, AssetKey(Kind.ANALYSIS), staging.inputs())
    assert plan.prompt is not None
    asked = plan.parameters
    schema = annotation_schema(asked["sentences"], asked["max_scenes"], asked["max_images"])
    answer, _ = write(plan.prompt, schema, as_json=True)
    tokens, thoughts = of_text(answer), LEVEL_RANGES[asked["thinking"].upper()][1]
    seconds = Temper(LikeGoogle(), seed=0).answer_seconds(MODELS[Models().text], tokens + thoughts, luck=0.5)
    return Counts(of_text(script), tokens, asked["max_output_tokens"], seconds)


def measure(quick: bool) -> Sequence[Row]:  # noqa: ARG001 - counts need no rounds
    script = long_script()
    return [_row(scenes, images or MOST_IMAGES, analysed(script, scenes, images)) for scenes, images in ASKED]


def _row(scenes: int, images: int, counts: Counts) -> Row:
    what = f"{MAX_SCRIPT_CHARACTERS:,} characters, {scenes} scenes, {images} pictures"
    return Row(what, counts.answer, counts.script, "tokens", f"{counts.seconds:.0f} s, in one call")


BENCH = Bench(
    "long_script",
    "what the analysis answers, which holds none of the script's words",
    ("the answer", "the script"),
    measure,
)
