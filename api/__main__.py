"""``python -m api`` is the ``reelog`` command.

Python itself then looks for modules in the current folder first; ``python -P -m api`` does not, and neither
does the installed command.
"""

from api.cli.main import main

if __name__ == "__main__":
    main(prog_name="reelog")
