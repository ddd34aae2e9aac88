"""How the crew is, in words: as `/readyz` and `reelog doctor` show it."""

import re
from typing import Any, Final

LONGEST_REASON: Final = 600
LEASE: Final = "director"
"""The presence of the one that gives orders."""
STARTING: Final = "starting"
"""The state of a Director that has not asked for the lease yet."""
WITHOUT_LEASE: Final = "waiting for the lease"
"""The state of a Director while another one has it."""
STANDING_BY: Final = "standing by"
"""The state of a crew whose Director waits for another's lease, to take over from it."""

_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
_PLAIN: Final = (ConnectionError, OSError, RuntimeError)
"""Errors whose own words say it all; others are told with their names."""


def crew_state(answer: dict[str, Any]) -> dict[str, Any]:
    """What the Director answers, and whether there is a seat that cannot be filled."""
    empty = [
        f"the {name} cannot be started: {seat['error']}"
        for name, seat in answer.get("crew", {}).items()
        if seat.get("state") == "cannot be started"
    ]
    if empty:
        return {"state": "failed", "error": "; ".join(empty), **answer}
    director = answer.get("director", {}).get("state")
    if director == STARTING:  # nobody knows yet whether another has the lease
        return {"state": "starting", "awaited": "the Director", **answer}
    return {"state": STANDING_BY if director == WITHOUT_LEASE else "ready", **answer}


def reason_on_one_line(error: BaseException, *, of_an_actor: bool) -> str:
    """What was raised, on one line: of an error that came from an actor, the last line of its traceback."""
    text = _COLOUR.sub("", str(error)).strip()
    if of_an_actor and ("Traceback" in text or "creation task" in text):
        text = text.splitlines()[-1]
    elif of_an_actor or not text or not (isinstance(error, _PLAIN) or type(error) is Exception):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_REASON else f"{line[: LONGEST_REASON - 1]}…"
