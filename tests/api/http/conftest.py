from pathlib import Path

import pytest

from tests.api.conftest import Site
from tests.api.opened_here import opened_here
from tests.api.planned import PlannedFilming


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Whoever leaves out the slow tests does not wait seconds for the cases of one: they are drawn when it is
    collected.
    """
    unwanted = collection_path.name == "test_fuzz.py" and "not slow" in config.getoption("markexpr")
    return True if unwanted else None


@pytest.fixture
def filming(site: Site) -> PlannedFilming:
    """Films made step by step, planned as the product plans them."""
    return PlannedFilming(site.system)


@pytest.fixture
def opening_here(site: Site) -> None:
    """The site opens files in this process, for tests that are not about processes."""
    site.system.opening = opened_here()
