from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from celerylint.rule import Finding, Rule

if TYPE_CHECKING:
    from celerylint.model.project import Project


class SyntaxError(Rule):
    """A file that names Celery and cannot be read.

    celerylint knows nothing about the tasks, calls and settings in such a file, so whatever is wrong in it goes
    unreported, and rules that depend on it stay silent. Syntax newer than the Python that runs celerylint is read all
    the same.

    ```python bad
    from celery import shared_task

    @shared_task
    def send(to:  # expect: syntax-error
        print(to)
    ```

    ```python good
    from celery import shared_task


    @shared_task(time_limit=60)
    def send(to):
        print(to)
    ```

    ## When to suppress
    A file that is not meant to be Python yet, such as a template: list it under `exclude`.
    """

    category = "operations"
    severity = "info"
    since = "0.1"
    celery = ">=3.0"

    def check_project(self, project: Project) -> Iterator[Finding]:
        for problem in project.modules_index.problems:
            yield self.finding(
                at=problem.span,
                message=f"this file cannot be read: {problem.reason}",
                help="repair the file, or list it under `exclude` in the configuration",
                subject=f"file:{problem.span.path}",
            )
