"""Data about Celery and its neighbours, each table with its source.

Nothing here looks at a project: these are facts, and small functions that look facts up. ``settings`` and ``surface``
are generated from the installed Celery by ``tools/make_knowledge.py``; the rest is written by hand and compared with
the installed libraries by the tests.
"""
