"""The advice of every failure can be followed with these commands, too."""

import re

import click

from api.cli.main import main
from domain.causes import CAUSES

FOLLOWED = {
    r"^Raise max_cost_usd": ("retry", "--max-cost"),
    r"with another prompt": ("regenerate", "--prompt"),
    r"another script|a script without": ("fork", "--script"),
    r"captions: sidecar": ("fork", "--captions"),
    r"another length|target_duration_s": ("fork", "--target-duration"),
    r"another model|another SDK": ("fork", "--text-model"),
    r"choose another voice": ("fork", "--voice"),
    r"on_lost_call": ("submit", "--on-lost-call"),
    r"[Rr]etry(?!Info)": ("retry", "--watch"),
    r"[Rr]egenerate": ("regenerate", "--dry-run"),
    r"`reelog doctor`": ("doctor", "--json"),
    r"`reelog models`": ("models", "--json"),
}


def test_what_the_advice_asks_for_is_a_command_with_that_option() -> None:
    context = click.Context(main)
    for words, (name, option) in FOLLOWED.items():
        assert any(re.search(words, cause.hint) for cause in CAUSES.values()), f"no advice says {words}"
        command = main.get_command(context, name)
        assert command is not None
        assert option in {opt for parameter in command.params for opt in parameter.opts}, f"{name} {option}"


def test_nothing_of_a_job_is_to_be_changed_but_by_a_command_that_can() -> None:
    """A job keeps its script, models and options; advice to change them says how: by a fork."""
    for code, cause in CAUSES.items():
        if re.search(r"script|captions|another model|another length", cause.hint) and cause.attempts == 1:
            assert "ork the job" in cause.hint, f"{code}: {cause.hint}"
