"""Each operation of the API, once: what it is sent to, and what it comes to.

They stand in ``job_operations.py``, ``asset_operations.py`` and ``kept_operations.py``; ``resources.py`` and
``async_resources.py`` name them, and neither adds anything but waiting or awaiting.
"""

from __future__ import annotations

from typing import cast

from reelog_client.documents import ModelList, Readiness
from reelog_client.errors import NotReelogError
from reelog_client.exchange import ANSWER_TIMEOUT_S, Flow, Request
from reelog_client.job_operations import JobOperations
from reelog_client.kept_operations import KeptOperations
from reelog_client.retries import ask, document


class Operations(JobOperations, KeptOperations):
    """All of them, with those of the server itself."""

    def list_models(self) -> Flow[ModelList]:
        """The models of each stage, with price and health; and their voices."""
        return ask(Request("GET", "/v1/models"), self.patience)

    def readiness(self, *, timeout_s: float = ANSWER_TIMEOUT_S) -> Flow[Readiness]:
        """Whether jobs are accepted, and who works there; a server that is not ready answers alike."""
        response = yield Request("GET", "/readyz", timeout_s=timeout_s)
        told = document(response)
        if not isinstance(told, dict) or "actors" not in told:
            raise NotReelogError("what answers is no Reelog", response.status_code)
        return cast("Readiness", told)
