"""Counts tokens as the emulator's bills do: text by its length, pictures and sound by the published rates."""

CHARACTERS_PER_TOKEN = 4
AUDIO_TOKENS_PER_SECOND = 25
IMAGE_INPUT_TOKENS = 258
"""What a picture in a request costs."""


def of_text(text: str) -> int:
    """About one token for four characters; never none for some text."""
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def of_audio(seconds: float) -> int:
    return round(seconds * AUDIO_TOKENS_PER_SECOND)
