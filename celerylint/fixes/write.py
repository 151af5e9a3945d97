"""Writing a changed file so that it is either the old one or the new one, whatever happens."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


class FixProblem(Exception):
    """A file could not be written; it is what it was."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


def write_atomically(path: Path, data: bytes) -> None:
    """Put ``data`` in the place of the file at ``path``, keeping its mode and, where allowed, its owner.

    A symbolic link stays one: the file that it leads to is replaced. Raises ``FixProblem`` when the file is missing,
    read-only or cannot be replaced.
    """
    import tempfile  # with all that it imports the dearest part of this package, and needed last

    temporary: str | None = None
    try:
        target = path.resolve(strict=True)
        status = target.stat()
        if not os.access(target, os.W_OK):  # replacing would get round the file's own mode
            raise PermissionError(13, "the file is read-only")
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        with os.fdopen(handle, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, status.st_mode & 0o7777)
        if hasattr(os, "chown"):
            with contextlib.suppress(PermissionError):
                os.chown(temporary, status.st_uid, status.st_gid)
        os.replace(temporary, target)
        temporary = None
    except OSError as error:
        raise FixProblem(path, error.strerror or str(error)) from error
    except RuntimeError as error:  # a loop of symbolic links, before Python 3.13
        raise FixProblem(path, "a loop of symbolic links") from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
