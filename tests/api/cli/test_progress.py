"""The picture of a job, as lines; made from the pages of jobs that the real folds show."""

import re
from datetime import timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest

from api.cli.live import LivePicture, PlainLines, display
from api.cli.progress import Story, elapsed_s, moment, picture
from api.cli.render import failure_lines, job_sheet, jobs_table, summary
from api.cli.store import StoreSource
from api.cli.text import Theme, cells, fit, money, pad, size, theme_of
from api.durations import duration
from tests.api.cli.conftest import Floor
from tests.projections.filming import outage, refusal

PLAIN = Theme(colour=False)


def story_of(floor: Floor, job_id: UUID) -> Story:
    floor.settle()
    source = StoreSource(floor.system)
    story = Story(source.job(job_id))
    for told in source.events(job_id, 0):
        story.apply(told)
    return story


def drawn(floor: Floor, job_id: UUID, width: int = 100, theme: Theme = PLAIN) -> list[str]:
    return picture(story_of(floor, job_id), floor.filming.now, width, theme)


def row(lines: list[str], name: str) -> list[str]:
    return next(line for line in lines if name in line).split()


def test_a_queued_job_is_all_dots(floor: Floor) -> None:
    lines = drawn(floor, floor.filming.submit())

    assert "EMULATOR" in lines[0]
    assert [line.split()[0] for line in lines[2:9]] == ["·"] * 7
    assert "0 %" in lines[10]
    assert "queued" in lines[10]


def test_scenes_fill_up_as_their_parts_are_made(floor: Floor) -> None:
    floor.filming.scenes = 3
    job_id = floor.filming.submit()
    floor.filming.until_made(job_id, "image:1")

    lines = drawn(floor, job_id)

    assert row(lines, "Script analysis")[:5] == ["✓", "Script", "analysis", "3", "scenes"]
    assert row(lines, "Images")[2:5] == ["●", "●", "●"]
    assert row(lines, "Composition")[2:5] == ["·", "·", "·"]
    assert "The Boat" in lines[0]
    assert lines[-1].startswith("  Scene 3: narration spoken by narration-model in 1.5 s")


def test_a_finished_film_is_all_marks_and_a_full_bar(floor: Floor) -> None:
    job_id = floor.filming.submit()
    floor.filming.finish(job_id)

    lines = drawn(floor, job_id)

    assert [line.split()[0] for line in lines[2:9]] == ["✓"] * 7
    assert "100 %" in lines[10]
    assert "─" not in lines[10]
    assert row(lines, "Composition")[2:4] == ["●", "●"]


def test_what_waits_for_another_attempt_is_told_with_the_time_that_is_left(floor: Floor) -> None:
    job_id = floor.filming.submit()
    floor.filming.faults["image:1"] = [outage()]
    floor.settle()
    while not any("attempt_failed" in told["type"] for told in StoreSource(floor.system).events(job_id, 0)):
        floor.filming.step(job_id)
        floor.settle()
    story = story_of(floor, job_id)
    [waiting] = story.waits.values()

    told = moment(waiting["data"]["retry_at"]) - timedelta(seconds=2)
    lines = picture(story, told, 100, PLAIN)

    assert "  ↻ Scene 1 image: attempt 2 in 2 s – overloaded: The model is overloaded." in lines
    assert "↻" in row(lines, "Images")
    floor.filming.finish(job_id)
    assert not story_of(floor, job_id).waits


def test_many_waits_are_counted(floor: Floor) -> None:
    story = story_of(floor, floor.filming.submit())
    told = {
        "type": "asset.attempt_failed", "message": "…", "eta_s": None, "occurred_at": "2026-11-22T10:00:00Z",
        "data": {"attempt": 1, "retry_at": "2026-11-22T10:00:09Z", "failure": {"code": "c", "message": "…"}},
    }  # fmt: skip
    for number in range(8):
        story.apply(told | {"asset": {"id": str(number), "kind": "image", "scene": number + 1}})

    lines = picture(story, floor.filming.now, 100, PLAIN)

    assert sum("↻" in line for line in lines) == 3
    assert "  and 5 more are waiting" in lines


