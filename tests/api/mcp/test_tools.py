"""The tools, asked by the library's own client: what each gives, and what it costs.

Seen to fail with a first call that begins, a quote that is taken for other arguments, a limit that is not
handed on, another's job that is found, and progress that stands still.
"""

import asyncio
import base64
import json
import threading
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from mcp import Client

from api.cases.presets import PresetRequest, put_preset
from api.mcp.films import SystemFilms
from api.mcp.server import build_server
from api.mcp.tools import TOOLS
from domain.asset import AssetKey
from domain.key import Caller, Scope
from domain.preset import PresetKind
from domain.submission import Options
from tests.api.mcp.conftest import Agent
from tests.projections.filming import refusal

SCRIPT = "A boat sets out at dawn. It comes home at night."
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SPENDING = {"submit", "regenerate", "approve", "retry"}


def completed(agent: Agent, **changes: Any) -> UUID:
    job_id = agent.filming.submit(**changes)
    assert agent.filming.finish(job_id) == "completed"
    agent.settle()
    return job_id


# ---- what agents are shown ----------------------------------------------------------------------------


def test_tools_say_which_of_them_only_look(agent: Agent) -> None:
    tools = {tool.name: tool for tool in agent.work(lambda client: client.list_tools()).tools}

    assert tools.keys() == TOOLS.keys()
    looking = {name for name, tool in tools.items() if tool.annotations.read_only_hint}
    assert looking == tools.keys() - SPENDING - {"cancel", "rename"}
    assert {name for name, tool in tools.items() if tool.annotations.destructive_hint} == {"cancel"}
    for name in SPENDING:
        assert "quote" in tools[name].input_schema["properties"]
        assert "tells the price" in tools[name].description


@pytest.mark.parametrize("name", TOOLS)
def test_the_form_of_a_tool_is_an_object_without_alternatives_at_the_top(name: str) -> None:
    schema = TOOLS[name].described().input_schema

    assert schema["type"] == "object"
    assert not {"anyOf", "oneOf", "allOf"} & schema.keys()


def test_what_only_looks_records_nothing(agent: Agent) -> None:
    job_id = str(completed(agent))
    head = agent.head()

    for tool, arguments in {
        "estimate": {"script": SCRIPT},
        "status": {"job_id": job_id},
        "wait": {"job_id": job_id},
        "scenes": {"job_id": job_id},
        "models": {},
        "explain": {"job_id": job_id},
    }.items():
        assert agent.call(tool, **arguments), tool
    assert agent.head() == head
    assert {spec.name for spec in TOOLS.values() if spec.does == "looks"} == {
        *("estimate", "status", "wait", "scenes", "models", "explain")
    }


# ---- spending -----------------------------------------------------------------------------------------


def test_a_film_is_begun_only_with_the_quote_of_its_price(agent: Agent) -> None:
    told = agent.call("submit", script=SCRIPT, max_cost_usd=2)

    assert not told["begun"]
    assert agent.head() == 0
    assert told["price"]["cost"]["usd"] > 0
    assert f"about {told['price']['cost']['usd']:.2f} USD" in told["message"]

    begun = agent.call("submit", script=SCRIPT, max_cost_usd=2, quote=told["quote"])

    assert begun["begun"]
    assert begun["job"]["cost"]["max_usd"] == 2
    assert begun["job"]["status"] == "queued"


def test_the_same_quote_again_gives_the_same_film_and_a_new_one_another(agent: Agent) -> None:
    asked: dict[str, Any] = {"script": SCRIPT, "max_cost_usd": 2}
    first = agent.call("submit", **asked)["quote"]
    second = agent.call("submit", **asked)["quote"]

    ids = [agent.call("submit", **asked, quote=quote)["job"]["id"] for quote in (first, first, second)]

    assert ids[0] == ids[1] != ids[2]


@pytest.mark.parametrize(
    "changes", [{"script": "Another script."}, {"max_cost_usd": 3}, {"options": {"resolution": "1080p"}}]
)
def test_a_quote_stands_for_its_own_arguments_alone(agent: Agent, changes: dict[str, Any]) -> None:
    quote = agent.call("submit", script=SCRIPT, max_cost_usd=2)["quote"]

    told = agent.refused("submit", **{"script": SCRIPT, "max_cost_usd": 2, "quote": quote} | changes)

    assert told["errors"][0]["pointer"] == "/quote"
    assert agent.head() == 0


