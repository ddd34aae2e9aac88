"""Sound as files, for tests that have it as samples."""

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from actors.media.wav import write_wav


def to_wav(samples: NDArray[np.float32]) -> bytes:
    """(n,) or (n, channels) float32 at 48 kHz as a 16-bit WAV file."""
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        write_wav(Path(file.name), [samples], samples.reshape(len(samples), -1).shape[1])
        return Path(file.name).read_bytes()
