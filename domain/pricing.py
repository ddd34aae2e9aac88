"""What a call used; what that costs follows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class Usage:
    """The tokens of one call, as the provider counted them. JSON-serialisable through `to_dict`."""

    prompt_tokens: int = 0
    """All input, cached and tool-made included."""
    output_tokens: int = 0
    """The answer without thoughts; may exceed the sum of ``by_modality``, and then the rest is text."""
    thoughts_tokens: int = 0
    cached_tokens: int = 0
    """The part of ``prompt_tokens`` that was read from a cache, at a lower rate."""
    tool_tokens: int = 0
    """Input that the provider's own tools made, billed as input beside ``prompt_tokens``."""
    total_tokens: int = 0
    by_modality: dict[str, int] = field(default_factory=dict)
    """Output tokens by modality: TEXT, IMAGE, AUDIO."""
    prompt_by_modality: dict[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**{key: value for key, value in stored.items() if key in cls.__dataclass_fields__})
