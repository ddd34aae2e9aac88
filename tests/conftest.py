"""For all tests: coroutines run on asyncio, the loop that the product runs on."""

import pytest


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"
