"""How many tokens a call will take, before it is made: from the length of its text, and from calls before it.

The *list* figures are plain reckoning: a document takes so much for each scene, and some thoughts before it,
a picture has its listed tokens, speech 25 tokens a second, a shot so many a second as its
model makes of its resolution. Where calls of the same model are on record, the
reckoning is corrected by what those took (the median of actual over reckoned), so thoughts, templates and
habits of a model come in by themselves.
Rejected: averages of recorded costs, which would price a long script like the short ones before it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from domain.default_models import ModelKind
from domain.pricing import Usage
from domain.script import WORDS_PER_MINUTE, Kind

MODALITY = {
    Kind.SCRIPT: "TEXT",
    Kind.ANALYSIS: "TEXT",
    Kind.STORYBOARD: "TEXT",
    Kind.AUDIO_PLAN: "TEXT",
    Kind.IMAGE: "IMAGE",
    Kind.SHOT: "VIDEO",
    Kind.NARRATION: "AUDIO",
    Kind.MUSIC: "AUDIO",
}
"""What each paid kind's answer is made of."""

MODEL_KIND: dict[Kind, ModelKind] = {
    Kind.SCRIPT: "text",
    Kind.ANALYSIS: "text",
    Kind.STORYBOARD: "text",
    Kind.AUDIO_PLAN: "text",
    Kind.IMAGE: "image",
    Kind.SHOT: "video",
    Kind.NARRATION: "speech",
    Kind.MUSIC: "music",
}
"""Which of a job's models makes each kind that models make."""


def model_of(kind: Kind, models: Mapping[str, str]) -> str | None:
    """The model, of those that a job names, which makes assets of this kind; None: they are made here."""
    return models.get(MODEL_KIND[kind]) if kind in MODEL_KIND else None


SAMPLES = 50
"""How many of the newest calls correct the reckoning."""

BYTES_A_TOKEN = 4
"""Google's rule of thumb: a token is about four characters of English."""
BYTES_A_WORD = 6
AUDIO_TOKENS_A_SECOND = 25
"""As the provider documents for speech."""
IMAGE_TOKENS = 1120
"""A 1K picture of the present models."""

_SHOT_PROMPT_TOKENS = 1_500
"""The picture that goes along, and what moves in it."""
_TEMPLATE_TOKENS = 450
THOUGHT_TOKENS = 430
"""What text models think before a short structured answer: 381 to 570 on record, of gemini-3.6-flash."""
_SCENE_TOKENS = 110  # visual, mood and names of one scene in an analysis
_HEAD_TOKENS = 250  # title, themes, palette, characters
_SOURCES_TOKENS = 150
_FRAME_TOKENS = 180
_DELIVERY_TOKENS = 40
_MUSIC_TOKENS = 450
_SONG_PROMPT_TOKENS = 350


@dataclass(frozen=True)
class Tokens:
    """Of one call: the prompt, the answer in its own modality, and all others (thoughts, words beside it)."""

    prompt: int
    output: int
    other: int = 0

    def usage(self, kind: Kind) -> Usage:
        return Usage(
            prompt_tokens=self.prompt,
            output_tokens=self.output,
            thoughts_tokens=self.other,
            by_modality={MODALITY[kind]: self.output},
        )

    @property
    def total(self) -> int:
        return self.prompt + self.output + self.other


@dataclass(frozen=True)
class Sample:
    """One call that was made: the text it was about (bytes), what it `counted`, what it took."""

    text_bytes: int
    scenes: int
    tokens: Tokens


def counted(kind: Kind, scenes: int, images: int) -> int:
    """How many things a call of this kind tells of: pictures where these are described, else scenes."""
    return images if kind in (Kind.ANALYSIS, Kind.STORYBOARD) else scenes


def reckoned(kind: Kind, text_bytes: int, scenes: int) -> Tokens:  # noqa: PLR0911 - one for each kind of call
    """What a call should take. ``text_bytes`` is the script's length, of a narration its own words'.

    ``scenes`` are what such a call has `counted`.
    """
    text = max(1, round(text_bytes / BYTES_A_TOKEN))
    described = _HEAD_TOKENS + _SCENE_TOKENS * scenes
    analysis = described + text  # as it is stored, and read by those who go on from it
    match kind:
        case Kind.SCRIPT:
            return Tokens(_TEMPLATE_TOKENS, text + _SOURCES_TOKENS, THOUGHT_TOKENS)
        case Kind.ANALYSIS:
            return Tokens(_TEMPLATE_TOKENS + text, described, THOUGHT_TOKENS)
        case Kind.STORYBOARD:
            return Tokens(_TEMPLATE_TOKENS + analysis, 80 + _FRAME_TOKENS * scenes, THOUGHT_TOKENS)
        case Kind.AUDIO_PLAN:
            answer = _MUSIC_TOKENS + _DELIVERY_TOKENS * scenes
            return Tokens(_TEMPLATE_TOKENS + analysis, answer, THOUGHT_TOKENS)
        case Kind.IMAGE:
            return Tokens(_FRAME_TOKENS + 40, IMAGE_TOKENS)
        case Kind.SHOT:
            raise ValueError("a shot is reckoned by its seconds, and these by its model: see shot_tokens")
        case Kind.NARRATION:
            seconds = text_bytes / BYTES_A_WORD / WORDS_PER_MINUTE * 60
            return Tokens(text + 20, max(1, round(AUDIO_TOKENS_A_SECOND * seconds)))
        case Kind.MUSIC:
            # A song has a price of its own; what a model counts of it, calls on record tell.
            return Tokens(_SONG_PROMPT_TOKENS, 1)
        case _:
            raise ValueError(f"{kind.value} is made here, by no paid call")


def shot_tokens(video_tokens: int) -> Tokens:
    """What a shot takes whose seconds are charged as so many: its price rests on them, whatever is seen."""
    return Tokens(_SHOT_PROMPT_TOKENS, video_tokens)


def expected(kind: Kind, text_bytes: int, scenes: int, samples: Sequence[Sample]) -> tuple[Tokens, bool]:
    """What a call will take, and whether calls on record support the figure."""
    plain = reckoned(kind, text_bytes, scenes)
    before = [(reckoned(kind, s.text_bytes, s.scenes), s.tokens) for s in samples if s.tokens.output > 0]
    if not before:
        return plain, False
    return Tokens(
        round(plain.prompt * median(took.prompt / by_list.prompt for by_list, took in before)),
        round(plain.output * median(took.output / by_list.output for by_list, took in before)),
        round(plain.output * median(took.other / by_list.output for by_list, took in before)),
    ), True
