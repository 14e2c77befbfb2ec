"""nginx in front of the web nodes: found, its configuration rendered and checked."""

import grp
import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template

from fleet.data_folder import DataFolder
from settings import ConfigError, Settings

CHECKOUT = Path(__file__).parent.parent
TEMPLATE = CHECKOUT / "nginx" / "nginx.conf.template"
OLDEST = (1, 19, 5)  # knows -e; older ones open a log of the system's nginx before they read any configuration
ACCESS_LOG = """\
log_format line escape=json '{"time": "$time_iso8601", "request_id": "$request_id", "address": "$remote_addr", '
        '"method": "$request_method", "uri": "$uri", "status": $status, "bytes": $bytes_sent, '
        '"took_s": $request_time, "web_node": "$upstream_addr", "web_node_took_s": "$upstream_response_time"}';
    access_log /dev/stdout line;"""


class _Placeholders(Template):
    delimiter = "%"  # nginx has its own use for $


@dataclass(frozen=True)
class FrontDoor:
    """An nginx that is ready to start."""

    program: str
    config: Path

    @property
    def command(self) -> tuple[str, ...]:
        return (self.program, "-e", "stderr", "-c", str(self.config))

    def check(self) -> None:
        """Have nginx read its configuration.  Raises ConfigError with nginx's own words."""
        checked = subprocess.run([*self.command, "-t", "-q"], capture_output=True, text=True, check=False)
        if checked.returncode != 0:
            raise ConfigError(f"nginx refuses {self.config}: {checked.stderr.strip()}")


def find_nginx() -> str | None:
    """A new enough nginx; it's often outside a user's PATH."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/local/sbin:/usr/sbin:/sbin:/opt/homebrew/bin")
    return program if program and nginx_version(program) >= OLDEST else None


def nginx_version(program: str) -> tuple[int, ...]:
    """Such as (1, 22, 1); (0,) when it says none."""
    said = subprocess.run([program, "-v"], capture_output=True, text=True, check=False).stderr
    found = re.search(r"/(\d+)\.(\d+)\.(\d+)", said)
    return tuple(map(int, found.groups())) if found else (0,)


def make_front_door(program: str, settings: Settings, folder: DataFolder, upstreams: Sequence[str]) -> FrontDoor:
    """Render and check the configuration.  `upstreams`: the web nodes' addresses as nginx writes them."""
    config = folder.run / "nginx.conf"
    write_upstream(folder, upstreams)
    config.write_text(render(settings, folder))
    front_door = FrontDoor(program, config)
    front_door.check()
    return front_door


def render(settings: Settings, folder: DataFolder) -> str:
    """The template with this fleet's values."""
    (folder.temp / "nginx").mkdir(exist_ok=True)
    return _Placeholders(TEMPLATE.read_text()).substitute(
        user=user_line(),
        run=folder.run,
        temp=folder.temp / "nginx",
        upstream=upstream_path(folder),
        listen=":".join(map(str, listen_address(settings))),
        static_root=CHECKOUT / "app",
        body_max_bytes=settings.body_max_bytes,
        upload_max_bytes=settings.upload_max_bytes + settings.body_max_bytes,  # a form has fields besides its file
        upload_megabytes=settings.upload_max_bytes // 1_000_000,
        access_log=ACCESS_LOG if settings.log_level == "debug" else "access_log off;",
    )


def write_upstream(folder: DataFolder, upstreams: Sequence[str]) -> None:
    """The file that lists the web nodes; nginx reads it again at a reload."""
    servers = "".join(f'    server "{address}" max_fails=2 fail_timeout=5s;\n' for address in upstreams)
    upstream_path(folder).write_text(
        f"upstream web_nodes {{\n    zone web_nodes 64k;\n    least_conn;\n{servers}    keepalive 16;\n}}\n"
    )


def upstream_path(folder: DataFolder) -> Path:
    return folder.run / "upstream.conf"


def listen_address(settings: Settings) -> tuple[str, int]:
    """Host and port of the front door: this machine only, unless the settings name hosts to serve."""
    return ("0.0.0.0" if settings.hosts else "127.0.0.1"), settings.port  # noqa: S104 - asked for by DYNOMETER_HOSTS


def user_line() -> str:
    """As root, nginx would give its workers to `nobody`, who can't open sockets in a private folder."""
    if os.geteuid() != 0:
        return ""
    return f"user {pwd.getpwuid(0).pw_name} {grp.getgrgid(os.getegid()).gr_name};"
