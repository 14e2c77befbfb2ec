"""The pages: one file per page, each a blueprint."""

from flask import Flask

from app import problems
from app.pages import (
    downloads,
    job_list,
    job_page,
    new_job,
    overview,
    picture,
    setup,
    shared_live,
    sign_in,
    workload_list,
)
from app.row_id import RowId


def set_up(app: Flask) -> None:
    app.url_map.converters["id"] = RowId
    for page in (
        problems, setup, sign_in, overview, workload_list, new_job, job_list, job_page, picture, downloads, shared_live,
    ):  # fmt: skip
        app.register_blueprint(page.bp)
