"""Call a film otherwise: whoever may see the job sees the name, and nothing is made anew.

Not what is asked of other changes (a price, an idempotency key): it costs nothing, and asked again it changes
nothing.
"""

import unicodedata
from dataclasses import dataclass
from uuid import UUID

from pydantic import Field, field_validator

from api.cases.accepted import job_page
from api.cases.callers import LOCAL
from api.cases.checks import refuse_set_aside
from api.composition import System
from domain.characters import visible
from domain.submission import Request

MOST_CHARACTERS = 200
_NO_LINE = frozenset({"Cc", "Zl", "Zp"})
"""Unicode's categories of control characters, and of what ends lines and paragraphs."""


class Rename(Request):
    """What a film is called."""

    title: str | None = Field(
        max_length=MOST_CHARACTERS,
        description="One line; null, or nothing to be seen: as its analysis calls it",
    )

    @field_validator("title")
    @classmethod
    def _one_line(cls, title: str | None) -> str | None:
        if title is None or not visible(title).strip():
            return None
        if any(unicodedata.category(character) in _NO_LINE for character in title):
            raise ValueError("write one line, without control characters")
        return title.strip()


@dataclass(frozen=True)
class RenameRequest:
    job_id: UUID
    asked: Rename
    caller: str = LOCAL


def rename(system: System, request: RenameRequest) -> bytes:
    """Record the name, at any status; the job's page as JSON. Blocks.

    Refusals ``job_not_found``, ``job_pruned``, ``job_set_aside``.
    """
    job_id, title = request.job_id, request.asked.title
    refuse_set_aside(system, job_id)
    _, saved = system.studio.change_job(
        job_id, lambda job: job.rename(title, now=system.clock(), caller=request.caller)
    )
    return job_page(system, job_id, saved.position)
