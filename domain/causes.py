"""Every cause for which an attempt can fail, with what is known about it beforehand.

One table instead of logic spread over adapters, actors and the page: whether another attempt may help,
whether the provider may have charged for the failed one, and what a person can do. A cause's name is stored
in events and shown to users: names may be added, never changed or reused.

The tree::

    the provider's answer      the request was refused, or the answer is blocked, cut short, or not usable
    the way to the provider    nothing came back, or nothing that is Gemini's
    the answer's meaning       it parses, and does no justice to the script
    the machine                this computer could not do its part
    the workflow               no attempt was to be made, or none is left

It is longer than other modules because it is that table. Rejected: a class per cause. Failures cross
processes, are stored for ever, and are matched by name only.
"""

from dataclasses import dataclass
from enum import StrEnum


class Code(StrEnum):
    # The provider refused the request.
    INVALID_API_KEY = "invalid_api_key"
    API_KEY_LEAKED = "api_key_leaked"
    ACCESS_DENIED = "access_denied"
    API_NOT_ENABLED = "api_not_enabled"
    ACCOUNT_SUSPENDED = "account_suspended"
    BILLING_REQUIRED = "billing_required"
    REGION_NOT_SUPPORTED = "region_not_supported"
    MODEL_NOT_FOUND = "model_not_found"
    BAD_REQUEST = "bad_request"
    SPEECH_REFUSED = "speech_refused"
    SCHEMA_REFUSED = "schema_refused"
    PROMPT_TOO_LONG = "prompt_too_long"
    UNSUPPORTED_MODALITY = "unsupported_modality"
    RATE_LIMITED = "rate_limited"
    QUOTA_EXHAUSTED_TODAY = "quota_exhausted_today"
    QUOTA_ZERO = "quota_zero"
    PROVIDER_ERROR = "provider_error"
    OVERLOADED = "overloaded"
    PROVIDER_TIMEOUT = "provider_timeout"
    # The prompt or the answer was blocked.
    PROMPT_BLOCKED = "prompt_blocked"
    SAFETY = "safety"
    RECITATION = "recitation"
    PROHIBITED_CONTENT = "prohibited_content"
    BLOCKLIST = "blocklist"
    SPII = "spii"
    LANGUAGE = "language"
    MODEL_ARMOR = "model_armor"
    IMAGE_SAFETY = "image_safety"
    IMAGE_PROHIBITED_CONTENT = "image_prohibited_content"
    IMAGE_RECITATION = "image_recitation"
    IMAGE_OTHER = "image_other"
    NO_IMAGE = "no_image"
    NO_SPEECH = "no_speech"
    NO_SHOT = "no_shot"
    NO_MUSIC = "no_music"
    STOPPED_FOR_OTHER_REASON = "stopped_for_other_reason"
    UNUSABLE_TOOL_CALL = "unusable_tool_call"
    MALFORMED_RESPONSE = "malformed_response"
    UNKNOWN_FINISH_REASON = "unknown_finish_reason"
    # The answer came, and cannot be used.
    ANSWER_TRUNCATED = "answer_truncated"
    EMPTY_ANSWER = "empty_answer"
    MALFORMED_BODY = "malformed_body"
    MALFORMED_ANSWER = "malformed_answer"
    SCHEMA_MISMATCH = "schema_mismatch"
    MALFORMED_IMAGE = "malformed_image"
    MALFORMED_SPEECH = "malformed_speech"
    SILENT_SPEECH = "silent_speech"
    MALFORMED_MUSIC = "malformed_music"
    SILENT_MUSIC = "silent_music"
    UNKNOWN_ERROR = "unknown_error"
    # The way to the provider.
    TIMEOUT = "timeout"
    CONNECTION_FAILED = "connection_failed"
    CONNECTION_LOST = "connection_lost"
    # The answer's meaning.
    SCRIPT_NOT_COVERED = "script_not_covered"
    WRONG_SCENE_COUNT = "wrong_scene_count"
    WRONG_ASPECT = "wrong_aspect"
    IMAGE_TOO_SMALL = "image_too_small"
    IMPLAUSIBLE_LENGTH = "implausible_length"
    MUSIC_TOO_SHORT = "music_too_short"
    DISTORTED_MUSIC = "distorted_music"
    BORDERED_IMAGE = "bordered_image"
    COPIED_REFERENCE = "copied_reference"
    MALFORMED_SHOT = "malformed_shot"
    EMPTY_SHOT = "empty_shot"
    STILL_SHOT = "still_shot"
    SHOT_TOO_SHORT = "shot_too_short"
    OTHER_FIRST_FRAME = "other_first_frame"
    CUT_IN_SHOT = "cut_in_shot"
    SWALLOWED_SENTENCE = "swallowed_sentence"
    WRONG_LANGUAGE = "wrong_language"
    INCONSISTENT_ANSWER = "inconsistent_answer"
    # The machine.
    BLOB_STORE_FULL = "blob_store_full"
    BLOB_STORE_UNAVAILABLE = "blob_store_unavailable"
    BLOB_MISSING = "blob_missing"
    RENDER_FAILED = "render_failed"
    MISSING_GLYPHS = "missing_glyphs"
    QUALITY_CHECK_FAILED = "quality_check_failed"
    LENGTH_NOT_MET = "length_not_met"
    INTERNAL_ERROR = "internal_error"
    # The workflow.
    CALL_LOST = "call_lost"
    LOST_CALL_NOT_REPEATED = "lost_call_not_repeated"
    ATTEMPTS_EXHAUSTED = "attempts_exhausted"
    OVER_BUDGET = "over_budget"
    UNPRICED_MODEL = "unpriced_model"
    DEPENDENCY_FAILED = "dependency_failed"
    CANCELLED = "cancelled"
    WITHDRAWN = "withdrawn"
    SUPERSEDED = "superseded"
    CAPABILITY_MISSING = "capability_missing"
    OUTDATED_REQUEST = "outdated_request"


