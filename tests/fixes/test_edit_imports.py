"""Seeing that a name is imported."""

from __future__ import annotations

import pytest
from marked_edits import PATH, check, edited, refusal

from celerylint.rule import Edit, EnsureImport, Remove, Replace, ReplaceComment
from celerylint.sources.spans import Span

IMPORT = EnsureImport(PATH, "django.db", "transaction")
LINE = "from django.db import transaction\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", LINE),
        ("x = 1\n", f"{LINE}\nx = 1\n"),
        ("def f(): pass\n", f"{LINE}\n\ndef f(): pass\n"),
        ('"""Doc."""\n', f'"""Doc."""\n\n{LINE}'),
        ('"""Doc."""', f'"""Doc."""\n\n{LINE}'),
        ('"""Doc."""\n\nx = 1\n', f'"""Doc."""\n\n{LINE}\nx = 1\n'),
        ('"""Doc."""\nx = 1\n', f'"""Doc."""\n\n{LINE}\nx = 1\n'),
        ("#!/usr/bin/env python\n# licence\n\nx = 1\n", f"#!/usr/bin/env python\n# licence\n\n{LINE}\nx = 1\n"),
        ("#!/usr/bin/env python\nx = 1\n", f"#!/usr/bin/env python\n\n{LINE}\nx = 1\n"),
        ("# only a comment", f"# only a comment\n\n{LINE}"),
        ("from __future__ import annotations\n\nx = 1\n", f"from __future__ import annotations\n\n{LINE}\nx = 1\n"),
        ("import os\n\nx = 1\n", f"import os\n\n{LINE}\nx = 1\n"),
        ("from .models import X\n", f"{LINE}\nfrom .models import X\n"),
        ("import os\n\nfrom .models import X\n", f"import os\n\n{LINE}\nfrom .models import X\n"),
        ("from celery import shared_task\n", f"from celery import shared_task\n{LINE}"),
        ("from requests import get\n", f"{LINE}from requests import get\n"),
        ("import requests\nfrom celery import shared_task\n",
         f"import requests\nfrom celery import shared_task\n{LINE}"),
        ("from celery import (\n    shared_task,  # why\n)\n\nx = 1\n",
         f"from celery import (\n    shared_task,  # why\n)\n{LINE}\nx = 1\n"),
        ("import zzz\nimport os\nimport aaa", f"import zzz\nimport os\nimport aaa\n{LINE}"),
        ("import os\nos.environ['a'] = '1'\nimport celery\n",
         f"import os\n\n{LINE}os.environ['a'] = '1'\nimport celery\n"),
        ("if x:\n    import os\n", f"{LINE}\nif x:\n    import os\n"),
    ],
)  # fmt: skip
def test_a_line_is_added_where_it_belongs(before: str, after: str) -> None:
    check(before, after, lambda: IMPORT, without="latin")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from django.db import models\n", "from django.db import models, transaction\n"),
        ("from django.db import IntegrityError, utils\n", "from django.db import IntegrityError, transaction, utils\n"),
        ("from django.db import utils, models\n", "from django.db import utils, models, transaction\n"),
        ("from django.db import models as m\n", "from django.db import models as m, transaction\n"),
        ("from django.db import transaction as t\n", "from django.db import transaction as t, transaction\n"),
        ("from django.db import (\n    models,  # m\n    utils,\n)\n",
         "from django.db import (\n    models,  # m\n    transaction,\n    utils,\n)\n"),
        ("from django.db import (\n    models\n)\n", "from django.db import (\n    models,\n    transaction\n)\n"),
        ("from django.db import models, \\\n    utils\n", "from django.db import models, transaction, \\\n    utils\n"),
        ("import os\nfrom django.db import models  # why\n",
         "import os\nfrom django.db import models, transaction  # why\n"),
        ("from django.db import *\n", f"from django.db import *\n{LINE}"),
    ],
)  # fmt: skip
def test_a_name_joins_the_import_that_is_there(before: str, after: str) -> None:
    check(before, after, lambda: IMPORT, without="latin")


@pytest.mark.parametrize(
    "text",
    [
        LINE,
        "from django.db import (models,\n    transaction)\n",
        "import django.db.transaction as transaction\n",
        "try:\n    from django.db import transaction\nexcept ImportError:\n    transaction = None\n",
        "if True:\n    from django.db import transaction\n",
    ],
)
def test_nothing_is_added_when_the_name_is_there(text: str) -> None:
    assert edited(text, lambda: IMPORT) == text


def test_a_relative_import_is_as_good_as_an_absolute_one() -> None:
    wanted = EnsureImport("src/shop/tasks.py", "shop.models", "Order")
    text = "from .models import Order\n"
    assert edited(text, lambda: wanted, "src/shop/tasks.py") == text
    assert edited("from ..shop.models import Order\n", lambda: wanted, "src/shop/tasks.py").count("\n") == 1
    reason = refusal("from ..models import Order\n", lambda: wanted, "src/shop/tasks.py")
    assert reason == "`Order` means something else in this file"


