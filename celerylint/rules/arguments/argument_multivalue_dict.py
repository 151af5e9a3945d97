from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.entities import Call
from celerylint.model.project import Project
from celerylint.model.sent import sent
from celerylint.rule import Finding, Rule


class ArgumentMultivalueDict(Rule):
    """The whole of `request.POST` or `request.GET` is sent as an argument, and loses values on the way.

    Django's `QueryDict` holds a list of values for each key. JSON encodes it as the dict that it also is, with the last
    value only: of three ticked boxes the task sees one. No error tells.

    ```python bad
    from celery import shared_task
    from django.http import HttpRequest, HttpResponse


    @shared_task(name="shop.export", time_limit=60, soft_time_limit=50)
    def export(filters):
        print(filters)


    def start(request: HttpRequest) -> HttpResponse:
        export.delay(request.GET)  # expect: argument-multivalue-dict
        return HttpResponse()
    ```

    ```python good
    from celery import shared_task
    from django.http import HttpRequest, HttpResponse


    @shared_task(name="shop.export", time_limit=60, soft_time_limit=50)
    def export(filters):
        print(filters)


    def start(request: HttpRequest) -> HttpResponse:
        export.delay(dict(request.GET.lists()))
        return HttpResponse()
    ```

    ## When to suppress

    No key of the form can have more than one value. `request.POST.dict()` says so in the code.
    """

    category = "correctness"
    severity = "warning"
    since = "0.1"
    celery = ">=3.0"
    sources = ("https://docs.djangoproject.com/en/stable/ref/request-response/#querydict-objects",)

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        for part in sent(call, project):
            if part.kind.name == "QueryDict" and part.fate == "changed":
                yield self.finding(
                    at=part.span,
                    message=f"{part.what} is sent to `{call.label}`: only one value of each key arrives",
                    help="send `dict(....lists())`, or `.dict()` where one value for each key is meant",
                    subject=f"task:{call.label}",
                    confidence="low" if part.doubtful else "medium",
                    evidence=part.evidence(),
                )
