"""Why something that is asked of Reelog is not done: one refusal, whoever asked and however.

A refusal has a stable ``code`` that programs match on, and words for people. HTTP answers it as a problem
with a status (``api/http/problems.py``), commands print it and choose an exit code. Where what was sent is
wrong, ``errors`` names every fault at once, each with its place, the value, and what would do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Self

from eventsourcing.persistence import InterfaceError, OperationalError

from domain.job_pruned import JobPrunedError
from domain.store import ConflictError, JobNotFoundError, StoreClosedError, StoreUnavailableError
from projections.database import ReadModelsUnavailableError
from projections.readers import BehindError

MOST_ERRORS = 50
"""In one refusal; how many more there are is said."""
SOON_S = 5


class Meaning(NamedTuple):
    title: str
    hint: str
    """What is behind it, and what to do about it."""


REFUSALS: dict[str, Meaning] = {
    "job_not_found": Meaning(
        "There is no such job",
        "No job has this id, or it did not exist yet at the position asked for.",
    ),
    "asset_not_found": Meaning(
        "There is no such asset",
        "No asset has this id. A job's assets are at `links.assets`.",
    ),
    "content_not_found": Meaning(
        "There are no bytes yet",
        "The asset, or this revision of it, has not been made; `digest` is null until then.",
    ),
    "file_not_found": Meaning(
        "There is no such file",
        "No file of yours has this digest. One that nothing uses goes after a day; send it again.",
    ),
    "preset_not_found": Meaning(
        "There is no such preset",
        "No preset of yours has this name. `GET /v1/presets` lists them.",
    ),
    "cast_not_found": Meaning(
        "There is no such cast",
        "No cast of yours has this name. `GET /v1/casts` lists them.",
    ),
    "batch_not_found": Meaning(
        "There is no such batch",
        "No batch of yours has this id. `POST /v1/batches` tells it.",
    ),
    "webhook_not_found": Meaning(
        "There is no such webhook",
        "No endpoint of yours has this id. `GET /v1/webhooks` lists them; that of a job is named in the "
        "answer to its submission.",
    ),
    "delivery_not_found": Meaning(
        "There is no such delivery",
        "Nothing was told to this endpoint under this id, or it ended 30 days ago.",
    ),
    "webhook_disabled": Meaning(
        "The webhook is disabled",
        "It was disabled by you, or by its own answer 410. `PATCH` it with `enabled: true` to go on.",
    ),
    "webhook_not_changeable": Meaning(
        "The webhook cannot have a secret of its own",
        "Endpoints that submissions name share one secret of their caller's. Add an endpoint for all jobs.",
    ),
    "webhook_key_missing": Meaning(
        "The server has no key for webhooks",
        "Secrets are made from REELOG_WEBHOOK_KEY; set it to the same text for all servers on one store.",
    ),
    "file_unsupported": Meaning(
        "The file has a format that is not taken",
        "What it is, its first bytes tell, whatever it is called. `detail` says what it seems to be, and "
        "which formats are taken.",
    ),
    "file_refused": Meaning(
        "The file cannot be used",
        "It was opened and looked at to its end; `detail` says what is wrong with it.",
    ),
    "job_not_retryable": Meaning(
        "The job cannot be retried",
        "Only a failed or cancelled job can be retried. A completed one can be made anew asset by asset.",
    ),
    "job_not_finished": Meaning(
        "The job has no finished film",
        "Only a completed job has all that there is to export. Wait for its end, or retry it.",
    ),
    "job_not_ended": Meaning(
        "The job has not ended",
        "Only what has ended is deleted. Cancel the job, and delete it when it has ended.",
    ),
    "job_not_awaiting_review": Meaning(
        "The job waits for no review",
        "Only a job whose status is awaiting_review can be approved.",
    ),
    "asset_not_revisable": Meaning(
        "The asset cannot have another revision now",
        "Only in a job that has ended, or waits for review, can an asset be made again, if it was made "
        "before, or be provided; `detail` says what stands in the way.",
    ),
    "job_set_aside": Meaning(
        "The job is set aside",
        "One of its events cannot be folded: a defect, a damaged log, or a newer version. What came "
        "before can be read, nothing is done with it, and all other jobs go on. Update Reelog, or "
        "run `reelog rebuild` once the cause is mended.",
    ),
    "job_pruned": Meaning(
        "The job's content was removed",
        "Its texts and files were removed by `reelog prune` or deleted. What happened and what it cost can "
        "still be read; submit the script anew to make the film again.",
    ),
    "other_provider": Meaning(
        "The job belongs to another provider",
        "A job is finished by the provider that it was begun with. Send it to a server that was "
        "started for that one.",
    ),
    "conflict": Meaning(
        "Others were changing the same thing",
        "Nothing was changed. Try again after `Retry-After`.",
    ),
    "content_pruned": Meaning(
        "The bytes were removed",
        "The job was pruned or deleted: `pruned_at` tells when. Its bytes are gone for good.",
    ),
    "link_invalid": Meaning(
        "The link is not one that was made here",
        "Something of the address was changed, or lost on its way, or the key changed with which it was "
        "signed. Whoever may see the asset makes a new one with `POST /v1/assets/{id}/link`.",
    ),
    "link_expired": Meaning(
        "The link has ended",
        "It was good for a while, or as long as the key with which it was made. Whoever may see the asset "
        "makes a new one with `POST /v1/assets/{id}/link`.",
    ),
    "invalid_submission": Meaning(
        "The submission is not valid",
        "`errors` names every fault: its place as a JSON pointer, what is there, and what would do.",
    ),
    "unpriced_model": Meaning(
        "A budget needs models with a known price",
        "Leave `max_cost_usd` out, choose models with a known price, or add the price to the file "
        "that REELOG_PRICES names.",
    ),
    "position_unknown": Meaning(
        "The position has not happened",
        "The log ends before it. A position is good for one store only: `store` names it, on pages "
        "of events, in /readyz and in a stream's first event. Begin anew from 0.",
    ),
    "idempotency_key_reused": Meaning(
        "The Idempotency-Key belongs to another request",
        "The same key came with another body before. Use a new key for another request.",
    ),
    "budget_exhausted": Meaning(
        "The key's budget of the day is exhausted",
        "What its jobs cost today, and what the unfinished ones may still cost, leaves nothing. Nothing was "
        "recorded. `GET /v1/key` tells what is left.",
    ),
    "key_not_found": Meaning(
        "There is no such key",
        "No key was ever given under this name. `GET /v1/keys` lists them.",
    ),
    "key_exists": Meaning(
        "The name was given to another key",
        "A name is never given twice, also when its key was revoked: it says for ever whose jobs are whose.",
    ),
    "queue_full": Meaning(
        "Too many jobs are waiting",
        "As many jobs wait as REELOG_QUEUE_LIMIT allows. Nothing was recorded; try again after "
        "`Retry-After` seconds.",
    ),
    "content_damaged": Meaning(
        "Stored bytes are damaged",
        "The bytes in the store are gone or are not what their digest says. Restore the blob folder "
        "from a backup.",
    ),
    "unavailable": Meaning(
        "Not available now",
        "Something that the answer needs cannot be used now; `detail` says what. Nothing was changed.",
    ),
    "behind": Meaning(
        "Not known yet",
        "The read models do not hold the position asked for. They are being caught up; ask again "
        "after `Retry-After` seconds.",
    ),
    "store_unavailable": Meaning(
        "The event store cannot be used",
        "The event store cannot be read or written: a full disk, a lock, a lost database. Nothing "
        "was recorded.",
    ),
}


@dataclass(frozen=True)
class FieldError:
    """``pointer`` is a JSON pointer into the body, or a parameter's name as ``?name`` or ``Header-Name``."""

    pointer: str
    message: str