@pytest.mark.parametrize(
    "text",
    [
        "transaction = 1\n",
        "def transaction(): pass\n",
        "class transaction: pass\n",
        "from bank import transaction\n",
        "import bank as transaction\n",
        "for transaction in x: pass\n",
        "with x as transaction: pass\n",
        "try:\n    pass\nexcept ImportError:\n    transaction = None\n",
        "def f():\n    global transaction\n    transaction = 1\n",
    ],
)
def test_a_name_that_means_something_else_is_left_alone(text: str) -> None:
    assert refusal(text, lambda: IMPORT) == "`transaction` means something else in this file"


def test_what_is_imported_for_type_checkers_only_is_not_there() -> None:
    text = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from django.db import transaction\n"
    assert edited(text, lambda: IMPORT).startswith(f"from typing import TYPE_CHECKING\n\n{LINE}\nif TYPE_CHECKING:")


def test_the_place_of_use_decides_what_the_name_means() -> None:
    def make(at: Span) -> list[Edit]:
        return [Replace(at, "transaction.x"), IMPORT]

    elsewhere = "def f(transaction): pass\ndef g():\n    ⟦a⟧\n"
    assert edited(elsewhere, make) == f"{LINE}\n\ndef f(transaction): pass\ndef g():\n    transaction.x\n"
    assert refusal("def f(transaction):\n    ⟦a⟧\n", make) == "`transaction` means something else in this file"
    inside = "def f():\n    from django.db import transaction\n    ⟦a⟧\n"
    assert edited(inside, make) == "def f():\n    from django.db import transaction\n    transaction.x\n"
    beside = "def f():\n    from django.db import transaction\ndef g():\n    ⟦a⟧\n"
    assert edited(beside, make).startswith(LINE)


def test_a_place_that_is_no_code_has_the_meaning_of_the_module() -> None:
    def make(at: Span) -> list[Edit]:
        return [ReplaceComment(at, "# c"), IMPORT]

    assert edited("# x\n\nx = 1\n⟦# a⟧\n", make) == f"# x\n\n{LINE}\nx = 1\n# c\n"
    assert refusal("transaction = 1\n⟦# a⟧\n", make) == "`transaction` means something else in this file"


def test_an_import_below_the_place_of_use_comes_too_late() -> None:
    def make(at: Span) -> list[Edit]:
        return [Replace(at, "transaction.x"), IMPORT]

    assert edited("x = ⟦a⟧\nfrom django.db import models\n", make).startswith(f"{LINE}\nx = transaction.x\n")


@pytest.mark.parametrize(
    ("before", "module", "after"),
    [
        ("", "celery", "import celery\n"),
        ("import celery\n", "celery", "import celery\n"),
        ("import celery.schedules\n", "celery", "import celery.schedules\n"),
        ("import celery\n", "celery.schedules", "import celery\nimport celery.schedules\n"),
        ("from celery import app\n", "celery", "import celery\nfrom celery import app\n"),
        ("import os\n", "json", "import json\nimport os\n"),
        ("import os\n", "re", "import os\nimport re\n"),
        ("# about os\nimport sys\n\n# about x\nimport x\n", "json",
         "# about os\nimport json\nimport sys\n\n# about x\nimport x\n"),
    ],
)  # fmt: skip
def test_a_module_is_imported(before: str, module: str, after: str) -> None:
    check(before, after, lambda: EnsureImport(PATH, module), without="latin")


def test_a_module_under_another_name_is_no_conflict_but_another_module_under_its_name_is() -> None:
    assert refusal("import other as celery\n", lambda: EnsureImport(PATH, "celery")).startswith("`celery` means")
    assert refusal("x = 1\n", lambda: EnsureImport(PATH, ".models")) == "`import .models` is no statement"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("⟦from bank import transaction⟧\n\nx = 1\n", f"{LINE}\nx = 1\n"),
        ("'Doc.'\n\n⟦import bank as transaction⟧\n\nx = 1\n", f"'Doc.'\n\n{LINE}\nx = 1\n"),
        ("import celery\n⟦from bank import transaction⟧\n\nx = 1\n", f"import celery\n{LINE}\nx = 1\n"),
        ("⟦transaction = None⟧\nx = 1\n", f"{LINE}\nx = 1\n"),
        ("import os; ⟦import bank as transaction⟧\n", f"import os\n\n{LINE}"),
        ("⟦from django.db import models⟧\nx = 1\n", f"{LINE}\nx = 1\n"),
    ],
)
def test_an_import_takes_the_place_of_what_goes(before: str, after: str) -> None:
    assert edited(before, lambda at: [Remove(at), IMPORT]) == after


def test_several_imports_are_added_at_once() -> None:
    wanted = [
        IMPORT, EnsureImport(PATH, "functools", "partial"), EnsureImport(PATH, "django.db", "Error"),
        EnsureImport(PATH, "json"), IMPORT,
    ]  # fmt: skip
    assert edited("x = 1\n", lambda: wanted) == (
        "import json\nfrom functools import partial\n\nfrom django.db import Error, transaction\n\nx = 1\n"
    )
    assert edited("import os\n\nfrom .a import b\n", lambda: wanted) == (
        "import json\nimport os\nfrom functools import partial\n\nfrom django.db import Error, transaction\n\n"
        "from .a import b\n"
    )
