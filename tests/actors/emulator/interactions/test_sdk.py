"""Google's own SDK makes a shot and fetches it from the emulator as it would from Google."""

import asyncio
from typing import Any

import httpx2
import pytest
from google import genai
from google.genai import types
from google.genai._gaos.lib import compat_errors

from tests.actors.emulator.interactions.asking import Asking, shot

pytestmark = pytest.mark.slow


async def _through_the_sdk(asking: Asking) -> tuple[Any, Any, bytes, list[type[Exception]]]:
    async with httpx2.AsyncClient() as http:
        client = genai.Client(
            api_key="a-key",
            vertexai=False,
            http_options=types.HttpOptions(
                base_url=asking.emulator.url,
                api_version="v1beta",
                httpx_async_client=http,
                retry_options=types.HttpRetryOptions(attempts=1),
            ),
        )
        accepted = await client.aio.interactions.create(**shot())
        done = accepted
        while done.status == "in_progress":
            done = await client.aio.interactions.get(accepted.id)
        uri = done.steps[-1].content[0].uri
        # The SDK takes whole addresses of https alone.
        raw = await client.aio.files.download(file=f"files/{uri.split('/files/')[1].split(':')[0]}")
        refused: list[type[Exception]] = []
        for request in (
            shot(model="gemini-omni-9"),
            shot(response_format={"type": "video", "duration": "99s"}),
        ):
            try:
                await client.aio.interactions.create(**request)
            except compat_errors.APIError as error:
                refused.append(type(error))
        return accepted, done, raw, refused


def test_the_sdk_creates_looks_downloads_and_understands_refusals(asking: Asking) -> None:
    accepted, done, raw, refused = asyncio.run(_through_the_sdk(asking))
    assert accepted.status == "in_progress"
    assert (done.id, done.status) == (accepted.id, "completed")
    assert done.output_video.uri == done.steps[-1].content[0].uri
    assert raw[4:12] == b"ftypisom"
    assert refused == [compat_errors.NotFoundError, compat_errors.BadRequestError]
    creations = [each for each in asking.emulator.requests() if each["method"] == "POST"]
    assert len(creations) == 3
