"""What events add to the tables: the rows of each table, and the statements that store them.

Rows are made without a database, so a rebuild makes them in other processes. What an event says for ever (its
line in the timeline, what it counts) is a row of its own; what is shown of a job is made again from its fold,
and of that only the rows that have changed.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from domain.asset import Asset, AssetKey
from domain.job import Job
from domain.script import Kind
from domain.store import Recorded, Unreadable, UnreadableEventError
from domain.tombstones import digests_in
from projections import calls, tables, totals
from projections.database import Transaction
from projections.job_filter import FigureRow, TermRow
from projections.job_fold import Entry, JobFold
from projections.timings import Sample, sample
from projections.wire import encode, iso, text_of

_KIND_ORDER = {kind: number for number, kind in enumerate(Kind)}
_SCENES, _BEATS = 1000, 1000
_OF_JOBS = Job.Event, Asset.Event, Unreadable
_OF_PRUNING = frozenset({Job.PruneStarted, Job.Pruned})

JobRow = tuple[str, int, int, str, str | None, str, bytes]
SceneRow = tuple[str, int, bytes]
AssetRow = tuple[str, str, int, bytes, bytes]


@dataclass
class Rows:
    """What a batch of events adds to the tables."""

    entries: list[Entry] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    ended: list[calls.Row] = field(default_factory=list)
    counted: Counter[totals.Key] = field(default_factory=Counter)
    uses: dict[tuple[str, str], None] = field(default_factory=dict)
    """Which digests which jobs name, each once; a job that is pruned uses none."""
    jobs: list[JobRow] = field(default_factory=list)
    callers: list[tuple[str, str, int]] = field(default_factory=list)
    """Whose the jobs are that begin here."""
    terms: dict[str, list[TermRow]] = field(default_factory=dict)
    """All that these jobs are found by, in place of what they were."""
    figures: list[FigureRow] = field(default_factory=list)
    scene_counts: list[tuple[str, int]] = field(default_factory=list)
    """Of jobs whose scenes may have become fewer."""
    scenes: list[SceneRow] = field(default_factory=list)
    assets: list[AssetRow] = field(default_factory=list)

    def add_event(self, fold: JobFold, recorded: Recorded) -> None:
        """Fold the next event of a job, and add what it says."""
        event = recorded.event
        kind = type(event)
        if kind is Unreadable:
            raise UnreadableEventError(recorded.position, event)
        was = fold.status or None
        ends = kind in totals.OUTCOMES
        spent = fold.spent_on(event.originator_id) if ends else 0.0
        entry = fold.apply(recorded)
        asset = fold.asset
        if ends or asset is None:
            counted = totals.changes(event, asset, spent, was, fold.status, fold.job.caller)
            made = asset is not None and kind is Asset.Generated
            samples = [sample(recorded.position, event, fold.job, asset.key)] if made and asset else []
            # All or nothing: until here an event may turn out to be one that cannot be folded.
            if ends:
                self.ended += calls.rows(recorded, fold)
            self.samples += samples
            for key, change in counted:
                self.counted[key] += change
            if kind is Job.Submitted:
                self.callers.append((entry.job_id, event.caller, recorded.position))
        self.entries.append(entry)
        for digest in digests_of(event, entry):
            self.uses[digest, entry.job_id] = None

    def add_pages(self, fold: JobFold) -> None:
        """Add what is shown of a job, as far as it has changed since it was last added."""
        job_id = str(fold.job.id)
        ended_at = iso(fold.ended_at)
        self.jobs.append(
            (job_id, fold.created, fold.position, fold.status, ended_at, fold.content, fold.body())
        )
        terms, figures = fold.take_listed()
        if terms is not None:
            self.terms[job_id] = [(job_id, name, value, fold.created) for name, value in terms]
        if figures is not None:
            self.figures.append(figures)
        scenes = fold.take_scenes()
        if scenes.all_of_them:
            self.scene_counts.append((job_id, scenes.count))
        self.scenes += [(job_id, place, scene) for place, scene in scenes.changed]
        for asset_id, (key, page, revisions) in fold.take_changed().items():
            self.assets.append(asset_row(text_of(asset_id), job_id, key, page, revisions))

    def __getstate__(self) -> dict[str, Any]:
        """For another process, which stores them: to it an entry is a row, and plain ones cost half."""
        return {**vars(self), "entries": [tuple(entry) for entry in self.entries]}

    def add(self, others: "Rows") -> None:
        """Add what follows these."""
        self.entries += others.entries
        self.samples += others.samples
        self.ended += others.ended
        self.counted.update(others.counted)
        self.uses |= others.uses
        self.jobs += others.jobs
        self.callers += others.callers
        self.terms |= others.terms
        self.figures += others.figures
        self.scene_counts += others.scene_counts
        self.scenes += others.scenes
        self.assets += others.assets

    def store(self, transaction: Transaction, generation: int) -> None:
        terms = [term for of_job in self.terms.values() for term in of_job]
        for sql, rows in (
            (tables.PUT_ENTRY, self.entries),
            (tables.PUT_TIMING, self.samples),
            (tables.PUT_CALL, self.ended),
            (tables.PUT_USE, list(self.uses)),
            (tables.ADD_TO_TOTAL, list(totals.rows(self.counted))),
            (tables.PUT_JOB, self.jobs),
            (tables.PUT_CALLER, self.callers),
            (tables.FORGET_TERMS, [(job_id,) for job_id in self.terms]),
            (tables.PUT_TERM, terms),
            (tables.PUT_FIGURES, self.figures),
            (tables.CUT_SCENES, self.scene_counts),
            (tables.PUT_SCENE, self.scenes),
            (tables.PUT_ASSET, self.assets),
        ):
            if rows:
                transaction.many(sql.format(g=generation), rows)


def asset_row(
    asset_id: str, job_id: str, key: AssetKey, page: dict[str, Any], revisions: list[dict[str, Any]]
) -> AssetRow:
    return asset_id, job_id, ordinal(key), encode(page), encode(revisions)


def ordinal(key: AssetKey) -> int:
    """Assets of a job are listed by kind, as a film comes about, then by scene and beat."""
    return (_KIND_ORDER[key.kind] * _SCENES + (key.scene or 0)) * _BEATS + key.beat


def digests_of(event: Any, entry: Entry) -> list[str]:
    """Every digest that the event names: of what was made, of prompts, of what was sent and came back."""
    return [] if type(event) in _OF_PRUNING else digests_in(entry.body)


def concerns_a_job(recorded: Recorded) -> bool:
    """Events of other aggregates are no business of these tables."""
    return isinstance(recorded.event, _OF_JOBS)
