"""One paid call: what is known of it afterwards, whatever became of it."""

import asyncio
import json
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actors.gemini.gateway import Capability, Json, WireAnswer
from actors.gemini.reader import read_json
from actors.gemini.requests import text_json_request
from actors.stages import illustrator, narrator
from actors.stages.checks.answers import check_speech, longest_speech_s
from actors.stages.storyboard_artist import StoryboardArtist
from actors.work.provider_call import OVERHEAD_TOKENS, PICTURE_TOKENS, Provider, worst_usd
from actors.work.stage import Made, MakeFailedError
from domain.asset import AssetKey
from domain.failures import AttemptFailedError, Code, Failure
from domain.pricing import SHIPPED_PRICES, PriceBook, Usage
from domain.script import Storyboard, response_schema
from domain.spoken import reading_s
from tests.actors.staging import STYLE, Staging, shot_list, storyboard

NOW = datetime(2026, 11, 22, tzinfo=UTC)
PRICES = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
MODEL = "gemini-3.8-flash"
IMAGE_MODEL = "gemini-nano-banana-2.1"


def body(text: str | None = None, *, version: str = MODEL, finish: str = "STOP") -> bytes:
    answer = {
        "candidates": [
            {
                "content": {"parts": [{"text": text or storyboard().model_dump_json()}], "role": "model"},
                "finishReason": finish,
            }
        ],
        "usageMetadata": {"promptTokenCount": 1000, "candidatesTokenCount": 2000, "totalTokenCount": 3000},
        "modelVersion": version,
        "responseId": "r-1",
    }
    return json.dumps(answer).encode()


class Answering:
    """A gateway with one answer, or one failure."""

    def __init__(
        self, answer: bytes | AttemptFailedError, status: int = 200, can: frozenset[str] = frozenset()
    ) -> None:
        self.capabilities = can
        self.configs: list[Json] = []
        self._answer = answer
        self._status = status
        self.asked: list[tuple[str, float]] = []
        self.closed = False

    async def generate(self, model: str, contents: list[Json], config: Json, timeout_s: float) -> WireAnswer:
        assert contents
        assert config
        self.asked.append((model, timeout_s))
        self.configs.append(config)
        if isinstance(self._answer, AttemptFailedError):
            raise self._answer
        return WireAnswer(self._status, {}, self._answer, 1.25)

    async def list_models(self) -> list[Json]:
        return []

    async def close(self) -> None:
        self.closed = True


async def called(gateway: Answering, *, check: Any = lambda _: None, present: Any = None) -> Made:
    provider = Provider(lambda: gateway, PRICES, lambda: NOW)
    return await provider.call(
        text_json_request(MODEL, "Draw the sea.", response_schema(Storyboard), max_output_tokens=100),
        timeout_s=7,
        read=lambda answer, model: read_json(answer, model, Storyboard),
        check=check,
        present=present or (lambda answer: (answer.text.encode(), "application/json", {"frames": 2})),
    )


async def test_a_good_call_tells_model_cost_and_papers() -> None:
    gateway = Answering(body())
    made = await called(gateway)

    assert gateway.asked == [(MODEL, 7)]
    assert made.provenance == {
        "model": MODEL,
        "model_version": MODEL,
        "response_id": "r-1",
        "finish_reason": "STOP",
        "call_s": 1.25,
    }
    price = PRICES.price(MODEL, NOW)
    assert price is not None
    expected = float(price.input * 1000 + price.output["TEXT"] * 2000) / 1_000_000
    assert made.cost_usd == pytest.approx(expected)
    assert json.loads(made.request or b"")["model"] == MODEL
    assert json.loads(made.raw or b"")["responseId"] == "r-1"


async def test_the_model_that_answered_is_the_one_that_is_paid() -> None:
    routed, named = (
        await called(Answering(body(version="gemini-2.5-flash-lite"))),
        await called(Answering(body())),
    )
    assert routed.cost_usd is not None
    assert named.cost_usd is not None
    assert routed.cost_usd < named.cost_usd
    assert (await called(Answering(body(version="gemini-99")))).cost_usd is None, "unpriced, not free"


