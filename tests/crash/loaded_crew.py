"""``crew_process`` with all that a crew would load by and by, for the process from which crews are forked.

A crew on Ray loads what draws and encodes where it is used. Here hundreds live for a second each, and loading
was a good part of it. What a life opens stays its own: when it is forked no client, store or file is open.
"""

import importlib
from types import SimpleNamespace
from typing import Any

import c2pa  # noqa: F401 - loaded, as all below
import cv2
import google.auth.aio.credentials  # noqa: F401
import httpcore2  # noqa: F401
import numpy as np
from PIL import Image

import domain.store.postgresql  # noqa: F401
import projections.database.postgresql  # noqa: F401
from actors.media.fonts import missing_letters
from actors.work.crew import stage_actors
from tests.crash import crew_process

__all__ = ["crew_process"]

nobody: Any = SimpleNamespace(find_asset=None)
for stage in stage_actors(nobody, nobody, nobody).values():
    for library in getattr(stage, "LIBRARIES", ()):
        importlib.import_module(library)
Image.init()
# OpenCV makes its tables of this colour space at the first use; of one pixel it does so without threads.
cv2.cvtColor(np.zeros((1, 1, 3), np.uint8), cv2.COLOR_RGB2LAB)
missing_letters(crew_process.__doc__ or "")
