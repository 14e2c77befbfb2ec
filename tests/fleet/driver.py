"""A fleet of stand-ins, run by tests as a process: `python -m tests.fleet.driver DATA SCRIPT`.

SCRIPT is a JSON object: role -> {"command", "count", and any other field of Role}.
"""

import json
import signal
import sys
from pathlib import Path
from typing import Any

from fleet.broker import BrokerChoice
from fleet.data_folder import DataFolder
from fleet.fleet import Fleet
from fleet.plan import Plan
from fleet.role import Role


def role_of(name: str, fields: dict[str, Any]) -> Role:
    options = {key: value for key, value in fields.items() if key not in ("command", "count")}
    if "stop_signal" in options:
        options["stop_signal"] = signal.Signals[options["stop_signal"]]
    options["stops_after"] = tuple(options.get("stops_after", ()))
    return Role(name, ("/bin/sh", "-c", fields["command"]), **options)


def main() -> int:
    data, script = Path(sys.argv[1]), json.loads(sys.argv[2])
    roles = {role_of(name, fields): fields.get("count", 1) for name, fields in script.items()}
    folder = DataFolder(data)
    with folder.locked():
        fleet = Fleet(Plan(roles, BrokerChoice("", ""), "", (), has_nginx=False), folder, is_verbose=True)
        return fleet.wait_until_stopped()


if __name__ == "__main__":
    sys.exit(main())