@pytest.mark.parametrize("quote", ["yes", "0" * 16 + "-1-2000000-" + "0" * 16, "", 1])
def test_a_quote_that_was_never_given_begins_nothing(agent: Agent, quote: Any) -> None:
    result = agent.work(
        lambda client: client.call_tool("submit", {"script": SCRIPT, "max_cost_usd": 2, "quote": quote})
    )

    assert result.is_error or not result.structured_content["begun"]
    assert agent.head() == 0


def test_what_became_dearer_is_told_again_and_not_begun(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {"script": SCRIPT, "max_cost_usd": 5}
    quote = agent.call("submit", **asked)["quote"]
    dearer = {"usd": 3.0, "at_most_usd": 4.0, "unpriced": 0}

    async def estimate(_self: Any, _body: Any) -> Any:
        return {"cost": dearer}

    monkeypatch.setattr("api.mcp.films.SystemFilms.estimate", estimate)
    told = agent.call("submit", **asked, quote=quote)

    assert not told["begun"]
    assert told["message"].startswith("It has become dearer")
    assert agent.head() == 0
    assert agent.call("submit", **asked, quote=told["quote"])["begun"]


def test_without_any_limit_nothing_is_priced_or_begun(agent: Agent) -> None:
    told = agent.refused("submit", script=SCRIPT)

    assert told["errors"][0]["pointer"] == "/max_cost_usd"
    assert "REELOG_MCP_MAX_USD" in told["detail"]


@pytest.mark.parametrize(
    ("asked", "held_to"), [({}, 1.5), ({"max_cost_usd": 1}, 1), ({"max_cost_usd": 9}, 1.5)]
)
def test_the_limit_of_settings_holds_whatever_is_asked(
    agent: Agent, asked: dict[str, Any], held_to: float
) -> None:
    agent = replace(agent, most_usd=1.5)

    quote = agent.call("submit", script=SCRIPT, **asked)["quote"]

    begun = agent.call("submit", script=SCRIPT, **asked, quote=quote)
    assert begun["job"]["cost"]["max_usd"] == held_to


def test_the_cap_of_a_preset_holds_where_the_call_names_none(agent: Agent) -> None:
    put_preset(agent.system, PresetRequest(PresetKind.PRESET, "cheap"), {"max_cost_usd": 0.8})
    agent = replace(agent, most_usd=1.5)

    quote = agent.call("submit", script=SCRIPT, preset="cheap")["quote"]

    begun = agent.call("submit", script=SCRIPT, preset="cheap", quote=quote)
    assert begun["job"]["cost"]["max_usd"] == 0.8


def test_what_costs_more_than_the_limit_is_refused_before_it_is_begun(agent: Agent) -> None:
    told = agent.refused("submit", script=SCRIPT, max_cost_usd=0.01)

    assert told["errors"][0]["pointer"] == "/max_cost_usd"
    assert "0.01" in told["detail"]


def test_an_asset_is_made_again_with_the_quote_alone(agent: Agent) -> None:
    job_id = completed(agent)
    picture = str(AssetKey.parse("image:1").id_in(job_id))
    head = agent.head()
    asked: dict[str, Any] = {"asset_id": picture, "prompt": "A quieter boat.", "max_cost_usd": 1}

    told = agent.call("regenerate", **asked)
    assert told["price"]["redone"][0] == "image:1"
    assert agent.head() == head
    begun = agent.call("regenerate", **asked, quote=told["quote"])

    assert begun["job"]["run"] == 2
    assert begun["job"]["cost"]["max_usd"] == pytest.approx(begun["job"]["cost"]["usd"] + 1, abs=1e-5)
    again = agent.call("regenerate", **asked, quote=told["quote"])
    assert again["job"]["run"] == 2


@pytest.mark.parametrize(("reviewed", "limit"), [(False, 0.005), (True, 0.02)])
def test_an_asset_that_costs_more_than_the_limit_is_not_made_again(
    agent: Agent, reviewed: bool, limit: float
) -> None:
    options = Options(review=("images",) if reviewed else None)
    job_id = agent.filming.submit(options=options.model_dump(mode="json"))
    agent.filming.finish(job_id)
    agent.settle()
    picture = str(AssetKey.parse("image:1").id_in(job_id))

    told = agent.refused("regenerate", asset_id=picture, max_cost_usd=limit)

    # A job that waits for review has no budget of this call, so what it costs at worst counts.
    assert ("may cost" if reviewed else "costs about") in told["detail"]


def test_a_review_is_approved_with_the_quote_and_the_rest_is_held_to_the_limit(agent: Agent) -> None:
    quote = agent.call("submit", script=SCRIPT, max_cost_usd=2, options={"review": ["script"]})["quote"]
    job = agent.call("submit", script=SCRIPT, max_cost_usd=2, options={"review": ["script"]}, quote=quote)[
        "job"
    ]
    while agent.filming.step(UUID(job["id"])):
        pass
    agent.settle()
    assert agent.call("wait", job_id=job["id"])["job"]["status"] == "awaiting_review"
    head = agent.head()

    told = agent.call("approve", job_id=job["id"], max_cost_usd=1)
    assert agent.head() == head
    begun = agent.call("approve", job_id=job["id"], max_cost_usd=1, quote=told["quote"])

    spent = begun["job"]["cost"]["usd"]
    assert begun["job"]["status"] == "running"
    assert begun["job"]["cost"]["max_usd"] == pytest.approx(spent + 1, abs=1e-5)
    assert agent.call("approve", job_id=job["id"], max_cost_usd=1, quote=told["quote"])["begun"]


def test_a_failed_job_goes_on_with_the_quote_and_its_own_budget_stays_where_it_is_less(agent: Agent) -> None:
    agent.filming.faults["image:1"] = [refusal()]
    job_id = agent.filming.submit(max_cost_usd=0.5)
    assert agent.filming.finish(job_id) == "failed"
    agent.settle()
    asked: dict[str, Any] = {"job_id": str(job_id), "max_cost_usd": 3}

    told = agent.call("retry", **asked)
    begun = agent.call("retry", **asked, quote=told["quote"])

    assert begun["job"]["run"] == 2
    assert begun["job"]["cost"]["max_usd"] == 0.5


def test_a_limit_is_added_to_what_calls_may_have_cost_of_which_nobody_knows(agent: Agent) -> None:
    agent.filming.unlearnt = {"analysis"}
    agent.filming.faults["image:1"] = [refusal()]
    job_id = agent.filming.submit()
    assert agent.filming.finish(job_id) == "failed"
    agent.settle()
    film = agent.filming.studio.film(agent.filming.studio.job(job_id))
    assert film.unknown_usd > 0.001
    asked: dict[str, Any] = {"job_id": str(job_id), "max_cost_usd": 1}

    begun = agent.call("retry", **asked, quote=agent.call("retry", **asked)["quote"])

    assert begun["job"]["cost"]["max_usd"] == pytest.approx(film.counted_usd + 1, abs=1e-5)


# ---- looking ------------------------------------------------------------------------------------------


def test_waiting_tells_of_each_stage_as_it_gets_on_and_ends_with_the_job(agent: Agent) -> None:
    job_id = agent.filming.submit()
    agent.settle()
    told: list[tuple[float, str]] = []
    begun = threading.Event()

    async def note(progress: float, total: float | None, message: str | None) -> None:
        assert total == 1.0
        told.append((progress, message or ""))
        begun.set()

    def film() -> None:
        assert begun.wait(10)
        assert agent.filming.finish(job_id) == "completed"

    work = threading.Thread(target=film)
    work.start()
    result = agent.work(
        lambda client: client.call_tool(
            "wait", {"job_id": str(job_id), "timeout_s": 30}, progress_callback=note
        )
    )
    work.join()

    assert not result.structured_content["waiting"]
    assert result.structured_content["job"]["status"] == "completed"
    progress = [at for at, _ in told]
    assert progress == sorted(set(progress))
    assert told[0] == (0.0, "queued: not begun")
    assert any("Scene 2" in message for _, message in told)
    assert progress[-1] == pytest.approx(1.0)


def test_waiting_ends_with_its_time_and_says_that_the_job_goes_on(agent: Agent) -> None:
    job_id = agent.filming.submit()
    agent.settle()

    told = agent.call("wait", job_id=str(job_id), timeout_s=0)

    assert told["waiting"]
    assert told["job"]["status"] == "queued"


@pytest.mark.parametrize("when", ["before", "meanwhile"])
def test_waiting_ends_with_a_job_that_is_set_aside(agent: Agent, when: str) -> None:
    job_id = agent.filming.submit()
    agent.settle()
    if when == "before":
        agent.set_aside(job_id)

    async def note(*_: Any) -> None:
        if when == "meanwhile":
            await asyncio.to_thread(agent.set_aside, job_id)

    asked = {"job_id": str(job_id), "timeout_s": 30}
    told = agent.work(lambda client: client.call_tool("wait", asked, progress_callback=note))

    assert not told.structured_content["waiting"]
    assert told.structured_content["job"]["status"] == "queued"
    assert told.structured_content["job"]["set_aside"]["type"] == "job.from_the_future"


def test_scenes_come_with_links_to_what_was_made_and_one_with_its_pictures(agent: Agent) -> None:
    job_id = str(completed(agent))

    async def look(client: Client) -> tuple[Any, Any, Any]:
        every = await client.call_tool("scenes", {"job_id": job_id})
        second = await client.call_tool("scenes", {"job_id": job_id, "scene": 2})
        links = [content for content in every.content if content.type == "resource_link"]
        return every, second, [await client.read_resource(link.uri) for link in links]

    every, second, read = agent.work(look)

    assert [scene["scene"] for scene in every.structured_content["scenes"]] == [1, 2]
    assert [link.name for link in every.content[1:]] == [
        *("Scene 1: picture 1", "Scene 1: narration", "Scene 2: picture 1", "Scene 2: narration")
    ]
    [image] = [content for content in second.content if content.type == "image"]
    made = agent.filming.content(AssetKey.parse("image:2"), 1)
    assert (base64.b64decode(image.data), image.mime_type) == made
    assert [answer.contents[0].mime_type for answer in read] == ["image/png", "audio/wav"] * 2


def test_jobs_are_resources(agent: Agent) -> None:
    job_id = str(completed(agent))

    async def look(client: Client) -> Any:
        [job] = (await client.list_resources()).resources
        templates = (await client.list_resource_templates()).resource_templates
        return job, templates, await client.read_resource(job.uri)

    job, templates, read = agent.work(look)

    assert job.uri == f"reelog://jobs/{job_id}"
    assert json.loads(read.contents[0].text)["id"] == job_id
    assert len(templates) == 2


@pytest.mark.parametrize(
    "uri", ["reelog://nothing", f"reelog://assets/{UUID(int=1)}/revisions/1", "file:///etc/passwd"]
)
def test_what_is_no_resource_is_not_read(agent: Agent, uri: str) -> None:
    assert "There is no" in agent.error(lambda client: client.read_resource(uri))


def test_jobs_are_listed_newest_first_and_by_status(agent: Agent) -> None:
    done, queued = completed(agent), agent.filming.submit()
    agent.settle()

    assert [job["id"] for job in agent.call("status")["jobs"]] == [str(queued), str(done)]
    assert [job["id"] for job in agent.call("status", status="completed")["jobs"]] == [str(done)]


def test_a_list_says_which_jobs_are_set_aside(agent: Agent) -> None:
    fine, aside = agent.filming.submit(), agent.filming.submit()
    agent.set_aside(aside)

    told = {job["id"]: job["set_aside"] for job in agent.call("status")["jobs"]}

    assert told[str(fine)] is None
    assert told[str(aside)] == agent.call("status", job_id=str(aside))["set_aside"]
    assert told[str(aside)]["type"] == "job.from_the_future"


def test_a_job_is_found_by_its_words_and_by_when_it_was_submitted(agent: Agent) -> None:
    found = [str(agent.filming.submit(script=words)) for words in ("A boat.", "A heron.")]
    agent.settle()
    at = agent.call("status", job_id=found[1])["created_at"]

    def ids(**asked: Any) -> list[str]:
        return [job["id"] for job in agent.call("status", **asked)["jobs"]]

    assert ids(search="her") == [found[1]]
    assert ids(created_from=at) == [found[1]]
    assert ids(created_to=at) == [found[0]]
    assert ids(created_to=at.removesuffix("Z")) == [found[0]]  # UTC, if it names no zone


def test_a_job_is_cancelled(agent: Agent) -> None:
    job_id = agent.filming.submit()
    agent.settle()

    assert agent.call("cancel", job_id=str(job_id))["cancel_requested"]


def test_a_film_is_renamed_and_called_as_its_analysis_does_again(agent: Agent) -> None:
    job_id = str(completed(agent))
    title = agent.call("status", job_id=job_id)["title"]

    assert agent.call("rename", job_id=job_id, title=" Holidays ")["title"] == "Holidays"
    assert agent.call("status", job_id=job_id)["title"] == "Holidays"
    assert agent.call("rename", job_id=job_id, title=None)["title"] == title


# ---- traces -------------------------------------------------------------------------------------------


def test_what_a_call_begins_is_part_of_the_agents_trace(agent: Agent) -> None:
    job_id = str(completed(agent))
    picture = str(AssetKey.parse("image:1").id_in(UUID(job_id)))

    def traced(tool: str, span: Any, **arguments: Any) -> Any:
        asked = {**arguments, "max_cost_usd": 1}
        quote = agent.call(tool, **asked)["quote"]
        meta: Any = {"traceparent": span}
        result = agent.work(lambda client: client.call_tool(tool, {**asked, "quote": quote}, meta=meta))
        return result.structured_content["job"]["trace"]

    own = {"trace_id": TRACE, "parent_span_id": SPAN}
    assert traced("submit", f"00-{TRACE}-{SPAN}-01", script=SCRIPT) == own
    assert traced("regenerate", f"00-{TRACE}-{SPAN}-01", asset_id=picture) == own
    for invalid in (7, "00-0-0-00", None):
        assert traced("submit", invalid, script=SCRIPT)["parent_span_id"] is None


# ---- faults -------------------------------------------------------------------------------------------


WRONG: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("submit", {"script": "", "max_cost_usd": 1}, "/script"),
    ("submit", {"script": SCRIPT, "max_cost_usd": 1, "options": {"fps": 1}}, "/options/fps"),
    ("submit", {"script": SCRIPT, "max_cost_usd": 1, "models": {"text": None}}, "/models/text"),
    ("submit", {"script": SCRIPT, "max_cost_usd": -1}, "/max_cost_usd"),
    ("estimate", {"script": SCRIPT, "colour": "red"}, "/colour"),
    ("status", {"job_id": "latest"}, "/job_id"),
    ("status", {"limit": 0}, "/limit"),
    ("status", {"job_id": str(UUID(int=1)), "search": "boat"}, "/search"),
    ("status", {"job_id": str(UUID(int=1)), "limit": 5, "status": "failed"}, "/status"),
    ("status", {"created_from": "yesterday"}, "/created_from"),
    ("status", {"created_to": 0}, "/created_to"),
    ("status", {"search": "a\0boat"}, "/search"),
    ("regenerate", {"asset_id": str(UUID(int=1)), "prompt": "A\0boat.", "max_cost_usd": 1}, "/prompt"),
    ("wait", {}, "/job_id"),
    ("models", {"all": True}, "/all"),
    ("rename", {"job_id": str(UUID(int=1))}, "/title"),
    ("rename", {"job_id": str(UUID(int=1)), "title": "two\nlines"}, "/title"),
)