def test_a_failure_is_seen_where_it_happened(floor: Floor) -> None:
    job_id = floor.filming.submit()
    floor.filming.faults["image:2"] = [refusal()]
    floor.filming.finish(job_id)

    lines = drawn(floor, job_id)

    assert row(lines, "Images")[0] == "✗"
    assert "✗" in row(lines, "Images")[2:]
    assert row(lines, "Composition")[0] in {"·", "–"}


def test_no_line_is_wider_than_the_terminal(floor: Floor) -> None:
    floor.filming.scenes = 15
    job_id = floor.filming.submit()
    floor.filming.until_made(job_id, "image:7")

    story = story_of(floor, job_id)

    for width in (24, 40, 55, 56, 60, 79, 100, 200):
        lines = picture(story, floor.filming.now, width, PLAIN)
        assert max(cells(line) for line in lines) <= width
        assert len(lines) == 12


def test_a_terminal_without_unicode_gets_ascii(floor: Floor) -> None:
    job_id = floor.filming.submit()
    floor.filming.until_made(job_id, "image:1")

    lines = drawn(floor, job_id, theme=Theme(colour=False, unicode=False))

    assert all(line.isascii() for line in lines)


def test_the_remaining_time_counts_down_since_it_was_told(floor: Floor) -> None:
    job_id = floor.filming.submit()
    floor.filming.until_made(job_id, "image:1")
    story = story_of(floor, job_id)
    assert story.told_at is not None
    story.eta_s = 75.0

    later = [picture(story, story.told_at + timedelta(seconds=s), 100, PLAIN)[10] for s in (0, 30, 80)]

    assert "about 75 s left" in later[0]
    assert "about 45 s left" in later[1]
    assert "any moment" in later[2]


def test_time_of_work_is_counted_to_the_end(floor: Floor) -> None:
    job_id = floor.filming.submit()
    began = floor.filming.now
    floor.filming.finish(job_id)
    job = story_of(floor, job_id).job

    took = elapsed_s(job, floor.filming.now + timedelta(days=1))

    assert took == pytest.approx((floor.filming.now - began).total_seconds(), abs=0.05)


def test_what_a_film_waits_is_no_time_of_work_and_told_beside_it(floor: Floor) -> None:
    filming = floor.filming
    job_id = filming.submit()
    begun = filming.tick(7)
    [*_, queued, _] = drawn(floor, job_id)
    filming.until_made(job_id, "analysis")
    filming.studio.change_job(job_id, lambda job: job.request_review("script", now=filming.tick(0.1)))
    worked = duration((filming.now - begun).total_seconds())
    filming.tick(180)
    [*_, waiting, _] = drawn(floor, job_id)
    filming.studio.change_job(job_id, lambda job: job.approve(now=filming.now))
    [*_, goes_on, _] = drawn(floor, job_id)
    let_go_on = filming.now
    filming.finish(job_id)
    took = duration((filming.now - let_go_on + (let_go_on - begun)).total_seconds() - 180)
    [told, *_] = summary(story_of(floor, job_id).job, PLAIN, filming.now + timedelta(days=1))

    assert "0.0 s   queued for 7.0 s   $0" in queued
    assert f" {worked}   7.0 s queued   awaiting_review for 3 min 00 s   $" in waiting
    assert f" {worked}   7.0 s queued   3 min 00 s in review   $" in goes_on
    assert f"is made, in {took} (and 7.0 s queued, 3 min 00 s in review), $" in told


def test_a_plain_line_tells_the_time_of_work_as_the_job_does_at_its_event(floor: Floor) -> None:
    filming = floor.filming
    filming.faults["image:1"] = [refusal()]
    job_id = filming.submit()
    filming.tick(7)
    filming.until_made(job_id, "analysis")
    filming.studio.change_job(job_id, lambda job: job.request_review("script", now=filming.now))
    filming.tick(180)
    filming.studio.change_job(job_id, lambda job: job.approve(now=filming.now))
    assert filming.finish(job_id) == "failed"
    filming.tick(3600)
    filming.studio.change_job(job_id, lambda job: job.reopen("retry", now=filming.now))
    assert filming.finish(job_id) == "completed"
    floor.settle()
    source, written = StoreSource(floor.system), StringIO()
    lines, story = PlainLines(written), Story(source.job(job_id))
    events = list(source.events(job_id, 0))

    for event in events:
        story.apply(event)
        lines.event(event, story)

    for event, line in zip(events, written.getvalue().splitlines(), strict=True):
        at = moment(event["occurred_at"])
        told = elapsed_s(source.job(job_id, at=event["position"]), at)
        assert line.startswith(f"{duration(told):>11} "), line


