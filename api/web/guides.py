"""What one reads before the operations: a film in three calls, streams, errors, webhooks; all of it runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from api.web import docs_text as t
from api.web.docs_operations import programs

SCRIPT = "A lighthouse stands above the grey sea. Its keeper lights the lamp at dusk."
WEBHOOKS = "webhooks"


@dataclass(frozen=True)
class Guide:
    id: str
    title: str
    words: tuple[str, ...]
    programs: Mapping[str, str]


def guides(server: str, origin: str, job: str, *, locked: bool) -> Iterator[Guide]:
    """Those that hold of every server. ``origin`` is where its links begin, ``job`` an example of one."""
    yield _start(server, origin, _Key(locked))
    yield _streams(server, job, _Key(locked))
    yield _errors(server, _Key(locked))


def shown(guide: Guide, job: str) -> str:
    words = "".join(f"<p>{t.prose(paragraph)}</p>" for paragraph in guide.words)
    code = programs(guide.id, guide.programs, {job: "job"})
    return (
        f'<section class="operation guide" id="{guide.id}"><div class="words"><h2>{guide.title}</h2>{words}'
        f'</div><div class="calls">{code}</div></section>'
    )


class _Key:
    """What a program adds where the server wants a key; ``, `` goes before what follows others."""

    def __init__(self, locked: bool) -> None:
        self.curl = ' -H "Authorization: Bearer $REELOG_API_KEY"' if locked else ""
        self.python_import = "import os\n\n" if locked else ""
        self.python = (
            'headers={"Authorization": f"Bearer {os.environ[\'REELOG_API_KEY\']}"}' if locked else ""
        )
        self.javascript = "Authorization: `Bearer ${process.env.REELOG_API_KEY}`" if locked else ""

    def after(self, part: str) -> str:
        return f", {part}" if part else ""


def _start(server: str, origin: str, key: _Key) -> Guide:
    return Guide(
        "start",
        "A film in three calls",
        (
            (
                "Submit a script, follow what becomes of it, and fetch the film. `Idempotency-Key` makes "
                "sure that a call that is sent twice is one job; `max_cost_usd` that it never costs more."
            ),
            (
                "The programs on this page run as they are: copy and paste them into a shell, Python (with "
                "`pip install httpx httpx-sse`) or Node 18. Where you have made films and are signed in, "
                "the ids in them are those of your last ones."
            ),
        ),
        {
            "curl": f"""\
JOB=$(curl --fail-with-body -sS '{server}/v1/jobs'{key.curl} \\
  -H 'Content-Type: application/json' \\
  --data-raw '{{"script": "{SCRIPT}", "max_cost_usd": 2}}' |
  grep -o '"id":"[^"]*' | head -n 1 | cut -d '"' -f 4)

# Every step as it happens; the stream ends with the job.
curl --fail-with-body -sSN "{server}/v1/jobs/$JOB/events?stream=1"{key.curl} | grep --line-buffered '^event:'

FILM=$(curl --fail-with-body -sS "{server}/v1/jobs/$JOB"{key.curl} |
  grep -o '"video":"/[^"]*' | cut -d '"' -f 4)
curl --fail-with-body -sS "{origin}$FILM"{key.curl} -o film.mp4""",
            "Python": f"""\
{key.python_import}from pathlib import Path

import httpx
from httpx_sse import connect_sse

with httpx.Client(base_url="{origin}", timeout=60{key.after(key.python)}) as client:
    body = {{"script": "{SCRIPT}", "max_cost_usd": 2}}
    job = client.post("{server}/v1/jobs", json=body).raise_for_status().json()

    # Every step as it happens; the stream ends with the job.
    with connect_sse(client, "GET", job["links"]["events"]) as stream:
        for event in stream.iter_sse():
            if event.event.startswith(("job.", "asset.")):
                print(event.json()["message"])

    job = client.get(job["links"]["self"]).raise_for_status().json()
    film = client.get(job["links"]["video"]).raise_for_status()
    Path("film.mp4").write_bytes(film.content)""",
            "JavaScript": f"""\
