"""Settings that nothing in the project names: what a configuration that cannot be followed does not change.

Flask projects pass ``flask_app.config`` around, others build dicts while they start. Where such a configuration is code
of the project, a setting whose name stands in none of its files keeps Celery's default.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from celerylint.knowledge.setting_names import NEW_TO_OLD

if TYPE_CHECKING:
    from celerylint.model.entities import App
    from celerylint.model.project import Project


class Unheard:
    """Answers for the settings of a project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._named: dict[str, bool] = {}

    def keeps_default(self, setting: str, app: App | None) -> bool:
        """Whether ``setting`` has its default although some of the app's configuration cannot be read."""
        if app is None or app.configured_elsewhere or app.foreign_class is not None:
            return False
        if setting not in self._named:
            self._named[setting] = self._is_named(setting)
        return not self._named[setting]

    def _is_named(self, setting: str) -> bool:
        names = {setting, NEW_TO_OLD.get(setting, setting)}
        pattern = re.compile(b"|".join(re.escape(name.encode()) for name in sorted(names)), re.IGNORECASE)
        tree = self._project.tree
        return any(pattern.search(tree.read(path)) for path in (*tree.python_files, *tree.other_files))