class NoPriceError(FieldError):
    """There is a budget, and no price to keep it by."""


class MissingFileError(FieldError):
    """Whoever asks has no such file, whatever else is asked for."""


class Refusal(Exception):  # noqa: N818 - the word for it, here and in the documents
    """What was asked is not done. ``retry_after_s``: it may be done then, if it is asked again."""

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        unnamed: int = 0,
        retry_after_s: int | None = None,
    ) -> None:
        more = len(errors) + unnamed - MOST_ERRORS
        if more > 0:
            detail = f"{detail} Here are {MOST_ERRORS}, and {more:,} more."
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = tuple(errors[:MOST_ERRORS])
        self.retry_after_s = retry_after_s

    @property
    def title(self) -> str:
        return REFUSALS[self.code].title

    @property
    def hint(self) -> str:
        return REFUSALS[self.code].hint


class Faults(Refusal):
    """All that is wrong with what was sent; ``unnamed`` more faults were counted and not looked at."""

    def __init__(self, code: str, faults: Sequence[FieldError], unnamed: int = 0) -> None:
        count = len(faults) + unnamed
        detail = faults[0].message if count == 1 else f"{count:,} things are wrong with it."
        super().__init__(code, detail, errors=faults, unnamed=unnamed)
        self.faults = tuple(faults)
        self.unnamed = unnamed

    @classmethod
    def of_one(cls, code: str, pointer: str, message: str) -> Self:
        return cls(code, [FieldError(pointer, message)])

    def told(self, tell: Callable[[FieldError], FieldError]) -> Self:
        """The same, with each fault as ``tell`` gives it."""
        return type(self)(self.code, [tell(fault) for fault in self.faults], self.unnamed)


def refuse(faults: Sequence[FieldError], unnamed: int = 0) -> None:
    """Raise the refusal that these faults of a submission are, if there are any."""
    if faults:
        no_price = all(isinstance(fault, NoPriceError) for fault in faults)
        raise Faults("unpriced_model" if no_price else "invalid_submission", faults, unnamed)


def refusal_of(error: Exception) -> Refusal | None:
    """The refusal that an error of the domain, the store or the read models is; None for a defect."""
    found: Refusal | None = None
    match error:
        case Refusal():
            found = error
        case JobPrunedError():
            found = Refusal("job_pruned", f"{error}.".replace("job", "Job", 1))
        case JobNotFoundError():
            found = Refusal("job_not_found", f"There is no job {error.job_id}.")
        case StoreUnavailableError():
            found = _soon("store_unavailable", f"{error.reason}: {error.hint}.")
        case ConflictError():
            found = _soon("conflict", "Nothing was changed; try again.")
        case OperationalError() | InterfaceError() | StoreClosedError():
            found = _soon("store_unavailable", "The event store cannot be read now.")
        case BehindError():
            found = _soon("behind", f"The read models are at {error.projected}: {error}.")
        case ReadModelsUnavailableError():
            found = _soon("unavailable", "The read models cannot be read now.")
    return found


def _soon(code: str, detail: str) -> Refusal:
    return Refusal(code, detail, retry_after_s=SOON_S)
