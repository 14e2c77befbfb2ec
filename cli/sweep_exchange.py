"""`./dyno sweep import`, `share` and `compare`: results from elsewhere, links for others, two results side by side."""

import json
import sys
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import click

from cli.client import Client
from cli.connection import server_options, with_client
from cli.sweep_options import SWEEPS
from dynometer.commands.gating import end_by_gates, gate_options


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", help="What people call it.  [default: the file's name]")
@server_options
def bring(file: Path, name: str | None, server: str | None, data: Path | None) -> None:
    """Keep the result in FILE as a sweep, and print its number: what `python -m dynometer sweep --out` wrote."""
    from dynometer.commands.results import read_result
    from dynometer.measure.result import dumps

    body, key = json.loads(dumps(read_result(file))), str(uuid.uuid4())
    query = urlencode({"name": name or file.stem[:120]})
    sweep = with_client(server, data, lambda client: client.post(f"{SWEEPS}/import?{query}", body, key=key).json)
    print(f"Sweep {sweep['id']}: {sweep['verdict']}", file=sys.stderr)
    print(sweep["id"])


@click.command("share")
@click.argument("sweep_id", type=click.IntRange(1))
@click.option("--revoke", "slug", metavar="SLUG", help="End this link in place of making one.")
@server_options
def share(sweep_id: int, slug: str | None, server: str | None, data: Path | None) -> None:
    """Print a public, read-only link to the report of sweep SWEEP_ID: whoever has it may read, without an account."""
    path, key = f"{SWEEPS}/{sweep_id}/share", str(uuid.uuid4())
    if slug is None:
        print(with_client(server, data, lambda client: client.post(path, {}, key=key).json)["url"])
        return
    with_client(server, data, lambda client: client.delete(f"{path}/{quote(slug, safe='')}"))
    print("That link opens nothing any more.", file=sys.stderr)


@click.command("compare")
@click.argument("a", type=click.IntRange(1))
@click.argument("b", type=click.IntRange(1))
@gate_options
@click.option("--across", multiple=True, metavar="FACT", help="Compare although this fact differs; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of words.")
@server_options
def compare(
    a: int, b: int, gates: tuple[str, ...], is_strict: bool, across: tuple[str, ...], as_json: bool, server: str | None,
    data: Path | None,
) -> None:  # fmt: skip
    """Set sweep B against sweep A, as `python -m dynometer compare` does; unlike machines are refused with status 7."""
    from cli.sweep_report import result_in
    from dynometer.commands.results import require_valid
    from dynometer.compare.as_text import as_object, comparison_text
    from dynometer.compare.changes import compare as set_against
    from dynometer.compare.foretold import foretold
    from dynometer.compare.gates import judge_all
    from dynometer.compare.likeness import require_alike
    from dynometer.summary.gates import CHANGE, OF_ONE_RESULT, read_gates

    wanted = read_gates(gates, (*OF_ONE_RESULT, CHANGE))

    def fetch(client: Client) -> list[dict[str, Any]]:
        return [client.get(f"{SWEEPS}/{sweep_id}").json for sweep_id in (a, b)]

    before, after = map(result_in, with_client(server, data, fetch))
    if before is None or after is None:
        raise click.UsageError("One of them has measured nothing yet, so there is nothing to compare.")
    require_valid((f"A, sweep {a},", before), (f"B, sweep {b},", after))
    found = set_against(before, after, require_alike(before, after, across))
    judged, told = judge_all(wanted, found, after), foretold(before, after)
    text = json.dumps(as_object(found, judged, told), indent=1, allow_nan=False) if as_json else None
    print(text or comparison_text(found, judged, told).rstrip("\n"))
    end_by_gates(judged, is_strict=is_strict)
