"""celerylint: a static linter for Celery codebases."""

__version__ = "0.1.0"