async def test_a_call_that_got_no_answer_keeps_what_was_sent() -> None:
    lost = AttemptFailedError(Failure.of(Code.TIMEOUT, "nothing came"))
    with pytest.raises(MakeFailedError) as caught:
        await called(Answering(lost))
    error = caught.value
    assert (error.failure.code, error.raw, error.usage) == ("timeout", None, None)
    assert json.loads(error.request or b"")["model"] == MODEL


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (body("{]"), "malformed_answer"),
        (body('{"style": "ink"}'), "schema_mismatch"),
        (body(finish="SAFETY"), "safety"),
        (body(finish="MAX_TOKENS"), "answer_truncated"),
    ],
)
async def test_an_answer_that_cannot_be_used_is_kept_and_paid(answer: bytes, code: str) -> None:
    with pytest.raises(MakeFailedError) as caught:
        await called(Answering(answer))
    error = caught.value
    assert error.failure.code == code
    assert error.cost_usd == pytest.approx((await called(Answering(body()))).cost_usd)
    assert (error.usage or {})["total_tokens"] == 3000
    assert json.loads(error.raw or b"")["responseId"] == "r-1"


@pytest.mark.parametrize("counts", [{"promptTokenCount": 1000, "thoughtsTokenCount": 200}, {}])
@pytest.mark.parametrize("text", ["{]", None], ids=["unreadable", "found wanting"])
async def test_a_failed_answer_without_a_total_costs_what_it_counts_else_what_was_reserved(
    counts: Json, text: str | None
) -> None:
    def refuse(_: Any) -> None:
        raise AttemptFailedError(Failure.of(Code.WRONG_SCENE_COUNT, "three"))

    answer = json.loads(body(text)) | {"usageMetadata": counts}
    with pytest.raises(MakeFailedError) as caught:
        await called(Answering(json.dumps(answer).encode()), check=refuse)
    error = caught.value
    assert error.failure.may_have_been_billed
    if not counts:
        assert error.usage is None
        return
    price = PRICES.price(MODEL, NOW)
    assert price is not None
    expected = float(price.input * 1000 + price.output["TEXT"] * 200) / 1_000_000
    assert error.usage is not None
    assert error.cost_usd == pytest.approx(expected)


async def test_an_answer_found_wanting_tells_everything_about_itself() -> None:
    def refuse(_: Any) -> None:
        raise AttemptFailedError(Failure.of(Code.WRONG_SCENE_COUNT, "three", details={"scenes": 3}))

    with pytest.raises(MakeFailedError) as caught:
        await called(Answering(body()), check=refuse)
    failure = caught.value.failure
    assert (failure.code, failure.model, failure.http_status) == ("wrong_scene_count", MODEL, 200)
    assert (failure.finish_reason, failure.response_id, failure.elapsed_s) == ("STOP", "r-1", 1.25)
    assert failure.may_have_been_billed
    assert failure.details["scenes"] == 3
    assert failure.details["model_version"] == MODEL
    assert failure.details["usage"]["total_tokens"] == 3000


@pytest.mark.parametrize("where", ["check", "present"])
async def test_a_defect_of_ours_after_the_answer_loses_neither_the_answer_nor_its_cost(where: str) -> None:
    def broken(_: Any) -> Any:
        raise KeyError("frames")

    with pytest.raises(MakeFailedError) as caught:
        await called(Answering(body()), **{where: broken})
    error = caught.value
    assert error.failure.code == "internal_error"
    assert error.failure.may_have_been_billed
    assert any("KeyError" in line for line in error.failure.details["traceback"])
    assert error.cost_usd
    assert error.raw


async def test_a_refusal_costs_nothing() -> None:
    refused = b'{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "Please retry in 3.5s."}}'
    with pytest.raises(MakeFailedError) as caught:
        await called(Answering(refused, 429))
    error = caught.value
    assert (error.failure.code, error.failure.retry_after_s) == ("rate_limited", 3.5)
    assert (error.usage, error.cost_usd) == (None, 0.0)
    assert not error.failure.may_have_been_billed


async def test_the_client_is_built_at_the_first_call_off_the_loop_and_once() -> None:
    built: list[str] = []
    gateway = Answering(body())

    def connect() -> Answering:
        built.append(threading.current_thread().name)
        return gateway

    provider = Provider(connect, PRICES, lambda: NOW)
    await provider.close()
    assert built == []
    request = text_json_request(MODEL, "Draw.", response_schema(Storyboard), max_output_tokens=9)
    for _ in range(2):
        await provider.call(
            request,
            timeout_s=1,
            read=lambda answer, model: read_json(answer, model, Storyboard),
            check=lambda _: None,
            present=lambda _: (b"", "text/plain", {}),
        )
    assert len(built) == 1
    assert built[0] != threading.main_thread().name
    await provider.close()
    assert gateway.closed


