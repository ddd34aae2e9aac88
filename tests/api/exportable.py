"""A finished film whose words, voices and captions can be read: what an export looks into."""

from typing import Any

import numpy as np

from actors.media.timeline import SAMPLE_RATE
from domain.asset import AssetKey
from domain.script import Kind
from tests.api.planned import PlannedFilming
from tests.sounds import to_wav

TYPES = {
    Kind.IMAGE: "image/jpeg",
    Kind.NARRATION: "audio/wav",
    Kind.MUSIC: "audio/wav",
    Kind.CLIP: "video/mp4",
    Kind.TRANSITION: "video/mp4",
    Kind.SOUNDTRACK: "audio/mp4",
    Kind.POSTER: "image/jpeg",
}
VTT = b"WEBVTT\n\n1\n00:00:00.500 --> 00:00:02.000\nWords of scene 1.\n"


class ExportableFilming(PlannedFilming):
    def content(self, key: AssetKey, revision: int) -> tuple[bytes, str]:
        if key.kind is Kind.NARRATION:
            t = np.arange(2 * SAMPLE_RATE) / SAMPLE_RATE
            return to_wav(np.asarray(0.3 * np.sin(2 * np.pi * 150 * t), np.float32)), TYPES[key.kind]
        if key.kind is Kind.CAPTIONS:
            return VTT, "text/vtt"
        data, media_type = super().content(key, revision)
        return data, TYPES.get(key.kind, media_type)

    def facts(self, key: AssetKey) -> dict[str, Any]:
        return super().facts(key) | ({"width": 1280, "height": 720} if key.kind is Kind.VIDEO else {})
