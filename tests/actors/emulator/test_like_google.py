"""``--like-google``: the same troubles for the same seed, by the clock where Google goes by the clock."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from google.genai import types

from actors.emulator import like_google
from actors.emulator.faults import Fault, FaultScript, Request
from actors.emulator.known_texts import recites
from actors.emulator.like_google import FAILING_SHARES, FLAW_SHARES, LikeGoogle, Temper
from actors.emulator.models import MODELS
from actors.emulator.server import EmulatorSettings, EmulatorThread
from tests.actors.emulator.calling import IMAGE, SPEECH, TEXT, Caller

KINDS = {"text": TEXT, "image": IMAGE, "speech": SPEECH}
ASKED = Request(kind="image", model=IMAGE, text="A lighthouse")
HAMLET = "To be, or not to be, that is the question: whether 'tis nobler in the mind to suffer"


def temper(seed: int = 0, **settings: float) -> Temper:
    return Temper(replace(LikeGoogle(), **settings), seed)  # type: ignore[arg-type]


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_the_same_seed_and_requests_meet_the_same_in_any_order() -> None:
    requests = [f"request {n}" for n in range(50)]
    first, second = temper(), temper()
    one = {text: first.behave(MODELS[TEXT], text) for text in requests}
    other = {text: second.behave(MODELS[TEXT], text) for text in reversed(requests)}
    assert one == other
    elsewhere = temper(seed=1)
    assert one != {text: elsewhere.behave(MODELS[TEXT], text) for text in requests}


def test_a_request_that_is_repeated_has_another_chance() -> None:
    asked = temper()
    failures = [asked.behave(MODELS[SPEECH], "the same").failure for _ in range(200)]
    assert None in failures
    assert len({failure.fault for failure in failures if failure}) == len(FAILING_SHARES["speech"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_vice_strikes_about_as_often_as_it_is_said_to(kind: str) -> None:
    asked, count = temper(), 4_000
    found = [asked.behave(MODELS[KINDS[kind]], f"request {n}") for n in range(count)]
    failures = Counter((f.failure.fault, f.failure.reason) for f in found if f.failure)
    flaws = Counter(flaw.fault for each in found for flaw in each.flaws)
    for fault, share in FAILING_SHARES[kind]:
        assert failures[fault.fault, fault.reason] == pytest.approx(share * count, rel=0.5)
    for fault, share in FLAW_SHARES[kind]:
        assert flaws[fault.fault] == pytest.approx(share * count, rel=0.3)


@pytest.mark.parametrize("kind", ["image", "speech"])
def test_answers_take_as_long_as_real_ones_by_the_pace(kind: str) -> None:
    least, most, _ = like_google.SECONDS[kind]
    model = MODELS[KINDS[kind]]
    takes = [temper().answer_seconds(model, 100, luck / 100) for luck in range(101)]
    assert takes == sorted(takes)
    assert (takes[0], takes[-1]) == pytest.approx((least, most))
    fast = [temper(pace=0.01).answer_seconds(model, 100, luck / 100) for luck in range(101)]
    assert fast == pytest.approx([each / 100 for each in takes])


def test_text_takes_time_by_its_tokens() -> None:
    short, long = (temper().answer_seconds(MODELS[TEXT], tokens, 0.5) for tokens in (100, 16_100))
    assert long - short == pytest.approx(16_000 / like_google.TOKENS_PER_SECOND)


def test_a_model_has_one_spell_of_minutes_in_each_stretch_and_none_at_the_start() -> None:
    for seed in range(5):
        asked = temper(seed)
        for stretch in range(3):
            begins = stretch * like_google.SPELL_EVERY_S
            seconds = [n for n in range(900) if asked.overloaded(MODELS[TEXT], begins + n)]
            assert seconds == list(range(seconds[0], seconds[-1] + 1)), "one spell"
            assert like_google.SPELL_S[0] - 1 <= len(seconds) <= like_google.SPELL_S[1] + 1
            assert seconds[0] >= like_google.CALM_S


def test_a_scripted_spell_lasts_by_the_clock() -> None:
    clock = Clock()
    script = FaultScript([Fault(fault="503_spell", seconds=90)], clock)
    met = []
    for _ in range(4):
        met.append(script.strike(ASKED) is not None)
        clock.now += 40
    assert met == [True, True, True, False]


def test_a_limit_a_minute_takes_so_many_and_says_when_there_is_room_again() -> None:
    clock = Clock()
    script = FaultScript([Fault(fault="429_per_minute", limit=2, kind="image")], clock)
    assert script.strike(ASKED) is None
    clock.now += 10
    assert script.strike(ASKED) is None
    clock.now += 5
    struck = script.strike(ASKED)
    assert struck is not None
    assert (struck.limit, struck.seconds) == (2, 45.0)
    assert script.strike(replace(ASKED, model="gemini-3-pro-image")) is None, "each model has its own"
    assert script.strike(replace(ASKED, kind="text", model=TEXT)) is None
    clock.now += 45
    assert script.strike(ASKED) is None


def test_a_limit_a_minute_is_told_as_google_tells_quotas(emulator: Caller) -> None:
    emulator.set_faults({"fault": "429_per_minute", "limit": 1, "seconds": 30})
    assert emulator.post(TEXT).status_code == 200
    answer = emulator.post(TEXT)
    assert answer.status_code == 429
    details = {each["@type"].rpartition(".")[2]: each for each in answer.json()["error"]["details"]}
    [violation] = details["QuotaFailure"]["violations"]
    assert "PerMinute" in violation["quotaId"]
    assert violation["quotaValue"] == "1"
    delay = details["RetryInfo"]["retryDelay"]
    assert delay.endswith("s")
    assert 0 < float(delay[:-1]) <= 30


def test_a_spell_answers_503(emulator: Caller) -> None:
    emulator.set_faults({"fault": "503_spell", "seconds": 600})
    assert {emulator.post(TEXT).status_code for _ in range(3)} == {503}


@pytest.mark.parametrize(
    ("text", "known"),
    [(HAMLET, True), (HAMLET.upper().replace(",", ""), True), ("To be, or not to be.", False), ("", False)],
)
def test_a_known_text_is_recited_when_it_is_long_enough(text: str, known: bool) -> None:
    assert recites(text) == known


@pytest.fixture
def like_google_with(monkeypatch: pytest.MonkeyPatch) -> Callable[..., EmulatorThread]:
    """An emulator like Google, in which nothing is left to chance."""

    def start(*flaws: tuple[Fault, float], **settings: float) -> EmulatorThread:
        for kind in KINDS:
            monkeypatch.setitem(like_google.FAILING_SHARES, kind, ())
            monkeypatch.setitem(like_google.FLAW_SHARES, kind, flaws)
        monkeypatch.setattr(like_google, "SPELL_S", (0.0, 0.0))
        ways = replace(LikeGoogle(pace=1e-4), **settings)  # type: ignore[arg-type]
        return EmulatorThread(EmulatorSettings(like_google=ways))

    return start


@pytest.mark.slow
def test_every_kind_of_answer_like_google_parses_strictly(
    like_google_with: Callable[..., EmulatorThread],
) -> None:
    with like_google_with() as running, httpx.Client(timeout=60, trust_env=False) as http:
        for model in KINDS.values():
            answer = Caller(running.url, http).post(model).json()
            usage = types.GenerateContentResponse.model_validate(answer).usage_metadata
            assert usage is not None
            assert usage.total_token_count == sum(
                count or 0
                for count in (
                    usage.prompt_token_count,
                    usage.candidates_token_count,
                    usage.thoughts_token_count,
                )
            )
            assert bool(usage.thoughts_token_count) == MODELS[model].thinking


@pytest.mark.slow
def test_an_answer_that_repeats_a_known_text_is_a_recitation(
    like_google_with: Callable[..., EmulatorThread],
) -> None:
    with like_google_with() as running, httpx.Client(timeout=60, trust_env=False) as http:
        [candidate] = Caller(running.url, http).post(TEXT, HAMLET).json()["candidates"]
    assert (candidate["finishReason"], candidate["content"]) == ("RECITATION", {})


@pytest.mark.slow
def test_thoughts_use_up_a_small_limit(like_google_with: Callable[..., EmulatorThread]) -> None:
    with like_google_with() as running, httpx.Client(timeout=60, trust_env=False) as http:
        answer = Caller(running.url, http).post(TEXT, config={"maxOutputTokens": 100}).json()
    assert answer["candidates"][0]["finishReason"] == "MAX_TOKENS"
    assert "parts" not in answer["candidates"][0]["content"]
    assert answer["usageMetadata"]["thoughtsTokenCount"] == 100
