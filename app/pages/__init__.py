"""The pages: one file per page, each a blueprint."""

from flask import Flask

from app import problems
from app.pages import (
    charts,
    compare,
    downloads,
    gallery,
    job_list,
    job_page,
    join,
    new_job,
    new_sweep,
    overview,
    passkey_sign_in,
    picture,
    provider,
    reset,
    second_step,
    settings,
    setup,
    share,
    shared,
    shared_charts,
    shared_live,
    sign_in,
    sweep_charts,
    sweep_exports,
    sweep_list,
    sweep_page,
    workload_list,
)
from app.row_id import RowId


def set_up(app: Flask) -> None:
    app.url_map.converters["id"] = RowId
    for page in (
        problems, setup, join, sign_in, second_step, passkey_sign_in, provider, reset,
        overview, workload_list, new_job, job_list, job_page, picture, charts, downloads, shared_live,
        sweep_list, new_sweep, sweep_page, sweep_charts, sweep_exports, share, shared, shared_charts, compare,
    ):  # fmt: skip
        app.register_blueprint(page.bp)
    settings.set_up(app)
    if app.extensions["settings"].development:
        app.register_blueprint(gallery.bp)
