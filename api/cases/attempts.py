"""One attempt at an asset with all that is on record of it: what was asked, what came back, and when.

Everything is named by the events, which is why it can be found in an exported log or on a server as well; the
exact request and the raw answer are blobs, found by their digests.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from api.cases.errors import Faults
from api.cases.events import all_events
from api.composition import System
from domain.asset import AssetKey

Json = dict[str, Any]

_ACCEPTED, _RESUMED = "asset.call_accepted", "asset.attempt_resumed"
_PROVIDED = "asset.provided"
_ENDS = {"asset.generated", "asset.attempt_failed", "asset.attempt_lost"}


@dataclass(frozen=True)
class AttemptRequest:
    """The last attempt of the newest revision that has any, unless another is named.

    Where the newest was given by a person, and so has none, that is told.
    """

    job_id: UUID
    asset: str
    """Its name in the job, such as ``image:2``."""
    attempt: int | None = None
    revision: int | None = None


@dataclass(frozen=True)
class AttemptRecord:
    """The events of one attempt; ``ended`` is None while it is under way."""

    requested: Json
    started: Json
    ended: Json | None
    accepted: Json | None = None
    """That the provider took the call, and by which id it is asked for; None of one answered at once."""
    resumed: tuple[Json, ...] = ()
    """Each time that another worker went on with it."""

    @property
    def asset_id(self) -> UUID:
        return UUID(self.started["asset"]["id"])

    @property
    def asset_name(self) -> str:
        return name_of(self.started["asset"])

    @property
    def digests(self) -> dict[str, str]:
        """The blobs of it that there are: prompt, request, raw."""
        data = self.ended["data"] if self.ended else {}
        failure = data.get("failure") or {}
        found = {
            "prompt": self.requested["data"].get("prompt_digest"),
            "request": data.get("request_digest") or (failure.get("details") or {}).get("request_digest"),
            "raw": data.get("raw_digest") or failure.get("raw_digest"),
        }
        return {name: digest for name, digest in found.items() if digest}


def name_of(asset: Json) -> str:
    """An asset's name in its job, such as ``image:2``, by what an event says of it."""
    return f"{asset['kind']}:{asset['scene']}" if asset["scene"] else str(asset["kind"])


def get_attempt(system: System, request: AttemptRequest) -> AttemptRecord:
    """The attempt. Refusals ``job_not_found``, ``asset_not_found``. Blocks."""
    return attempt_in(all_events(system, request.job_id), request)


def attempt_in(events: Iterable[Json], request: AttemptRequest) -> AttemptRecord:
    """The attempt in the public events of its job. Refusal ``asset_not_found``."""
    try:
        asset_id = str(AssetKey.parse(request.asset).id_in(request.job_id))
    except ValueError as error:
        raise Faults.of_one("asset_not_found", "?asset", str(error)) from None
    mine = [e for e in events if e["asset"] is not None and e["asset"]["id"] == asset_id]
    started = [
        e
        for e in mine
        if e["type"] == "asset.attempt_started"
        and request.attempt in (None, e["data"]["attempt"])
        and request.revision in (None, e["asset"]["revision"])
    ]
    if not started or _given(mine, request) is not None:
        raise _no_such_attempt(mine, request)
    chosen = started[-1]
    of_the_same = [e for e in mine if e["asset"]["revision"] == chosen["asset"]["revision"]]
    requested = next(e for e in of_the_same if e["type"] == "asset.requested")
    number = chosen["data"]["attempt"]
    ended = [e for e in of_the_same if e["type"] in _ENDS and e["data"]["attempt"] == number]
    accepted = [e for e in of_the_same if e["type"] == _ACCEPTED and e["data"]["attempt"] == number]
    resumed = [e for e in of_the_same if e["type"] == _RESUMED and e["data"]["attempt"] == number]
    # A late answer outdoes the loss that was assumed before.
    end = ended[-1] if ended else None
    return AttemptRecord(requested, chosen, end, accepted[0] if accepted else None, tuple(resumed))


def _given(mine: list[Json], request: AttemptRequest) -> Json | None:
    """That the revision which is asked about, the newest where none is named, was given by a person."""
    if request.attempt is not None and request.revision is None:
        return None
    wanted = request.revision or max(event["asset"]["revision"] for event in mine)
    return next((e for e in mine if e["type"] == _PROVIDED and e["asset"]["revision"] == wanted), None)


def _no_such_attempt(mine: list[Json], request: AttemptRequest) -> Faults:
    """Why there is none, with those that there are."""
    name = request.asset
    if not mine:
        return Faults.of_one("asset_not_found", "?asset", f"the job has no {name}")
    reused = next((event for event in mine if event["type"] == "asset.reused"), None)
    if reused is not None:
        source = reused["data"]["source"]["job_id"]
        message = f"{name} was taken over from job {source}; its attempts are on record there"
        return Faults.of_one("asset_not_found", "?asset", message)
    known = sorted(
        {(e["asset"]["revision"], e["data"]["attempt"]) for e in mine if e["type"] == "asset.attempt_started"}
    )
    there_are = ", ".join(f"revision {r} attempt {a}" for r, a in known) or "none"
    numbers = (("revision", request.revision), ("attempt", request.attempt))
    asked = {what: number for what, number in numbers if number is not None}
    told = " ".join(f"{what} {number}" for what, number in asked.items())
    message = f"there is no {told or 'attempt'} of {name}"
    given = _given(mine, request)
    if given is not None:
        asked.pop("attempt", None)
        revision, by = given["asset"]["revision"], given["data"]["caller"]
        message = f"revision {revision} of {name} was provided by {by}, it has no attempt"
    pointer = f"?{next(reversed(asked), 'asset')}"
    return Faults.of_one("asset_not_found", pointer, f"{message}; there are: {there_are}")
