"""The model of `scale.py` obeys what every queue obeys, whatever was measured; no figure is held here."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests.bench.film_costs import FilmCosts
from tests.bench.scale import (
    ASSETS,
    BUSY,
    CALL_S,
    LOADS,
    PEAK,
    SINGLE,
    films_s,
    load_costs,
    plan,
    simulate,
    stations,
    tables,
)

COSTS = FilmCosts(
    film_s=60.0, events=200, log_bytes=130_000, read_model_bytes=400_000, blob_bytes=60_000_000,
    calls=19, cost_usd=0.5, renderer_cpu_s=90.0, artist_cpu_s=2.0, server_cpu_s=2.0, appends=100,
    desk_cpu_s=0.2, projector_events_s=2_000, sqlite_appends_s=1_000, postgresql_appends_s=500,
)  # fmt: skip
ROOMY = {"shares": 1, "renderers": 1_000}


def test_the_same_seed_gives_the_same_films_and_another_one_others() -> None:
    once, again, other = (simulate(COSTS, 1.0, **ROOMY, films=50, seed=seed) for seed in (7, 7, 8))
    assert once == again
    assert once.took_s != other.took_s


def test_every_film_that_comes_is_made_and_all_of_its_work_is_done_once() -> None:
    films = 60
    run = simulate(COSTS, 0.5, shares=2, renderers=20, films=films)
    assert len(run.took_s) == films
    for name in ("log", "Director", "projector", "renderers"):
        assert run.busy_s[name] == pytest.approx(films * stations(COSTS)[name].work_s)


def test_no_server_works_for_longer_than_there_is_time() -> None:
    run = simulate(COSTS, 50.0, shares=2, renderers=3, films=80)
    servers = {"log": 1, "projector": 1, "Director": 2, "renderers": 3}
    assert all(run.busy_s[name] <= number * run.ended_s * 1.000001 for name, number in servers.items())


def test_a_film_never_takes_less_than_what_it_waits_for_in_turn() -> None:
    least = 0.5 * (CALL_S["analysis"] + CALL_S["storyboard"] + CALL_S["image"])
    least += 2 * stations(COSTS)["renderers"].work_s / 9
    assert min(simulate(COSTS, 0.01, **ROOMY, films=50).took_s) >= least
    assert ASSETS == 1 + 2 + 16 + 8 + 1


def test_films_under_way_are_the_rate_times_what_a_film_takes() -> None:
    """Little's law, over the time until the last is made."""
    run = simulate(COSTS, 1.0, **ROOMY, films=400)
    assert run.under_way == pytest.approx(len(run.took_s) / run.ended_s * sum(run.took_s) / len(run.took_s))
    assert run.arrived_s == pytest.approx(400, rel=0.15)


@pytest.mark.parametrize("station", ["log", "Director", "renderers"])
@pytest.mark.slow
def test_a_station_that_is_asked_for_more_than_it_can_do_is_what_films_wait_for(station: str) -> None:
    """Twice what one bears: films take longer than at half of it, and the last waits for all of the work."""
    one = {"log": {}, "Director": {"shares": 1}, "renderers": {"renderers": 20}}[station]
    servers = {"shares": 8, "renderers": 2_000} | one
    number = servers["renderers"] if station == "renderers" else 1
    rate = 2 * number / stations(COSTS)[station].work_s
    roomy = replace(COSTS, postgresql_appends_s=1e9, projector_events_s=1e9)
    costs = replace(roomy, postgresql_appends_s=COSTS.postgresql_appends_s) if station == "log" else roomy
    films = 300
    run = simulate(costs, rate, **servers, films=films)
    assert run.ended_s > films * stations(costs)[station].work_s / number
    calm = simulate(costs, rate / 4, **servers, films=films)
    assert calm.at(0.5) < run.at(0.5)
    assert calm.longest[station] < run.longest[station]


def test_two_shares_direct_what_one_cannot() -> None:
    rate = 1.4 / COSTS.desk_cpu_s
    costs = replace(COSTS, postgresql_appends_s=1e9, projector_events_s=1e9)
    one, two = (simulate(costs, rate, shares=shares, renderers=5_000, films=500) for shares in (1, 2))
    assert one.longest["Director"] > 4 * two.longest["Director"]
    assert two.at(0.5) < one.at(0.5)
    assert one.busy_s["Director"] == pytest.approx(two.busy_s["Director"])


@pytest.mark.parametrize("films_a_day", LOADS)
def test_a_plan_leaves_no_station_busier_than_it_may_be(films_a_day: int) -> None:
    planned, all_of = plan(COSTS, films_a_day), stations(COSTS)
    rate = planned.films_s_of_cell
    assert planned.cells * rate == pytest.approx(films_s(films_a_day))
    assert all(all_of[name].busy(rate) <= BUSY for name in SINGLE)
    assert all_of["Director"].busy(rate) <= BUSY * planned.shares
    assert all_of["renderers"].busy(rate) <= BUSY * planned.renderers
    assert all_of["artists"].busy(rate) <= BUSY * planned.artists


def test_more_films_never_need_less() -> None:
    plans = [plan(COSTS, 10**n) for n in range(2, 9)]
    assert plans == sorted(plans, key=lambda each: each.cells * each.renderers)
    assert plans[0].cells == plans[0].shares == 1


def test_what_one_bears_a_day_keeps_it_as_busy_as_it_may_be() -> None:
    for station in stations(COSTS).values():
        assert station.busy(films_s(station.films_a_day)) == pytest.approx(BUSY)
        assert station.films_a_day * PEAK * station.work_s == pytest.approx(86_400 * BUSY)


def test_the_document_holds_the_tables_of_what_was_measured() -> None:
    document = (Path(__file__).parents[2] / "docs" / "SCALE.md").read_text(encoding="utf-8")
    for table in tables(load_costs()):
        assert table in document, f"docs/SCALE.md: `python -m tests.bench.scale` now gives\n{table}"
