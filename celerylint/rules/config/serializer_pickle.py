from __future__ import annotations

from collections.abc import Iterator

from celerylint.model.builtin_calls import text_of
from celerylint.model.entities import Call, Setting, Task
from celerylint.model.project import Project
from celerylint.model.values import Collection, Value, alternatives
from celerylint.rule import Edit, Finding, Fix, Remove, RenameString, Rule

_PICKLE = frozenset({"pickle", "application/x-python-serialize"})
_CONSEQUENCES = {
    "accept_content": "lets workers unpickle any message, which runs the sender's code",
    "result_accept_content": "lets whoever reads results unpickle them, which runs their writer's code",
    "task_serializer": "pickles messages: a worker must accept pickle to run them, and with it the code of any sender",
    "result_serializer": "pickles results: whoever reads one runs the code that it holds",
    "event_serializer": "pickles events: whoever receives them runs the code that they hold",
}
"""What a setting that holds pickle does."""


class SerializerPickle(Rule):
    """Messages are pickled, so whoever can write to the broker can run code in the workers.

    A worker that accepts `pickle` unpickles any message for a task it knows, and it always knows Celery's own;
    unpickling runs code chosen by the sender. `accept_content` holds for the whole worker: to accept pickle for one
    task is to accept it from everybody. Results and events are read by other processes, which run what those hold.
    A worker that accepts pickle also refuses to run as root unless `C_FORCE_ROOT` is set.

    ```python bad
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.task_time_limit = 300
    app.conf.task_serializer = "pickle"  # expect: serializer-pickle
    app.conf.accept_content = ["json", "pickle"]  # expect: serializer-pickle


    @app.task(name="shop.resize", serializer="pickle")  # expect: serializer-pickle
    def resize(picture_id):
        print(picture_id)
    ```

    ```python fixed
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.task_time_limit = 300
    app.conf.task_serializer = "json"
    app.conf.accept_content = ["json"]


    @app.task(name="shop.resize", serializer="json")
    def resize(picture_id):
        print(picture_id)
    ```

    ```python good
    from celery import Celery

    app = Celery("shop", broker="redis://redis:6379/0")
    app.conf.update(task_time_limit=300, task_soft_time_limit=270, accept_content=["json", "msgpack"])


    @app.task(name="shop.resize", serializer="msgpack")
    def resize(picture_id):
        print(picture_id)
    ```

    ## Fix

    The fix writes `json` in place of `pickle`. Arguments that only pickle can carry (model instances, sets, objects of
    your own) will be refused with `EncodeError` where they are sent, so drain the queues and look at your calls first.

    ## When to suppress

    The content is signed with keys that the broker's other users do not have, or the broker cannot be reached by
    anybody but your own processes.
    """

    category = "security"
    severity = "error"
    since = "0.1"
    celery = ">=3.0"
    fix_safety = "safe"
    sources = (
        "https://docs.celeryq.dev/en/stable/userguide/security.html#serializers",
        "celery/app/defaults.py: accept_content",
        "celery/platforms.py: check_privileges",
    )

    def check_setting(self, setting: Setting, project: Project) -> Iterator[Finding]:
        if setting.name not in _CONSEQUENCES or not setting.effective:
            return
        hits = list(_pickles(setting.value))
        if not hits:
            return
        message = f"`{setting.spelled}` {_CONSEQUENCES[setting.name]}"
        here = hits[0].span if hits[0].span.path == setting.span.path else setting.span
        yield self.finding(
            at=here,
            message=message,
            help="use `json` and send plain values",
            subject=f"setting:{setting.name}",
            evidence=[(h.span, "pickle") for h in hits if h.span.path != setting.span.path],
            data=hits,
        )

    def check_task(self, task: Task, project: Project) -> Iterator[Finding]:
        option = task.declared.get("serializer")
        if option is None or text_of(option.value) not in _PICKLE:
            return
        own = option.layer == "decorator"
        who = f"`{task.label}`" if own else f"every task made by {option.origin}"
        yield self.finding(
            at=option.value.span,
            message=f"messages of {who} are pickled: their worker must accept pickle, and with it any sender's code",
            help="use `json` and send plain values",
            subject=task.subject if own else f"option:serializer of {option.origin}",
            label="pickled",
            data=[option.value],
        )

    def check_call(self, call: Call, project: Project) -> Iterator[Finding]:
        value = call.options.get("serializer")
        if value is None or text_of(value) not in _PICKLE or call.how in ("delay", "s", "si"):
            return
        yield self.finding(
            at=value.span if value.span.path == call.span.path else call.span,
            message=f"this message to `{call.label}` is pickled: its worker must accept pickle, and any sender's code",
            help="use `json` and send plain values",
            subject=f"task:{call.label}",
            data=[value],
        )

    def fix(self, finding: Finding, project: Project) -> Fix | None:
        edits: list[Edit] = []
        for value in finding.data:
            accepted = _list_around(value, project)
            if accepted is not None and any(text_of(item) == "json" for item in accepted.items):
                edits.append(Remove(value.span))
            else:
                edits.append(RenameString(value.span, "json"))
        return Fix(
            "use json instead of pickle", "safe", tuple(edits), "arguments that JSON cannot carry are refused when sent"
        )


def _pickles(value: Value) -> Iterator[Value]:
    for option in alternatives(value):
        items = option.items if isinstance(option, Collection) else (option,)
        yield from (item for item in items if text_of(item) in _PICKLE)


def _list_around(value: Value, project: Project) -> Collection | None:
    """The accepted content types of which a value is one."""
    for setting in project.settings:
        if setting.name in _CONSEQUENCES:
            for option in alternatives(setting.value):
                if isinstance(option, Collection) and any(item.span == value.span for item in option.items):
                    return option
    return None
