from tests.contracts.conftest import postgres_server, postgresql_url, restartable_postgresql

__all__ = ["postgres_server", "postgresql_url", "restartable_postgresql"]
