"""The operations of webhooks: endpoints, and what was told to them."""

from api.http import parameters as p
from api.http.responses import JSON
from api.http.routing import Operation, ResponseSpec
from api.http.schema.webhooks import (
    DeliveryPage,
    DeliveryWithTries,
    PingResult,
    WebhookDocument,
    WebhookPage,
    WebhookWithSecret,
)
from api.webhooks.deliveries import STATUSES
from domain.key import Scope
from domain.webhook_request import WebhookChange, WebhookRequest

DELIVERY_STATUS = p.choice("status", "Only deliveries with this status", STATUSES)
DELIVERY_JOB = p.job_of("job", "Only deliveries that tell of this job")

_MISSING = ("webhook_not_found",)
_KEY = ("webhook_key_missing",)
_ONE = {200: ResponseSpec("The endpoint", {JSON: WebhookDocument})}

CREATE_WEBHOOK = Operation(
    id="create_webhook",
    tag="webhooks",
    scope=Scope.ALL,
    summary="Add an endpoint that is told of all of your jobs",
    problems=("invalid_submission", *_KEY, "draining"),
    responses={201: ResponseSpec("The endpoint, and its secret", {JSON: WebhookWithSecret}, ("Location",))},
    body=WebhookRequest,
)
LIST_WEBHOOKS = Operation(
    id="list_webhooks",
    tag="webhooks",
    summary="List your endpoints",
    responses={200: ResponseSpec("Those for all jobs", {JSON: WebhookPage})},
    parameters=(p.LIMIT,),
)
GET_WEBHOOK = Operation(
    id="get_webhook", tag="webhooks", summary="Show an endpoint", problems=_MISSING, responses=_ONE
)
UPDATE_WEBHOOK = Operation(
    id="update_webhook",
    tag="webhooks",
    scope=Scope.ALL,
    summary="Change, disable or enable an endpoint",
    problems=(*_MISSING, "invalid_submission", "draining"),
    responses=_ONE,
    body=WebhookChange,
)
DELETE_WEBHOOK = Operation(
    id="delete_webhook",
    tag="webhooks",
    scope=Scope.ALL,
    summary="Remove an endpoint; what waits for it is dropped",
    problems=(*_MISSING, "draining"),
    responses={204: ResponseSpec("It is gone")},
)
ROTATE_WEBHOOK_SECRET = Operation(
    id="rotate_webhook_secret",
    tag="webhooks",
    scope=Scope.ALL,
    summary="Give an endpoint a new secret; for a day the old one signs as well",
    problems=(*_MISSING, *_KEY, "webhook_not_changeable", "draining"),
    responses={200: ResponseSpec("The endpoint, and its new secret", {JSON: WebhookWithSecret})},
)
PING_WEBHOOK = Operation(
    id="ping_webhook",
    tag="webhooks",
    scope=Scope.ALL,
    summary="Send a signed message of type webhook.ping now, once",
    problems=(*_MISSING, *_KEY, "draining"),
    responses={200: ResponseSpec("What came of it", {JSON: PingResult})},
)
LIST_DELIVERIES = Operation(
    id="list_webhook_deliveries",
    tag="webhooks",
    summary="List what was and is to be told to an endpoint",
    problems=_MISSING,
    responses={200: ResponseSpec("Deliveries, newest first", {JSON: DeliveryPage})},
    parameters=(DELIVERY_STATUS, DELIVERY_JOB, p.PAGE_AFTER, p.LIMIT),
)
GET_DELIVERY = Operation(
    id="get_webhook_delivery",
    tag="webhooks",
    summary="Show a delivery and each try of it",
    problems=(*_MISSING, "delivery_not_found"),
    responses={200: ResponseSpec("The delivery", {JSON: DeliveryWithTries})},
)
REDELIVER = Operation(
    id="redeliver_webhook_delivery",
    tag="webhooks",
    scope=Scope.ALL,
    summary="Send a delivery again, now",
    problems=(*_MISSING, "delivery_not_found", "webhook_disabled", "draining"),
    responses={202: ResponseSpec("It is under way", {JSON: DeliveryWithTries})},
)
