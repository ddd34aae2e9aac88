"""A provider that accepts calls first and answers them later, and a stage that asks it. Both end with nobody.

What the provider is asked stands in a file, so that it outlives whoever asks, as a real one does.
"""

import asyncio
import io
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from actors.work.stage import Brief, Inputs, Made, MakeFailedError, Plan, StageActor, Task
from domain.asset import AssetKey
from domain.asset_parts import Receipt
from domain.checkpoints import reached
from domain.failures import AttemptFailedError, Code, Failure

POLL_S = 0.01
DAY = timedelta(days=1)


def picture() -> bytes:
    """What every call is answered with."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((1344, 768)).convert("RGB").save(file, "PNG")
    return file.getvalue()


class LaterProvider:
    """Answers a call when it is asked for the ``polls``-th time; None: never."""

    def __init__(self, folder: Path, polls: int | None = 2) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._asked = folder / "asked"
        self._polls = polls

    def _note(self, what: str, call_id: str) -> None:
        with self._asked.open("a") as file:
            file.write(f"{what} {call_id}\n")

    def asked(self) -> Counter[tuple[str, str]]:
        """How often it was asked for what of which call."""
        lines = self._asked.read_text().splitlines() if self._asked.exists() else []
        return Counter((what, call_id) for what, call_id in map(str.split, lines))

    def count(self, what: str) -> int:
        return sum(n for (asked, _), n in self.asked().items() if asked == what)

    def request(self, name: str) -> str:
        stem = name.replace(":", "-")
        before = [call for what, call in self.asked() if (what, call.rpartition("-")[0]) == ("request", stem)]
        call_id = f"{stem}-{len(before) + 1}"
        self._note("request", call_id)
        return call_id

    def poll(self, call_id: str) -> bool:
        self._note("poll", call_id)
        return self._polls is not None and self.asked()["poll", call_id] >= self._polls

    def cancel(self, call_id: str) -> None:
        self._note("cancel", call_id)


class LaterPictures:
    """Makes pictures as shots are made; plans as ``like`` does. ``price`` is what one costs."""

    def __init__(
        self,
        provider: LaterProvider,
        like: StageActor,
        price: float = 0.01,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.provider = provider
        self._like = like
        self._price = price
        self._clock = clock
        self.last_askings: list[str] = []

    def plan(self, brief: Brief, key: AssetKey, inputs: Inputs) -> Plan:
        return self._like.plan(brief, key, inputs)

    async def make(self, task: Task) -> Made:
        name = task.key.name
        call_id = task.receipt.call_id if task.receipt is not None else await self._ask(task)
        try:
            if task.cancelled.is_set():
                raise asyncio.CancelledError  # noqa: TRY301 - as when it is cancelled while it waits
            reached("before:polling", name)
            while not self.provider.poll(call_id):
                if task.last_asking:
                    self.last_askings.append(call_id)
                    raise _never_answered()
                await asyncio.sleep(POLL_S)
        except asyncio.CancelledError:
            if task.cancelled.is_set():
                self.provider.cancel(call_id)
            raise
        reached("after:polling", name)
        reached("after:downloading", name)
        return Made(
            picture(),
            "image/png",
            {"width": 1344, "height": 768},
            {"response_id": call_id},
            usage={"total_tokens": 10},
            cost_usd=self._price,
        )

    async def _ask(self, task: Task) -> str:
        reached("before:asking", task.key.name)
        call_id = self.provider.request(task.key.name)
        reached("after:asking", task.key.name)
        now = self._clock()
        try:
            await task.accept(Receipt(call_id, now, now + DAY))
        except asyncio.CancelledError:
            if task.cancelled.is_set():
                self.provider.cancel(call_id)
            raise
        except AttemptFailedError as error:
            raise MakeFailedError(error.failure) from error
        return call_id


def _never_answered() -> MakeFailedError:
    message = "The provider took the call and never answered it."
    return MakeFailedError(Failure.of(Code.CALL_LOST, message, may_have_been_billed=True))
