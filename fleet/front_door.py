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

from fleet.data_folder import DataFolder
from fleet.nginx_config import CHECKOUT, Site, listed, listed_nodes, render
from fleet.static_files import compress
from settings import ConfigError, Settings

OLDEST = (1, 19, 5)  # knows -e; older ones open a log of the system's nginx before they read any configuration


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
    config.write_text(render(site_of(settings, folder), settings))
    front_door = FrontDoor(program, config)
    front_door.check()
    return front_door


def site_of(settings: Settings, folder: DataFolder) -> Site:
    """The front door of this fleet."""
    (folder.temp / "nginx").mkdir(exist_ok=True)
    return Site(
        listen=":".join(map(str, listen_address(settings))),
        upstream=f'include "{upstream_path(folder)}";',
        run=str(folder.run),
        temp=str(folder.temp / "nginx"),
        static_root=str(compress(CHECKOUT / "app" / "static", folder.temp / "public")),
        hosts=named_hosts(settings),
        proxies=listed(settings.proxies),
        access_log="/dev/stdout" if settings.log_level == "debug" else "",
        user=user_line(),
    )


def named_hosts(settings: Settings) -> tuple[str, ...]:
    """Those that nginx tells from others; none where all or only loopback are served: then the app has the word."""
    hosts = listed(settings.hosts.lower())
    return () if "*" in hosts else hosts


def write_upstream(folder: DataFolder, upstreams: Sequence[str]) -> None:
    """The file that lists the web nodes; nginx reads it again at a reload."""
    upstream_path(folder).write_text(listed_nodes(upstreams) + "\n")


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
