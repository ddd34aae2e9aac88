"""prompts: what models are told, how one's own differ, and what one call with a prompt gives."""

import asyncio
import difflib
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from actors import prompts as shipped
from actors.prompts import NAMES, Prompt, load, read_own
from api.cli.emulator import emulate_option, emulated
from api.cli.errors import Code, InputError, end
from api.cli.jobs import JobName, json_option
from api.cli.live import print_json, say
from api.cli.revise import yes_option
from api.cli.script import read_script
from api.cli.source import job_named
from api.cli.store import StoreSource, cli_errors, provider_system, settings_of
from api.cli.text import echo, money, theme_of
from api.composition import BlobError, System, asking, gateway_settings
from domain.asset import SCENE_KINDS
from domain.failures import AttemptFailedError
from domain.job import Job

name_argument = click.argument("name", type=click.Choice(NAMES))


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def prompts(ctx: click.Context, as_json: bool) -> None:
    """List the prompts: name, version, and whether it is one of your own (REELOG_PROMPTS)."""
    if ctx.invoked_subcommand is not None:
        if as_json:
            raise InputError(f"--json: is of the list; {ctx.invoked_subcommand} prints text, leave it out")
        return
    with cli_errors():
        asked_with = asking(settings_of())
    for name in NAMES:
        prompt = asked_with.prompt(name)
        own = prompt in asked_with.own
        if as_json:
            print_json({"name": name, "version": prompt.version, "own": own, "text": prompt.text})
            continue
        put_in = " ".join(f"${each}" for each in sorted(prompt.placeholders))
        echo(f"{prompt.version:32} {'own' if own else 'shipped':8} {put_in}")
    if not as_json:
        say(f"The shipped ones are in {Path(shipped.__file__).parent}")


@prompts.command()
@click.argument("first", metavar="[NAME|FILE", required=False)
@click.argument("second", metavar="[FILE]]", required=False)
def diff(first: str | None, second: str | None) -> None:
    """Show how your own prompts differ from the shipped ones, or one FILE from the shipped one or another.

    NAME is a prompt's; FILE is named as a prompt is, such as storyboard.md.
    """
    pairs = list(_pairs(first, second))
    if not pairs:
        say("All prompts are the shipped ones. REELOG_PROMPTS names a folder of your own.")
    theme = theme_of(sys.stdout)
    for old, new in pairs:
        lines = difflib.unified_diff(
            old.text.splitlines(), new.text.splitlines(), old.version, new.version, lineterm=""
        )
        roles: dict[str, Any] = {"+": "good", "-": "bad", "@": "dim"}
        for line in lines:
            role = roles.get(line[:1])
            echo(theme.paint(line, role) if role else line, color=theme.colour)


def _pairs(first: str | None, second: str | None) -> Iterator[tuple[Prompt, Prompt]]:
    if first is None:
        with cli_errors():
            own = asking(settings_of()).own
        yield from ((load(prompt.name), prompt) for prompt in own)
        return
    if second is not None:
        yield _prompt(first), _prompt(second)
        return
    prompt = _prompt(first)
    yield load(prompt.name), prompt


def _prompt(named: str) -> Prompt:
    """The prompt in use of a name, or the one in a file."""
    if named in NAMES:
        with cli_errors():
            return asking(settings_of()).prompt(named)
    if not Path(named).exists():
        raise InputError(f"{named!r} is no file and no prompt; there are {', '.join(NAMES)}")
    try:
        return read_own(Path(named))
    except (ValueError, OSError) as error:
        raise InputError(f"{named}: {error}") from None


