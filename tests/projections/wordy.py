"""Films that are full of people's words, wherever an event may hold any: what must be gone with them."""

from typing import Any
from uuid import UUID

from domain.asset import AssetKey, Recipe
from domain.failures import Failure
from domain.film import Film
from domain.given_scenes import CastMember, Given, GivenScene
from domain.script import Kind
from domain.submission import Options
from domain.topic import Topic
from domain.translation import TranslatedName, TranslatedPart, TranslatedScene, Translation
from domain.workflow import RequestAsset
from tests.projections.filming import Filming

VOICES = {"Mara Weber-Holloway": "Puck", "jonas": "Kore"}
OWN_PROMPT = b"Draw $frame as on vellum."
WORDS = (
    *("Xylophone", "Lovelace", "xylophonist"),  # of the script, and of what was told of it
    *("Weber", "Holloway", "jonas", "Weberin"),  # of characters
    *("oilskin", "lamplit", "watercolour"),  # how they, a scene and all of it look
    *("tidewater", "lighthousekeepers", "sardonic", "almanac"),  # of a topic, and of what was written on it
    *("Laternenschein", "Nachtwache"),  # of a translation
    *("zeppelin", "Quincunx"),  # of metadata
    *("wistfully", "harpsichord", "Nimbus"),  # of plans, and of a name that was given
    *("cantankerous", "imbroglio"),  # of what a provider said
)
"""Each stands somewhere on record of these films, and in nothing that is Reelog's own."""

_TRANSLATION = Translation(
    language="de",
    translated_from="en",
    title="Nachtwache",
    names=[TranslatedName(name=name, written="Marie Weberin") for name in VOICES],
    scenes=[
        TranslatedScene(scene=number, parts=[TranslatedPart(beat=1, speaker="jonas", text="Laternenschein.")])
        for number in (1, 2)
    ],
)


class WordyFilming(Filming):
    """Films in whose every event people and models have said something."""

    is_translating = False

    def translated(self) -> UUID:
        """One with a cast of voices, in another language."""
        self.is_translating = True
        given = Given(
            scenes=(GivenScene(text="Xylophone quartets rehearse.", visual="a lamplit hall"),),
            cast=tuple(
                CastMember(name=name, look="in yellow oilskin", voice=VOICES[name]) for name in VOICES
            ),
            translated_from="en",
        )
        return self._made(given, "Xylophone quartets rehearse. Nobody listens but Ada Lovelace.")

    def on_a_topic(self) -> UUID:
        self.is_translating = False
        topic = Topic(about="The tidewater", audience="lighthousekeepers", tone="sardonic")
        return self._made(Given(topic=topic), "")

    def _made(self, given: Given, script: str) -> UUID:
        said = Failure.of(
            "overloaded",
            "Too cantankerous.",
            details={"provider": [{"@type": "imbroglio", "said": {"Mara Weber-Holloway": "imbroglio"}}]},
        )
        self.faults = {"image:1": [said], "narration:2": [said]}
        job_id = self.submit(
            given=given,
            script=script,
            language="de",
            metadata={"zeppelin": "Quincunx"},
            notices=[{"code": "read_as", "message": "Read as dialogue: Mara Weber-Holloway, a xylophonist."}],
            options=Options(style="watercolour", voices="cast").model_dump(mode="json"),
        )
        assert self.finish(job_id) == "completed"
        self.rename(job_id, "Nimbus")
        return job_id

    def recipe(self, film: Film, asked: RequestAsset) -> Recipe:
        recipe = super().recipe(film, asked)
        speakers = list(VOICES)
        own = {
            Kind.AUDIO_PLAN: {"speakers": speakers, "quotes": [{"scene": 1, "text": "Lovelace"}]},
            Kind.NARRATION: {
                "style": "wistfully",
                "lines": [
                    {"speaker": who, "voice": VOICES[who], "text": "Laternenschein."} for who in VOICES
                ],
            },
            Kind.IMAGE: {"references": ["image:1"], "aspect_ratio": "16:9"},
        }.get(asked.key.kind, {})
        digest = self.blobs.put(OWN_PROMPT) if self.blobs else None
        return Recipe(recipe.model, digest, "image@0123456789ab", own, recipe.reservation_usd)

    def facts(self, key: AssetKey) -> dict[str, Any]:
        own: dict[Kind, dict[str, Any]] = {
            Kind.ANALYSIS: super().facts(key) | {"mood": "wistfully", "title": "Xylophone"},
            Kind.STORYBOARD: {"style": "watercolour", "parts": {"image:1": "ab" * 8}},
            Kind.AUDIO_PLAN: {"voice": "Kore", "cast": VOICES, "music": "harpsichord, C major, 80 bpm"},
        }
        if key.kind is not Kind.SCRIPT:
            return own.get(key.kind, super().facts(key))
        if self.is_translating:
            return dict(_TRANSLATION.facts())
        told = {"fact": "The tidewater rises.", "source": "An almanac", "checked": False}
        return {"text": "The tidewater rises.", "sources": [told]}
