"""A film whose pictures move, its video model answering after 40 to 100 s: what Reelog adds to the waiting.

The provider is the emulator, in this process, that it can be slow with shots and quick with all else. Beside
the film's time, from its first stage on (the start of Ray is measured elsewhere), stands its critical path:
the longest chain of assets, each made from the one before, where a shot takes what the provider took from
acceptance to completion, and everything else what its attempt took. Looking at a call that is under way costs
no event; how often that is done is counted at the provider.
"""

import itertools
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from actors.emulator.handler import Emulator
from actors.emulator.models import Model
from actors.emulator.server import EmulatorThread
from tests.bench.report import Bench, Row
from tests.processes import REPOSITORY, run

SHOTS, QUICK_SHOTS = 6, 2
SECONDS, QUICK_SECONDS = (40.0, 52.0, 64.0, 76.0, 88.0, 100.0), (5.0, 10.0)
"""What one shot after the other takes."""
MOST_OF_PATH = 1.05
LINE = "The boat goes out at dawn, and nobody on the quay can say for certain whether it will come home. "


@dataclass
class Made:
    """An asset of the film, with how long it would have taken had nothing else been in the way."""

    inputs: list[str]
    started: datetime | None = None
    call_id: str | None = None
    seconds: float = 0.0
    ends: float = field(default=0.0)
    """After the longest chain that leads to it."""


@contextmanager
def slow_shots(seconds: Sequence[float]) -> Iterator[str]:
    """An emulator whose shots take these times, in the order in which they are asked for."""
    each = itertools.cycle(seconds)
    usual = Emulator.answer_seconds

    def answer_seconds(self: Emulator, model: Model, luck: float) -> float:
        return next(each) if model.kind == "video" else usual(self, model, luck)

    Emulator.answer_seconds = answer_seconds  # type: ignore[method-assign]
    try:
        with EmulatorThread() as emulator:
            yield emulator.url
    finally:
        Emulator.answer_seconds = usual  # type: ignore[method-assign]


def events_of(folder: Path) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "api", "events", "latest", "--json"]
    environment = {"REELOG_DATA_DIR": str(folder / "data"), "PYTHONPATH": str(REPOSITORY)}
    told = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in told.stdout.splitlines()]


def critical_path(events: Sequence[dict[str, Any]], provider_s: Mapping[str, float]) -> float:
    """Seconds of the longest chain; ``provider_s`` is what each accepted call took, by its id."""
    made: dict[str, Made] = {}
    for event in events:
        if event["asset"] is None:
            continue
        at, name = datetime.fromisoformat(event["occurred_at"]), event["asset"]["id"]
        match event["type"]:
            case "asset.requested":
                made[name] = Made([one["id"] for one in event["data"]["inputs"]])
            case "asset.attempt_started":
                made[name].started = at
            case "asset.call_accepted":
                made[name].call_id = event["data"]["call_id"]
            case "asset.generated":
                asset = made[name]
                assert asset.started is not None
                took = (at - asset.started).total_seconds()
                asset.seconds = took if asset.call_id is None else provider_s[asset.call_id]
                asset.ends = asset.seconds + max((made[one].ends for one in asset.inputs), default=0.0)
    return max(asset.ends for asset in made.values())


def measure(quick: bool) -> Sequence[Row]:
    shots, seconds = (QUICK_SHOTS, QUICK_SECONDS) if quick else (SHOTS, SECONDS)
    with tempfile.TemporaryDirectory(prefix="reelog-bench-") as root, slow_shots(seconds) as emulator:
        folder = Path(root)
        (folder / "story.txt").write_text(LINE * shots, encoding="utf-8")
        flags = f"--motion generated --quality low --max-scenes {shots} --max-images {shots}"
        settings = {"REELOG_GEMINI_BASE_URL": emulator, "REELOG_DATA_DIR": str(folder / "data")}
        done = run(folder, "make", "story.txt", "--out", "film", *flags.split(), **settings)
        assert done.returncode == 0, done.stderr
        events = events_of(folder)
        calls = [e["data"]["call_id"] for e in events if e["type"] == "asset.call_accepted"]
        asked = httpx.get(f"{emulator}/emulator/requests", trust_env=False).json()["data"]
        provider_s = {call: _took_s(emulator, call) for call in calls}
    polls = [call for call in asked if call["method"] == "GET" and "/interactions/" in call["path"]]
    begun = next(event for event in events if event["type"] == "job.stage_started")
    first, last = (datetime.fromisoformat(event["occurred_at"]) for event in (begun, events[-1]))
    told = [e for e in events if e["asset"] is not None and e["asset"]["kind"] == "shot"]
    wall, path = (last - first).total_seconds(), critical_path(events, provider_s)
    note = f"{len(calls)} shots, {min(provider_s.values()):.0f} to {max(provider_s.values()):.0f} s each"
    return [
        # Of shots of a few seconds a look every two of them is a large share.
        Row(
            "the film, beside its critical path",
            wall,
            path,
            "s",
            note,
            at_most=None if quick else MOST_OF_PATH,
        ),
        Row("looks at the provider, beside shots", len(polls), len(calls), "", "no look is an event"),
        Row("events of shots, beside shots", len(told), len(calls), ""),
    ]


def _took_s(emulator: str, call_id: str) -> float:
    """From acceptance to completion, as the provider tells."""
    url = f"{emulator}/v1beta/interactions/{call_id}"
    told = httpx.get(url, headers={"x-goog-api-key": "bench"}, trust_env=False).raise_for_status().json()
    begun, ended = (datetime.fromisoformat(told[at]) for at in ("created", "updated"))
    return (ended - begun).total_seconds()


BENCH = Bench(
    "shots",
    "a film that moves, with a video model that takes its time",
    ("Reelog", "beside"),
    measure,
)
