"""What an export says of its sweep beside the numbers: its name, where it stands, and where its picture is."""

import re
import unicodedata
from dataclasses import dataclass

from app.charts import Frame
from app.charts.measures import measure_of
from dynometer.report.report import Report
from dynometer.wording import counted

MOST_LETTERS = 60


@dataclass(frozen=True)
class Card:
    """Addresses are whole ones; empty where there is none to tell."""

    name: str
    address: str = ""  # of the report
    chart: str = ""  # of a picture of it

    @property
    def slug(self) -> str:
        """The name in letters that every file system takes."""
        plain = unicodedata.normalize("NFKD", self.name).encode("ascii", "ignore").decode()
        return re.sub(r"[^a-z0-9]+", "-", plain.lower())[:MOST_LETTERS].strip("-") or "sweep"


def frame_of(report: Report, card: Card, y: str = "speedup") -> Frame:
    """Title, facts and source of the picture: it must speak for itself."""
    texts = f"{card.name}: {measure_of(report, y).words}", facts(report), source(report)
    return Frame(*("".join(letter if letter.isprintable() else " " for letter in text) for text in texts))


def facts(report: Report) -> str:
    windows = sum(trial.is_accepted for trial in report.result.trials)
    rejected = len(report.result.trials) - windows
    lost = f", {rejected:,} rejected" if rejected else ""
    done = "" if report.result.state != "stopped" else "stopped before its end \N{MIDDLE DOT} "
    environment = report.result.environment
    return (f"{done}{counted(windows, 'window')}{lost} \N{MIDDLE DOT} {counted(environment.cpus_usable, 'usable CPU')} "
            f"\N{MIDDLE DOT} {environment.implementation} {environment.python}")  # fmt: skip


def source(report: Report) -> str:
    """Dynometer 0.1.0, random-sum, 25 Nov 2026, AMD EPYC"""
    result = report.result
    made_by = f"Dynometer {result.environment.versions.get('dynometer', '')}".rstrip()
    parts = [made_by, result.plan.workload, result.started_at[:10], result.environment.cpu_model]
    return ", ".join(filter(None, parts))
