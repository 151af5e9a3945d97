"""Sorts of ORM objects: what is a model instance, what a queryset."""

from celerylint.model.sorts.infer import Sorts
from celerylint.model.sorts.sort import Sort

__all__ = ["Sort", "Sorts"]