@prompts.command(name="try")
@name_argument
@click.argument("about", metavar="SCRIPT|JOB")
@click.option("--with", "file", metavar="FILE", help="The prompt in this file, in place of the one in use")
@click.option("--scene", type=click.IntRange(min=1), help="Of an image or a shot [default: 1]")
@click.option("--out", metavar="FILE", type=click.Path(dir_okay=False), help="Write the answer here")
@emulate_option
@yes_option
def try_prompt(
    name: str, about: str, file: str | None, scene: int | None, out: str | None, emulate: bool, yes: bool
) -> None:
    """Show what a prompt says about a script or a job, and what one call with it gives. It may cost money.

    script_analysis is tried on SCRIPT, a file; the others on a JOB that has what they are made from. The
    price is told and you are asked before the call. Nothing of it becomes part of a job.
    """
    settings = settings_of()
    own = _prompt(file) if file else None
    if own is not None and own.name != name:
        raise InputError(f"--with: {file} is a prompt for {own.name}; name the file {name}.md")
    script = _checked(read_script(about)) if Path(about).is_file() else None
    with emulated(settings, chosen=emulate) as chosen, provider_system(chosen) as system:
        if own is not None:
            system.asking = replace(system.asking, own=(own, *system.asking.own))
        job = _named(system, about) if script is None else None
        made = asyncio.run(_try(system, name, scene, script, job, yes=yes))
    if made is not None:
        _show(made, Path(out) if out else None)


def _named(system: System, name: str) -> Job:
    """The job that a person means; InputError else."""
    return system.studio.job(job_named(StoreSource(system), JobName().convert(name, None, None)))


async def _try(
    system: System, name: str, scene: int | None, script: str | None, job: Job | None, *, yes: bool
) -> Any:
    """The answer; None where the call is not wanted."""
    from actors.gemini.connect import open_gateway
    from actors.work.briefing import brief_of
    from actors.work.crew import stage_actors
    from actors.work.planning.prompt_trial import KIND_OF, NotTriableError, plan_trial, script_brief
    from actors.work.provider_call import Provider
    from actors.work.stage import MakeFailedError

    if scene is not None and KIND_OF[name] not in SCENE_KINDS:
        raise InputError(f"--scene: {name} is asked of the film as a whole; leave --scene out")
    gateway = gateway_settings(system.settings, system.provider)
    provider = Provider(lambda: open_gateway(gateway), system.prices, system.clock, system.asking)
    stages = stage_actors(provider, system.studio, system.clock)
    try:
        assets = system.studio.assets(job) if job else {}
        brief = brief_of(job, assets) if job else script_brief(script or "", system.provider)
        trial = plan_trial(name, scene or 1, brief, assets, stages, system.blobs)
        echo(trial.plan.prompt or "")
        price = trial.plan.reservation_usd
        told = "not known" if price is None else f"at most {money(price)}"
        say(f"{trial.plan.prompt_version}, asked of {trial.plan.model} ({system.provider}). Cost: {told}.")
        if not _wanted(yes=yes):
            return None
        if system.provider == "gemini" and system.settings.missing_key:
            raise InputError(system.settings.missing_key)
        return await trial.make()
    except NotTriableError as error:
        raise InputError(f"SCRIPT|JOB: {error}") from None
    except BlobError as error:
        raise InputError(f"JOB: what it is made from cannot be read: {error}") from None
    except (MakeFailedError, AttemptFailedError) as error:
        say(f"It failed: {error.failure.message}")
        say(f"  {error.failure.hint}")
        end(Code.JOB_FAILED)
    finally:
        await provider.close()


def _wanted(*, yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        say("Nothing was asked: --yes makes the call.")
        return False
    return click.confirm("Make this one call?", err=True)


def _show(made: Any, out: Path | None) -> None:
    cost = "not known" if made.cost_usd is None else money(made.cost_usd)
    tokens = (made.usage or {}).get("total_tokens", 0)
    say(f"It cost {cost} ({tokens} tokens, {made.provenance.get('call_s')} s).")
    assert isinstance(made.data, bytes)
    if out is not None:
        out.write_bytes(made.data)
        say(f"The answer is in {out}")
    elif made.media_type == "application/json":
        echo(made.data.decode())
    else:
        say(f"The answer is {len(made.data)} bytes of {made.media_type}; --out FILE keeps it.")


def _checked(script: str) -> str:
    from api.cli.options import FLAGS, submission

    return submission(script, {**{flag.parameter: None for flag in FLAGS}, "job_metadata": ()}).script