@dataclass(frozen=True)
class Cause:
    """What is known about a failure from its code alone."""

    hint: str
    """What a person can do about it."""
    attempts: int = 1
    """How many attempts in all are sensible, where each may cost; 1 when another would not help."""
    billed: bool = False
    """Whether the provider may have charged for the failed attempt."""
    passes: bool = False
    """Whether it passes by itself and costs nothing meanwhile (rates, overload, networks): then the time for
    which it is tried again is limited, not the number of attempts."""


OFTEN = 5
"""Attempts for refusals that come and go from one call to the next, and cost nothing."""
AGAIN = 3
"""Attempts for answers that vary from one call to the next, each of which may cost money."""
ONCE_MORE = 2
"""Attempts where a second answer sometimes helps and a third hardly ever does."""

_REWORD = (
    "Change the wording that the provider objects to: make the asset again with another prompt, or fork the "
    "job with another script."
)
_KEY_PAGE = "https://aistudio.google.com/apikey"

CAUSES: dict[Code, Cause] = {
    Code.INVALID_API_KEY: Cause(
        f"Set GEMINI_API_KEY to a valid key, made or renewed at {_KEY_PAGE}, and restart."
    ),
    Code.API_KEY_LEAKED: Cause(
        f"The provider has disabled this key because it became public. Make a new one at {_KEY_PAGE}."
    ),
    Code.ACCESS_DENIED: Cause(
        "The key's project may not do this. Ask its owner, or use a key of another project."
    ),
    Code.API_NOT_ENABLED: Cause(
        "Enable the Generative Language API for the key's project at the address in the message."
    ),
    Code.ACCOUNT_SUSPENDED: Cause(
        "The provider has suspended the key's project. Ask its support, or use another project."
    ),
    Code.BILLING_REQUIRED: Cause("Set up billing, or add credit, for the key's project."),
    Code.REGION_NOT_SUPPORTED: Cause(
        "The provider does not serve the place that this machine calls from. Run it elsewhere."
    ),
    Code.MODEL_NOT_FOUND: Cause(
        "Fork the job with another model, one that `reelog models` lists as available."
    ),
    Code.BAD_REQUEST: Cause(
        "The provider refuses the request as it stands. The message says why; the request is kept."
    ),
    Code.SPEECH_REFUSED: Cause(
        "The speech model refused a request that it takes at other times. Retry, or choose another model.",
        OFTEN,
    ),
    Code.SCHEMA_REFUSED: Cause(
        "The provider finds the form of the answer too complex, also without its counts and bounds. Fork the "
        "job with fewer scenes (max_scenes), or with another model.",
        ONCE_MORE,
    ),
    Code.PROMPT_TOO_LONG: Cause(
        "Fork the job with another script, a shorter one, or with another model that has a larger context."
    ),
    Code.UNSUPPORTED_MODALITY: Cause(
        "This model cannot make this kind of answer. Fork the job with another model (`reelog models`)."
    ),
    Code.RATE_LIMITED: Cause(
        "Too many requests or tokens a minute. Wait, lower the rate, or raise the project's quota.",
        AGAIN,
        passes=True,
    ),
    Code.QUOTA_EXHAUSTED_TODAY: Cause(
        "The day's quota is used up. Retry the job tomorrow (Pacific time), or raise the project's quota."
    ),
    Code.QUOTA_ZERO: Cause(
        "The project has no quota at all for this model. Set up billing and retry, or fork the job with "
        "another model."
    ),
    Code.PROVIDER_ERROR: Cause("The provider failed inside. Retry the job later.", AGAIN, passes=True),
    Code.OVERLOADED: Cause(
        "The model is in high demand. Retry later, or choose another model.", AGAIN, passes=True
    ),
    Code.PROVIDER_TIMEOUT: Cause(
        "The provider ran out of time. Retry later, or shorten what it is asked.", AGAIN, billed=True
    ),
    Code.PROMPT_BLOCKED: Cause(_REWORD),
    Code.SAFETY: Cause(_REWORD, billed=True),
    Code.RECITATION: Cause(
        "The answer repeated known text too closely. Retry, or reword the scene.", ONCE_MORE, billed=True
    ),
    Code.PROHIBITED_CONTENT: Cause(_REWORD, billed=True),
    Code.BLOCKLIST: Cause(_REWORD, billed=True),
    Code.SPII: Cause("Fork the job with a script without personal data.", billed=True),
    Code.LANGUAGE: Cause(
        "The model does not support the script's language. Fork the job with another model.", billed=True
    ),
    Code.MODEL_ARMOR: Cause(_REWORD, billed=True),
    Code.IMAGE_SAFETY: Cause(_REWORD, billed=True),
    Code.IMAGE_PROHIBITED_CONTENT: Cause(_REWORD, billed=True),
    Code.IMAGE_RECITATION: Cause(
        "The image came too close to a known one. Retry, or reword its prompt.", ONCE_MORE, billed=True
    ),
    Code.IMAGE_OTHER: Cause(
        "The provider gave no reason. Retry, or reword the image's prompt.", AGAIN, billed=True
    ),
    Code.NO_IMAGE: Cause("The model drew nothing. Retry, or reword the image's prompt.", AGAIN, billed=True),
    Code.NO_SPEECH: Cause("The model spoke nothing. Retry, or choose another voice or model.", AGAIN, True),
    Code.NO_SHOT: Cause(
        "The model filmed nothing; some places and pictures are refused so. Retry, or reword its prompt.",
        ONCE_MORE,
        billed=True,
    ),
    Code.NO_MUSIC: Cause(
        "The model composed nothing. Retry, or fork the job with another models.music (null is synthesised).",
        AGAIN,
        billed=True,
    ),
    Code.STOPPED_FOR_OTHER_REASON: Cause(
        "The provider stopped without giving a reason. Retrying often helps.", AGAIN, billed=True
    ),
    Code.UNUSABLE_TOOL_CALL: Cause("The model tried to call a tool; none is offered.", AGAIN, billed=True),
    Code.MALFORMED_RESPONSE: Cause("The model's answer was malformed. Retry.", AGAIN, billed=True),
    Code.UNKNOWN_FINISH_REASON: Cause(
        "The provider stopped for a reason unknown to this version. The raw answer is kept.", billed=True
    ),
    Code.ANSWER_TRUNCATED: Cause(
        "The answer was cut off at its token limit, though each attempt had twice the room of the last. "
        "Fork the job with another script or another model.",
        AGAIN,
        billed=True,
    ),
    Code.EMPTY_ANSWER: Cause("The answer is empty. Retry, or choose another model.", AGAIN, billed=True),
    Code.MALFORMED_BODY: Cause(
        "What answered is not the Gemini API, or a proxy is in between. Check the base URL.", AGAIN, True
    ),
    Code.MALFORMED_ANSWER: Cause(
        "The answer is not valid JSON. Retry, or choose another model.", AGAIN, True
    ),
    Code.SCHEMA_MISMATCH: Cause(
        "The answer lacks fields that were asked for. Retry, or choose another model.", AGAIN, True
    ),
    Code.MALFORMED_IMAGE: Cause("The image cannot be decoded. Retry, or choose another model.", AGAIN, True),
    Code.MALFORMED_SPEECH: Cause("The audio cannot be decoded. Retry, or choose another model.", AGAIN, True),
    Code.SILENT_SPEECH: Cause("The audio holds no sound. Retry, or choose another voice.", AGAIN, True),
    Code.MALFORMED_MUSIC: Cause("The song cannot be decoded. Retry, or choose another model.", AGAIN, True),
    Code.SILENT_MUSIC: Cause("The song holds hardly any sound. Retry, or choose another model.", AGAIN, True),
    Code.UNKNOWN_ERROR: Cause("An error unknown to this version. The raw answer is kept."),
    Code.TIMEOUT: Cause(
        "No answer in time; it may still have been made and charged. Retry, or raise the time limit.",
        AGAIN,
        billed=True,
    ),
    Code.CONNECTION_FAILED: Cause(
        "The provider cannot be reached. Check network, proxy and base URL.", AGAIN, passes=True
    ),
    Code.CONNECTION_LOST: Cause(
        "The connection broke after the request was sent; the answer may have been charged.", AGAIN, True
    ),
    Code.SCRIPT_NOT_COVERED: Cause("The scenes leave out part of the script. Retry.", AGAIN, billed=True),
    Code.WRONG_SCENE_COUNT: Cause("The answer does not fit the number of scenes. Retry.", AGAIN, billed=True),
    Code.WRONG_ASPECT: Cause("The picture has another shape than was asked for. Retry.", AGAIN, billed=True),
    Code.IMAGE_TOO_SMALL: Cause(
        "The picture is smaller than was asked for. Retry, or choose another model.", AGAIN, billed=True
    ),
    Code.IMPLAUSIBLE_LENGTH: Cause(
        "The speech is far too short or too long for its text. Retry.", AGAIN, billed=True
    ),
    Code.MUSIC_TOO_SHORT: Cause(
        "The song is too short to be played again and again under a film. Retry, or choose another model.",
        AGAIN,
        billed=True,
    ),
    Code.DISTORTED_MUSIC: Cause(
        "The song is clipped: it is heard as noise. Retry, or choose another model.", AGAIN, billed=True
    ),
    Code.BORDERED_IMAGE: Cause(
        "The image does not fill its frame. Retry, or reword its prompt.", AGAIN, billed=True
    ),
    Code.COPIED_REFERENCE: Cause(
        "The image repeats the one that went along with it. Retry, or reword its prompt.", AGAIN, billed=True
    ),
    Code.MALFORMED_SHOT: Cause(
        "The shot's file cannot be played. Retry, or choose another model.", ONCE_MORE, True
    ),
    Code.EMPTY_SHOT: Cause(
        "Nothing is to be seen in the shot. Retry, or reword its prompt.", ONCE_MORE, True
    ),
    Code.STILL_SHOT: Cause(
        "Nothing moves in the shot. Retry, or reword its prompt; or fork the job with motion: camera.",
        ONCE_MORE,
        billed=True,
    ),
    Code.SHOT_TOO_SHORT: Cause(
        "The shot is shorter than was asked for. Retry, or choose another model.", ONCE_MORE, billed=True
    ),
    Code.OTHER_FIRST_FRAME: Cause(
        "The shot does not begin with the picture that was given. Retry, or reword its prompt.",
        ONCE_MORE,
        billed=True,
    ),
    Code.CUT_IN_SHOT: Cause("The shot is cut. Retry, or reword its prompt.", ONCE_MORE, billed=True),
    Code.SWALLOWED_SENTENCE: Cause(
        "The speech is shorter than its sentences take. Retry, or listen to it.", AGAIN, billed=True
    ),
    Code.WRONG_LANGUAGE: Cause(
        "The answer is in another language than the script. Retry.", AGAIN, billed=True
    ),
    Code.INCONSISTENT_ANSWER: Cause("The answer contradicts itself or its input. Retry.", AGAIN, billed=True),
    Code.BLOB_STORE_FULL: Cause("Free some space where assets are stored, then retry the job."),
    Code.BLOB_STORE_UNAVAILABLE: Cause(
        "Check that the asset store can be reached and written.", AGAIN, passes=True
    ),
    Code.BLOB_MISSING: Cause(
        "A stored file is gone. Restore it, or regenerate the asset that it belongs to."
    ),
    Code.RENDER_FAILED: Cause(
        "The film could not be made. The message and `reelog doctor` say more.", ONCE_MORE
    ),
    Code.MISSING_GLYPHS: Cause(
        "No font here draws these characters. Fork the job with a script without them, or with the option "
        "captions: sidecar."
    ),
    Code.LENGTH_NOT_MET: Cause(
        "The script's words make no film of target_duration_s. Fork the job with another length or another "
        "script."
    ),
    Code.QUALITY_CHECK_FAILED: Cause("The rendered film did not pass its own checks. Please report it."),
    Code.INTERNAL_ERROR: Cause("A defect in Reelog. Please report it with the details kept here."),
    Code.CALL_LOST: Cause(
        "The call was never answered: its worker died, or it expired. It may have been charged.", AGAIN, True
    ),
    Code.LOST_CALL_NOT_REPEATED: Cause(
        "A lost call was not repeated, as the job asks (on_lost_call). Retry the job to pay for it again.",
        billed=True,
    ),
    Code.ATTEMPTS_EXHAUSTED: Cause("No attempt is left. The last failure says what to do; retry the job."),
    Code.OVER_BUDGET: Cause("Raise max_cost_usd and retry the job: everything made so far is kept."),
    Code.UNPRICED_MODEL: Cause(
        "Add the model's price to the file that REELOG_PRICES names and retry, or fork the job with another "
        "model."
    ),
    Code.DEPENDENCY_FAILED: Cause("What this is made from has failed. See that failure."),
    Code.WITHDRAWN: Cause(
        "The job ended before this was begun, so it was never asked for. Retry the job to go on."
    ),
    Code.OUTDATED_REQUEST: Cause(
        "It was asked for by another version of Reelog, in a way that this one cannot read. Retry the job: "
        "it is then asked for anew."
    ),
    Code.SUPERSEDED: Cause(
        "Nothing: another attempt had made the same asset already. What this one cost is on record.",
        billed=True,
    ),
    Code.CANCELLED: Cause("The job was cancelled. Retry it to go on from what is made."),
    Code.CAPABILITY_MISSING: Cause(
        "Fork the job with another model, or set another REELOG_GEMINI_SDK and retry."
    ),
}
