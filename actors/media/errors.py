"""Every way in which picture and sound can fail, as one tree of types with data.

::

    MediaError
    ├── FormatError      the asked-for shape or quality does not exist
    ├── PictureError     an image cannot be decoded or used
    ├── SpeechError      a narration cannot be decoded or holds no sound
    ├── CaptionError     a text cannot be drawn with the installed fonts
    ├── TimelineError    lengths that cannot be laid on one line
    ├── MusicError       a plan that cannot be read as music
    ├── EncodeError      the encoder or the container refused
    └── RenderCancelled  the caller asked to stop

The caller turns these into a recorded failure; so each carries a stable ``code``, the ``message`` that says
what was found, and a ``hint`` that says what a person can do. Errors as text to be searched were rejected.
"""


class MediaError(Exception):
    """Something about picture or sound; ``code`` is stable, ``message`` and ``hint`` are for people."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(code, message, hint)  # all three in args: the error survives pickling
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} ({self.code})" + (f" - {self.hint}" if self.hint else "")


class FormatError(MediaError):
    """The asked-for shape, frame rate or quality does not exist."""


class PictureError(MediaError):
    """An image cannot be decoded or used."""


class SpeechError(MediaError):
    """A narration cannot be decoded, or holds no sound."""


class CaptionError(MediaError):
    """A text cannot be drawn with the installed fonts."""


class TimelineError(MediaError):
    """Scene lengths that cannot be laid on one line."""


class MusicError(MediaError):
    """A music plan that cannot be read as music."""


class EncodeError(MediaError):
    """The encoder or the container refused, or segments do not fit together."""


class RenderCancelled(MediaError):  # noqa: N818 - a request that was obeyed, not a fault
    """The caller asked to stop; nothing was written."""

    def __init__(self, *_: object) -> None:
        super().__init__("render_cancelled", "Rendering was stopped on request")
