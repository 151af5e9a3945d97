"""The files of a tree found by walking it, for folders that no git work tree vouches for.

Folders come from ``os.scandir`` with their type, so nothing is stat-ed. ``.gitignore`` files are obeyed as git does;
`pathspec` is imported when the first one is met.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from celerylint.sources.choice import BUILT, PRUNED, VENV_MARK, worth_reading

if TYPE_CHECKING:
    from celerylint.sources.ignore import Ignored


class Walk:
    """What lies below ``root``: ``files`` worth reading, ``links`` that are worth it by their name, and ``unreadable``
    folders with the reason. Symbolic links to folders are not followed, so there are no loops."""

    def __init__(self, root: str) -> None:
        self.files: list[str] = []
        self.links: list[str] = []
        self.unreadable: list[tuple[str, str]] = []
        stack: list[tuple[str, Ignored | None]] = [("", None)]
        while stack:
            folder, ignored = stack.pop()
            try:
                stack += self._enter(root, folder, ignored)
            except OSError as error:
                self.unreadable.append((folder or ".", error.strerror or str(error)))

    def _enter(self, root: str, folder: str, ignored: Ignored | None) -> list[tuple[str, Ignored | None]]:
        """Note the files of one folder and return its folders; raises OSError when it cannot be listed."""
        prefix = f"{folder}/" if folder else ""
        folders: list[str] = []
        files: list[str] = []
        links: list[str] = []
        rules = False
        with os.scandir(f"{root}/{folder}") as entries:
            for entry in entries:
                name = entry.name
                if entry.is_dir(follow_symlinks=False):
                    if name not in PRUNED and (name not in BUILT or os.path.exists(f"{entry.path}/__init__.py")):
                        folders.append(prefix + name)
                elif name == VENV_MARK and folder:
                    return []
                elif name.endswith(".py") or worth_reading(folder, name):
                    if entry.is_file(follow_symlinks=False):
                        files.append(prefix + name)
                    elif entry.is_symlink():
                        links.append(prefix + name)
                elif name == ".gitignore":
                    rules = entry.is_file(follow_symlinks=False)  # git follows no link here either
        if rules:
            from celerylint.sources.ignore import Ignored

            ignored = Ignored(root, folder, ignored)
        if ignored is not None:
            files = [path for path in files if not ignored.covers(path)]
            links = [path for path in links if not ignored.covers(path)]
            folders = [path for path in folders if not ignored.covers(f"{path}/")]
        self.files += files
        self.links += links
        return [(path, ignored) for path in folders]
