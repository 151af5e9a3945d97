"""Kinds of values: a small type inference for what is sent with messages."""

from celerylint.model.kinds.infer import Kinds
from celerylint.model.kinds.kind import Env, Kind

__all__ = ["Env", "Kind", "Kinds"]
