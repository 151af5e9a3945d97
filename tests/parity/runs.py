"""How each fixture project's workers start: what ``celery -A`` names, from where, with which environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

PROJECTS = Path(__file__).resolve().parents[2] / "fixtures" / "projects"


@dataclass(frozen=True)
class Run:
    """One worker of one project.

    ``path`` are folders on ``sys.path``, relative to the project. ``variant`` is the settings module or class that it
    uses when there are several. ``commanded`` are limits that the worker's command line gives. ``injected`` is how many
    leading parameters the project's task class fills in by itself, so that callers never pass them.
    """

    project: str
    app: str
    path: tuple[str, ...] = (".",)
    environment: dict[str, str] = field(default_factory=dict)
    variant: str = ""
    commanded: dict[str, float] = field(default_factory=dict)
    injected: int = 0

    @property
    def name(self) -> str:
        return f"{self.project}:{self.app.partition(':')[0]}"

    @property
    def root(self) -> Path:
        return PROJECTS / self.project


RUNS = (
    Run("shop", "shop.celery:app", variant="shop.settings.production"),
    Run("ledger", "ledger.worker:celery"),
    Run("almanac", "almanac.app:app", commanded={"time_limit": 900.0, "soft_time_limit": 840.0}),
    Run("clinic", "clinic.celery:app"),
    Run("parcels", "parcels.bus:app"),
    Run("museum", "museum.worker:celery", injected=1),
    Run("farm", "dairy.app:app", path=("services/dairy", "libs/farmlib")),
    Run("farm", "harvest.app:app", path=("services/harvest", "libs/farmlib")),
    Run("press", "press.app:app"),
    Run("orchestra", "orchestra.podium:app"),
    Run("observatory", "observatory.celery:app", variant="observatory.settings.Production"),
)
