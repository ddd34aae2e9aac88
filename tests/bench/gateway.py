"""What the gateway adds to one call, over a bare POST of the same bytes to the same server."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median

import httpx2
from pydantic import SecretStr

from actors.gemini.connect import open_gateway
from actors.gemini.gateway import GatewaySettings, Sdk
from actors.gemini.reader import read_json
from actors.gemini.requests import text_json_request
from domain.script import Storyboard, response_schema
from tests.bench.plain_server import plain_server
from tests.bench.report import Bench, Row, spread

MODEL = "gemini-3.8-flash"
PROMPT = "Draw a lighthouse. " * 100
REQUEST = text_json_request(MODEL, PROMPT, response_schema(Storyboard), max_output_tokens=1024)
KEY = "bench"


async def _timed(call: Callable[[], Awaitable[object]]) -> float:
    """Microseconds that one call takes."""
    began = time.perf_counter_ns()
    await call()
    return (time.perf_counter_ns() - began) / 1000


async def _side_by_side(url: str, sdk: Sdk, rounds: int) -> Row:
    gateway = open_gateway(GatewaySettings(SecretStr(KEY), url, sdk=sdk))
    body = json.dumps(REQUEST.config | {"contents": REQUEST.contents}).encode()
    headers = {"content-type": "application/json", "x-goog-api-key": KEY}
    path = f"{url}/v1beta/models/{MODEL}:generateContent"

    async with httpx2.AsyncClient() as http:

        async def bare() -> None:
            (await http.post(path, content=body, headers=headers)).json()

        async def ours() -> None:
            answer = await gateway.generate(MODEL, REQUEST.contents, REQUEST.config, 30)
            read_json(answer, MODEL, Storyboard)

        for _ in range(5):
            await bare()
            await ours()
        pairs = [(await _timed(ours), await _timed(bare)) for _ in range(rounds)]
    await gateway.close()
    added = [mine - other for mine, other in pairs]
    note = f"adds {median(added):,.0f} µs (median of {rounds}, {spread(added)}), reading the answer included"
    return Row(sdk, median(mine for mine, _ in pairs), median(other for _, other in pairs), "µs", note)


def measure(quick: bool) -> Sequence[Row]:
    sdks: tuple[Sdk, ...] = ("google-genai", "google-generativeai")
    with plain_server() as url:
        return [asyncio.run(_side_by_side(url, sdk, 10 if quick else 500)) for sdk in sdks]


BENCH = Bench("gateway", "one call through the gateway and the reader", ("gateway", "bare POST"), measure)
