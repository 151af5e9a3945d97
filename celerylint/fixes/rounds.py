"""Fixing until nothing changes: lint, make the fixes that do not get in each other's way, lint again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from celerylint.fixes.apply import perform
from celerylint.fixes.splices import Refused
from celerylint.rule import Finding, Fix
