from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from celerylint.rule import Finding, Fix, ReplaceComment, Rule

if TYPE_CHECKING:
    from celerylint.model.project import Project
    from celerylint.suppress import Suppression


class SuppressionUnused(Rule):
    """A suppression comment that suppresses nothing.

    The rule it names ran and found nothing there: the code was cured, or the comment stands at the wrong place. Left
    behind, it hides the next real finding on that line. A rule that did not run in this profile is not judged.

    ```python bad
    from celery import shared_task


    @shared_task(time_limit=60)
    def rebuild(index):  # celerylint: ignore[serializer-pickle] -- old clients  # expect: suppression-unused
        print(index)
    ```

    ```python fixed
    from celery import shared_task


    @shared_task(time_limit=60)
    def rebuild(index):
        print(index)
    ```

    ```python good
    from celery import shared_task


    @shared_task(time_limit=60)
    def rebuild(index):
        print(index)
    ```

    ## When to suppress
    Never; take the comment out.
    """

    category = "operations"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "safe"

    def check_suppression(self, suppression: Suppression, project: Project) -> Iterator[Finding]:
        where = "in this file" if suppression.whole_file else "here"
        for slug in suppression.unused:
            yield self.finding(
                at=suppression.span,
                message=f"`{slug}` finds nothing {where}, so this comment suppresses nothing",
                help=f"take `{slug}` out of the comment, or move the comment to the line that is reported",
                subject=f"suppression:{slug}",
                data=suppression.without(slug),
            )

    def fix(self, finding: Finding, project: Project) -> Fix:
        return Fix("remove the unused suppression", "safe", (ReplaceComment(finding.span, finding.data),))
