"""``reelog doctor --live``: the smallest call of each kind, its answer held against the emulator's."""

import asyncio
import contextlib
import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click

from actors.work.live_calls import LiveCall
from actors.work.live_check import Outcome, Reference
from api.cli.emulator import emulated
from api.cli.errors import Code, InputError, end
from api.cli.live import print_json, say
from api.cli.live_recordings import recordings_of
from api.cli.live_report import cost_of, outcome_lines, plan_lines, report_of, summary
from api.cli.record import check_empty, write
from api.cli.store import cli_errors, settings_of
from api.cli.text import echo, money, theme_of
from api.composition import gateway_settings, load_prices
from api.settings import Settings
from domain.pricing import PriceBook

REPORT = Path("reelog-live-report.json")
MOST_USD = 0.10
"""What all calls together may cost at most; dearer ones are not made."""


def check_live(*, report: Path, record: Path | None, emulate: bool, yes: bool, as_json: bool) -> None:
    """Tell the price, ask, make the calls, and tell and write what was found. Ends with an exit code."""
    from actors.gemini.connect import detect_provider
    from actors.gemini.gateway import SDK_CAPABILITIES
    from actors.work.live_calls import paid_calls, refusal_call

    settings = settings_of()
    if not emulate and settings.missing_key:
        raise InputError(settings.missing_key)
    prices = _prices(settings)
    at = datetime.now(UTC)
    calls = [refusal_call(), *paid_calls(SDK_CAPABILITIES[settings.gemini_sdk], prices, at)]
    with emulated(settings, chosen=emulate) as chosen, emulated(settings) as beside:
        with cli_errors():
            provider = detect_provider(chosen.gemini_base_url)
        elsewhere = chosen.gemini_base_url
        there = {"emulator": "the emulator", "gemini": "the Gemini API"}[provider]
        who = f"{there} at {elsewhere}" if elsewhere else "Google"
        say(f"Asks {who} by {settings.gemini_sdk}, and compares with the emulator:")
        say()
        charged = provider != "emulator"
        at_most = _at_most(calls) if charged else 0.0
        for line in plan_lines(calls, at_most, charged=charged):
            say(line)
        say()
        _ask_first(yes=yes, at_most=at_most)
        _check_writable(report)
        if record is not None:
            check_empty("--record", record)
        reference = asyncio.run(_emulators(beside, calls))
        outcomes, costs = asyncio.run(_providers(chosen, provider, calls, reference, prices, as_json=as_json))
    written = report_of(
        outcomes,
        calls,
        costs,
        provider=provider,
        sdk=settings.gemini_sdk,
        elsewhere=elsewhere is not None,
        at=at,
        secret=_secret(settings),
    )
    report.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if as_json:
        print_json(written)
    say()
    if record is not None:
        kept = recordings_of(outcomes, _secret(settings))
        write(record, {"job": None}, kept)
        say(f"{len(kept)} recordings are in {record}, with what models wrote, drew and spoke.")
    for line in summary(outcomes, written["not_asked"], written["cost_usd"] if charged else None):
        say(line)
    say(f"The report is in {report}. It holds no key, no header and no text of the provider's:")
    say("attach it to an issue as it is.")
    if any(outcome.nobody_lets_in for outcome in outcomes):
        end(Code.UNREACHABLE)
    if not written["agrees"]:
        end(Code.JOB_FAILED)


def _secret(settings: Settings) -> str:
    return settings.gemini_api_key.get_secret_value() if settings.gemini_api_key else ""


def _prices(settings: Settings) -> PriceBook:
    try:
        return load_prices(settings.prices)
    except (ValueError, OSError) as error:
        raise InputError(f"REELOG_PRICES: {settings.prices}: {error}") from None


def _at_most(calls: Sequence[LiveCall]) -> float:
    """What all calls cost at most; InputError where that is not known, or too much."""
    unpriced = [call.model for call in calls if call.at_most_usd is None]
    if unpriced:
        raise InputError(
            f"--live: what {', '.join(unpriced)} costs is not known",
            "REELOG_PRICES names a list of prices of your own.",
        )
    total = sum(call.at_most_usd or 0.0 for call in calls)
    if total > MOST_USD:
        raise InputError(
            f"--live: the calls would cost up to {money(total)}, more than {money(MOST_USD)}",
            "No call was made. See that the prices in REELOG_PRICES are right.",
        )
    return total


def _ask_first(*, yes: bool, at_most: float) -> None:
    if yes or not at_most:
        return
    if not sys.stdin.isatty():
        raise InputError("--live: nobody is there to be asked, and the calls may cost", "--yes makes them.")
    if not click.confirm("Make these calls?", err=True):
        end(Code.CANCELLED)


def _check_writable(report: Path) -> None:
    """Before anything is paid for."""
    try:
        with report.open("a", encoding="utf-8"):
            pass
    except OSError as error:
        raise InputError(f"--report: {report} cannot be written: {error.strerror}") from None


async def _emulators(settings: Settings, calls: Sequence[LiveCall]) -> Reference:
    from actors.gemini.connect import open_gateway
    from actors.work.live_check import EmulatorFailedError, ask_emulator

    gateway = open_gateway(gateway_settings(settings, "emulator"))
    try:
        return await ask_emulator(gateway, calls)
    except EmulatorFailedError as error:
        raise InputError(f"--live: the emulator, which is compared with, cannot answer: {error}") from None
    finally:
        await gateway.close()


async def _providers(
    settings: Settings,
    provider: str,
    calls: Sequence[LiveCall],
    reference: Reference,
    prices: PriceBook,
    *,
    as_json: bool,
) -> tuple[list[Outcome], list[float | None]]:
    from actors.gemini.connect import open_gateway
    from actors.work.live_check import ask_provider

    planned = {call.name: call for call in calls}
    theme = theme_of(sys.stdout)
    outcomes: list[Outcome] = []
    costs: list[float | None] = []
    with cli_errors():
        gateway = open_gateway(gateway_settings(settings, "emulator" if provider == "emulator" else "gemini"))
    now = datetime.now(UTC)
    async with contextlib.aclosing(ask_provider(gateway, calls, reference, now.date())) as asked:
        async for outcome in asked:
            cost = (
                cost_of(outcome, planned.get(outcome.name), prices, now) if provider != "emulator" else None
            )
            outcomes.append(outcome)
            costs.append(cost)
            if not as_json:
                for line in outcome_lines(outcome, cost, theme, _secret(settings)):
                    echo(line, color=theme.colour)
    await gateway.close()
    return outcomes, costs
