from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from celerylint.rule import Finding, Rule

if TYPE_CHECKING:
    from celerylint.model.project import Project
    from celerylint.suppress import Suppression


class SuppressionWithoutReason(Rule):
    """A suppression comment that does not say why.

    Whoever meets it next cannot tell a considered exception from a silenced alarm, and nobody dares to remove it.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://cache/0")
    app.conf.task_time_limit = 60
    app.conf.accept_content = ["pickle"]  # celerylint: ignore[serializer-pickle]  # expect: suppression-without-reason
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://cache/0")
    app.conf.task_time_limit = 60
    app.conf.accept_content = ["pickle"]  # celerylint: ignore[serializer-pickle] -- until the 2.x clients are gone
    ```

    ## When to suppress
    Leave it off, as it is by default, where reasons are written down elsewhere.
    """

    category = "operations"
    severity = "info"
    profile = "pedantic"
    since = "0.1"
    celery = ">=3.0"

    def check_suppression(self, suppression: Suppression, project: Project) -> Iterator[Finding]:
        if suppression.slugs and not suppression.reason:
            names = " and ".join(f"`{slug}`" for slug in suppression.slugs)
            yield self.finding(
                at=suppression.span,
                message=f"nothing says why {names} may be ignored here",
                help="add the reason at the end of the comment: `-- because ...`",
                subject=f"suppression:{','.join(suppression.slugs)}",
            )
