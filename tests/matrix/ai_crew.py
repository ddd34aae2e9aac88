"""What the matrix needs of a crew, and how it proves that nothing was faked."""

import base64
import hashlib
import io
import json
import re
import wave
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

from actors.gemini.gateway import Gateway, Json, WireAnswer
from actors.work.crew import stage_actors
from actors.work.provider_call import Provider
from domain.asset import Asset
from domain.job import Job
from domain.numbered_script import number_sentences
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.script import (
    PROVIDER_KINDS,
    AudioPlan,
    Document,
    Kind,
    ScriptAnalysis,
    ScriptAnnotation,
    ShotList,
    Stage,
    Storyboard,
)
from domain.script_forms.reading import read_script
from domain.submission import Models, Options
from tests.actors.conftest import Crew, TextStage, now

KEY = "AIzaSyCanaryCanaryCanaryCanaryCanary123"
SCRIPT = "A lighthouse stands above the grey sea. Its keeper lights the lamp at dusk."
ONE_SCENE = {"quality": "low", "max_scenes": 1, "music": False, "aspect_ratio": "1:1"}
DOCUMENTS: dict[Kind, type[Document]] = {Kind.AUDIO_PLAN: AudioPlan}
AI_STAGES = (
    Stage.SCRIPT_ANALYSIS,
    Stage.PROMPT_GENERATION,
    Stage.IMAGE_GENERATION,
    Stage.AUDIO_PLANNING,
    Stage.NARRATION,
)
_MEDIA_STARTS = (b"\x89PNG", b"\xff\xd8\xff", b"RIFF", b"OggS", b"ID3", b"fLaC")


class Recorder:
    """A gateway that keeps every answer which the real one behind it brought."""

    def __init__(self, behind: Gateway) -> None:
        self._behind = behind
        self.capabilities = behind.capabilities
        self.asked: list[tuple[str, list[Json], Json]] = []
        self.answers: list[WireAnswer] = []

    def send_through(self, other: Gateway) -> None:
        """From now on, call another gateway."""
        self._behind = other

    async def generate(self, model: str, contents: list[Json], config: Json, timeout_s: float) -> WireAnswer:
        self.asked.append((model, contents, config))
        answer = await self._behind.generate(model, contents, config, timeout_s)
        self.answers.append(answer)
        return answer

    async def list_models(self) -> list[Json]:
        return await self._behind.list_models()

    async def close(self) -> None:
        await self._behind.close()


class AICrew(Crew):
    """The five AI stages as they are; music and composition as lines of text."""

    def __init__(self, folder: Path, gateway: Recorder) -> None:
        super().__init__(folder)
        self.gateway = gateway
        prices = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
        self.provider = Provider(lambda: gateway, prices, now)
        text = TextStage(price=0.0)
        stages = stage_actors(self.provider, self.studio, now)
        self.stages = stages | {Stage.MUSIC: text, Stage.COMPOSITION: text}  # type: ignore[assignment]

    def submit(self, **changes: Any) -> Job:
        return self.submit_with(lambda _: [], **changes)

    def submit_with(self, there: Callable[[Job], list[Asset]], **changes: Any) -> Job:
        """With assets that are there when it begins."""
        options = Options.model_validate({**ONE_SCENE, **changes.pop("options", {})})
        job = Job.submit(
            uuid4(),
            now=now(),
            script=changes.pop("script", SCRIPT),
            models={**Models().model_dump(exclude_none=True), **changes.pop("models", {})},
            options=options.model_dump(),
            provider="emulator",
            weights={"seconds": {}, "scenes": 1, "measured": False},
            **changes,
        )
        self.studio.submit(job, *there(job))
        return job

    async def make(self, **changes: Any) -> Job:
        """Submit a job and see it end."""
        async with self.directing():
            job = self.submit(**changes)
            await self.until_ended(job)
        return self.studio.job(job.id)

    def kind_of(self, event: Asset.Event) -> Kind:
        """The kind of the asset that an event speaks of."""
        assets = self.studio.assets(self.studio.job(event.job_id))
        return next(asset.key.kind for asset in assets.values() if asset.id == event.originator_id)

    def jobs(self) -> list[Job]:
        return [self.studio.job(event.job_id) for event in self.events(Job.Submitted)]

    def blobs_stored(self) -> dict[str, bytes]:
        """Everything in the blob folder, by digest."""
        files = [path for path in (self.folder / "blobs").rglob("*") if path.is_file()]
        return {f"sha256:{path.name}": path.read_bytes() for path in files}


