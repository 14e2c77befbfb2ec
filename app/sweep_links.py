"""Where the parts of a sweep's page are: by its number for those who may see it, by its slug for everybody."""

from dataclasses import dataclass
from typing import ClassVar

from flask import url_for

from app.sweep_exports import Card
from app.sweep_view import SweepView


@dataclass(frozen=True)
class OwnLinks:
    """Of the page behind the sign-in."""

    sweep_id: int
    is_public: ClassVar[bool] = False

    def here(self, **query: str) -> str:
        return url_for("sweep.show", sweep_id=self.sweep_id, **query)  # type: ignore[arg-type]

    def chart(self, name: str, ending: str, **query: str) -> str:
        return url_for(f"sweep_charts.{name}_{ending}", sweep_id=self.sweep_id, **query)  # type: ignore[arg-type]

    def export(self, ending: str, **query: str) -> str:
        return url_for("sweep_exports.fetch", sweep_id=self.sweep_id, ending=ending, **query)  # type: ignore[arg-type]


@dataclass(frozen=True)
class SharedLinks:
    """Of the public page."""

    slug: str
    is_public: ClassVar[bool] = True

    def here(self, **query: str) -> str:
        return url_for("shared.show", slug=self.slug, **query)  # type: ignore[arg-type]

    def chart(self, name: str, ending: str, **query: str) -> str:
        return url_for(f"shared_charts.{name}_{ending}", slug=self.slug, **query)  # type: ignore[arg-type]

    def export(self, ending: str, **query: str) -> str:
        return url_for("shared.export", slug=self.slug, ending=ending, **query)  # type: ignore[arg-type]


Links = OwnLinks | SharedLinks


def own_card(view: SweepView) -> Card:
    """What a file says of its sweep: nobody else could open its address."""
    return Card(view.sweep.name)


def shared_card(view: SweepView, slug: str) -> Card:
    """With the addresses of the page and of its picture."""
    page = url_for("shared.show", slug=slug, _external=True)
    return Card(view.sweep.name, page, url_for("shared.export", slug=slug, ending="svg", _external=True))
