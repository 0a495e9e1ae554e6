"""The table as Markdown, with machine and versions."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from statistics import median
from typing import Any

from driver.ratios import Row

HEADINGS = ("workload", "case", "ours", "peer", "its time", "ratio", "goal", "met")


def duration(seconds: float) -> str:
    """Three digits and a unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("us", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def machine() -> str:
    """Processor and operating system in one line."""
    model = platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                model = line.split(":", 1)[1].strip()
                break
    return f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.machine()}"


def line(row: Row, goals: dict[str, float | None]) -> dict[str, Any]:
    """What the table and the JSON lines say of a row."""
    goal = row.goal(goals)
    return {
        "workload": row.group,
        "case": row.case,
        "peer": row.peer,
        "ours_seconds": median(row.ours),
        "peer_seconds": median(row.theirs),
        "ratio": row.ratio,
        "rounds": len(row.ours),
        "goal": goal,
        "met": None if goal is None else row.ratio >= goal,
    }


def markdown(lines: list[dict[str, Any]], heading: list[str]) -> str:
    """The heading's lines and the table. Times are of one estimate, or of the whole."""
    text = [*heading, "", "| " + " | ".join(HEADINGS) + " |", "|---" * len(HEADINGS) + "|"]
    for entry in lines:
        cells = (
            entry["workload"], entry["case"], duration(entry["ours_seconds"]), entry["peer"],
            duration(entry["peer_seconds"]), f"{entry['ratio']:.3g}",
            "-" if entry["goal"] is None else f"{entry['goal']:g}",
            {None: "-", True: "yes", False: "no"}[entry["met"]],
        )
        text.append("| " + " | ".join(cells) + " |")
    return "\n".join(text) + "\n"