def assert_nothing_is_faked(film: AICrew) -> None:
    """Every AI asset holds what an answer held that really came; the blob folder holds nothing else."""
    blobs = film.blobs_stored()
    generated = film.events(Asset.Generated)
    kinds = {asset.id: asset.key.kind for job in film.jobs() for asset in film.studio.assets(job).values()}
    answers = {body["responseId"]: body for body in _bodies(film.gateway.answers)}
    for event in generated:
        kind = kinds[event.originator_id]
        if kind not in PROVIDER_KINDS:
            continue
        answer = answers[event.provenance["response_id"]]
        script = film.studio.job(event.job_id).script
        assert holds(answer, kind, blobs[event.digest], script), f"{kind} is not what the model answered"
        assert event.provenance["provider"] == "emulator"
    named = set(digests_named(film))
    unnamed = {digest: blobs[digest][:80] for digest in set(blobs) - named}
    assert not unnamed, "no event names it"
    assert named <= set(blobs), "an event names it"
    made = {event.digest for event in generated}
    for digest, data in blobs.items():
        assert digest in made or not data.startswith(_MEDIA_STARTS), "a picture or sound of a failed attempt"


def holds(answer: Json, kind: Kind, data: bytes, script: str) -> bool:
    """Whether an asset's bytes are those that the answer carries."""
    parts = answer["candidates"][0]["content"]["parts"]
    text = "".join(part.get("text", "") for part in parts)
    text = text.removeprefix("```json\n").removesuffix("\n```")
    if kind is Kind.ANALYSIS:
        return _is_annotated(
            ScriptAnalysis.model_validate_json(data), ScriptAnnotation.model_validate_json(text), script
        )
    if kind is Kind.STORYBOARD:
        return _is_of_shots(Storyboard.model_validate_json(data), ShotList.model_validate_json(text))
    if kind in DOCUMENTS:
        return bool(DOCUMENTS[kind].model_validate_json(text).model_dump(mode="json") == json.loads(data))
    media = next(base64.b64decode(part["inlineData"]["data"]) for part in parts if "inlineData" in part)
    if kind is Kind.IMAGE:
        return hashlib.sha256(media).digest() == hashlib.sha256(data).digest()
    return _samples(media) == _samples(data)


def _is_annotated(analysis: ScriptAnalysis, answered: ScriptAnnotation, script: str) -> bool:
    """Whether it is what was answered, with the script's own words at the numbers that were answered."""
    about = {"title", "language", "themes", "mood", "setting", "palette", "characters"}
    scene = {"mood", "transition"}
    numbered = number_sentences(read_script(script, "auto"))
    return (
        analysis.model_dump(include=about) == answered.model_dump(include=about)
        and [s.model_dump(include=scene) for s in analysis.scenes]
        == [s.model_dump(include=scene) for s in answered.scenes]
        and [s.narration for s in analysis.scenes]
        == [numbered.text(s.beats[0].first, s.beats[-1].last) for s in answered.scenes]
        and all(
            {beat.visual for beat in scene.pictures} <= {beat.visual for beat in given.beats}
            for scene, given in zip(analysis.scenes, answered.scenes, strict=True)
        )
    )


def _is_of_shots(storyboard: Storyboard, answered: ShotList) -> bool:
    """Whether each prompt is the style and what was answered of its picture, characters by their names."""
    pairs = zip(storyboard.frames, answered.frames, strict=True)
    return storyboard.style.startswith(answered.style) and all(
        frame.scene == shot.scene
        and frame.prompt.startswith(storyboard.style)
        and all(words in frame.prompt for words in re.split(r"#\d+", shot.picture))
        for frame, shot in pairs
    )


def digests_named(film: AICrew) -> Iterator[str]:
    """Every digest that stands in an event."""
    for event in film.events():
        match event:
            case Asset.Requested() if event.prompt_digest:
                yield event.prompt_digest
            case Asset.Generated():
                yield event.digest
                yield from (
                    event.provenance[k] for k in ("request_digest", "raw_digest") if k in event.provenance
                )
            case Asset.AttemptFailed():
                found = (event.failure["raw_digest"], event.failure["details"].get("request_digest"))
                yield from (digest for digest in found if digest)


def _bodies(answers: list[WireAnswer]) -> Iterator[Json]:
    for answer in answers:
        if answer.status == HTTPStatus.OK and answer.body.startswith(b"{"):
            yield json.loads(answer.body)


def _samples(sound: bytes) -> bytes:
    """The samples of a WAV; older speech models send them without its head."""
    if not sound.startswith(b"RIFF"):
        return sound
    with wave.open(io.BytesIO(sound)) as file:
        return bytes(file.readframes(file.getnframes()))
