"""Every command, given twice to whatever a life has come to, changes nothing the second time."""

from copy import deepcopy
from datetime import timedelta
from functools import partial
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.asset import Asset, Recipe
from domain.asset_parts import Provision, Receipt
from domain.job import Job
from domain.script import Stage
from tests.domain.language import START, failure
from tests.domain.simulation import World

RECEIPT = Receipt("call-1", START, START + timedelta(days=1))
SUMS: dict[str, Any] = {
    "assets": 1,
    "elapsed_s": 1.0,
    "requests": 1,
    "tokens": 1,
    "cost_usd": 0.0,
    "unpriced": 0,
}


def life_so_far(seed: int, events: int) -> World:
    random = Random(seed)  # noqa: S311 - chance in a test, not a secret
    world = World(options={}, scenes=2, choose=lambda _question, answers: random.choice(answers))
    while len(world.log) < events and world.direct():
        if world.queue or world._open():
            world.happen()
    return world


def commands_for_a_job(about: dict[str, Any]) -> list[Any]:
    commands: list[Any] = [
        partial(Job.request_cancel, **about),
        partial(Job.cancel, **about),
        partial(Job.complete, **about),
        partial(Job.fail, failure=failure(), **about),
        partial(Job.reopen, reason="retry", **about),
        partial(Job.resume, director="boot-9", **about),
        partial(Job.rename, title="The Boat", **about),
        partial(Job.rename, title=None, **about),
    ]
    for stage in Stage:
        commands.append(partial(Job.start_stage, stage=stage, **about))
        commands.append(partial(Job.complete_stage, stage=stage, **SUMS, **about))
    return commands


def commands_for_an_asset(asset: Asset, about: dict[str, Any]) -> list[Any]:
    now = {"run": 1, **about}
    made: dict[str, Any] = {
        "digest": "sha256:x",
        "media_type": "x/y",
        "size": 1,
        "facts": {"scenes": [{}]},
        "provenance": {},
    }
    given = Provision("sha256:mine", "x/y", 1, {"scenes": [{}]}, {"file": "sha256:mine"}, "local")
    commands: list[Any] = [
        partial(Asset.fail, failure=failure(), **now),
        partial(Asset.provide_again, given=given, **now),
    ]
    for revision in (asset.revision, asset.revision + 1):
        commands.append(partial(Asset.request_again, revision=revision, recipe=Recipe(), inputs=[], **now))
        for number in range(1, len(asset.attempts) + 2):
            order: dict[str, Any] = {"revision": revision, "number": number, **now}
            commands += [
                partial(Asset.start_attempt, worker="w9", **order),
                partial(Asset.generate, **made, **order),
                partial(Asset.fail_attempt, failure=failure(), **order),
                partial(Asset.lose_attempt, **order),
                partial(Asset.accept_call, worker="w1", receipt=RECEIPT, **order),
                partial(Asset.resume_attempt, worker="w9", resumes=0, **order),
            ]
    return commands


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 60))
def test_a_command_given_twice_adds_what_it_adds_once(seed: int, events: int) -> None:
    world = life_so_far(seed, events)
    about = {"now": world.now + timedelta(seconds=1)}
    targets: list[tuple[Any, list[Any]]] = [(world.job, commands_for_a_job(about))]
    targets += [(a, commands_for_an_asset(a, about)) for a in world.assets.values()]
    for aggregate, commands in targets:
        for command in commands:
            subject = deepcopy(aggregate)
            command(subject)
            once = list(subject.pending_events)
            assert len(once) <= 1
            command(subject)
            assert list(subject.pending_events) == once
