"""Films whose every step a test decides, recorded as the Director and the actors would record them.

The page must show states that a real run reaches by accident only: three refusals in a row, a call lost in
flight, two thousand events, a server that is away for a while. The server, its store and its read models
are the real ones; only the outcomes of attempts are made up (``Filming``), and here attempts stay open
between two steps, so that a test can look at a film while it is being made.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from domain.asset import Asset, AssetKey, Recipe
from domain.expectation import MODEL_KIND
from domain.failures import Failure
from domain.film import Film
from domain.ports import BlobStore
from domain.script import PROVIDER_KINDS, Kind, Scene, ScriptAnalysis
from domain.store import open_event_store
from domain.workflow import OrderAttempt, RequestAsset, WaitUntil
from tests.api.web.page import artwork
from tests.projections.filming import Filming

MODELS = {"text": "gemini-3.8-flash", "image": "gemini-nano-banana-2.1", "speech": "gemini-3.8-flash-tts"}
VOICE = "Kore"
COST = {Kind.IMAGE: 0.039, Kind.NARRATION: 0.0016}


class ScriptedStudio(Filming):
    """Writes to the store by a connection of its own, so it goes on while the server is away."""

    def __init__(self, store_url: str, blobs: BlobStore) -> None:
        super().__init__(open_event_store(store_url), blobs)
        self.now = datetime.now(UTC)
        self.titles: dict[UUID, str] = {}
        self.words: dict[UUID, list[str]] = {}
        self._job_id: UUID | None = None

    def close(self) -> None:
        self.studio.close()
        self.store.close()

    def film(self, title: str, words: list[str], **changes: Any) -> UUID:
        """A job that is submitted and not yet begun."""
        self.now = max(self.now, datetime.now(UTC))
        job_id = self.submit(script="\n\n".join(words), **({"models": MODELS} | changes))
        return self.named(job_id, title, words)

    def named(self, job_id: UUID, title: str, words: list[str]) -> UUID:
        """What the analysis of a job will say."""
        self.titles[job_id], self.words[job_id] = title, words
        return job_id

    def play(self, job_id: UUID) -> Iterator[str]:
        """Make the film: each ``next`` is a round of decisions, or the end of one attempt.

        It names what happened: ``image:2 begun``, ``image:2`` (ended), or nothing.
        """
        started: list[OrderAttempt] = []
        while True:
            self._job_id = job_id
            decisions = self.decide(job_id)
            for decision in decisions:
                if isinstance(decision, OrderAttempt):
                    self.start(job_id, decision.key.name, decision.attempt, reserved=decision.reserve_usd)
                    started.append(decision)
                elif isinstance(decision, WaitUntil) and not started:
                    self.now = max(self.now, decision.at)
            if started and all(isinstance(d, WaitUntil) for d in decisions):
                order = started.pop(0)
                self.end(job_id, order)
                yield order.key.name
            elif decisions:
                begun = [d.key.name for d in decisions if isinstance(d, OrderAttempt)]
                yield from (f"{name} begun" for name in begun)
                yield ""
            else:
                return

    def until(self, play: Iterator[str], name: str) -> None:
        """Go on until an attempt at this asset has ended, or (``image:2 begun``) begun."""
        assert name in play, f"{name} does not come"

    def start(self, job_id: UUID, name: str, attempt: int, *, reserved: float | None = 0.04) -> None:
        self.studio.change_asset(
            AssetKey.parse(name).id_in(job_id),
            lambda a: a.start_attempt(
                a.revision,
                attempt,
                "worker-1",
                run=self._run(job_id),
                now=self.tick(0.01),
                reserved_usd=reserved,
            ),
        )

    def end(self, job_id: UUID, order: OrderAttempt) -> None:
        """The open attempt makes what it was ordered to, or fails as ``faults`` says."""
        failures = self.faults.get(order.key.name)
        if failures:
            failure = failures.pop(0)
            retry_at = self.now + timedelta(seconds=1) if failure.retryable else None
            self.refuse(job_id, order.key.name, order.attempt, failure, retry_at=retry_at)
        else:
            self.studio.change_asset(
                order.key.id_in(job_id), lambda a: self._generate(a, order, self._run(job_id))
            )

    def refuse(
        self, job_id: UUID, name: str, attempt: int, failure: Failure, *, retry_at: datetime | None = None
    ) -> None:
        key = AssetKey.parse(name)
        failure = failure.within(stage=key.stage.value, asset=key.name, attempt=attempt)
        self.studio.change_asset(
            key.id_in(job_id),
            lambda a: a.fail_attempt(
                a.revision, attempt, failure, run=self._run(job_id), now=self.tick(0.2), retry_at=retry_at
            ),
        )

    def lose(self, job_id: UUID, name: str, *attempts: int) -> None:
        """Attempts whose workers died, all recorded at once; the first of them may be open already."""
        run = self._run(job_id)

        def change(asset: Asset) -> None:
            for attempt in attempts:
                asset.start_attempt(asset.revision, attempt, "worker-1", run=run, now=self.tick(0.01))
                asset.lose_attempt(asset.revision, attempt, run=run, now=self.tick(0.01))

        self.studio.change_asset(AssetKey.parse(name).id_in(job_id), change)

    def positions(self, job_id: UUID) -> list[int]:
        return [r.position for r in self.log.read(0, 100_000) if r.event.job_id == job_id]

    def topics(self, job_id: UUID) -> list[str]:
        return [type(r.event).TOPIC for r in self.log.read(0, 100_000) if r.event.job_id == job_id]

    # ---- what is made -------------------------------------------------------------------------------

    def _run(self, job_id: UUID) -> int:
        return self.studio.job(job_id).run

    def recipe(self, film: Film, asked: RequestAsset) -> Recipe:
        kind = asked.key.kind
        if kind not in PROVIDER_KINDS:
            return Recipe()
        assert self.blobs is not None
        return Recipe(
            model=film.job.models[MODEL_KIND[kind]],
            prompt_digest=self.blobs.put(f"Prompt of {asked.key.name}.".encode()),
            parameters={"max_output_tokens": 1000} | ({"voice": VOICE} if kind is Kind.NARRATION else {}),
            reservation_usd=0.04,
        )

    def content(self, key: AssetKey, revision: int) -> tuple[bytes, str]:
        del revision
        if key.kind is Kind.ANALYSIS:
            return self._analysis().model_dump_json().encode(), "application/json"
        path = artwork.file_for(key.kind.value, key.scene and key.scene + key.beat - 1)
        return path.read_bytes(), artwork.MEDIA_TYPES.get(key.kind.value, "application/json")

    def _analysis(self) -> ScriptAnalysis:
        """The document of it, as scenes are edited by it."""
        assert self._job_id is not None
        words = self.words.get(self._job_id, ["One.", "Two."])
        scenes = [
            Scene(narration=text, visual=f"Hills under a sky, number {n}", mood="calm")
            for n, text in enumerate(words, 1)
        ]
        return ScriptAnalysis(
            title=self.titles.get(self._job_id, "Untitled"),
            language="en",
            themes=["hills"],
            mood="calm",
            setting="Hills",
            palette=["#204060"],
            characters=[],
            scenes=scenes,
        )

    def facts(self, key: AssetKey) -> dict[str, Any]:
        if key.kind is not Kind.ANALYSIS:
            return {"duration_s": 7.2}
        assert self._job_id is not None
        words = self.words.get(self._job_id, ["One.", "Two."])
        beats = {"beats": [{"references": []}] * self.beats}
        return {
            "title": self.titles.get(self._job_id, "Untitled"),
            "language": "en",
            "scenes": [
                {"scene": n, "text": text, "mood": "calm", **beats} for n, text in enumerate(words, 1)
            ],
        }