@pytest.mark.parametrize("can", [frozenset(), frozenset({Capability.STORE})])
async def test_the_provider_is_asked_not_to_keep_the_request_where_that_can_be_said_and_it_is_on_record(
    tmp_path: Path, can: frozenset[str]
) -> None:
    staging = Staging(tmp_path)
    gateway = Answering(body(shot_list().model_dump_json()), can=can)
    artist = StoryboardArtist(Provider(lambda: gateway, PRICES, lambda: NOW))
    brief = staging.brief()
    plan = artist.plan(brief, AssetKey.parse("storyboard"), staging.inputs())
    made = await artist.make(staging.task("storyboard", plan, brief))
    [config] = gateway.configs
    assert config.get("store") == (False if can else None)
    assert made.request is not None
    recorded = json.loads(made.request)
    assert {key: recorded[key] for key in config} == config


ANSWER = {"max_output_tokens": 500}


def test_a_reservation_covers_the_prompt_in_any_script_and_a_full_answer() -> None:
    """A token is at least a byte: digits and symbols take one each, rare characters one for each byte."""
    provider = Provider(lambda: Answering(b""), PRICES, lambda: NOW)
    price = PRICES.price(MODEL, NOW)
    assert price is not None
    for prompt, tokens in (
        ("word " * 3000, 3000),
        ("灯" * 3000, 3000),
        ("8" * 3000, 3000),
        ("🜁" * 3000, 12_000),
    ):
        least = (price.input * (tokens + OVERHEAD_TOKENS) + price.output["TEXT"] * 500) / 1_000_000
        reserved = provider.reservation_usd(MODEL, prompt, ANSWER)
        assert reserved is not None
        assert reserved >= float(least)
    assert provider.reservation_usd("gemini-99", "word", ANSWER) is None


def test_pictures_that_go_along_are_reserved_for() -> None:
    provider = Provider(lambda: Answering(b""), PRICES, lambda: NOW)
    alone = provider.reservation_usd(IMAGE_MODEL, "word", ANSWER)
    beside = provider.reservation_usd(IMAGE_MODEL, "word", ANSWER | {"references": ["image:1", "image:2"]})
    price = PRICES.price(IMAGE_MODEL, NOW)
    assert alone is not None
    assert beside is not None
    assert price is not None
    assert beside - alone == pytest.approx(float(2 * PICTURE_TOKENS * price.input / 1_000_000))


IMAGE_MODELS = [
    "gemini-nano-banana-2.1",
    "gemini-3.1-flash-image",
    "gemini-3-pro-image",
    "gemini-2.5-flash-image",
]


@pytest.mark.parametrize("model", IMAGE_MODELS)
@pytest.mark.parametrize(("size", "charged"), [("1K", 1290), ("2K", 1680), ("4K", 2520)])
def test_a_pictures_reservation_lies_between_its_dearest_case_and_twice_its_cost(
    model: str, size: str, charged: int
) -> None:
    """The dearest on record: 1518 tokens of output of which 1120 are the picture, and 448 of thoughts."""
    provider = Provider(lambda: Answering(b""), PRICES, lambda: NOW)
    parameters = {"max_output_tokens": illustrator.MAX_OUTPUT_TOKENS, "image_size": size}
    dearest = Usage(
        prompt_tokens=400, output_tokens=charged + 398, thoughts_tokens=448, by_modality={"IMAGE": charged}
    )
    cost = PRICES.cost_usd(model, dearest, at=NOW)
    reserved = provider.reservation_usd(model, "A lighthouse. " * 100, parameters)
    assert cost is not None
    assert reserved is not None
    assert float(cost) <= reserved <= 2 * float(cost)


