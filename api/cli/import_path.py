"""Imported before anything else: what lies in the folder one stands in is never taken for a library.

Python looks there first when it is started as ``python -m``, or when PYTHONPATH has an empty entry, as it
easily gets. A ``domain.py`` or ``numpy.py`` of a downloads folder would then be run in the place of ours.
"""

import os
import sys

_ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120 - pathlib may be theirs
_INSTALLED = ("site-packages", "dist-packages", "lib-dynload")


def leave_out_the_current_folder() -> None:
    """Take it off the path of imports, unless Reelog itself or Python's libraries are there."""
    try:
        here = os.path.realpath(os.getcwd())  # noqa: PTH109 - as above
    except OSError:
        return  # it is gone
    libraries = os.path.dirname(os.path.realpath(os.__file__))  # noqa: PTH120 - as above
    if here in {os.path.realpath(_ROOT), libraries} or here.endswith(_INSTALLED):
        return  # nothing strange
    sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) != here]


leave_out_the_current_folder()
