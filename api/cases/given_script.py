"""A script of one's own in the place of one that was written on a topic: checked as one that is submitted."""

from hashlib import sha256

from api.cases.acceptance import undrawable_script
from api.cases.content import unavailable_bytes
from api.cases.errors import FieldError, refuse
from api.cases.validation import read_submission
from api.composition import System
from domain.asset import Provision
from domain.default_models import ModelKind
from domain.job import Job
from domain.topic import WrittenScript, script_facts

TEXT: tuple[ModelKind, ...] = ("text",)


def given_script(system: System, job: Job, text: str, caller: str, *, dry_run: bool) -> Provision:
    """The script as it takes its place; where it is not only a dry run it is stored.

    Faults name what keeps a film from being made of it.
    """
    about = {"language": job.language, "models": job.models, "options": job.options.model_dump(mode="json")}
    asked = {"script": text, **about}
    submission, faults, unnamed = read_submission(asked)
    if submission is not None:
        faults = [*undrawable_script(system, submission), *system.unmet(submission, TEXT)]
    refuse([FieldError("/text", fault.message) for fault in faults], unnamed)
    assert submission is not None
    script = WrittenScript(paragraphs=[submission.script])
    data = script.model_dump_json().encode()
    digest = f"sha256:{sha256(data).hexdigest()}"
    if not dry_run:
        with unavailable_bytes():
            digest = system.blobs.put(data)
    facts = dict(script_facts(script.text))
    return Provision(digest, "application/json", len(data), facts, {"file": digest, "changes": []}, caller)
