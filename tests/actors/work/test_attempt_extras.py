"""What is made beside an asset is stored with it and found by its facts."""

from actors.work.attempt import Attempts
from actors.work.stage import Made, Order, Task
from domain.asset import Asset
from tests.actors.conftest import Crew


def first_order(crew: Crew) -> Order:
    job = crew.submit()
    desk = crew.desk()
    desk.fold(crew.log.read(0, 1000))
    [order] = desk.step(job.id, {}).orders
    return order


async def test_another_form_of_what_was_made_is_stored_and_named_by_its_fact(crew: Crew) -> None:
    make = crew.stage.make

    async def with_another_form(task: Task) -> Made:
        made = await make(task)
        return Made(made.data, made.media_type, made.facts, extras={"midi_digest": b"notes"})

    crew.stage.make = with_another_form  # type: ignore[method-assign]
    assert await Attempts(crew.workshop()).perform(first_order(crew)) == "generated"

    [generated] = crew.events(Asset.Generated)
    assert generated.facts["title"] == "A test"
    assert crew.blobs.get(generated.facts["midi_digest"]) == b"notes"
