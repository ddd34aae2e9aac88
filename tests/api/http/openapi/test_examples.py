"""Examples: one of every request and answer, each as the description says; and one of every error."""

import pytest

from api.http.app import ENDPOINTS
from api.http.openapi.document import described
from api.http.openapi.examples import FOLDER, PROBLEMS, problem_examples
from api.http.problems import TITLES
from api.http.schema.base import ProblemDocument
from tests.api.http.openapi import checking

OPERATIONS = [endpoint.operation.id for endpoint in described(ENDPOINTS)]


@pytest.mark.parametrize("operation_id", OPERATIONS)
def test_every_request_and_answer_has_an_example_that_is_allowed(operation_id: str) -> None:
    faults = checking.faults_of(operation_id)
    assert not faults, "\n".join(faults)


def test_there_are_no_examples_of_what_is_gone() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == {*OPERATIONS, PROBLEMS}


def test_every_error_has_an_example() -> None:
    examples = problem_examples()
    missing = set(TITLES) - set(examples)
    assert not missing, f"no example of {sorted(missing)}; {checking.RECORD}"
    for code, example in examples.items():
        problem = ProblemDocument.model_validate(example)
        assert (problem.code, problem.status, problem.title) == (code, *TITLES[code])


def test_what_an_example_says_wrongly_is_found() -> None:
    job = {"$ref": "#/components/schemas/ProblemDocument"}
    [fault] = checking._held("get_job: 404", job, problem_examples()["job_not_found"] | {"status": "404"})
    assert fault.startswith("get_job: 404: $.status '404' is not of type 'integer'")
