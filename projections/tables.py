"""The tables of the read models, and every statement that touches them, as plain SQL.

``{g}`` is the *generation*: a rebuild fills tables of generation N+1 beside those of generation N and then
switches the ``live`` mark, so readers see either all of the old or all of the new. The row of a generation
also holds the position it is projected up to: tables and position change in one transaction.

A job's page stands in two tables, as an event changes one scene of many: ``jobs`` holds it with an empty list
of scenes at its end, and ``scenes`` each of them.

The SQL is what SQLite and PostgreSQL have in common; ``?`` marks a parameter, ``{blob}`` and ``{position}``
are types that the two name differently, ``{text}`` one of texts that are compared by their code points,
``{jobs}`` is as many marks as there are jobs. A list of jobs by a filter is put together in `job_filter`.
"""

from dataclasses import dataclass

FOLD = "16"
"""The version of the folds. Raise it when what they make changes: the projector then builds anew."""


@dataclass(frozen=True)
class Tables:
    """Made together when one is missing; ``suffix`` names their file beside a SQLite store."""

    suffix: str
    names: tuple[str, ...]
    statements: tuple[str, ...]


REGISTRY = (
    """
    CREATE TABLE IF NOT EXISTS read_models (
        generation INTEGER PRIMARY KEY,
        fold TEXT NOT NULL,
        live INTEGER NOT NULL,
        position BIGINT NOT NULL,
        stopped TEXT
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS read_models_aside (
        generation INTEGER NOT NULL,
        job_id TEXT NOT NULL,
        position BIGINT NOT NULL,
        type TEXT NOT NULL,
        reason TEXT NOT NULL,
        PRIMARY KEY (generation, job_id)
    )
    """,
    """
    CREATE TABLE IF NOT EXISTS crews (
        process TEXT PRIMARY KEY,
        reported_at TEXT NOT NULL,
        status TEXT NOT NULL
    )
    """,
)
"""What all generations share. Beside their positions, which jobs each has set aside: an event of theirs could
not be folded. Not a table of the generation, so that it is there whichever version made that one. And what
each crew says of itself, which no event does."""
REGISTERED = ("read_models", "read_models_aside", "crews")
READ_MODELS = Tables("-views", REGISTERED, REGISTRY)

REPORT_CREW = (
    "INSERT INTO crews (process, reported_at, status) VALUES (?, ?, ?) "
    "ON CONFLICT (process) DO UPDATE SET reported_at = excluded.reported_at, status = excluded.status"
)
FORGET_CREW = "DELETE FROM crews WHERE process = ? OR reported_at < ?"
CREWS = "SELECT process, status FROM crews WHERE reported_at >= ? ORDER BY process"

LIVE = "SELECT generation, position, fold, stopped FROM read_models WHERE live = 1"
GENERATIONS = "SELECT generation, live FROM read_models ORDER BY generation"
ADD_GENERATION = "INSERT INTO read_models (generation, fold, live, position) VALUES (?, ?, ?, 0)"
FORGET_GENERATION = "DELETE FROM read_models WHERE generation = ?"
# One statement takes the row's lock and finds out whether this writer may write at all.
ADVANCE = (
    "UPDATE read_models SET position = ?, stopped = NULL WHERE generation = ? AND position = ? AND live = ?"
)
GO_ON = "UPDATE read_models SET stopped = NULL WHERE generation = ? AND stopped IS NOT NULL"
STOP = "UPDATE read_models SET stopped = ? WHERE generation = ?"
RETIRE_LIVE = "UPDATE read_models SET live = 0 WHERE live = 1"
MAKE_LIVE = "UPDATE read_models SET live = 1 WHERE generation = ?"

SCENES_TABLE = """
    CREATE TABLE IF NOT EXISTS scenes_{g} (
        job_id TEXT NOT NULL,
        place INTEGER NOT NULL,
        body {blob} NOT NULL,
        PRIMARY KEY (job_id, place)
    )
"""
"""Not yet there in a generation that an older version made; it is added when this one goes on with that."""
CALLERS_TABLE = """
    CREATE TABLE IF NOT EXISTS callers_{g} (
        job_id TEXT PRIMARY KEY,
        caller TEXT NOT NULL,
        created BIGINT NOT NULL
    )
    """
CALLERS_INDEX = "CREATE INDEX IF NOT EXISTS callers_by_age_{g} ON callers_{g} (caller, created)"
"""Whose each job is; and as above. An older version knew one caller, who may see everything."""
TERMS_TABLE = """
    CREATE TABLE IF NOT EXISTS terms_{g} (
        job_id TEXT NOT NULL,
        field {text} NOT NULL,
        value {text} NOT NULL,
        created BIGINT NOT NULL,
        PRIMARY KEY (job_id, field, value)
    )
    """
TERMS_INDEX = "CREATE INDEX IF NOT EXISTS terms_by_value_{g} ON terms_{g} (field, value, created, job_id)"
FIGURES_TABLE = """
    CREATE TABLE IF NOT EXISTS figures_{g} (
        job_id TEXT PRIMARY KEY,
        created BIGINT NOT NULL,
        created_at {text} NOT NULL,
        cost_usd DOUBLE PRECISION NOT NULL
    )
    """
