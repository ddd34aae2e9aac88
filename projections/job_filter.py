"""What jobs are listed by: the terms and figures that are stored of each, and the statement of a filter.

A *term* is a field and a value of a job: ``metadata.project`` = ``autumn``, ``model``, ``provider``; and each
``word`` of its title, its first words and its metadata, as a search looks for it. They stand in a table of
their own with an index, so that a list stays as fast as its page is long. Beside it stands what is compared
and not equal: when a job was created and what it cost.

Rejected: the full-text search of each database (two languages of queries that find different jobs), and
conditions on the stored page (every page is then read).
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from domain.film import Film
from domain.job import Job
from domain.tombstones import is_tombstone
from projections.wire import iso

MOST_WORDS = 64
"""Of one job, and of one search."""
LONGEST_WORD = 64
LONGEST_VALUE = 200
"""Longer ones are indexed by their digest."""
SHOWN_WORDS = 80
"""Characters of a script that stand for a title, while there is none."""
WORD = "word"
_LAST = "\U0010ffff"
_ALONE = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_WORDS = re.compile(f"[{_ALONE}]|[^\\W{_ALONE}]+")
"""Of writing without spaces each sign is a word."""

Term = tuple[str, str]
TermRow = tuple[str, str, str, int]
FigureRow = tuple[str, int, str, float]


@dataclass(frozen=True, kw_only=True)
class JobFilter:
    """Which jobs a list holds: those for which all of this is so. What is None does not matter.

    ``status`` may be one of several; ``beginning`` is how ids begin, as `beginning_of` writes it; times are
    from (then included) and to (then not), costs least and most; ``search`` holds words, or how they begin.
    """

    status: str | tuple[str, ...] | None = None
    beginning: str | None = None
    caller: str | None = None
    metadata: tuple[Term, ...] = ()
    model: str | None = None
    provider: str | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None
    cost_min: float | None = None
    cost_max: float | None = None
    search: str | None = None

    @property
    def is_empty(self) -> bool:
        return all(getattr(self, field.name) in (None, ()) for field in fields(self))

    @property
    def terms(self) -> list[Term]:
        """Those that a job must have as they are."""
        named = [(_field(name), indexed(value)) for name, value in self.metadata]
        others = (("model", self.model), ("provider", self.provider))
        return named + [(field, indexed(value)) for field, value in others if value is not None]

    @property
    def words(self) -> list[str]:
        return words_of(self.search or "")[:MOST_WORDS]

    @property
    def by_figures(self) -> bool:
        return any(
            bound is not None for bound in (self.created_from, self.created_to, self.cost_min, self.cost_max)
        )

    @property
    def needs_index(self) -> bool:
        """Whether it is answered from tables that an older version did not fill."""
        return bool(self.terms or self.search) or self.by_figures

    def statement(self, before: int, limit: int) -> tuple[str, list[Any]]:
        """SQL of the jobs, newest first, and its values. ``created`` of all is less than ``before``.

        The narrowest index that gives them by age leads; all else is looked up for each job.
        """
        terms, caller, by_figures = self.terms, self.caller, self.by_figures
        source, conditions, values = "jobs_{g} j", [], list[Any]()
        lead = "j"
        if terms:
            field, value = terms.pop(0)
            source, lead = "terms_{g} f CROSS JOIN jobs_{g} j", "f"
            conditions, values = ["f.field = ?", "f.value = ?", "j.job_id = f.job_id"], [field, value]
        elif caller is not None:
            source, lead = "callers_{g} f CROSS JOIN jobs_{g} j", "f"
            conditions, values = ["f.caller = ?", "j.job_id = f.job_id"], [caller]
            caller = None
        elif by_figures:
            source, lead = "figures_{g} f CROSS JOIN jobs_{g} j", "f"
            conditions, values = ["j.job_id = f.job_id", *self._figures("f")], self._bounds()
            by_figures = False
        conditions.append(f"{lead}.created < ?")
        values.append(before)
        if self.status is not None:
            statuses = (self.status,) if isinstance(self.status, str) else self.status
            conditions.append(f"j.status IN ({', '.join('?' * len(statuses))})")
            values += statuses
        if self.beginning is not None:
            conditions.append("j.job_id LIKE ?")
            values.append(f"{self.beginning}%")
        if caller is not None:
            conditions.append(_EXISTS.format(table="callers", such="x.caller = ?", g="{g}"))
            values.append(caller)
        for term in terms:
            conditions.append(_EXISTS.format(table="terms", such="x.field = ? AND x.value = ?", g="{g}"))
            values += term
        if by_figures:
            such = " AND ".join(self._figures("x"))
            conditions.append(_EXISTS.format(table="figures", such=such, g="{g}"))
            values += self._bounds()
        for word in self.words:
            conditions.append(_HAS_WORD)
            values += [WORD, word, word + _LAST]
        sql = (
            f"SELECT j.created, j.body, j.job_id FROM {source} WHERE {' AND '.join(conditions)} "  # noqa: S608 - of parts that stand here
            f"ORDER BY {lead}.created DESC LIMIT ?"
        )
        return sql, [*values, limit]

    def _figures(self, table: str) -> list[str]:
        told = (
            (self.created_from, "created_at >= ?"),
            (self.created_to, "created_at < ?"),
            (self.cost_min, "cost_usd >= ?"),
            (self.cost_max, "cost_usd <= ?"),
        )
        return [f"{table}.{condition}" for bound, condition in told if bound is not None]

    def _bounds(self) -> list[Any]:
        bounds = [iso(self.created_from), iso(self.created_to), self.cost_min, self.cost_max]
        return [bound for bound in bounds if bound is not None]


_EXISTS = "EXISTS (SELECT 1 FROM {table}_{g} x WHERE x.job_id = j.job_id AND {such})"
_HAS_WORD = (
    "j.job_id IN (SELECT x.job_id FROM terms_{g} x WHERE x.field = ? AND x.value >= ? AND x.value < ?)"
)


# ---- what is stored -------------------------------------------------------------------------------------


def terms_of(film: Film) -> list[Term]:
    """All that a job is found by."""
    job = film.job
    named = [(_field(key), indexed(text)) for key, value in job.metadata.items() for text in _texts(value)]
    models = [("model", indexed(model)) for model in job.models.values() if model]
    title = None if is_tombstone(film.title or "") else film.title
    said = (title, first_words(job), *(text for _, text in _worded(job.metadata)))
    words = [word for text in said if text for word in words_of(text)]
    found = [*named, *models, ("provider", job.provider)]
    return list(dict.fromkeys([*found, *((WORD, word) for word in list(dict.fromkeys(words))[:MOST_WORDS])]))


def first_words(job: Job) -> str | None:
    """The first words of the script, or of what it is to be about; None once they were pruned."""
    topic = job.given.topic
    text = job.script if topic is None else topic.about
    if is_tombstone(text):
        return None
    words = " ".join(text[: SHOWN_WORDS * 8].split())
    if len(words) <= SHOWN_WORDS:
        return words or None
    cut = words[:SHOWN_WORDS]
    return (cut.rpartition(" ")[0] or cut) + "…"


def figures_of(film: Film, created: int, cost_usd: float) -> FigureRow:
    return str(film.job.id), created, iso(film.job.created_on) or "", cost_usd


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared, whatever their case and form."""
    return [word[:LONGEST_WORD] for word in _WORDS.findall(unicodedata.normalize("NFKC", text).casefold())]


def indexed(value: str) -> str:
    """A value as it stands in the index, which takes no long ones."""
    if len(value.encode()) <= LONGEST_VALUE:
        return value
    return f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"


def _field(key: str) -> str:
    return f"metadata.{indexed(key)}"


def _texts(value: Any) -> Iterator[str]:
    """A value of metadata as one writes it in an address; of a list, each of its values."""
    if isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value
    elif not isinstance(value, dict):
        yield json.dumps(value)


def _worded(metadata: dict[str, Any]) -> list[Term]:
    return [(key, text) for key, value in metadata.items() for text in _texts(value)]
