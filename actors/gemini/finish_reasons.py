"""Tell why an answer with status 200 is none: the prompt was blocked, or the model stopped early."""

from actors.gemini.gateway import Json
from actors.gemini.scrub import scrub
from actors.gemini.wire import finish_reason
from domain.failures import Code, Failure

_STOPPED = {
    "MAX_TOKENS": Code.ANSWER_TRUNCATED,
    "CONTINUATION": Code.ANSWER_TRUNCATED,
    "SAFETY": Code.SAFETY,
    "RECITATION": Code.RECITATION,
    "LANGUAGE": Code.LANGUAGE,
    "OTHER": Code.STOPPED_FOR_OTHER_REASON,
    "BLOCKLIST": Code.BLOCKLIST,
    "PROHIBITED_CONTENT": Code.PROHIBITED_CONTENT,
    "SPII": Code.SPII,
    "MODEL_ARMOR": Code.MODEL_ARMOR,
    "IMAGE_SAFETY": Code.IMAGE_SAFETY,
    "IMAGE_PROHIBITED_CONTENT": Code.IMAGE_PROHIBITED_CONTENT,
    "IMAGE_RECITATION": Code.IMAGE_RECITATION,
    "IMAGE_OTHER": Code.IMAGE_OTHER,
    "NO_IMAGE": Code.NO_IMAGE,
    "MALFORMED_FUNCTION_CALL": Code.UNUSABLE_TOOL_CALL,
    "UNEXPECTED_TOOL_CALL": Code.UNUSABLE_TOOL_CALL,
    "TOO_MANY_TOOL_CALLS": Code.UNUSABLE_TOOL_CALL,
    "MALFORMED_RESPONSE": Code.MALFORMED_RESPONSE,
}


def failure_of_block(reason: str | None, feedback: Json) -> Failure:
    """Return the failure of a blocked prompt; ``reason`` may be one that is not known yet, or not told."""
    said = feedback.get("blockReasonMessage")
    return Failure.of(
        Code.PROMPT_BLOCKED,
        scrub(said)
        if isinstance(said, str) and said
        else f"The prompt was blocked: {reason or 'no reason given'}",
        finish_reason=reason,
        details={"block_reason": reason, "safety_ratings": feedback.get("safetyRatings", [])},
    )


def failure_of_finish(candidate: Json) -> Failure | None:
    """Return the failure that the candidate's finish reason stands for; None for one that ended well.

    A missing reason is let through: what the answer holds is checked anyway, and it is paid for.
    """
    reason = finish_reason(candidate)
    if reason is None or reason == "STOP":
        return None
    said = candidate.get("finishMessage")
    return Failure.of(
        _STOPPED.get(reason, Code.UNKNOWN_FINISH_REASON),
        scrub(said) if isinstance(said, str) and said else f"The model stopped: {reason}",
        finish_reason=reason,
        details={"safety_ratings": candidate["safetyRatings"]} if candidate.get("safetyRatings") else {},
    )
