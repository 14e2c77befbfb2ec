"""nginx's configuration, written from nginx/nginx.conf.template and nginx/parts/ for one site."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from settings import Settings

CHECKOUT = Path(__file__).parent.parent
FOLDER = CHECKOUT / "nginx"
PLACEHOLDER = re.compile(r"^(?P<indent> *)%\{(?P<line>\w+)\}$|%\{(?P<word>\w+)\}|%%", re.MULTILINE)
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
EVERYBODY = ("0.0.0.0/0",)  # as proxies: where nobody but a platform's router reaches us


@dataclass(frozen=True)
class Tls:
    """A certificate, and where plain HTTP is sent on from."""

    certificate: str
    key: str
    port: int = 443  # as browsers see it
    plain: str = ""  # a listening address for what leads to https; empty for none


@dataclass(frozen=True)
class Site:
    """What differs from one front door to another."""

    listen: str  # an address as nginx takes it
    upstream: str  # names `web_nodes`: see listed_nodes and resolved_nodes
    run: str  # folder for its pid file
    temp: str  # folder for what it writes meanwhile
    static_root: str  # folder with the folder static/
    web_nodes: str = "web_nodes"
    hosts: tuple[str, ...] = ()  # besides loopback; empty for any: then the app alone looks at them
    proxies: tuple[str, ...] = ()  # in front of it
    tls: Tls | None = None
    access_log: str = ""  # a path; empty for none
    user: str = ""
    is_daemon: bool = False


def render(site: Site, settings: Settings) -> str:
    """The whole configuration."""
    shared = {
        "headers": part("headers"), "to_web_node": part("to_web_node"), "web_nodes": site.web_nodes,
        "listen": listening(site, is_default=False),
    }  # fmt: skip
    values = {
        **shared,
        "daemon": "" if site.is_daemon else "daemon off;",
        "user": site.user,
        "run": site.run,
        "temp": site.temp,
        "upstream": site.upstream,
        "access_log": part("access_log", access_log=site.access_log) if site.access_log else "access_log off;",
        "client": client(site.proxies),
        "tls": part("tls", certificate=site.tls.certificate, key=site.tls.key) if site.tls else "",
        "server_name": f"server_name {' '.join(names(site))};" if site.hosts else "",
        "static_root": site.static_root,
        "body_max_bytes": str(settings.body_max_bytes),
        "upload_max_bytes": str(settings.upload_max_bytes + settings.body_max_bytes),  # a form has more than its file
        "upload_megabytes": str(settings.upload_max_bytes // 1_000_000),
        "other_servers": other_servers(site, shared),
    }
    return re.sub(r"\n{3,}", "\n\n", filled((FOLDER / "nginx.conf.template").read_text(), values))


def listed_nodes(addresses: Sequence[str]) -> str:
    """The web nodes one by one, as nginx writes addresses."""
    return part(
        "listed", servers="\n".join(f'server "{address}" max_fails=2 fail_timeout=5s;' for address in addresses)
    )


def resolved_nodes(resolver: str, address: str) -> str:
    """All that the name in `address` (host:port) stands for, whenever that changes.  Goes with web_nodes="$web_nodes".

    It keeps no connections to them open; `server ... resolve` would, but needs nginx 1.27.3.
    """
    return part("resolved", resolver=resolver, address=address)


def client(proxies: Sequence[str]) -> str:
    if not proxies:
        return part("direct")
    return part(
        "behind_proxies",
        set_real_ip_from="\n".join(f"set_real_ip_from {proxy};" for proxy in proxies),
        is_proxy="\n".join(f"{proxy} 1;" for proxy in proxies),
        recursive="off" if tuple(proxies) == EVERYBODY else "on",  # the last address is what the router has seen
    )


def other_servers(site: Site, shared: Mapping[str, str]) -> str:
    """What leads to https, and what refuses hosts that are not ours."""
    found, plain = [], site.tls.plain if site.tls else ""
    if site.tls and plain:
        port = "" if site.tls.port == 443 else f":{site.tls.port}"
        known = " ".join(names(site)) if site.hosts else "_"
        found.append(part("to_https", headers=shared["headers"], plain=plain, names=known, port_if_unusual=port))
    if site.hosts:
        listens = [listening(site, is_default=True), *([f"listen {plain} default_server;"] if plain else [])]
        found += [part("other_hosts", **{**shared, "listen": listen}) for listen in listens]
    return "\n".join(found)


def listening(site: Site, *, is_default: bool) -> str:
    return f"listen {site.listen}{' ssl' if site.tls else ''}{' default_server' if is_default else ''};"


def names(site: Site) -> tuple[str, ...]:
    return (*LOOPBACK, *site.hosts)


def part(name: str, **values: str) -> str:
    return filled((FOLDER / "parts" / f"{name}.conf").read_text().rstrip("\n"), values)


def filled(text: str, values: Mapping[str, str]) -> str:
    """`text` with each %{name} replaced; one that has a line for itself may become several, as far indented."""

    def value(found: re.Match[str]) -> str:
        if found["line"]:
            return "\n".join((found["indent"] + line).rstrip() for line in values[found["line"]].splitlines())
        return values[found["word"]] if found["word"] else "%"

    return PLACEHOLDER.sub(value, text)


def listed(text: str) -> tuple[str, ...]:
    """`a, b` as names."""
    return tuple(name.strip() for name in text.split(",") if name.strip())
