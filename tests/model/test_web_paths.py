from __future__ import annotations

import pytest
from in_memory import tree

from celerylint.model.web import about_deletion, web_path

HEAD = """
from celery import shared_task
@shared_task
def note(*values): ...
"""


def place(code: str, path: str = "shop/things.py") -> tuple[str | None, bool]:
    found = tree({"shop/__init__.py": "", path: HEAD + code})
    (call,) = found.calls
    assert call.scope is not None
    return web_path(call.scope, found.evaluator), about_deletion(call.scope)


@pytest.mark.parametrize(("code", "kind"), [
    ("def pay(request):\n    note.delay()", "view"),
    ("@bp.route('/')\ndef pay():\n    note.delay()", "view"),
    ("@router.post('/')\nasync def pay():\n    note.delay()", "view"),
    ("@login_required\ndef pay(req):\n    note.delay()", "view"),
    ("from rest_framework.views import APIView\nclass V(APIView):\n    def f(self):\n        note.delay()", "view"),
    ("from shop_ui import OwnViewSet\nclass V(OwnViewSet):\n    def f(self):\n        note.delay()", "view"),
    ("from django import forms\nclass F(forms.ModelForm):\n    def f(self):\n        note.delay()", "form"),
    ("@receiver(post_save)\ndef saved(sender, **kw):\n    note.delay()", "receiver"),
    ("def pay(request):\n    def inner():\n        note.delay()\n    return inner", "view"),
    ("def pay(order):\n    note.delay()", None),
    ("class Order(Model):\n    def pay(self):\n        note.delay()", None),
    ("@cache.get\ndef pay():\n    note.delay()", None),
    ("note.delay()", None),
])  # fmt: skip
def test_kinds(code: str, kind: str | None) -> None:
    assert place(code) == (kind, False)


def test_helpers_in_files_named_for_it() -> None:
    assert place("def pay(order):\n    note.delay()", "shop/views.py") == ("views module", False)
    assert place("note.delay()", "shop/views.py") == (None, False)


def test_deletions() -> None:
    assert place("@receiver([pre_delete], sender=Order)\ndef gone(sender, **kw):\n    note.delay()") == (
        "receiver",
        True,
    )
