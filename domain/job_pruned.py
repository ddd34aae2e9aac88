"""What is raised where something is wanted of a job whose content is gone."""

from datetime import datetime
from uuid import UUID


class JobPrunedError(RuntimeError):
    """The job's texts and bytes were removed: nothing can be made from them any more."""

    def __init__(self, job_id: UUID, pruned_at: datetime) -> None:
        day = pruned_at.date().isoformat()
        super().__init__(
            f"job {job_id} was pruned on {day}: its script and files are gone, nothing can be made from it"
        )
        self.job_id = job_id
        self.pruned_at = pruned_at