import {{ writeFile }} from "node:fs/promises"

const call = async (path, options = {{}}) => {{
  const headers = {{ "Content-Type": "application/json"{key.after(key.javascript)} }}
  const answer = await fetch(new URL(path, "{origin}"), {{ headers, ...options }})
  if (!answer.ok) throw new Error(await answer.text())
  return answer
}}
const body = JSON.stringify({{ script: "{SCRIPT}", max_cost_usd: 2 }})
let job = await (await call("{server}/v1/jobs", {{ method: "POST", body }})).json()

// Every step as it happens; the stream ends with the job.
const stream = await call(`${{job.links.events}}?stream=1`)
for await (const part of stream.body.pipeThrough(new TextDecoderStream())) {{
  for (const [, type] of part.matchAll(/^event: (.*)$/gm)) console.log(type)
}}

job = await (await call(job.links.self)).json()
const film = await call(job.links.video)
await writeFile("film.mp4", Buffer.from(await film.arrayBuffer()))""",
        },
    )


def _streams(server: str, job: str, key: _Key) -> Guide:
    return Guide(
        "streams",
        "Streams",
        (
            (
                "`GET /v1/jobs/{id}/events` and `GET /v1/events` answer with a page, or with a stream of "
                "server-sent events where `Accept: text/event-stream` or `?stream=1` asks for one. Each "
                "message is an event as pages have it; its `id` is the event's position in the log."
            ),
            (
                "Whoever was cut off sends the last `id` as `Last-Event-ID` and goes on without gap or "
                "repeat; a browser's `EventSource` does so by itself. First comes `log`, which names the "
                "store: positions mean something in one alone. `end` closes the stream of jobs that have "
                "ended, and whoever comes back then gets `204`. Comments every few seconds say that the "
                "line is alive."
            ),
        ),
        {
            "curl": f"""\
# From the third event on, as after a cut behind the second.
curl --fail-with-body -sSN '{server}/v1/jobs/{job}/events' \\
  -H 'Accept: text/event-stream' -H 'Last-Event-ID: 2'{key.curl}""",
            "Python": f"""\
{key.python_import}import httpx
from httpx_sse import connect_sse

last, ended = "0", False
with httpx.Client(timeout=60{key.after(key.python)}) as client:
    while not ended:
        try:
            headers = {{"Last-Event-ID": last}}
            with connect_sse(client, "GET", "{server}/v1/jobs/{job}/events", headers=headers) as stream:
                if stream.response.status_code == 204:
                    break
                for event in stream.iter_sse():
                    ended = event.event == "end"
                    if event.event.startswith(("job.", "asset.")):
                        last = event.id
                        print(event.id, event.json()["message"])
        except httpx.TransportError:
            pass  # cut off: go on behind the last event""",
            "JavaScript": f"""\
let last = 0
let ended = false
while (!ended) {{
  const headers = {{ Accept: "text/event-stream", "Last-Event-ID": last{key.after(key.javascript)} }}
  const answer = await fetch("{server}/v1/jobs/{job}/events", {{ headers }})
  if (!answer.ok) throw new Error(await answer.text())
  if (answer.status === 204) break
  let rest = ""
  for await (const part of answer.body.pipeThrough(new TextDecoderStream())) {{
    const messages = (rest + part).split("\\n\\n")
    rest = messages.pop()
    for (const message of messages) {{
      const fields = message.split("\\n").map((line) => line.split(/: (.*)/s))
      const {{ id, event, data }} = Object.fromEntries(fields)
      if (id) last = id
      if (event === "end") ended = true
      if (id && data) console.log(id, JSON.parse(data).message)
    }}
  }}
}}""",
        },
    )


