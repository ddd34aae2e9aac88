"""Accepted calls over the wire: the real gateway, and an emulator that counts what it is asked."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from pydantic import SecretStr

from actors.emulator.server import EmulatorThread
from actors.gemini.connect import open_gateway
from actors.gemini.gateway import Gateway, GatewaySettings
from actors.gemini.interactions import shot_request
from actors.gemini.requests import Reference
from actors.work.asking import Asking
from actors.work.provider_call import Provider
from actors.work.stage import Made, MakeFailedError, Plan, Task
from domain.asset_parts import Receipt
from domain.pricing import SHIPPED_PRICES, PriceBook
from tests.actors.staging import Staging

pytestmark = pytest.mark.slow

MODEL = "gemini-omni-1.2-flash"
PRICES = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))


def now() -> datetime:
    return datetime.now(UTC)


def first_frame() -> Reference:
    data = BytesIO()
    Image.linear_gradient("L").resize((640, 360)).convert("RGB").save(data, "PNG")
    return Reference(data.getvalue(), "image/png")


class Shots:
    """A provider's calls for one shot after the other, and what the emulator saw of them."""

    def __init__(self, url: str, staging: Staging, gateway: Callable[[], Gateway]) -> None:
        self._http = httpx.Client(base_url=url, trust_env=False)
        self.provider = Provider(gateway, PRICES, now, Asking(poll_s=0.05))
        self.receipts: list[Receipt] = []
        self.accepted = asyncio.Event()
        plan = Plan(model=MODEL, prompt="Rain falls.", reservation_usd=1.0)
        self.task: Task = replace(staging.task("image:1", plan, staging.brief()), accept=self._accept)

    async def _accept(self, receipt: Receipt) -> None:
        self.receipts.append(receipt)
        self.accepted.set()

    def spoil(self, *faults: dict[str, Any]) -> None:
        self._http.delete("/emulator/requests").raise_for_status()
        self._http.put("/emulator/faults", json=list(faults)).raise_for_status()

    async def make(self, *, most_s: float = 60) -> Made:
        request = shot_request(
            MODEL,
            "Rain falls on the tracks.",
            first_frame=first_frame(),
            aspect_ratio="16:9",
            resolution="360p",
            seconds=3,
        )
        return await self.provider.accepted(
            self.task,
            request,
            most_s=most_s,
            check=lambda _: None,
            present=lambda path: (path, "video/mp4", {}),
        )

    async def failed(self, **how: Any) -> MakeFailedError:
        with pytest.raises(MakeFailedError) as raised:
            await self.make(**how)
        return raised.value

    def asked(self, method: str, ending: str = "") -> list[dict[str, Any]]:
        calls: list[dict[str, Any]] = self._http.get("/emulator/requests").json()["data"]
        return [call for call in calls if call["method"] == method and call["path"].endswith(ending)]

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="module")
def emulator() -> Iterator[str]:
    with EmulatorThread() as thread:
        yield thread.url


@pytest.fixture
async def shots(emulator: str, tmp_path: Path) -> Any:
    gateways: list[Gateway] = []

    def opened() -> Gateway:
        gateways.append(open_gateway(GatewaySettings(SecretStr("emulator"), emulator)))
        return gateways[-1]

    made = Shots(emulator, Staging(tmp_path), opened)
    made.spoil()
    yield made
    made.close()
    for gateway in gateways:
        await gateway.close()


async def test_a_shot_is_one_request_one_receipt_and_one_file(shots: Shots) -> None:
    made = await shots.make()
    assert len(shots.asked("POST", "/interactions")) == 1
    [receipt] = shots.receipts
    assert made.provenance["call_id"] == receipt.call_id
    assert isinstance(made.data, Path)
    assert b"ftyp" in made.data.read_bytes()[:16]
    assert made.usage is not None
    assert made.usage["by_modality"]["VIDEO"] > 3 * 1_900
    reserved = shots.provider.reservation_usd(MODEL, "Rain falls.", {"seconds": 3, "resolution": "360p"})
    assert made.cost_usd is not None
    assert reserved is not None
    assert 0.06 < made.cost_usd < reserved


