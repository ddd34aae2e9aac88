"""What the provider lists for a key: its models, and its voices where they can be had."""

import asyncio
import logging

from actors.gemini.connect import open_gateway
from actors.gemini.gateway import Capability, Gateway, GatewaySettings, Json
from domain.failures import AttemptFailedError

VOICES_PATIENCE_S = 10.0
"""How long the list of voices is waited for; without it the prebuilt ones do."""

logger = logging.getLogger(__name__)


async def list_models_and_voices(settings: GatewaySettings) -> tuple[list[Json], list[Json]]:
    """Both lists, as on the wire; no voices where these cannot be had. Raises `AttemptFailedError`."""
    client = open_gateway(settings)
    try:
        models, voices = await asyncio.gather(client.list_models(), _voices(client))
        return models, voices
    finally:
        await client.close()


async def _voices(client: Gateway) -> list[Json]:
    if Capability.VOICE_LIBRARY not in client.capabilities:
        return []
    try:
        async with asyncio.timeout(VOICES_PATIENCE_S):
            return await client.list_voices()
    except (AttemptFailedError, TimeoutError) as error:
        logger.info("the provider's list of voices could not be had: %s", error)
        return []