@pytest.mark.parametrize(
    "text",
    [
        "A lighthouse stands above the grey sea. Its keeper lights the lamp at dusk. " * 3,
        "灯台が灰色の海の上に立っている。番人は夕暮れに明かりをともし、船は港へ帰ってくる。" * 3,
        "Majakka seisoo harmaan meren yllä. Sen vartija sytyttää lampun iltahämärässä. " * 3,
    ],
)
def test_a_narrations_reservation_covers_the_slowest_speech_that_is_taken_and_little_more(text: str) -> None:
    provider = Provider(lambda: Answering(b""), PRICES, lambda: NOW)
    model = "gemini-3.8-flash-tts"
    most = narrator.most_answer_tokens(text)
    reserved = provider.reservation_usd(model, text, {"max_output_tokens": most, "voice": "Kore"})

    def cost(seconds: float) -> float:
        tokens = round(narrator.TOKENS_A_SECOND * seconds)
        usage = Usage(prompt_tokens=len(text), output_tokens=tokens, by_modality={"AUDIO": tokens})
        usd = PRICES.cost_usd(model, usage, at=NOW)
        assert usd is not None
        return float(usd)

    assert reserved is not None
    check_speech(longest_speech_s(text) - 0.1, text)
    assert cost(longest_speech_s(text)) <= reserved <= 1.3 * cost(longest_speech_s(text))
    assert reserved <= 4 * cost(reading_s(text)), "a usual reader's"


@pytest.mark.parametrize(
    ("model", "day", "charged_as"),
    [
        # Its own price until the day before it retires, then the dearer of its own and its heir's.
        ("gemini-3.7-flash", NOW, "gemini-3.8-flash"),
        # A price that doubles tomorrow is reserved for today: a call may end after midnight.
        ("gemini-4-argon", datetime(2026, 11, 30, 23, 59, tzinfo=UTC), "gemini-4-argon of tomorrow"),
    ],
)
def test_a_reservation_covers_the_model_that_answers_and_the_price_after_midnight(
    model: str, day: datetime, charged_as: str
) -> None:
    by, _, tomorrow = charged_as.partition(" of ")
    expected = PRICES.reservation_usd(
        by, prompt_tokens=200_000, max_output_tokens=10, at=day + timedelta(days=1 if tomorrow else 0)
    )
    assert expected is not None
    assert worst_usd(PRICES, model, 200_000, 10, day) == pytest.approx(float(expected))


def test_a_shot_reserves_its_seconds_at_its_resolution_and_room_for_what_stands_beside_it() -> None:
    provider = Provider(lambda: Answering(body()), PRICES, lambda: NOW)
    model = "gemini-omni-1.2-flash"

    def reserved(seconds: float, resolution: str) -> float:
        usd = provider.reservation_usd(model, "A tram.", {"seconds": seconds, "resolution": resolution})
        assert usd is not None
        return usd

    rate = 12.0 / 1e6
    assert reserved(10, "720p") - reserved(5, "720p") == pytest.approx(5 * 5_792 * rate)
    assert reserved(5, "1080p") - reserved(5, "360p") == pytest.approx(5 * (8_688 - 1_931) * rate)
    # What 5 s at 360p were seen to take, with the words beside them.
    took = Usage(prompt_tokens=1_189, output_tokens=10_355, thoughts_tokens=600, by_modality={"VIDEO": 9_655})
    cost = PRICES.cost_usd(model, took, at=NOW)
    assert cost is not None
    assert float(cost) < reserved(5, "360p") < 1.5 * float(cost)
    assert provider.reservation_usd(model, "A tram.", {"seconds": 5, "resolution": "8k"}) is None
    assert provider.reservation_usd("gemini-omni-9", "A tram.", {"seconds": 5, "resolution": "720p"}) is None


@pytest.mark.parametrize(("finish", "cost"), [("STOP", 0.08), ("PROHIBITED_CONTENT", 0.08)])
async def test_an_answer_of_a_model_that_is_paid_by_the_item_costs_one_also_where_it_is_not_to_be_used(
    finish: str, cost: float
) -> None:
    def check(_: Any) -> None:
        raise AttemptFailedError(Failure.of(Code.INCONSISTENT_ANSWER, "Not as planned."))

    with pytest.raises(MakeFailedError) as raised:
        await called(Answering(body(version="lyria-3.5", finish=finish)), check=check)
    assert raised.value.failure.may_have_been_billed
    assert raised.value.cost_usd == pytest.approx(cost)


