"""The operations of keys: the administrator gives and revokes them; each tells who it is."""

from api.cases.keys import NewKey
from api.http import parameters as p
from api.http.responses import JSON
from api.http.routing import Operation, ResponseSpec
from api.http.schema.keys import KeyDocument, KeyPage, NewKeyDocument
from domain.key import Scope

ADD_KEY = Operation(
    id="add_key",
    tag="keys",
    summary="Give a key to somebody; it is shown this once",
    problems=("invalid_submission", "key_exists", "draining"),
    responses={201: ResponseSpec("The new key", {JSON: NewKeyDocument}, ("Location",))},
    body=NewKey,
    scope=Scope.ADMINISTRATOR,
)
LIST_KEYS = Operation(
    id="list_keys",
    tag="keys",
    summary="List the keys by name",
    responses={200: ResponseSpec("The keys", {JSON: KeyPage})},
    parameters=(p.LIMIT,),
    scope=Scope.ADMINISTRATOR,
)
GET_KEY = Operation(
    id="get_key",
    tag="keys",
    summary="Show a key, and what is left of its budget",
    problems=("key_not_found",),
    responses={200: ResponseSpec("The key, without its secret", {JSON: KeyDocument})},
    scope=Scope.ADMINISTRATOR,
)
REVOKE_KEY = Operation(
    id="revoke_key",
    tag="keys",
    summary="Let nobody in with a key any more; its jobs stay, and go on",
    problems=("key_not_found", "draining"),
    responses={200: ResponseSpec("The key; its name is not given again", {JSON: KeyDocument})},
    scope=Scope.ADMINISTRATOR,
)
GET_OWN_KEY = Operation(
    id="get_own_key",
    tag="keys",
    summary="Who the caller is, and what is left to it",
    responses={200: ResponseSpec("The key that was sent, or the administrator", {JSON: KeyDocument})},
)
