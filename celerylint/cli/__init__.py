"""The command line. Answering ``--version`` costs no more than starting Python."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of ``celerylint`` and ``python -m celerylint``."""
    if sys.argv[1:] == ["--version"]:
        from celerylint import __version__

        print(f"celerylint {__version__}")
        return
    from celerylint.cli.group import run

    sys.exit(run(sys.argv[1:]))
