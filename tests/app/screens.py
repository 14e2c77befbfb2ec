"""Every page as people meet it, in each state that looks different.  A page of the app that is not here fails."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.app.conftest import PASSWORD

Press = tuple[str, str, str]


@dataclass(frozen=True)
class Screen:
    """A page, who looks at it where, and what they do there first: (fill, selector, value), (click, selector, "")."""

    name: str
    endpoint: str
    path: str
    who: str = "admin"  # "": nobody who is signed in
    presses: Sequence[Press] = ()
    where: str = "lived in"
    status: int = 200


def click(selector: str) -> Press:
    return "click", selector, ""


def fill(selector: str, value: str) -> Press:
    return "fill", selector, value


SUBMIT = click("main form:not([data-appearance]):not([hidden]) button[type=submit]")
MENU = click("summary[aria-label^=Account]")
JOB_STATES = ("queued", "running", "succeeded", "partial", "failed", "cancelled")
WAYS_IN = (
    Screen("first start", "setup.show", "/setup", "", where="new"),
    Screen("first start, wrong", "setup.show", "/setup", "", (SUBMIT,), where="new"),
    Screen("sign-in", "sign_in.show", "/sign-in", ""),
    Screen("sign-in, wrong", "sign_in.show", "/sign-in", "", (SUBMIT,)),
    Screen("second step", "second_step.show", "/sign-in/code", "half-way"),
    Screen("second step, wrong", "second_step.show", "/sign-in/code", "half-way", (SUBMIT,)),
    Screen("join", "join.show", "/join", ""),
    Screen("join, wrong", "join.show", "/join", "", (SUBMIT,)),
    Screen("reset", "reset.show", "/reset", ""),
    Screen("reset, wrong", "reset.show", "/reset", "", (SUBMIT,)),
)
WORK = (
    Screen("overview, empty", "overview.show", "/", where="empty"),
    Screen("overview, empty for a viewer", "overview.show", "/", "viewer", where="empty"),
    Screen("overview", "overview.show", "/"),
    Screen("workloads", "workloads.show", "/workloads"),
    Screen("the account's menu", "workloads.show", "/workloads", "admin", (MENU,)),
    Screen("the keyboard's dialog", "workloads.show", "/workloads", "admin", (MENU, click("[data-help]"))),
    Screen("new job", "new_job.show", "/jobs/new?workload=mandelbrot"),
    Screen("new job, pasted items", "new_job.show", "/jobs/new?workload=factorise&source=pasted"),
    Screen("new job, wrong", "new_job.show", "/jobs/new?workload=mandelbrot&items=0&max_workers=x", "admin",
           (click("text=Start job"),)),
    Screen("jobs, none", "jobs.show", "/jobs", where="empty"),
    Screen("jobs", "jobs.show", "/jobs"),
    Screen("jobs, none found", "jobs.show", "/jobs?q=nothing"),
    *(Screen(f"job, {state}", "job.show", f"/jobs/{{{state}}}") for state in JOB_STATES),
    Screen("job, its table open", "job.show", "/jobs/{succeeded}?by=node", "admin", (click(".chart summary"),)),
    Screen("cancel?", "job.ask", "/jobs/{running}/cancel"),
    Screen("gallery", "gallery.show", "/gallery"),
)  # fmt: skip
SWEEPS = (
    Screen("sweeps, none", "sweeps.show", "/sweeps", where="empty"),
    Screen("sweeps, none for a viewer", "sweeps.show", "/sweeps", "viewer", where="empty"),
    Screen("sweeps", "sweeps.show", "/sweeps"),
    Screen("sweeps, none found", "sweeps.show", "/sweeps?q=nothing"),
    Screen("sweeps, imported, wrong", "sweeps.show", "/sweeps", "admin",
           (click(".import summary"), click("text=Import >> nth=-1"))),
    Screen("a workload for a sweep", "new_sweep.show", "/sweeps/new"),
    Screen("new sweep", "new_sweep.show", "/sweeps/new?workload=random-sum"),
    Screen("new sweep, own items", "new_sweep.show", "/sweeps/new?workload=factorise&lines=12&seed=1"),
    Screen("new sweep, again", "new_sweep.show", "/sweeps/new?like={sweep-finished}"),
    Screen("new sweep, wrong", "new_sweep.show",
           "/sweeps/new?workload=mandelbrot&items=0&workers=x&budget_s=1&seed=y", "admin",
           (click("text=Start sweep"),)),
    *(Screen(f"sweep, {state}", "sweep.show", f"/sweeps/{{sweep-{state}}}")
      for state in ("queued", "proving", "running", "finished", "cancelled", "failed", "short", "lost")),
    Screen("sweep for a viewer", "sweep.show", "/sweeps/{sweep-viewers}", "viewer"),
    Screen("sweep, everything open", "sweep.show", "/sweeps/{sweep-lost}?y=efficiency&axis=linear", "admin",
           (*(click(f"{each} summary >> nth=0") for each in ("#points-table", "#windows-table", "#advice")),)),
    Screen("sweep, cancel?", "sweep.ask", "/sweeps/{sweep-running}/cancel"),
    Screen("compare, nothing", "compare.show", "/compare", where="empty"),
    Screen("compare", "compare.show", "/compare?a={sweep-before}&b={sweep-finished}"),
    Screen("compare, refused", "compare.show", "/compare?a={sweep-elsewhere}&b={sweep-finished}"),
    Screen("compare models", "compare.show",
           "/compare?a={sweep-finished}&b={sweep-finished}&model_a=threads&model_b=pool"),
    Screen("a public link", "shared.show", "/r/{slug}", ""),
)  # fmt: skip
SETTINGS = (
    Screen("profile", "profile.show", "/settings/profile"),
    Screen("profile, wrong", "profile.show", "/settings/profile", "admin", (SUBMIT,)),
    Screen("security", "security.show", "/settings/security"),
    Screen("security of a second factor", "security.show", "/settings/security", "runner"),
    Screen("authenticator app, asked", "second_factor.ask", "/settings/security/codes/set-up"),
    Screen("authenticator app, asked, wrong", "second_factor.ask", "/settings/security/codes/set-up", "admin",
           (SUBMIT,)),
    Screen("authenticator app, removed?", "second_factor.ask", "/settings/security/codes/remove", "runner"),
    Screen("authenticator app, set up", "second_factor.show", "/settings/security/codes", "viewer"),
    Screen("authenticator app, wrong", "second_factor.show", "/settings/security/codes", "viewer", (SUBMIT,)),
    Screen("passkey, added", "passkeys.show", "/settings/security/passkeys/add"),
    Screen("passkey", "passkeys.one", "/settings/security/passkeys/{passkey}"),
    Screen("appearance", "appearance.show", "/settings/appearance"),
    Screen("tokens, none", "tokens.show", "/settings/tokens", where="empty"),
    Screen("tokens, revoked?", "tokens.show", "/settings/tokens", "admin", (click(".ask summary >> nth=0"),)),
    Screen("tokens, made", "tokens.show", "/settings/tokens", "admin",
           (fill("#name", "a name"), fill("#password", PASSWORD), click("text=Make a token"))),
    Screen("tokens, wrong", "tokens.show", "/settings/tokens", "admin", (click("text=Make a token"),)),
    Screen("limits", "limits.show", "/settings/limits"),
    Screen("limits of a person", "limits.edit", "/settings/limits/{person}"),
    Screen("limits, wrong", "limits.edit", "/settings/limits/{person}", "admin",
           (fill("#open_jobs_max", "many"), click("text=Set the limits"))),
    Screen("people", "people.show", "/settings/people"),
    Screen("people, none found", "people.show", "/settings/people?part=nobody"),
    Screen("person", "people.one", "/settings/people/{person}", "admin", (click("text=Disable the account"),)),
    Screen("person, link made", "people.one", "/settings/people/{person}", "admin", (click("text=Make a link"),)),
    Screen("invitations", "invitations.show", "/settings/invitations", where="empty"),
    Screen("invitations, made", "invitations.show", "/settings/invitations", "admin", (click("text=Make a link"),)),
    Screen("invitations, wrong", "invitations.show", "/settings/invitations", "admin",
           (fill("#note", "\u202e"), click("text=Make a link"))),
    Screen("audit log", "audit.show", "/settings/audit"),
    Screen("audit log, none found", "audit.show", "/settings/audit?who=nobody"),
    Screen("audit log, wrong", "audit.show", "/settings/audit?since=yesterday", status=422),
    Screen("about", "about.show", "/settings/about"),
)  # fmt: skip
PROBLEMS = (
    Screen("a problem's page", "problems.show", "/problems/conflict"),
    Screen("403", "new_job.show", "/jobs/new?workload=wait", "viewer", status=403),
    Screen("404", "", "/nothing", status=404),
    *(Screen(f"{code}", "gallery.problem", f"/gallery/problems/{code}", status=code) for code in (409, 429, 500, 503)),
)
SCREENS = (*WAYS_IN, *WORK, *SWEEPS, *SETTINGS, *PROBLEMS)
NO_PAGES = frozenset({
    "settings.show", "provider.leave", "provider.back",  # they lead elsewhere
    "sweep.live", "new_sweep.estimate", "sweep_exports.fetch", "shared.export", "shared.badge",
    "shared_live.sweep_fragment", "compare.chart_json", "compare.chart_svg", "compare.chart_png",
    *(f"{place}.{chart}_{ending}" for place in ("sweep_charts", "shared_charts") for chart in ("scaling", "lanes")
      for ending in ("json", "svg", "png")),
    "job.live", "shared_live.fragment", "shared_live.series", "shared_live.tiles",  # parts of a page
    "health.healthz", "health.readyz", "audit.export", "downloads.csv", "downloads.ndjson",
    "picture.png", "picture.tiles", "charts.series", "charts.shares_json", "charts.shares_png", "charts.shares_svg",
    "charts.throughput_json", "charts.throughput_png", "charts.throughput_svg",
})  # fmt: skip
