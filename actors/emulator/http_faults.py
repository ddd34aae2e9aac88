"""The error answer that each HTTP fault sends."""

from actors.emulator import errors
from actors.emulator.errors import GoogleError
from actors.emulator.faults import DEFAULT_LIMIT, Fault
from actors.emulator.models import Model

MINUTE_METRIC = "generate_content_paid_tier_input_token_count"
MINUTE_LIMIT = 1_000_000
MINUTE_ID = "GenerateContentPaidTierInputTokensPerModelPerMinute"
REQUESTS_METRIC = "generate_content_paid_tier_requests"
REQUESTS_ID = "GenerateRequestsPerMinutePerProjectPerModel"
IMAGES_ID = "GenerateImagesPerMinutePerProjectPerModel"
"""No recording shows the ids of the limits a minute; these are built as the recorded one of the day is."""
DAY_METRIC = "generate_content_free_tier_requests"
DAY_ID = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"


def answer(fault: Fault, model: Model, version: str, key: str) -> GoogleError | None:
    """The error of an HTTP fault, None for a fault of another kind."""
    place = "generation_config.image_config"
    unknown = (
        f"Invalid JSON payload received. Unknown name \"imageOutputOptions\" at '{place}': Cannot find field."
    )
    unknown_field = errors.violations([(place, unknown)])
    seconds = fault.lasts()
    simple = {
        "400": errors.invalid("Request contains an invalid argument."),
        "400_unknown_field": unknown_field,
        "400_unknown_field_list": errors.in_list(unknown_field),
        "400_api_key_invalid": errors.key_invalid(),
        "400_api_key_expired": errors.key_expired(),
        "400_api_key_not_found": errors.key_deleted(),
        "400_location": errors.location_unsupported(),
        "400_too_long": errors.invalid(
            "The input token count (1250074) exceeds the maximum number of tokens allowed "
            f"({model.input_tokens})."
        ),
        "400_modalities": errors.modalities(["AUDIO"], model.name, ["TEXT"]),
        "400_tts_wrote": errors.tts_wrote(),
        "400_model_turn": errors.invalid("Requests ending with a model turn are not supported."),
        "403": errors.project_denied(),
        "403_leaked": errors.key_leaked(),
        "403_disabled": errors.api_disabled(),
        "403_suspended": errors.consumer_suspended(key),
        "404": errors.model_not_found(model.name, version, "generateContent"),
        "409": errors.aborted(),
        "429": errors.quota(
            model.name, seconds, metric=MINUTE_METRIC, quota_id=MINUTE_ID, limit=MINUTE_LIMIT
        ),
        "429_per_day": errors.quota(model.name, seconds, metric=DAY_METRIC, quota_id=DAY_ID, limit=20),
        "429_limit_0": errors.quota(model.name, seconds, metric=DAY_METRIC, quota_id=DAY_ID, limit=0),
        "429_per_minute": errors.quota(
            model.name,
            seconds,
            metric=REQUESTS_METRIC,
            quota_id=IMAGES_ID if model.kind == "image" else REQUESTS_ID,
            limit=fault.limit or DEFAULT_LIMIT,
        ),
        "429_credits": errors.credits_depleted(),
        "429_spending_cap": errors.spending_cap(),
        "429_help_only": errors.quota_help_only(),
        "429_bare": errors.quota_bare(),
        "429_list": errors.in_list(errors.quota_bare()),
        "500": errors.internal(),
        "503": errors.high_demand(),
        "503_spell": errors.high_demand(),
        "503_overloaded": errors.overloaded(),
        "503_list": errors.in_list(errors.high_demand()),
        "504": errors.deadline_expired(),
    }
    return simple.get(fault.fault)