async def test_a_refusal_of_such_a_model_costs_nothing() -> None:
    refused = json.dumps({"error": {"code": 400, "message": "No.", "status": "INVALID_ARGUMENT"}}).encode()
    provider = Provider(lambda: Answering(refused, 400), PRICES, lambda: NOW)
    with pytest.raises(MakeFailedError) as raised:
        await provider.call(
            text_json_request("lyria-3.5", "A waltz.", {"type": "object"}, max_output_tokens=1),
            timeout_s=1,
            read=lambda answer, model: read_json(answer, model, Storyboard),
            check=lambda _: None,
            present=lambda answer: (answer.text.encode(), "application/json", {}),
        )
    assert (raised.value.failure.may_have_been_billed, raised.value.cost_usd) == (False, 0.0)


def test_a_song_reserves_its_price() -> None:
    provider = Provider(lambda: Answering(body()), PRICES, lambda: NOW)
    assert provider.reservation_usd("lyria-3.5", "A slow waltz.", {}) == pytest.approx(0.08)


async def _storyboard_made_of(answer: str, staging: Staging) -> Made:
    artist = StoryboardArtist(Provider(lambda: Answering(body(answer)), PRICES, lambda: NOW))
    brief = staging.brief()
    plan = artist.plan(brief, AssetKey.parse("storyboard"), staging.inputs())
    return await artist.make(staging.task("storyboard", plan, brief))


async def test_a_document_is_stored_readable_and_the_same_for_the_same_content(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    answer = shot_list().model_dump()
    texts = (json.dumps(answer, indent=4), json.dumps(answer))
    made = [await _storyboard_made_of(text, staging) for text in texts]
    assert made[0].data == made[1].data
    assert isinstance(made[0].data, bytes)
    assert [frame.scene for frame in Storyboard.model_validate_json(made[0].data).frames] == [1, 2]
    assert made[0].facts["style"] == STYLE
    assert made[0].facts["parts"].keys() == {"image:1", "shot:1", "image:2", "shot:2"}
    assert made[0].raw is not None
    said = json.loads(made[0].raw)["candidates"][0]["content"]["parts"][0]["text"]
    assert json.loads(said) == answer


# ---- what nobody foresaw ----------------------------------------------------------------------------


class Broken(Answering):
    """A gateway whose SDK raises what no adapter expects."""

    async def generate(self, model: str, contents: list[Json], config: Json, timeout_s: float) -> WireAnswer:
        await super().generate(model, contents, config, timeout_s)
        raise RuntimeError("cannot send a request, as the client has been closed")


async def test_a_defect_of_the_sdk_may_have_sent_the_request() -> None:
    with pytest.raises(MakeFailedError) as raised:
        await called(Broken(b""))
    failure = raised.value.failure
    assert (failure.code, failure.may_have_been_billed) == ("internal_error", True)
    assert "client has been closed" in failure.message
    assert raised.value.request


async def test_a_client_that_cannot_be_built_has_sent_nothing() -> None:
    def connect() -> Answering:
        raise FileNotFoundError(2, "No such file or directory")

    provider = Provider(connect, PRICES, lambda: NOW)
    with pytest.raises(MakeFailedError) as raised:
        await provider.call(
            text_json_request(MODEL, "Draw.", response_schema(Storyboard), max_output_tokens=100),
            timeout_s=7,
            read=lambda answer, model: read_json(answer, model, Storyboard),
            check=lambda _: None,
            present=lambda answer: (answer.text.encode(), "application/json", {}),
        )
    assert not raised.value.failure.may_have_been_billed


async def test_twelve_first_calls_at_once_share_one_client() -> None:
    built: list[Answering] = []
    go_on = threading.Event()

    def connect() -> Answering:
        built.append(Answering(b""))
        assert go_on.wait(30)
        return built[-1]

    provider = Provider(connect, PRICES, lambda: NOW)
    calls = [asyncio.create_task(provider.capabilities()) for _ in range(12)]
    await asyncio.sleep(0)  # each of them begins
    go_on.set()
    await asyncio.gather(*calls)
    assert len(built) == 1


async def test_a_client_that_could_not_be_built_is_tried_again_at_the_next_call() -> None:
    troubles = iter([OSError("no")])

    def connect() -> Answering:
        for trouble in troubles:
            raise trouble
        return Answering(b"", can=frozenset({"seed"}))

    provider = Provider(connect, PRICES, lambda: NOW)
    with pytest.raises(OSError, match="no"):
        await provider.capabilities()
    assert await provider.capabilities() == {"seed"}
