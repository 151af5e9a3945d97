from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from celerylint.rule import Finding, Fix, ReplaceComment, Rule

if TYPE_CHECKING:
    from celerylint.model.project import Project
    from celerylint.suppress import Suppression


class SuppressionUnknownRule(Rule):
    """A suppression comment that names no rule, or one that does not exist.

    Such a comment suppresses nothing, yet it reads as if somebody had looked at the finding and answered it. There is
    no blanket form: every suppression names its rules one by one, so that it cannot hide what nobody has seen.

    ```python bad name=misspelt
    from celery import Celery

    app = Celery("shop", broker="redis://cache/0")
    app.conf.task_time_limit = 60
    # celerylint: ignore[serializer-pickel] -- until the 2.x clients are gone  # expect: suppression-unknown-rule
    app.conf.accept_content = ["pickle"]  # expect: serializer-pickle
    ```

    ```python fixed name=misspelt
    from celery import Celery

    app = Celery("shop", broker="redis://cache/0")
    app.conf.task_time_limit = 60
    # celerylint: ignore[serializer-pickle] -- until the 2.x clients are gone
    app.conf.accept_content = ["pickle"]
    ```

    ```python bad name=blanket
    from celery import Celery

    app = Celery("shop", broker="redis://cache/0")
    app.conf.task_time_limit = 60  # celerylint: ignore  # expect: suppression-unknown-rule
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://cache/0")
    app.conf.task_time_limit = 60
    ```

    ## When to suppress
    Never; name the rule that is meant, or take the comment out.
    """

    category = "correctness"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "safe"

    def check_suppression(self, suppression: Suppression, project: Project) -> Iterator[Finding]:
        if not suppression.slugs:
            yield self.finding(
                at=suppression.span,
                message="this comment names no rule, so it suppresses nothing",
                help="name the rules in brackets: `# celerylint: ignore[slug] -- reason`",
                subject="suppression:",
            )
        for slug, near in suppression.unknown.items():
            yield self.finding(
                at=suppression.span,
                message=f"`{slug}` is not a rule, so this comment suppresses nothing",
                help=f"write `{near}`" if near else "name a rule of `celerylint rules`, or take the comment out",
                subject=f"suppression:{slug}",
                data=suppression.renamed(slug, near) if near else suppression.without(slug),
            )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        if finding.data is None:
            return None
        return Fix("name the rule that is meant, or none", "safe", (ReplaceComment(finding.span, finding.data),))
