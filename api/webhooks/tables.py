"""The tables of webhooks: beside the events, and no part of the read models."""

from projections.tables import Tables

TABLES = Tables(
    "-webhooks",
    (
        "webhook_follower",
        "webhook_endpoints",
        "webhook_deliveries",
        "webhook_deliveries_due",
        "webhook_deliveries_of",
        "webhook_deliveries_waiting",
        "webhook_tries",
        "webhook_tries_failed",
        "webhook_counts",
    ),
    (
        """
        CREATE TABLE IF NOT EXISTS webhook_follower (
            id INTEGER PRIMARY KEY,
            store TEXT NOT NULL,
            position BIGINT NOT NULL
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS webhook_endpoints (
            id TEXT PRIMARY KEY,
            caller TEXT NOT NULL,
            job TEXT,
            lane TEXT NOT NULL,
            events TEXT NOT NULL,
            enabled INTEGER NOT NULL
        )
        """,
        """
        CREATE TABLE IF NOT EXISTS webhook_deliveries (
            id TEXT PRIMARY KEY,
            endpoint TEXT NOT NULL,
            lane TEXT NOT NULL,
            position BIGINT NOT NULL,
            job TEXT NOT NULL,
            type TEXT NOT NULL,
            status TEXT NOT NULL,
            turn INTEGER NOT NULL,
            tries INTEGER NOT NULL,
            due BIGINT NOT NULL,
            created TEXT NOT NULL,
            ended TEXT
        )
        """,
        "CREATE INDEX IF NOT EXISTS webhook_deliveries_due ON webhook_deliveries (status, due)",
        "CREATE INDEX IF NOT EXISTS webhook_deliveries_of ON webhook_deliveries (endpoint, position)",
        """
        CREATE INDEX IF NOT EXISTS webhook_deliveries_waiting ON webhook_deliveries (endpoint, job, position)
        WHERE status = 'pending'
        """,
        """
        CREATE TABLE IF NOT EXISTS webhook_tries (
            delivery TEXT NOT NULL,
            turn INTEGER NOT NULL,
            number INTEGER NOT NULL,
            at TEXT NOT NULL,
            status INTEGER,
            error TEXT,
            elapsed_ms BIGINT NOT NULL,
            PRIMARY KEY (delivery, turn, number)
        )
        """,
        "CREATE INDEX IF NOT EXISTS webhook_tries_failed ON webhook_tries (at) WHERE error IS NOT NULL",
        """
        CREATE TABLE IF NOT EXISTS webhook_counts (
            outcome TEXT PRIMARY KEY,
            deliveries BIGINT NOT NULL
        )
        """,
    ),
)
