"""The web app: pages and API over the job engine.  Shows; decides, computes and times nothing."""

from flask import Flask

from settings import Settings


def create_app(settings: Settings) -> Flask:
    """Build the web app: what it is made of, in order, and nothing else.

    Raises ConfigError when the settings cannot make a safe one.
    """
    from app import (
        access,
        accounts,
        api,
        assets,
        configuration,
        current,
        errors,
        fragment_links,
        front_door,
        headers,
        health,
        logs,
        oidc,
        pages,
        sessions,
        shell,
        sweep_view,
        words,
    )

    app = Flask("app", static_folder=None)
    app.config.from_mapping(configuration.of(settings))
    app.extensions["settings"] = settings
    for part in (logs, current, sessions, assets, front_door, headers, errors):
        part.set_up(app)
    for part in (access, accounts):  # in this order: the gate stands before what reads the session
        part.set_up(app)
    for part in (oidc, words, shell, fragment_links, sweep_view, health, pages, api):
        part.set_up(app)
    return app
