"""A job that waits for review: the price of the rest is told, and a terminal is asked whether it goes on."""

import sys
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import click

from api.cli.hints import Hints
from api.cli.live import say
from api.cli.text import money

Json = dict[str, Any]
Approve = Callable[[Json, str], Json]
"""Asks with a body and an idempotency key; gives a preview for a dry run, else the job."""


def ask_to_go_on(job: Json, approve: Approve | None, hints: Hints, *, then: str = "") -> bool:
    """Say what the job waits for; True where whoever is at the terminal has let it go on.

    ``then`` is what has to be done once it is approved, where nobody works on it anyway.
    """
    say(f"The job waits for review of the {job['review']}.")
    try:
        if approve is not None:
            say(f"The rest costs {_price(approve({'dry_run': True}, uuid4().hex)['cost'])}.")
            if sys.stdin.isatty() and click.confirm("Go on?", err=True):
                approve({}, uuid4().hex)
                return True
    except click.Abort:
        say()
        _say_how(job, hints, then)
        raise
    _say_how(job, hints, then)
    return False


def _say_how(job: Json, hints: Hints, then: str) -> None:
    say(f"  Look at it:   {hints.command('show ' + job['id'])}")
    say(f"  Let it go on: {hints.command('approve ' + job['id'])}")
    if then:
        say(f"                {then}")


def _price(cost: Json) -> str:
    if cost["usd"] is None:
        return f"what {cost['unpriced']} calls to models without a known price cost"
    return f"about {money(cost['usd'])}, at most {money(cost['at_most_usd'])}"