def _errors(server: str, key: _Key) -> Guide:
    return Guide(
        "errors",
        "Errors",
        (
            (
                "Every error is `application/problem+json` (RFC 9457). Match on `code`, which never "
                "changes; show `detail` and `errors`, which name every fault at once, each with a JSON "
                "pointer to where it is. A request that was refused changed nothing."
            ),
            (
                "`429` and `503` bear `Retry-After`: wait so many seconds and send the request again, with "
                "the same `Idempotency-Key`, so that nothing is made or paid twice. `request_id` finds the "
                "request in the server's log."
            ),
        ),
        {
            "curl": f"""\
curl -sS '{server}/v1/jobs'{key.curl} \\
  -H 'Content-Type: application/json' \\
  --data-raw '{{"script": "", "options": {{"fps": 7}}}}'""",
            "Python": f"""\
{key.python_import}import time

import httpx

body = {{"script": "", "options": {{"fps": 7}}}}
while True:
    answer = httpx.post("{server}/v1/jobs", json=body, timeout=60{key.after(key.python)})
    if answer.status_code not in (429, 503):
        break
    time.sleep(int(answer.headers.get("Retry-After", 1)))
if answer.is_error:
    problem = answer.json()
    print(problem["code"], problem["detail"])
    for fault in problem["errors"]:
        print(fault["pointer"], fault["message"])""",
            "JavaScript": f"""\
const answer = await fetch("{server}/v1/jobs", {{
  method: "POST",
  headers: {{ "Content-Type": "application/json"{key.after(key.javascript)} }},
  body: JSON.stringify({{ script: "", options: {{ fps: 7 }} }}),
}})
if (!answer.ok) {{
  const problem = await answer.json()
  console.log(problem.code, problem.detail)
  for (const {{ pointer, message }} of problem.errors) console.log(pointer, message)
}}""",
        },
    )


def webhooks() -> Guide:
    """How what is sent is checked; the sample in the programs is a real one."""
    return Guide(
        WEBHOOKS,
        "Webhooks",
        (
            (
                "An endpoint of yours is told when a job has ended or waits for a person: add it with `POST "
                "/v1/webhooks`, and keep the `secret` that is shown once. What is sent is signed as "
                "Standard Webhooks says, in the order of each job's events, at least once, and tried again "
                "for a day."
            ),
            (
                "Check the signature over `webhook-id`, `webhook-timestamp` and the body as it came, and "
                "that the timestamp is not older than five minutes. The same `webhook-id` is the same "
                "message: do what it asks once. Answer `2xx` within 15 seconds, and work afterwards; `410` "
                "disables the endpoint."
            ),
        ),
        {"Python": _CHECK_IN_PYTHON, "JavaScript": _CHECK_IN_JAVASCRIPT},
    )


_CHECK_IN_PYTHON = """\
import base64
import hashlib
import hmac

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # as it was shown when the endpoint was added


def is_genuine(headers: dict[str, str], body: bytes) -> bool:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    given = headers["webhook-signature"].split(" ")
    return any(hmac.compare_digest(one, f"v1,{expected}") for one in given)


headers = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
print(is_genuine(headers, b'{"test": 2432232314}'))"""
_CHECK_IN_JAVASCRIPT = """\
import { createHmac, timingSafeEqual } from "node:crypto"

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" // as it was shown when the endpoint was added

function isGenuine(headers, body) {
  const key = Buffer.from(SECRET.slice("whsec_".length), "base64")
  const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${body}`
  const expected = createHmac("sha256", key).update(signed).digest()
  return headers["webhook-signature"].split(" ").some((one) => {
    const given = Buffer.from(one.slice("v1,".length), "base64")
    return given.length === expected.length && timingSafeEqual(given, expected)
  })
}

const headers = {
  "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
  "webhook-timestamp": "1614265330",
  "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
console.log(isGenuine(headers, '{"test": 2432232314}'))"""
