import json
import re
from typing import Any

import click
import pytest
from click.testing import CliRunner

from api.cases.fork_changes import Changes
from api.cli.errors import InputError
from api.cli.options import FLAGS, body, job_options, submission
from api.cli.revise import fork
from domain.submission import Models, Options, Submission


def typed(*arguments: str) -> dict[str, Any]:
    """What a command with the options of a job is given."""
    given: dict[str, Any] = {}

    @click.command()
    @job_options
    def command(**job: Any) -> None:
        given.update(job)

    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    return given


def test_every_field_of_a_submission_has_its_flag() -> None:
    fields = {f"/options/{name}" for name in Options.model_fields}
    fields |= {f"/models/{name}" for name in Models.model_fields}
    fields |= {f"/{name}" for name in Submission.model_fields}

    not_flags = {
        "/script",
        "/topic",
        "/scenes",
        "/cast",
        "/models",
        "/options",
        "/files",
        "/metadata",
        "/webhook",
        "/allow_fallback",
    }
    assert {flag.pointer for flag in FLAGS} == fields - not_flags
    assert len({flag.name for flag in FLAGS}) == len(FLAGS)


def test_the_flags_have_the_promised_names() -> None:
    names = (
        "aspect-ratio resolution quality fps captions captions-highlight caption-style reading-pace "
        "caption-speakers "
        "voice style script-form language text-model image-model speech-model video-model music-model "
        "motion voices max-cost max-scenes max-images target-duration no-audio no-narration no-music "
        "priority on-lost-call patience preset review"
    )

    assert {flag.name for flag in FLAGS} == {f"--{name}" for name in names.split()}


def test_a_fork_has_the_flags_of_what_it_may_change() -> None:
    had = {parameter.name for parameter in fork.params}

    for flag in FLAGS:
        assert (flag.parameter in had) is (flag.part is not None or flag.field in Changes.model_fields), flag


def test_a_fork_tells_no_defaults_but_that_all_is_as_it_was_and_that_a_language_costs() -> None:
    told = click.Context(fork).get_help()

    assert " ".join(told.split()).count("[default: as it was]") == len(
        [flag for flag in FLAGS if not flag.switch and flag.field != "preset"]
    )
    assert set(re.findall(r"\[default: ([^]]+)\]", " ".join(told.split()))) == {
        "as it was",
        "now",
        "a new one each time",
        "REELOG_URL, else one at http://127.0.0.1:8080, else the store here",
    }
    assert "translated into this language" in " ".join(told.split())
    assert "the analysis finds out" not in " ".join(told.split())


def test_without_flags_only_the_script_is_sent_so_that_defaults_are_the_servers() -> None:
    assert body("Hello.", typed()) == {"script": "Hello."}


def test_each_flag_reaches_its_field() -> None:
    flags = (
        "--aspect-ratio 9:16 --resolution 1080p --quality high --fps 60 --captions none --style ink "
        "--language pt-BR --text-model t --image-model i --speech-model s --max-cost 1.5 --max-scenes 3 "
        "--max-images 5 --target-duration 20 --no-music --priority high --on-lost-call stop --voice Kore"
    )
    job = typed(*flags.split(), "--metadata", "a=1", "--metadata", "b=plain text")

    wanted = submission("Hello.", job)

    assert wanted.options == Options(
        aspect_ratio="9:16", resolution="1080p", quality="high", fps=60, captions="none", style="ink",
        max_scenes=3, max_images=5, target_duration_s=20.0, music=False, on_lost_call="stop", voice="Kore",
    )  # fmt: skip
    assert wanted.models == Models(text="t", image="i", speech="s")
    assert (wanted.language, wanted.max_cost_usd, wanted.priority) == ("pt-BR", 1.5, "high")
    assert wanted.metadata == {"a": 1, "b": "plain text"}
    assert json.loads(json.dumps(body("Hello.", job))) == body("Hello.", job)


def test_motion_alone_is_motion_that_is_generated() -> None:
    assert submission("Hello.", typed("--motion")).options.motion == "generated"
    assert submission("Hello.", typed("--motion", "--quality", "low")).options.motion == "generated"
    assert submission("Hello.", typed("--motion", "camera")).options.motion == "camera"


def test_silence_is_three_flags() -> None:
    options = submission("Hello.", typed("--no-audio", "--no-narration", "--no-music")).options

    assert (options.include_audio, options.narration, options.music) == (False, False, False)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--max-cost", "0"], "--max-cost is 0.0; it should be greater than 0"),
        (["--max-scenes", "0"], "--max-scenes is 0; it should be greater than or equal to 1"),
        (
            ["--target-duration", "9999"],
            "--target-duration is 9999.0; it should be less than or equal to 3600",
        ),
        (["--language", "x_y"], '--language is "x_y": not a BCP 47 language tag'),
        (["--voice", "Kore", "--no-audio"], '--voice is "Kore": there is no narration to speak'),
        (["--metadata", "novalue"], "--metadata: 'novalue' is no pair; write it as key=value"),
        (["--metadata", "a=NaN"], '--metadata is {"a": NaN}: metadata must be plain JSON'),
    ],
)
def test_what_is_wrong_is_told_by_flag_value_and_what_would_do(arguments: list[str], said: str) -> None:
    with pytest.raises(InputError) as refused:
        submission("Hello.", typed(*arguments))

    assert said in refused.value.message


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InputError) as refused:
        submission(" ", typed("--max-cost", "-1", "--max-scenes", "0"))

    lines = refused.value.message.splitlines()
    assert [line.split()[0] for line in lines] == ["SCRIPT:", "--max-scenes", "--max-cost"]


@pytest.mark.parametrize(("flag", "review"), [("none", ()), ("script, images", ("script", "images"))])
def test_where_a_film_on_a_topic_waits_can_be_said_to_be_nowhere(flag: str, review: tuple[str, ...]) -> None:
    wanted = submission(None, typed("--review", flag), {"topic": {"about": "Tides"}})
    assert wanted.options.review == review
    assert submission(None, typed(), {"topic": {"about": "Tides"}}).options.review == ("script",)


def test_what_is_wrong_with_a_topic_is_told_by_its_flags() -> None:
    with pytest.raises(InputError, match='--topic is "-": it names nothing'):
        submission(None, typed(), {"topic": {"about": "-"}})