def test_a_wait_for_what_costs_nothing_says_how_long_it_goes_on_so(floor: Floor) -> None:
    story = story_of(floor, floor.filming.submit())
    now = moment("2026-11-22T10:00:00Z")
    failure = {"code": "overloaded", "message": "high demand"}
    until = {"retry_at": "2026-11-22T10:00:09Z", "retry_until": "2026-11-22T10:30:00Z"}
    story.apply({
        "type": "asset.attempt_failed", "message": "…", "eta_s": None, "occurred_at": "2026-11-22T10:00:00Z",
        "asset": {"id": "1", "kind": "image", "scene": 2},
        "data": {"attempt": 3, "failure": failure, **until},
    })  # fmt: skip
    [line] = [line for line in picture(story, now, 100, PLAIN) if "↻" in line]
    assert "Scene 2 image: attempt 4 in 9 s, for up to 30 min 00 s more – overloaded: high demand" in line


# ---- drawing -----------------------------------------------------------------------------------------


class Terminal(StringIO):
    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


def screen_of(text: str) -> list[str]:
    """What a terminal shows after ``text``: enough of one to understand what we send."""
    lines, at = [""], 0
    for up, order, character in re.findall(r"\x1b\[(\??[\d;]*)([A-Za-z])|(.|\n)", text):
        if order == "A":
            at -= int(up)
            assert at >= 0
        elif order == "J":
            lines[at:] = [""]
        elif character:
            if character == "\n":
                at += 1
                if at == len(lines):
                    lines.append("")
            elif character == "\r":
                lines[at] = ""
            else:
                lines[at] += character
    return [line.rstrip() for line in lines]


def test_the_picture_is_drawn_over_itself_and_the_cursor_given_back(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "40")
    monkeypatch.setattr("api.cli.live._FRAME_S", 0.0)
    terminal = Terminal()
    live = LivePicture(terminal)
    job_id = floor.filming.submit()
    for name in ("analysis", "image:1", "video"):
        live.tick(story_of(floor, job_id))
        floor.filming.until_made(job_id, name)
    floor.filming.finish(job_id)
    story = story_of(floor, job_id)

    live.close(story)

    shown = screen_of(terminal.getvalue())
    finished = [line.rstrip() for line in picture(story, floor.filming.now, 99, PLAIN)]
    assert shown[: len(finished)] == finished
    assert not any(shown[len(finished) :])
    assert terminal.getvalue().endswith("\x1b[?25h")


def test_a_picture_that_is_higher_than_the_terminal_is_cut_at_the_top(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("LINES", "5")
    monkeypatch.setattr("api.cli.live._FRAME_S", 0.0)
    terminal = Terminal()
    live = LivePicture(terminal)
    story = story_of(floor, floor.filming.submit())

    live.tick(story)
    live.tick(story)

    assert terminal.getvalue().count("\n") == 8
    assert "\x1b[4A" in terminal.getvalue()


def test_colour_is_for_terminals_and_for_those_who_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert theme_of(Terminal()).colour
    assert not theme_of(StringIO()).colour
    for forced in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        monkeypatch.setenv(forced, "0")
        assert not theme_of(StringIO()).colour
        monkeypatch.setenv(forced, "1")
        assert theme_of(StringIO()).colour
        monkeypatch.delenv(forced)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    assert not theme_of(Terminal()).colour
    assert not theme_of(StringIO()).colour


def test_a_dumb_terminal_gets_plain_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr", Terminal())
    monkeypatch.setenv("TERM", "dumb")
    assert type(display()).__name__ == "PlainLines"
    monkeypatch.setenv("TERM", "xterm")
    assert type(display()).__name__ == "LivePicture"
    assert type(display(quiet=True)).__name__ == "Silent"


# ---- values ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (money(None), "–"), (money(0.0), "$0.00"), (money(0.0123), "$0.0123"),
        (money(12.5), "$12.50"), (money(0.00001), "$0.00001"), (money(0.000012), "$0.00001"),
        (money(0.0001), "$0.0001"), (money(0.000049), "$0.00005"),
        (size(999), "999 B"), (size(17_404_813), "17.4 MB"), (size(5e12), "5000.0 GB"),
    ],
)  # fmt: skip
def test_values_are_short(shown: str, expected: str) -> None:
    assert shown == expected


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert cells("北京") == 4
    assert cells("e\u0301") == 1
    assert pad("北京", 6) == "北京  "
    assert fit("北京北京", 5) == "北京…"
    assert fit("short", 5) == "short"
    assert fit("a\nb\tc", 9) == "a b c"


