"""A server that is being stopped begins nothing new."""

from starlette.requests import Request

from api.http.problems import Problem


def refuse_when_draining(request: Request, what_to_do: str = "Ask again in a moment.") -> None:
    if request.app.state.tail.drained.is_set():
        raise Problem("draining", what_to_do, headers={"Retry-After": "2"})
