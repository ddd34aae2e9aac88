"""A shot is asked for as long as its words take, accepted once, judged, and taken with its cost."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from actors.gemini.gateway import Capability, WireAnswer
from actors.stages.animator import Animator
from actors.work.asking import Asking
from actors.work.provider_call import Provider
from actors.work.stage import Brief, Inputs, Made, MakeFailedError, Plan, Source
from domain.asset import AssetKey
from domain.asset_parts import Receipt
from domain.failures import AttemptFailedError, Failure
from domain.pricing import SHIPPED_PRICES, PriceBook
from domain.script import Storyboard
from tests.actors.media.filming import Rgb, panning, write_shot
from tests.actors.staging import STYLE, Staging, analysis, facts, storyboard

pytestmark = pytest.mark.slow

NOW = datetime(2026, 11, 28, tzinfo=UTC)
PRICES = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
SHOT = AssetKey.parse("shot:2")
SIZE = (640, 360)
LOW = {"motion": "generated", "quality": "low"}
FILE = "https://generativelanguage.googleapis.com/v1beta/files/one:download?alt=media"


def moving(*motion: str) -> Storyboard:
    frames = [
        frame.model_copy(update={"motion": said, "characters": ["Mara"]})
        for frame, said in zip(storyboard().frames, motion or ("The waves roll.", "Mara turns."), strict=True)
    ]
    return storyboard().model_copy(update={"frames": frames})


def png(picture: Rgb) -> bytes:
    data = BytesIO()
    Image.fromarray(picture).save(data, "PNG")
    return data.getvalue()


class Filming:
    """A gateway that accepts one call and gives the file; it counts what it is asked."""

    capabilities = frozenset(Capability)

    def __init__(self, file: bytes) -> None:
        self.file_bytes = file
        self.asked: list[dict[str, Any]] = []
        self.polled = 0

    def _answer(self, value: dict[str, Any]) -> WireAnswer:
        return WireAnswer(200, {}, json.dumps(value).encode(), 0.1)

    async def interact(self, body: dict[str, Any], _timeout_s: float) -> WireAnswer:
        self.asked.append(body)
        return self._answer({"id": "v1_one", "status": "in_progress", "model": body["model"]})

    async def interaction(self, call_id: str, _timeout_s: float) -> WireAnswer:
        self.polled += 1
        assert call_id == "v1_one"
        content = [{"type": "video", "mime_type": "video/mp4", "uri": FILE}]
        usage = {
            "total_input_tokens": 1_200,
            "total_output_tokens": 9_655,
            "output_tokens_by_modality": [{"modality": "video", "tokens": 9_655}],
            "total_tokens": 10_855,
        }
        steps = [{"type": "model_output", "content": content}]
        return self._answer(
            {"id": call_id, "status": "completed", "model": "gemini-omni-1.2-flash"}
            | {"steps": steps, "usage": usage}
        )

    async def file(self, _name: str, _timeout_s: float) -> WireAnswer:
        return self._answer({"name": "files/one", "state": "ACTIVE"})

    async def download(self, _name: str, target: Path, _timeout_s: float) -> WireAnswer:
        await asyncio.to_thread(target.write_bytes, self.file_bytes)
        return WireAnswer(200, {}, b"", 0.1)


class Room:
    """A film of two scenes with one picture each, whose second one moves."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.folder, self.staging = folder, Staging(folder)
        models = {"video": options.pop("model", "gemini-omni-1.2-flash")}
        self.brief: Brief = self.staging.brief(options=LOW | options, models=models)

    def inputs(self, spoken_s: float = 2.8, board: Storyboard | None = None, *more: str) -> Inputs:
        put = self.staging.blobs.put
        given = put(png(panning(0.0, SIZE)))
        sources = [
            self.staging.source("storyboard", board or moving(), style=STYLE),
            *(s for s in self.staging.sources() if s.name in ("analysis", "audio_plan")),
            Source("image:2", given, "image/png", {}),
            *(Source(name, given, "image/png", {}) for name in more),
            Source("narration:2", put(b"voice"), "audio/wav", {"duration_s": spoken_s}),
        ]
        return Inputs({source.name: source for source in sources}, self.staging.blobs)

    def plan(self, inputs: Inputs | None = None, key: AssetKey = SHOT) -> Plan:
        provider = Provider(lambda: None, PRICES, lambda: NOW)  # type: ignore[arg-type, return-value]
        return Animator(provider).plan(self.brief, key, inputs or self.inputs())

    async def make(
        self,
        gateway: Filming,
        *,
        before: tuple[Failure, ...] = (),
        receipt: Receipt | None = None,
        accepted: list[str] | None = None,
    ) -> Made:
        kept = accepted if accepted is not None else []

        async def accept(receipt: Receipt) -> None:
            assert gateway.polled == 0, "nothing is asked for before its receipt is on record"
            kept.append(receipt.call_id)

        asking = Asking(poll_s=0.001)
        provider = Provider(lambda: gateway, PRICES, lambda: NOW, asking)  # type: ignore[arg-type, return-value]
        task = self.staging.task("shot:2", self.plan(), self.brief)
        order = replace(task.order, failures=before, attempt=len(before) + 1)
        return await Animator(provider).make(
            replace(task, order=order, inputs=self.inputs(), accept=accept, receipt=receipt)
        )