def test_each_wrong_argument_is_named(agent: Agent) -> None:
    for tool, arguments, pointer in WRONG:
        told = agent.refused(tool, **arguments)
        assert pointer in [fault["pointer"] for fault in told["errors"]], (tool, arguments)


def test_what_lists_jobs_is_not_passed_over_where_one_is_named(agent: Agent) -> None:
    job_id = agent.filming.submit()
    agent.settle()

    told = agent.refused("status", job_id=str(job_id), search="boat", limit=5)

    assert [fault["pointer"] for fault in told["errors"]] == ["/search", "/limit"]
    assert all("job_id" in fault["message"] for fault in told["errors"])
    given = {"search": None, "status": None, "created_to": None, "limit": 20}
    assert agent.call("status", job_id=str(job_id), **given)["id"] == str(job_id)


def test_a_position_that_has_not_happened_is_an_argument(agent: Agent) -> None:
    told = agent.refused("explain", job_id=str(completed(agent)), at=99_999)
    assert (told["code"], [fault["pointer"] for fault in told["errors"]]) == ("position_unknown", ["/at"])


def test_what_is_wrong_is_said_once(agent: Agent) -> None:
    def text_of(**arguments: Any) -> list[str]:
        told: Any = agent.work(lambda client: client.call_tool("models", arguments)).content[0]
        return str(told.text).splitlines()

    assert text_of(all=True) == ["all is not known here; known are none"]
    assert text_of(all=True, some=True)[1:] == [
        "/all: all is not known here; known are none",
        "/some: some is not known here; known are none",
    ]


