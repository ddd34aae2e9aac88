"""What a provider says when it refuses, for the tests that look at failures."""

from domain.causes import Code
from domain.failures import Failure

WORDS = ["The harbour at night.", "A lamp is lit.", "Someone waves."]


def refusal(**changes: object) -> Failure:
    """A rate limit with every field filled that such a failure can have."""
    return Failure.of(
        Code.RATE_LIMITED,
        str(changes.pop("message", "You exceeded your current quota. <b>Please</b> retry in 12.4s.")),
        **{
            "model": "gemini-nano-banana-2.1",
            "http_status": 429,
            "provider_status": "RESOURCE_EXHAUSTED",
            "response_id": "resp-77",
            "retry_after_s": 12.4,
            "elapsed_s": 0.21,
            "prompt_digest": "sha256:" + "a" * 64,
            "raw_digest": "sha256:" + "b" * 64,
            "details": {"violations": [{"quotaMetric": "free_tier_requests", "quotaValue": "10"}]},
        }
        | changes,
    )
