"""`./dyno nginx-config`: the configuration for an nginx of your own."""

import click

from fleet.front_door import named_hosts
from fleet.nginx_config import CHECKOUT, EVERYBODY, Site, Tls, listed, listed_nodes, render, resolved_nodes
from settings import Settings


@click.command("nginx-config")
@click.option("--node", "nodes", multiple=True, help="A web node: host:port or unix:/path; may be given several times.")
@click.option("--resolver", default="", help="A name server that knows the host in --node: all it stands for are used.")
@click.option("--listen", default="80", show_default=True, help="Where nginx listens: port or address:port.")
@click.option("--certificate", default="", help="Serve https with this file; --listen 80 then leads to it.")
@click.option("--key", default="", help="The certificate's key.")
@click.option("--https-port", default=443, show_default=True, help="Where https is served.")
@click.option("--static", "static_root", default=str(CHECKOUT / "app"), help="What `./dyno static` made.")
@click.option("--run", "run", default="/run", show_default=True, help="Folder for the pid file.")
@click.option("--temp", default="/var/cache/nginx", show_default=True, help="Folder for temporary files and the cache.")
@click.option("--log", "access_log", default="/dev/stdout", show_default=True, help="The access log; empty for none.")
@click.option("--daemon", is_flag=True, help="Let nginx go to the background, as its systemd unit wants.")
@click.option("--buildpack", is_flag=True, help="What config/nginx.conf.erb holds.")
def command(nodes: tuple[str, ...], resolver: str, buildpack: bool, **given: str | int | bool) -> None:
    """Print a configuration for nginx in front of web nodes that something else runs.

    \b
    ./dyno nginx-config --node 10.0.0.5:8000 --node 10.0.0.6:8000 --static /srv/dynometer > /etc/nginx/nginx.conf
    ./dyno nginx-config --node web:8000 --resolver 127.0.0.11        in containers
    ./dyno nginx-config --node ... --certificate /etc/ssl/own.pem --key /etc/ssl/own.key

    Limits, hosts and proxies come from the settings.  The web nodes need DYNOMETER_PROXY_HOPS=1.
    """
    settings = Settings.from_env()
    if resolver and len(nodes) != 1:
        raise click.UsageError("--resolver asks for one --node: the name that stands for all of them.")
    if buildpack:
        print(render(buildpack_site(), settings), end="")
        return
    upstream = resolved_nodes(resolver, nodes[0]) if resolver else listed_nodes(nodes or ("127.0.0.1:8000",))
    print(render(site_of(settings, upstream, is_resolved=bool(resolver), **given), settings), end="")


def site_of(settings: Settings, upstream: str, *, is_resolved: bool, **given: str | int | bool) -> Site:
    listen, certificate, port = str(given["listen"]), str(given["certificate"]), int(given["https_port"])
    tls = Tls(certificate, str(given["key"]), port, plain=listen) if certificate else None
    return Site(
        listen=str(port) if tls else listen,
        upstream=upstream,
        web_nodes="$web_nodes" if is_resolved else "web_nodes",
        hosts=named_hosts(settings),
        proxies=listed(settings.proxies),
        tls=tls,
        is_daemon=bool(given["daemon"]),
        **{name: str(given[name]) for name in ("run", "temp", "static_root", "access_log")},
    )


def buildpack_site() -> Site:
    """Behind a platform's router, in front of the web node of the same dyno."""
    return Site(
        listen='<%= ENV["PORT"] %>', upstream=listed_nodes(["unix:/tmp/nginx.socket"]), static_root="/app/app",
        run="/tmp", temp="/tmp",  # noqa: S108 - a dyno's own
        proxies=EVERYBODY, access_log="logs/nginx/access.log",
    )  # fmt: skip
