"""A film in another language: what is kept by digest, what is asked for, and what it is on record.

Counted are the calls: one for the words, one for each narration, and none for what is seen.
"""

import json
from typing import Any
from uuid import UUID

import pytest

from actors.stages.words.translation import film_parts
from actors.work.briefing import brief_of
from api.cases.accepted import Accepted
from api.cases.edit_scenes import EditScenes, EditScenesRequest, edit
from api.cases.errors import Faults
from api.cases.fork import Fork, ForkRequest, fork
from api.cases.jobs import GetJobRequest, get_job
from api.cases.preview import Preview
from api.cases.provide import Provide, ProvideRequest, provide
from api.cases.regenerate import Regenerate, RegenerateRequest, regenerate
from domain.asset import AssetKey
from domain.film import Film
from domain.given_scenes import Given, GivenScene
from domain.script import Kind
from domain.submission import Options
from domain.translation import TranslatedText, TranslatedWords, completed
from projections.job_filter import JobFilter
from tests.api.cases.conftest import Studio
from tests.api.planned import ANALYSIS

PAID = {"script", "narration:1", "narration:2"}
SEEN = {"analysis", "storyboard", "image:1", "image:2", "audio_plan"}


class Translating:
    """Has a studio's translations made of the words that are asked for."""

    def __init__(self, studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
        self.studio = studio
        facts, content = studio.facts, studio.content
        monkeypatch.setattr(studio, "facts", lambda key: self.done.facts() if self._mine(key) else facts(key))
        monkeypatch.setattr(
            studio, "content", lambda key, n: self._document() if self._mine(key) else content(key, n)
        )

    @staticmethod
    def _mine(key: AssetKey) -> bool:
        return key.kind is Kind.SCRIPT

    @property
    def done(self) -> Any:
        brief = brief_of(self.studio.studio.job(self.job_id), {})
        parts = film_parts(brief, ANALYSIS)
        texts = [TranslatedText(scene=p.scene, part=p.number, text=f"Worte {p.scene}.") for p in parts]
        return completed(
            TranslatedWords(title="Das Boot", parts=texts), ANALYSIS, parts, brief.language or ""
        )

    def _document(self) -> tuple[bytes, str]:
        return self.done.model_dump_json().encode(), "application/json"

    def fork(self, source: UUID, **changes: Any) -> UUID:
        accepted = fork(self.studio.system, ForkRequest(source, Fork(changes=changes)))
        assert isinstance(accepted, Accepted)
        self.job_id = accepted.job_id
        return accepted.job_id

    def finish(self) -> None:
        assert self.studio.finish(self.job_id) == "completed"
        self.studio.settle()


@pytest.fixture
def translating(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> Translating:
    return Translating(studio, monkeypatch)


def preview(studio: Studio, source: UUID, **changes: Any) -> dict[str, Any]:
    result = fork(studio.system, ForkRequest(source, Fork(changes=changes, dry_run=True)))
    assert isinstance(result, Preview)
    return result.to_json()


def paid(names: list[str]) -> set[str]:
    free = {Kind.MUSIC, Kind.POSTER, Kind.CAPTIONS, Kind.VIDEO, Kind.MANIFEST, Kind.SOUNDTRACK}
    keys = [AssetKey.parse(name) for name in names]
    return {key.name for key in keys if key.kind not in free | {Kind.CLIP, Kind.TRANSITION}}


def test_the_same_pictures_and_everything_that_is_words_made_anew(
    studio: Studio, translating: Translating
) -> None:
    source = studio.completed()
    told = preview(studio, source, language="de")
    assert set(told["reused"]) == SEEN
    assert paid(told["redone"]) == PAID
    job_id = translating.fork(source, language="de")
    translating.finish()
    asked_for = studio.studio.film(studio.studio.job(job_id)).assets
    reserved = [asked_for[AssetKey.parse(name)].recipe.reservation_usd or 0.0 for name in PAID]
    assert sum(reserved) <= told["cost"]["at_most_usd"]
    film = studio.studio.film(studio.studio.job(job_id))
    before = studio.studio.film(studio.studio.job(source))
    assert {
        name for name in SEEN if film.digest(AssetKey.parse(name)) != before.digest(AssetKey.parse(name))
    } == set()
    asked = {key.name for key, asset in film.assets.items() if asset.requests and asset.is_paid}
    assert asked == PAID
    recipe = film.assets[AssetKey.parse("narration:1")].recipe
    assert recipe.prompt_digest is not None
    assert studio.system.blobs.get(recipe.prompt_digest) == b"Worte 1."
    assert (
        recipe.parameters["voice"] == before.assets[AssetKey.parse("narration:1")].recipe.parameters["voice"]
    )
    page = json.loads(get_job(studio.system, GetJobRequest(job_id)).body)
    assert (page["title"], page["language"], page["translated_from"]) == ("Das Boot", "de", "en")
    found = studio.system.readers.jobs(JobFilter(search="das boot")).items
    assert [json.loads(one)["id"] for one in found] == [str(job_id)]
    assert [scene["text"] for scene in page["scenes"]] == ["Worte 1.", "Worte 2."]
    first = next(r.event for r in studio.log.read(0, 10_000) if r.event.job_id == job_id)
    assert first.given["translated_from"] == "en"
    assert Film([r.event for r in studio.log.read(0, 10_000) if r.event.job_id == job_id]).is_complete


def test_shots_and_a_models_song_are_not_paid_for_again(studio: Studio, translating: Translating) -> None:
    options = Options(motion="generated").model_dump(mode="json")
    models = {
        "text": "gemini-2.5-flash",
        "image": "gemini-2.5-flash-image",
        "speech": "gemini-2.5-flash-preview-tts",
    }
    song = {**models, "video": "gemini-omni-flash-preview", "music": "lyria-3-clip-preview"}
    source = studio.completed(options=options, models=song)
    told = preview(studio, source, language="de")
    assert set(told["reused"]) == SEEN | {"shot:1", "shot:2", "music"}
    translating.fork(source, language="de")
    translating.finish()


def test_a_translation_is_forked_as_any_film_and_goes_back_and_on(
    studio: Studio, translating: Translating
) -> None:
    german = translating.fork(studio.completed(), language="de")
    translating.finish()
    same = preview(studio, german, options={"caption_style": "card"})
    assert set(same["reused"]) >= SEEN | PAID
    assert paid(preview(studio, german, language="fr")["redone"]) == PAID, "from the words of its author"
    back = preview(studio, german, language="en")
    assert paid(back["redone"]) == PAID - {"script"}
    assert "script" not in back["reused"]
    translating.fork(german, options={"caption_style": "card"})
    translating.finish()
    assert studio.studio.job(translating.job_id).given.translated_from == "en"


def test_another_tag_of_the_same_language_speaks_anew_and_draws_nothing(studio: Studio) -> None:
    told = preview(studio, studio.completed(), language="en-GB")
    assert set(told["reused"]) == SEEN | {"poster"}
    assert paid(told["redone"]) == PAID - {"script"}


def test_other_words_are_no_translation(studio: Studio) -> None:
    told = preview(studio, studio.completed(), language="de", script="Das Meer ist heute ruhig und weit.")
    assert "analysis" in told["redone"]
    assert "script" not in told["redone"]


def test_before_there_is_an_analysis_nothing_can_be_translated(studio: Studio) -> None:
    source = studio.submit()
    studio.settle()
    assert "script" not in preview(studio, source, language="de")["redone"]


def test_a_voice_over_of_ones_own_stays_behind(studio: Studio, translating: Translating) -> None:
    scenes = tuple(
        GivenScene(text=scene.narration, narration=f"sha256:{'0' * 64}") for scene in ANALYSIS.scenes
    )
    job_id = translating.fork(studio.completed(given=Given(scenes)), language="de")
    assert all(scene.narration is None for scene in studio.studio.job(job_id).given.scenes)


def test_a_translation_is_changed_by_its_prompt_and_not_given_as_a_text(
    studio: Studio, translating: Translating
) -> None:
    job_id = translating.fork(studio.completed(), language="de")
    translating.finish()
    script = AssetKey(Kind.SCRIPT).id_in(job_id)
    with pytest.raises(Faults) as refused:
        provide(
            studio.system, ProvideRequest(script, Provide(text="Das Meer ist heute ruhig.", dry_run=True))
        )
    assert "regenerate" in refused.value.errors[0].message
    edits = EditScenesRequest(job_id, EditScenes.model_validate({"scenes": {"1": {"text": "Das Meer."}}}))
    with pytest.raises(Faults) as untaken:
        edit(studio.system, edits)
    assert untaken.value.errors[0].pointer == "/scenes/1/text"
    told = regenerate(studio.system, RegenerateRequest(script, Regenerate(prompt="Worte.", dry_run=True)))
    assert isinstance(told, Preview)
    assert paid([key.name for key in told.redone]) == PAID
