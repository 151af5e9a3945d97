"""Canvases: what they consist of, what each part is given, and what becomes of them."""

from __future__ import annotations

from in_memory import project

from celerylint.model.canvas import Canvas
from celerylint.model.canvas_parts import Part
from celerylint.model.project import Project

TASKS = """
    from celery import shared_task

    @shared_task(name="load")
    def load(supplier):
        return supplier

    @shared_task(name="store")
    def store(prices):
        print(prices)

    @shared_task(name="refresh", bind=True)
    def refresh(self):
        print("refreshed")
"""

HEAD = """
        from celery import chain, chord, group
        from shop.tasks import load, refresh, store
"""


def built(body: str) -> Project:
    return project(shop__tasks=TASKS, shop__flows=HEAD + body)


def outermost(found: Project) -> Canvas:
    return next(c for c in found.canvases.found if c.fate.kind != "member")


def shape(part: Part) -> str:
    """``chain(load, group(store*))``: ``*`` for any number, ``?`` for what may be missing, ``!`` for immutable."""
    marks = "*" * part.many + "?" * part.maybe + "!" * (part.immutable is True)
    if part.kind == "task":
        return part.label + marks
    inner = ", ".join(shape(m) for m in part.members) + (f" -> {shape(part.body)}" if part.body else "")
    return f"{part.kind}{f'({inner})' if inner else ''}{marks}"


def given(canvas: Canvas) -> list[str]:
    return [f"{f.part.label}: {f.given.what}{'' if f.given.certain else '?'}" for f in canvas.given]


def test_forms_of_one_chain() -> None:
    for form in (
        "chain(load.s(1), store.s(), refresh.si())",
        "chain([load.s(1), store.s(), refresh.si()])",
        "chain(*[load.s(1), store.s(), refresh.si()])",
        "load.s(1) | store.s() | refresh.signature(immutable=True)",
        "chain(load.s(1), store.s()) | refresh.s().set(immutable=True)",
        "chain(load.s(1), *[store.s(), refresh.si()])",
    ):
        canvas = outermost(built(f"        flow = {form}\n"))
        assert [leaf.label for leaf in canvas.part.leaves()] == ["load", "store", "refresh"], form
        assert given(canvas) == ["load: unknown", "store: result", "refresh: result"], form
        assert [leaf.immutable for leaf in canvas.part.leaves()] == [False, False, True], form


def test_lists_that_are_built_up() -> None:
    found = built("""
        def start(suppliers, late):
            steps = [load.s(1)]
            for supplier in suppliers:
                steps.append(load.si(supplier))
            if late:
                steps.extend([store.s()])
            steps += [refresh.si()]
            chain(*steps).delay()
    """)
    assert shape(outermost(found).part) == "chain(load, load*?!, store?, refresh!)"


def test_comprehensions_and_conditions() -> None:
    found = built("""
        def start(suppliers, late):
            body = store.s() if late else refresh.si()
            chord([load.s(s) for s in suppliers if s], body).delay()
    """)
    assert shape(outermost(found).part) == "chord(load*? -> choice(store, refresh!))"
    assert given(outermost(found)) == ["load: nothing", "store: results?", "refresh: results?"]


def test_the_project_s_own_functions_return_canvases() -> None:
    found = built("""
        def many(task, items):
            return group(task.s(item) for item in items)

        def start(suppliers):
            return many(load, suppliers) | store.s()
    """)
    canvas = next(c for c in found.canvases.found if c.part.kind == "chain")
    assert shape(canvas.part) == "chain(group(load*), store)"
    assert given(canvas) == ["load: unknown", "store: results"]


def test_what_a_chord_gets_when_it_is_called() -> None:
    canvas = outermost(built("        chord([load.s(1), load.s(2)])(store.s())\n"))
    assert shape(canvas.part) == "chord(load, load -> store)"
    assert canvas.fate.kind == "sent"


def test_groups_and_chords_inside_chains() -> None:
    canvas = outermost(built("        chain(load.s(1), group(store.s(), load.s()), refresh.s(), store.s()).delay()\n"))
    assert given(canvas) == ["load: nothing", "store: result", "load: result", "refresh: results", "store: result"]
    assert [f.role for f in canvas.given] == ["step", "member", "member", "body", "step"]


def test_what_is_unknown_stays_so() -> None:
    found = built("""
        def start(first, rest):
            rest.pop()
            chain(first, *rest, store.s()).delay()
    """)
    canvas = outermost(found)
    assert shape(canvas.part) == "chain(unknown, unknown*?, store)"
    assert given(canvas)[-2:] == ["store: result", "store: result?"]


def fate(statements: str, arguments: str = "x, self") -> str:
    body = "\n".join(f"            {line}" for line in statements.splitlines())
    return outermost(built(f"\n        def start({arguments}):\n{body}\n")).fate.kind


def test_fates() -> None:
    assert fate("chain(load.s(x), store.s()).delay()") == "sent"
    assert fate("chain(load.s(x), store.s())()") == "sent"
    assert fate("flow = chain(load.s(x), store.s())\nflow.apply_async()") == "sent"
    assert fate("flow = chain(load.s(x), store.s())\nflow.link(refresh.si())\nx.on_commit(flow.delay)") == "sent"
    assert fate("flow = chain(load.s(x), store.s()).on_error(refresh.si())\nflow()") == "sent"
    assert fate("flow = chain(load.s(x), store.s())\nflow.link(refresh.si())") == "dropped"
    assert fate("chain(load.s(x), store.s()).on_error(refresh.si())") == "dropped"
    assert fate("return chain(load.s(x), store.s())") == "returned"
    assert fate("chain(load.s(x), store.s()).link_error(refresh.si()).delay()") == "mistaken"
    assert fate("x.put(chain(load.s(x), store.s()))") == "other"
    assert fate("flow = chain(load.s(x), store.s())\nx.put(flow)") == "other"


def test_a_canvas_that_replaces_its_task() -> None:
    found = project(
        shop__tasks=TASKS
        + """
    from celery import group

    @shared_task(bind=True)
    def all_of_them(self, suppliers):
        return self.replace(group(load.s(s) for s in suppliers))
"""
    )
    assert outermost(found).fate.kind == "replaced"


def test_callbacks() -> None:
    found = built("""
        def start(feed):
            load.apply_async((1,), link=store.s(), link_error=[refresh.si(), refresh.s()])
            flow = chain(load.s(1), store.s()).on_error(refresh.s())
            flow.link(refresh.si())
            feed.link(href="/")
            chord([load.s(1)])(store.s(), link_error=refresh.s())
    """)
    assert [(c.how, c.spelled, c.part.label, c.owner.kind) for c in found.canvases.callbacks] == [
        ("link", "link=", "store", "task"),
        ("link_error", "link_error=", "refresh", "task"),
        ("link_error", "link_error=", "refresh", "task"),
        ("link_error", "on_error", "refresh", "chain"),
        ("link", "link", "refresh", "chain"),
        ("link_error", "link_error=", "refresh", "chord"),
    ]


def test_what_is_no_signature() -> None:
    found = built("""
        def start(x):
            chain(load.delay(x), store(x), refresh, refresh.s, x)
    """)
    kinds = [leaf.kind for leaf in outermost(found).part.leaves()]
    assert kinds == ["result", "result", "object", "object", "unknown"]


def test_itertools_has_a_chain_too() -> None:
    found = project(
        shop__tasks=TASKS,
        shop__flows="""
        from itertools import chain
        from shop.tasks import load
        every = chain([load.s(1)], [load.s(2)])
        both = {1: load.s(1)} | {2: load.s(2)}
        """,
    )
    assert found.canvases.found == []
