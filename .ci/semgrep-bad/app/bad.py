"""One offence against each rule in .ci/semgrep/python.yml: the scanner must see them all.  Nothing imports this."""

import os
import pickle
import subprocess

import flask
import sqlalchemy
from markupsafe import Markup


def offend(app, connection, value):
    eval(value)
    pickle.loads(value)
    os.system(value)
    subprocess.run(value, shell=True)
    Markup(value)
    connection.execute(sqlalchemy.text(f"SELECT {value}"))
    app.run(debug=True)
    return flask.redirect(flask.request.args["next"])