def test_what_calls_may_have_cost_of_which_nobody_knows_is_told(floor: Floor) -> None:
    story: Any = story_of(floor, floor.filming.submit())
    story.job["cost"] |= {"usd": 0.5, "unknown_usd": 0.02, "max_usd": 3.0, "lost_calls": 1}

    totals = picture(story, floor.filming.now, 100, PLAIN)[10]

    assert "$0.5000, at most $0.5200 of $3.00 (1 lost call)" in totals
    story.job |= {"status": "completed", "finished_at": story.job["created_at"]}
    assert "$0.5000, at most $0.5200 of $3.00" in next(summary(story.job, PLAIN, floor.filming.now))
    _head, line = jobs_table([story.job], PLAIN, floor.filming.now)
    assert "$0.5000+" in line


def test_an_unpriced_call_is_not_shown_as_free(floor: Floor) -> None:
    story: Any = story_of(floor, floor.filming.submit())
    story.job["cost"] |= {"usd": 0.5, "unpriced": 2, "max_usd": 3.0, "lost_calls": 1}

    totals = picture(story, floor.filming.now, 100, PLAIN)[10]

    assert "$0.5000 of $3.00 + 2 unpriced (1 lost call)" in totals
    # In a list there is one column for it: that more is not known is a sign.
    head, line = jobs_table([story.job], PLAIN, floor.filming.now)
    assert line.index("$0.5000+") + len("$0.5000+") == head.index("COST") + len("COST")


def test_amounts_of_a_failure_are_told_as_money_and_no_advice_is_gainsaid() -> None:
    failure = {
        "code": "budget_exceeded", "message": "The next step costs more.", "hint": "Raise it and retry.",
        "may_have_been_billed": False, "retryable": False,
        "details": {"spent_usd": 0.0, "step_usd": 0.05170275, "max_cost_usd": 1e-05, "images": 3},
    }  # fmt: skip
    told = [" ".join(line.split()) for line in failure_lines(failure, PLAIN)]

    for line in (
        "spent $0.00",
        "step $0.0517",
        "max cost $0.00001",
        "images 3",
        "retry may help not as it is",
    ):
        assert line in told


def test_a_film_that_got_no_name_is_told_by_its_first_words(floor: Floor) -> None:
    floor.filming.faults["analysis"] = [refusal()]
    job_id = floor.filming.submit()
    assert floor.filming.finish(job_id) == "failed"
    job: Any = story_of(floor, job_id).job
    assert (job["title"], job["text"][:7]) == (None, "The sea")

    _, line = jobs_table([job], PLAIN, floor.filming.now)
    sheet = "\n".join(job_sheet(job, PLAIN, floor.filming.now))

    assert "The sea" in line
    assert "The sea" in sheet
    assert "A film in the making" not in sheet


def test_a_job_that_waits_says_for_what_and_how_it_goes_on(floor: Floor) -> None:
    job: Any = story_of(floor, floor.filming.submit()).job
    waiting = job | {"status": "awaiting_review", "review": "storyboard"}

    told = list(job_sheet(waiting, PLAIN, floor.filming.now))

    assert f"It waits for review of the storyboard. Let it go on: reelog approve {job['id']}" in told
