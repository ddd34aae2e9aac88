"""``python -m api`` is the ``reelog`` command."""

from api.cli import main

if __name__ == "__main__":
    main(prog_name="reelog")
