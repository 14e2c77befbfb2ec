"""What the frame of every page shows: how it looks, where one can go, how the fleet is."""

from flask import Flask, g, request
from sqlalchemy.exc import SQLAlchemyError

from app import once
from app.appearance import has_keys, theme
from app.current import database
from store import pulse as fleet

NAVIGATION = (  # endpoint, words, the key after g, blueprints that belong to it
    ("overview.show", "Overview", "o", ()),
    ("workloads.show", "Workloads", "w", ("new_job",)),
    ("sweeps.show", "Sweeps", "s", ("sweep", "new_sweep", "compare")),
    ("jobs.show", "Jobs", "j", ("job",)),
)


def set_up(app: Flask) -> None:
    app.jinja_env.globals.update(
        theme=theme, has_keys=has_keys, pulse=pulse, navigation=NAVIGATION, here=here, new_form=once.new_form
    )


def pulse() -> fleet.Pulse | None:
    """Asked for once; None while the database is away, for a frame must not break its page."""
    if "pulse" not in g:
        try:
            with database().reading() as session:
                g.pulse = fleet.pulse(session)
        except SQLAlchemyError:
            g.pulse = None
    found: fleet.Pulse | None = g.pulse
    return found


def here(endpoint: str, blueprints: tuple[str, ...]) -> str:
    """The aria-current of a link: the page itself, or the part of the site that one is in."""
    if request.endpoint == endpoint:
        return "page"
    return "true" if request.blueprint in blueprints else ""