def shot(folder: Path, picture: Callable[[float], Rgb] | None = None, **more: Any) -> bytes:
    def usual(at_s: float) -> Rgb:
        return panning(at_s, SIZE, 60)

    return write_shot(
        folder / "made.mp4", picture or usual, **{"seconds": 5.0, "sound": True} | more
    ).read_bytes()


# ---- the plan ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spoken_s", "seconds"),
    # Half a second before, a second and a half after, as the last scene has.
    [(0.6, 3.0), (2.8, 5.0), (6.0, 8.0), (6.1, 8.5), (40.0, 15.0)],
)
def test_it_is_asked_for_as_long_as_it_is_seen_within_what_the_model_makes(
    tmp_path: Path, spoken_s: float, seconds: float
) -> None:
    room = Room(tmp_path)
    assert room.plan(room.inputs(spoken_s)).parameters["seconds"] == seconds


def test_a_model_that_makes_shorter_shots_is_asked_for_these(tmp_path: Path) -> None:
    room = Room(tmp_path, model="gemini-omni-1.1-flash")
    assert room.plan(room.inputs(40.0)).parameters["seconds"] == 10.0


@pytest.mark.parametrize(
    ("quality", "resolution", "asked"),
    [
        ("low", "1080p", "360p"),
        ("medium", "1080p", "720p"),
        ("high", "720p", "720p"),
        ("high", "1080p", "1080p"),
        ("high", "2160p", "1080p"),
    ],
)
def test_its_size_goes_by_quality_and_is_never_above_the_films(
    tmp_path: Path, quality: str, resolution: str, asked: str
) -> None:
    assert Room(tmp_path, quality=quality, resolution=resolution).plan().parameters["resolution"] == asked


def test_what_moves_stands_in_the_prompt_with_the_pictures_that_go_along(tmp_path: Path) -> None:
    room = Room(tmp_path)
    plan = room.plan(room.inputs(2.8, None, "image:1"))
    assert plan.prompt is not None
    assert plan.prompt.startswith("[# Sources <FIRST_FRAME>@Image1] [# References <IMAGE_REF_0>@Image2]\n")
    assert "Mara turns." in plan.prompt
    assert "<IMAGE_REF_0> shows Mara" in plan.prompt
    assert plan.parameters["first_frame"] == "image:2"
    assert plan.parameters["references"] == ["image:1"]
    assert plan.prompt_version is not None
    assert plan.prompt_version.startswith("shot@")


def test_what_it_may_cost_is_reserved_by_its_seconds(tmp_path: Path) -> None:
    low, high = Room(tmp_path).plan(), Room(tmp_path, quality="high").plan()
    assert low.reservation_usd is not None
    assert high.reservation_usd is not None
    assert 0.12 < low.reservation_usd < 0.3  # 5 s at 360p are 0.116 and what is beside
    assert 0.35 < high.reservation_usd < 0.5
    assert Room(tmp_path, model="gemini-omni-9-flash").plan().reservation_usd is None


def test_a_storyboard_of_stills_cannot_be_filmed(tmp_path: Path) -> None:
    room = Room(tmp_path)
    with pytest.raises(AttemptFailedError) as caught:
        room.plan(room.inputs(2.8, storyboard()))
    assert caught.value.failure.code == "outdated_request"


