"""What stands in the way of any change: a job set aside, a projector that has stopped, another provider."""

from uuid import UUID

from api.cases.errors import Refusal
from api.composition import System
from domain.job import Job


def refuse_set_aside(system: System, job_id: UUID) -> None:
    """Change nothing of a job that cannot be folded: nobody could say what it would come to."""
    aside = next((one for one in system.readers.set_aside() if one.job_id == str(job_id)), None)
    if aside is not None:
        raise Refusal(
            "job_set_aside",
            f"Job {job_id} is set aside, as event {aside.position} ({aside.type}) cannot be folded: "
            f"{aside.reason}",
        )


def refuse_stopped(system: System) -> None:
    """Begin no work that nobody could watch: the read models will not get further until somebody acts."""
    stopped = system.readers.projected().stopped
    if stopped is not None:
        raise Refusal("unavailable", f"The projector has stopped: {stopped}")


def refuse_other_provider(system: System, job: Job) -> None:
    """A real job is never finished by the emulator, nor the other way round."""
    if job.provider != system.provider:
        raise Refusal(
            "other_provider",
            f"The job was made with {job.provider}, and this server works with {system.provider}; "
            f"ask a server that works with {job.provider}.",
        )
