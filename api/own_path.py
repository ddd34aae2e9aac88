"""Imported before anything else: what lies in the folder one stands in is never taken for a library.

Python looks there first when it is started as ``python -m``, or when PYTHONPATH has an empty entry, as it
easily gets. A ``domain.py`` or ``numpy.py`` of a downloads folder would then be run in the place of ours.
"""

import os
import sys

_ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120 - pathlib may be theirs


def leave_out_the_current_folder() -> None:
    """Take it off the path of imports, unless Reelog itself is there."""
    try:
        here = os.path.realpath(os.getcwd())  # noqa: PTH109 - as above
    except OSError:
        return  # it is gone
    if here != os.path.realpath(_ROOT):
        sys.path[:] = [entry for entry in sys.path if os.path.realpath(entry) != here]


leave_out_the_current_folder()