def test_a_beat_takes_its_share_of_its_scene(tmp_path: Path) -> None:
    room = Room(tmp_path, narration=False, music=False)
    film = analysis()
    beats = [{"text": "One two three four five six seven eight nine ten.", "visual": "a view"}] * 2
    scene = film.scenes[1].model_copy(update={"narration": " ".join(b["text"] for b in beats)})
    scene = type(scene).model_validate(scene.model_dump() | {"beats": beats})
    film = film.model_copy(update={"scenes": [film.scenes[0], scene]})
    board = moving()
    second = board.frames[1].model_copy(update={"beat": 2})
    board = board.model_copy(update={"frames": [*board.frames, second]})
    sources = [
        room.staging.source("analysis", film, **facts()),
        room.staging.source("storyboard", board),
        Source("image:2.2", room.staging.blobs.put(b""), "image/png", {}),
    ]
    inputs = Inputs({source.name: source for source in sources}, room.staging.blobs)
    # 8.25 s of reading in all, the film's ending after it, a dissolve and a guess before.
    assert room.plan(inputs, AssetKey.parse("shot:2.2")).parameters["seconds"] == 6.5


# ---- the call ---------------------------------------------------------------------------------------


async def test_a_shot_is_accepted_once_and_taken_with_what_it_cost(tmp_path: Path) -> None:
    gateway, kept = Filming(shot(tmp_path)), list[str]()
    made = await Room(tmp_path).make(gateway, accepted=kept)
    assert (len(gateway.asked), kept) == (1, ["v1_one"])
    asked = gateway.asked[0]["response_format"]
    assert (asked["duration"], asked["resolution"], asked["aspect_ratio"]) == ("5s", "360p", "16:9")
    assert isinstance(made.data, Path)
    assert made.media_type == "video/mp4"
    assert made.facts == {"width": 640, "height": 360, "fps": 24.0, "frames": 120, "duration_s": 5.0}
    assert made.cost_usd == pytest.approx(9_655 * 12e-6 + 1_200 * 1.5e-6)


async def test_what_was_accepted_is_never_asked_again(tmp_path: Path) -> None:
    gateway = Filming(shot(tmp_path))
    made = await Room(tmp_path).make(gateway, receipt=Receipt("v1_one", NOW, NOW.replace(year=2027)))
    assert gateway.asked == []
    assert made.facts["frames"] == 120


def still(at_s: float) -> Rgb:
    return panning(0.0 * at_s, SIZE)


def dark(at_s: float) -> Rgb:
    return np.full((360, 640, 3), round(at_s), np.uint8)


def square(at_s: float) -> Rgb:
    return panning(at_s, (360, 360), 60)


def small(at_s: float) -> Rgb:
    return panning(at_s, (320, 180), 60)


@pytest.mark.parametrize(
    ("picture", "seconds", "code"),
    [
        (still, 5.0, "still_shot"),
        (dark, 5.0, "empty_shot"),
        (square, 5.0, "wrong_aspect"),
        (small, 5.0, "image_too_small"),
        (None, 3.5, "shot_too_short"),
    ],
)
async def test_a_shot_that_is_none_is_a_failed_attempt_and_its_cost_is_kept(
    tmp_path: Path, picture: Callable[[float], Rgb] | None, seconds: float, code: str
) -> None:
    gateway = Filming(shot(tmp_path, picture, seconds=seconds))
    with pytest.raises(MakeFailedError) as caught:
        await Room(tmp_path).make(gateway)
    failure = caught.value.failure
    assert (failure.code, failure.may_have_been_billed, failure.retryable) == (code, True, True)
    assert caught.value.cost_usd


async def test_a_file_that_cannot_be_played_is_a_failed_attempt(tmp_path: Path) -> None:
    with pytest.raises(MakeFailedError) as caught:
        await Room(tmp_path).make(Filming(b"no video"))
    assert caught.value.failure.code == "malformed_shot"
    assert caught.value.cost_usd


def other(at_s: float) -> Rgb:
    return panning(at_s, SIZE, 60, which=1)


def cut(at_s: float) -> Rgb:
    return panning(at_s, SIZE, 60, which=int(at_s >= 2.5))


@pytest.mark.parametrize(("picture", "code"), [(other, "other_first_frame"), (cut, "cut_in_shot")])
async def test_what_is_doubted_is_asked_for_once_more_and_then_taken_with_a_remark(
    tmp_path: Path, picture: Callable[[float], Rgb], code: str
) -> None:
    gateway = Filming(shot(tmp_path, picture))
    with pytest.raises(MakeFailedError) as caught:
        await Room(tmp_path).make(gateway)
    failure = caught.value.failure
    assert failure.code == code
    gateway.polled = 0
    made = await Room(tmp_path).make(gateway, before=(failure,))
    assert [remark["code"] for remark in made.facts["remarks"]] == [code]
