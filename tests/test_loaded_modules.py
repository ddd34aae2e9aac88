"""What a process loads before it has to: modules are named, as seconds depend on the machine.

A command that only answers, the API and the Director never draw, encode or mix, and none of them calls a
model to begin; what does, loads its libraries then. (The Director looks whether captions that are to be drawn
have letters in the fonts, so it knows fonts.) Each case runs in an interpreter of its own and says what
it has loaded of what it has no use for.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

FRAMES = ("numpy", "scipy", "av", "cv2", "PIL", "pydub", "pyloudnorm", "c2pa")
FONTS = ("fontTools", "uharfbuzz")
MEDIA = (*FRAMES, *FONTS)
SDKS = ("google.genai", "google.generativeai", "httpx2", "grpc")
RAY = ("ray",)
AGENTS = ("mcp",)
SPANS = ("opentelemetry.sdk", "opentelemetry.exporter", "requests")
SERVER = ("starlette", "uvicorn", "sse_starlette")
DOMAIN = ("pydantic", "eventsourcing", "domain", "projections", "actors")

HELP = """
from api.cli.main import main
try:
    main(["--help"], prog_name="reelog")
except SystemExit as end:
    assert not end.code, end.code
"""
API = """
import api.http.app, api.http.server
from api.composition import open_system
from api.settings import load_settings
settings = load_settings({"REELOG_DATA_DIR": folder, "GEMINI_API_KEY": "key"})
system = open_system(settings, provider="gemini", traced=True)
api.http.app.build_app(system)
system.traces.start()
system.close()
"""
DIRECTOR = """
from types import SimpleNamespace
from datetime import UTC, datetime
from pathlib import Path
import actors.director.opening
from actors.work.crew import stage_actors
from actors.work.provider_call import Provider
from domain.asset import AssetKey
from domain.pricing import SHIPPED_PRICES, PriceBook
from tests.actors.staging import Staging
prices = PriceBook.parse(SHIPPED_PRICES.read_text(encoding="utf-8"))
clock = lambda: datetime.now(UTC)
studio = SimpleNamespace(find_asset=None)
stages = stage_actors(Provider(None, prices, clock), studio, clock)
staging = Staging(Path(folder))
options = {"target_duration_s": 30, "captions_highlight": True}
names = "analysis storyboard image:1 audio_plan narration:1 music clip:1 transition:1"
for key in map(AssetKey.parse, [*names.split(), "soundtrack", "captions", "video", "poster", "manifest"]):
    stages[key.stage].plan(staging.brief(options=options), key, staging.inputs())
"""
LISTING = """
import asyncio
from pydantic import SecretStr
from actors.emulator.server import EmulatorThread
from actors.gemini.gateway import GatewaySettings
from actors.gemini.listing import list_models_and_voices
with EmulatorThread() as emulator:
    models, voices = asyncio.run(list_models_and_voices(GatewaySettings(SecretStr("key"), emulator.url)))
assert models and voices
"""
OPEN = """
import wave
from pathlib import Path
from actors.files.__main__ import _answer
source, target = Path(folder, "source"), Path(folder, "target")
def clean(data):
    source.write_bytes(data)
    return _answer({"do": "clean", "source": str(source), "target": str(target)})
"""
UNKNOWN = OPEN + 'assert clean(b"Something else")["refused"]["code"] == "unsupported"'
PICTURE = (
    OPEN + 'assert "picture" in clean(bytes.fromhex("89504e470d0a1a0a") + bytes(99))["refused"]["message"]'
)
SOUND = (
    OPEN
    + """
with wave.open(str(source), "wb") as file:
    file.setparams((1, 2, 8000, 0, "NONE", ""))
    file.writeframes(b"\\x00\\x40\\x00\\xc0" * 8000)
assert clean(source.read_bytes())["opened"]["kind"] == "audio"
"""
)
CASES = {
    "reelog --help": (HELP, (*MEDIA, *SDKS, *RAY, *SERVER, *DOMAIN, *AGENTS)),
    "reelog make, as it begins": ("import api.cli.main, api.cli.make", (*MEDIA, *SDKS, *RAY, *SPANS)),
    "reelog serve, as it begins": ("import api.cli.main, api.cli.serve", (*MEDIA, *SDKS, *RAY, *SPANS)),
    "the API": (API, (*MEDIA, *SDKS, *RAY, *AGENTS, *SPANS)),
    "who starts Ray": ("import actors.cluster", (*MEDIA, *SDKS, *SERVER)),
    "the Director, after it has planned a whole film": (DIRECTOR, (*FRAMES, *SDKS, *RAY, *SERVER)),
    "who lists the models, and who emulates": (
        LISTING,
        ("google.genai", "google.generativeai", "grpc", "scipy", *RAY),
    ),
    "who opens a file that is none": (UNKNOWN, MEDIA),
    "who opens a picture": (PICTURE, ("scipy", "av", "pydub", *FONTS)),
    "who opens sound": (SOUND, ("scipy", "pydub", *FONTS)),
    "a worker, until its first order": ("import actors.work.worker", (*MEDIA, *SDKS, *RAY, *SERVER)),
}
SAY = """
import json, sys
print("\\n" + json.dumps(sorted(sys.modules.keys() & set(%r))))
"""


def loaded(code: str, of: tuple[str, ...], folder: Path) -> list[str]:
    """Which of these packages an interpreter has loaded that ran the code."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith(("REELOG_", "GEMINI_", "GOOGLE_"))}
    ran = subprocess.run(
        [sys.executable, "-c", f"folder = {str(folder)!r}\n{code}\n{SAY % (of,)}"],
        cwd=Path(__file__).parents[1],
        env=clean,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    found: list[str] = json.loads(ran.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("who", CASES)
def test_nothing_is_loaded_before_it_is_needed(who: str, tmp_path: Path) -> None:
    code, unused = CASES[who]
    assert not loaded(code, unused, tmp_path)


def test_what_is_loaded_is_found(tmp_path: Path) -> None:
    """The test above would pass for ever if it could not see."""
    assert loaded("import actors.media.render", MEDIA, tmp_path)
    sdk = "from actors.gemini.genai_adapter import load_sdk; load_sdk()"
    assert "google.genai" in loaded(sdk, SDKS, tmp_path)
    assert set(SPANS) == set(loaded("import api.traces.collector", SPANS, tmp_path))
