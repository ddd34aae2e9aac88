"""An estimate is for the very submission that would be taken, and begins nothing."""

import pytest

from api.cases.errors import Faults
from api.cases.estimate import EstimateRequest, estimate
from tests.api.cases.conftest import Studio


def test_what_would_be_taken_is_estimated_and_nothing_is_begun(studio: Studio) -> None:
    told = estimate(
        studio.system, EstimateRequest({"script": "A boat sets out.", "max_cost_usd": 2})
    ).to_json()
    assert (told["provider"], told["max_cost_usd"], told["scenes"]) == ("emulator", 2, 1)
    assert 0 < told["cost"]["usd"] < told["cost"]["at_most_usd"]
    assert studio.head() == 0


def test_what_would_be_refused_is_refused_in_the_same_words(studio: Studio) -> None:
    with pytest.raises(Faults) as refused:
        estimate(studio.system, EstimateRequest({"script": "A boat.", "options": {"fps": 7}}))
    assert [fault.pointer for fault in refused.value.errors] == ["/options/fps"]