def test_a_scene_that_is_not_there_is_named(agent: Agent) -> None:
    told = agent.refused("scenes", job_id=str(completed(agent)), scene=3)

    assert "has 2 scenes" in told["detail"]


def test_an_unknown_tool_is_no_tool(agent: Agent) -> None:
    assert agent.error(lambda client: client.call_tool("paint", {})) == "There is no tool 'paint'."


# ---- callers ------------------------------------------------------------------------------------------

BOB = Caller("bob", Scope.SUBMIT)


def test_what_is_anothers_is_not_found(agent: Agent) -> None:
    job_id = completed(agent, caller="alice")
    bob = replace(agent, caller=BOB, most_usd=1)
    picture = str(AssetKey.parse("image:1").id_in(job_id))

    for tool in ("status", "wait", "scenes", "explain", "cancel", "approve", "retry"):
        assert bob.refused(tool, job_id=str(job_id))["code"] == "job_not_found", tool
    assert bob.refused("rename", job_id=str(job_id), title="Mine")["code"] == "job_not_found"
    assert bob.refused("regenerate", asset_id=picture)["code"] == "asset_not_found"
    assert bob.call("status")["jobs"] == []
    assert bob.work(lambda client: client.list_resources()).resources == []
    uri = f"reelog://assets/{picture}/revisions/1"
    assert bob.error(lambda client: client.read_resource(uri)) == f"There is no asset {picture}."
    assert "There is no job" in bob.error(lambda client: client.read_resource(f"reelog://jobs/{job_id}"))
    assert not replace(agent, caller=Caller("alice", Scope.READ)).call("wait", job_id=str(job_id))["waiting"]