@pytest.mark.parametrize(
    "fault",
    [
        {"fault": "poll_429", "polls": 2, "seconds": 0.05},
        {"fault": "poll_500"},
        {"fault": "poll_503", "rpc": True},
        {"fault": "poll_404"},
        {"fault": "poll_garbage"},
        {"fault": "poll_empty"},
        {"fault": "poll_cut"},
        {"fault": "file_processing", "polls": 3},
        {"fault": "download_503"},
        {"fault": "download_cut"},
        {"fault": "inline_video"},
        {"fault": "mega_thought"},
    ],
    ids=lambda fault: fault["fault"],
)
async def test_what_goes_wrong_on_the_way_costs_no_second_request(
    fault: dict[str, Any], shots: Shots
) -> None:
    shots.spoil(fault)
    made = await shots.make()
    assert len(shots.asked("POST", "/interactions")) == 1
    assert isinstance(made.data, Path)
    assert b"ftyp" in made.data.read_bytes()[:16]
    assert len(made.raw or b"") < 10_000


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"fault": "interaction_failed"}, "provider_error"),
        ({"fault": "interaction_incomplete"}, "stopped_for_other_reason"),
        ({"fault": "interaction_cancelled"}, "stopped_for_other_reason"),
        ({"fault": "budget_exceeded"}, "billing_required"),
        ({"fault": "blocked"}, "prohibited_content"),
        ({"fault": "no_content"}, "no_shot"),
        ({"fault": "poll_404", "polls": 9}, "call_lost"),
        ({"fault": "file_failed"}, "provider_error"),
        ({"fault": "file_missing"}, "call_lost"),
        ({"fault": "accepted_lost"}, "connection_lost"),
        ({"fault": "accepted_without_id"}, "malformed_body"),
    ],
    ids=lambda value: value["fault"] if isinstance(value, dict) else "",
)
async def test_what_comes_to_nothing_may_have_been_billed_and_is_asked_for_once(
    fault: dict[str, Any], code: str, shots: Shots
) -> None:
    shots.spoil(fault)
    error = await shots.failed()
    assert (error.failure.code, error.failure.may_have_been_billed) == (code, True)
    assert len(shots.asked("POST", "/interactions")) == 1


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"fault": "400"}, "bad_request"),
        ({"fault": "400_api_key_invalid"}, "invalid_api_key"),
        ({"fault": "404", "rpc": True}, "model_not_found"),
        ({"fault": "429"}, "rate_limited"),
        ({"fault": "429", "rpc": True}, "rate_limited"),
        ({"fault": "503"}, "overloaded"),
    ],
    ids=lambda value: (
        f"{value['fault']}{'-rpc' if 'rpc' in value else ''}" if isinstance(value, dict) else ""
    ),
)
async def test_what_is_refused_is_free(fault: dict[str, Any], code: str, shots: Shots) -> None:
    shots.spoil(fault)
    error = await shots.failed()
    assert (error.failure.code, error.failure.may_have_been_billed) == (code, False)
    assert shots.receipts == []
    assert len(shots.asked("POST", "/interactions")) == 1


async def test_another_worker_goes_on_by_the_receipt_alone(shots: Shots) -> None:
    making = asyncio.ensure_future(shots.make())
    await shots.accepted.wait()
    making.cancel()
    await asyncio.wait([making])
    shots.task = replace(shots.task, receipt=shots.receipts[0])
    made = await shots.make()
    assert isinstance(made.data, Path)
    assert len(shots.asked("POST", "/interactions")) == 1
    assert shots.asked("POST", "/cancel") == []


async def test_a_cancelled_job_cancels_the_call_there(shots: Shots) -> None:
    shots.spoil({"fault": "stays_in_progress"})
    making = asyncio.ensure_future(shots.make())
    await shots.accepted.wait()
    shots.task.cancelled.set()
    making.cancel()
    await asyncio.wait([making])
    assert making.cancelled()
    assert len(shots.asked("POST", "/cancel")) == 1


async def test_a_call_that_stays_in_progress_is_given_up_and_may_be_billed(shots: Shots) -> None:
    shots.spoil({"fault": "stays_in_progress"})
    error = await shots.failed(most_s=0.2)
    assert (error.failure.code, error.failure.may_have_been_billed) == ("timeout", True)
    assert len(shots.asked("POST", "/cancel")) == 1


async def test_an_expired_receipt_is_asked_for_once(shots: Shots) -> None:
    then = now() - timedelta(hours=30)
    shots.task = replace(
        shots.task, receipt=Receipt("v1_unknown", then, then + timedelta(hours=24)), last_asking=True
    )
    error = await shots.failed()
    assert (error.failure.code, error.failure.may_have_been_billed) == ("call_lost", True)
    assert len(shots.asked("GET", "/interactions/v1_unknown")) == 1


async def test_the_emulators_voices_are_listed_whole(shots: Shots, emulator: str) -> None:
    gateway = await asyncio.to_thread(open_gateway, GatewaySettings(SecretStr("emulator"), emulator))
    try:
        names = [voice["id"] for voice in await gateway.list_voices()]
    finally:
        await gateway.close()
    assert {"Kore", "Puck"} <= set(names)
    assert len(set(names)) == len(names) > 150
    assert shots.receipts == []
