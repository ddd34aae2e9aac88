"""Recordings of real traffic: as `reelog record` saves them, or as others collected them; and where they are.

A recording names pictures and speech as files beside it, or holds them within; here all are within.
"""

import base64
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]

COMMITTED = Path(__file__).parent / "recordings"


def folders() -> list[Path]:
    """Ours, and those of this machine: named by the environment, else collected beside the repository."""
    named = os.environ.get("REELOG_WIRE_RECORDINGS")
    beside = Path(__file__).parents[2] / "shared"
    others = [Path(one) for one in named.split(os.pathsep)] if named else sorted(beside.glob("gemini-wire*"))
    return [folder for folder in (*COMMITTED.iterdir(), *others) if (folder / "index.json").is_file()]


def cases(folder: Path) -> list[Json]:
    entries = json.loads((folder / "index.json").read_text("utf-8"))["cases"]
    found = [json.loads((folder / entry["file"]).read_text("utf-8")) for entry in entries]
    for case in found:
        _put_in(case, folder)
    return found


def job(folder: Path) -> Json | None:
    """What was asked for, where the recordings are of a job that ended in one run and has its script."""
    index = json.loads((folder / "index.json").read_text("utf-8"))
    asked: Json | None = index.get("job")
    return asked if asked and asked["script"] and index["runs"] == 1 else None


def body_of(case: Json) -> bytes:
    response = case["response"]
    return (
        response["body_text"].encode() if "body_text" in response else json.dumps(response["body"]).encode()
    )


def texts_of(body: Json) -> list[str]:
    """What a request says in words."""
    return [part["text"] for turn in body["contents"] for part in turn["parts"] if "text" in part]


def _put_in(value: Any, folder: Path) -> None:
    for blob in _blobs_in(value):
        blob["data"] = base64.b64encode((folder / blob["data"]["file"]).read_bytes()).decode()


def _blobs_in(value: Any) -> Iterator[Json]:
    if isinstance(value, dict) and isinstance(value.get("data"), dict) and "file" in value["data"]:
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _blobs_in(item)