def test_a_key_that_may_only_look_begins_nothing(agent: Agent) -> None:
    reader = replace(agent, caller=Caller("carol", Scope.READ), most_usd=2)
    told = reader.call("submit", script=SCRIPT)

    assert reader.refused("submit", script=SCRIPT, quote=told["quote"])["code"] == "not_allowed"
    # What is not there, or another's, is not there, whatever the key may do.
    assert reader.refused("rename", job_id=str(UUID(int=1)), title="Mine")["code"] == "job_not_found"
    assert agent.head() == 0
    own, anothers = (agent.filming.submit(caller=caller) for caller in ("carol", "alice"))
    assert reader.refused("rename", job_id=str(own), title="Mine")["code"] == "not_allowed"
    assert reader.refused("rename", job_id=str(anothers), title="Mine")["code"] == "job_not_found"


def test_a_film_belongs_to_whoever_submitted_it(agent: Agent) -> None:
    bob = replace(agent, caller=BOB, most_usd=2)
    told = bob.call("submit", script=SCRIPT)

    assert bob.call("submit", script=SCRIPT, quote=told["quote"])["job"]["caller"] == "bob"
    assert len(bob.call("status")["jobs"]) == 1


def test_the_old_handshake_is_spoken_too(agent: Agent) -> None:
    async def main() -> Any:
        films = SystemFilms(agent.system, None)  # type: ignore[arg-type] # nothing is followed
        async with Client(build_server(lambda *_: films, None), mode="legacy") as client:
            return await client.list_tools()

    assert {tool.name for tool in asyncio.run(main()).tools} == TOOLS.keys()