FIGURES_INDEX = (
    "CREATE INDEX IF NOT EXISTS figures_by_age_{g} ON figures_{g} (created, created_at, cost_usd, job_id)"
)
"""What each job is found by (`job_filter`); and as above. The index holds all that is compared."""
ADDED = (
    *(SCENES_TABLE, CALLERS_TABLE, CALLERS_INDEX),
    *(TERMS_TABLE, TERMS_INDEX, FIGURES_TABLE, FIGURES_INDEX),
)
"""What a generation that an older version made may lack."""
SCHEMA = (
    """
    CREATE TABLE jobs_{g} (
        job_id TEXT PRIMARY KEY,
        created BIGINT NOT NULL,
        position BIGINT NOT NULL,
        status TEXT NOT NULL,
        ended_at TEXT,
        content TEXT NOT NULL,
        body {blob} NOT NULL
    )
    """,
    *ADDED,
    "CREATE UNIQUE INDEX jobs_by_age_{g} ON jobs_{g} (created)",
    "CREATE INDEX jobs_by_status_{g} ON jobs_{g} (status, created)",
    "CREATE INDEX jobs_by_end_{g} ON jobs_{g} (content, ended_at)",
    """
    CREATE TABLE assets_{g} (
        asset_id TEXT PRIMARY KEY,
        job_id TEXT NOT NULL,
        ordinal INTEGER NOT NULL,
        body {blob} NOT NULL,
        revisions {blob} NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX assets_by_job_{g} ON assets_{g} (job_id, ordinal)",
    """
    CREATE TABLE timeline_{g} (
        position {position} PRIMARY KEY,
        job_id TEXT NOT NULL,
        type TEXT NOT NULL,
        body {blob} NOT NULL
    )
    """,
    "CREATE UNIQUE INDEX timeline_by_job_{g} ON timeline_{g} (job_id, position)",
    """
    CREATE TABLE timings_{g} (
        position {position} PRIMARY KEY,
        provider TEXT NOT NULL,
        kind TEXT NOT NULL,
        maker TEXT NOT NULL,
        seconds DOUBLE PRECISION NOT NULL
    )
    """,
    "CREATE INDEX timings_by_maker_{g} ON timings_{g} (provider, kind, maker, position)",
    """
    CREATE TABLE calls_{g} (
        position {position} PRIMARY KEY,
        provider TEXT NOT NULL,
        model TEXT NOT NULL,
        kind TEXT NOT NULL,
        ended_at TEXT NOT NULL,
        error TEXT,
        seconds DOUBLE PRECISION,
        text_bytes INTEGER NOT NULL,
        scenes INTEGER NOT NULL,
        prompt_tokens INTEGER NOT NULL,
        output_tokens INTEGER NOT NULL,
        other_tokens INTEGER NOT NULL
    )
    """,
    "CREATE INDEX calls_by_model_{g} ON calls_{g} (provider, model, kind, position)",
    """
    CREATE TABLE uses_{g} (
        digest TEXT NOT NULL,
        job_id TEXT NOT NULL,
        PRIMARY KEY (digest, job_id)
    )
    """,
    """
    CREATE TABLE totals_{g} (
        name TEXT NOT NULL,
        labels TEXT NOT NULL,
        value BIGINT NOT NULL,
        PRIMARY KEY (name, labels)
    )
    """,
)
TABLES = (
    *("jobs", "scenes", "callers", "terms", "figures"),
    *("assets", "timeline", "timings", "calls", "uses", "totals"),
)
EMPTY = "DELETE FROM {table}_{g}"
DROP = "DROP TABLE IF EXISTS {table}_{g}"
DIFFERENCE = "SELECT count(*) FROM (SELECT * FROM {table}_{a} EXCEPT SELECT * FROM {table}_{b}) AS only_in_a"

# ---- written by the projection ----------------------------------------------------------------------

PUT_JOB = """
INSERT INTO jobs_{g} (job_id, created, position, status, ended_at, content, body)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (job_id) DO UPDATE
SET position = excluded.position, status = excluded.status, ended_at = excluded.ended_at,
    content = excluded.content, body = excluded.body
"""
PUT_SCENE = """
INSERT INTO scenes_{g} (job_id, place, body) VALUES (?, ?, ?)
ON CONFLICT (job_id, place) DO UPDATE SET body = excluded.body
"""
PUT_CALLER = (
    "INSERT INTO callers_{g} (job_id, caller, created) VALUES (?, ?, ?) ON CONFLICT (job_id) DO NOTHING"
)
FORGET_TERMS = "DELETE FROM terms_{g} WHERE job_id = ?"
PUT_TERM = "INSERT INTO terms_{g} (job_id, field, value, created) VALUES (?, ?, ?, ?)"
PUT_FIGURES = """
INSERT INTO figures_{g} (job_id, created, created_at, cost_usd) VALUES (?, ?, ?, ?)
ON CONFLICT (job_id) DO UPDATE SET cost_usd = excluded.cost_usd
"""
CUT_SCENES = "DELETE FROM scenes_{g} WHERE job_id = ? AND place >= ?"
PUT_ASSET = """
INSERT INTO assets_{g} (asset_id, job_id, ordinal, body, revisions) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (asset_id) DO UPDATE SET body = excluded.body, revisions = excluded.revisions
"""
PUT_ENTRY = "INSERT INTO timeline_{g} (position, job_id, type, body) VALUES (?, ?, ?, ?)"
PUT_TIMING = "INSERT INTO timings_{g} (position, provider, kind, maker, seconds) VALUES (?, ?, ?, ?, ?)"
PUT_CALL = "INSERT INTO calls_{g} VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ADD_TO_TOTAL = """
INSERT INTO totals_{g} (name, labels, value) VALUES (?, ?, ?)
ON CONFLICT (name, labels) DO UPDATE SET value = totals_{g}.value + excluded.value
"""

FORGET_ENTRIES = "DELETE FROM timeline_{g} WHERE job_id = ?"
PUT_USE = "INSERT INTO uses_{g} (digest, job_id) VALUES (?, ?) ON CONFLICT (digest, job_id) DO NOTHING"
SET_ASIDE = "INSERT INTO read_models_aside VALUES (?, ?, ?, ?, ?)"
FORGET_ASIDE = "DELETE FROM read_models_aside WHERE generation = ?"
CHANGE_JOB = "UPDATE jobs_{g} SET body = ? WHERE job_id = ?"
FORGET_JOB = "DELETE FROM jobs_{g} WHERE job_id = ?"
FORGET_SCENES = "DELETE FROM scenes_{g} WHERE job_id = ?"
FORGET_ASSETS = "DELETE FROM assets_{g} WHERE job_id = ?"
FORGET_FIGURES = "DELETE FROM figures_{g} WHERE job_id = ?"
FORGET_TEXTS = (FORGET_ENTRIES, FORGET_ASSETS, FORGET_SCENES, FORGET_TERMS, FORGET_FIGURES, FORGET_JOB)
FORGET_USE = "DELETE FROM uses_{g} WHERE digest = ? AND job_id = ?"

# ---- read ---------------------------------------------------------------------------------------------

ASIDE = "SELECT job_id, position, type, reason FROM read_models_aside WHERE generation = ? ORDER BY position"
JOB_OF_ASSET = "SELECT job_id FROM assets_{g} WHERE asset_id = ?"
JOB = "SELECT body, position FROM jobs_{g} WHERE job_id = ?"
JOB_STATUS = "SELECT job_id, status, position FROM jobs_{g} WHERE job_id = ?"
UNFINISHED = (
    "SELECT job_id FROM jobs_{g} WHERE status IN ('queued', 'running', 'awaiting_review') "
    "AND job_id NOT IN (SELECT job_id FROM read_models_aside WHERE generation = {g}) ORDER BY created"
)
DUE = (
    "SELECT job_id, ended_at FROM jobs_{g} WHERE content = ? AND ended_at < ? "
    "AND job_id NOT IN (SELECT job_id FROM read_models_aside WHERE generation = {g}) "
    "ORDER BY content, ended_at"
)
SCENES = "SELECT job_id, body FROM scenes_{g} WHERE job_id IN ({jobs}) ORDER BY job_id, place"
USERS = "SELECT job_id FROM uses_{g} WHERE digest = ? LIMIT ?"
TOTALS_OF = "SELECT name, labels, value FROM totals_{g} WHERE name = ?"
TOTALS = "SELECT name, labels, value FROM totals_{g}"
ASSETS = "SELECT body FROM assets_{g} WHERE job_id = ? ORDER BY ordinal"
ASSETS_WITH_REVISIONS = "SELECT body, revisions FROM assets_{g} WHERE job_id = ? ORDER BY ordinal"
ASSET = "SELECT body, revisions FROM assets_{g} WHERE asset_id = ?"
ENTRIES = "SELECT position, job_id, type, body FROM timeline_{g} WHERE position > ? ORDER BY position LIMIT ?"
ENTRIES_OF_CALLER = (
    "SELECT position, job_id, type, body FROM timeline_{g} WHERE position > ? "
    "AND job_id IN (SELECT job_id FROM callers_{g} WHERE caller = ?) ORDER BY position LIMIT ?"
)
ENTRIES_OF_JOB = (
    "SELECT position, job_id, type, body FROM timeline_{g} "
    "WHERE job_id = ? AND position > ? ORDER BY position LIMIT ?"
)
POSITIONS_OF_JOB = "SELECT position FROM timeline_{g} WHERE job_id = ? AND position <= ? ORDER BY position"
TIMINGS = (
    "SELECT seconds FROM timings_{g} WHERE provider = ? AND kind = ? AND maker = ? "
    "ORDER BY position DESC LIMIT ?"
)
CALLS = (
    "SELECT ended_at, error, seconds, text_bytes, scenes, prompt_tokens, output_tokens, other_tokens "
    "FROM calls_{g} WHERE provider = ? AND model = ? AND kind = ? ORDER BY position DESC LIMIT ?"
)
