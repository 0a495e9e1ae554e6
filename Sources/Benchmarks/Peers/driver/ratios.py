"""Ratios of one round, and their medians over rounds."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

from driver.cases import Group, Peer
from driver.errors import BenchmarkError
from driver.processes import Record

WHOLE = ("suite", "all six", "all 23", "exact")
"""Names of the case in which one run gives all that the workload asks for."""


@dataclass
class Row:
    """A line of the table: seconds of one estimate (or one whole), one number a round."""

    group: str
    case: str
    peer: str
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        """Median over rounds of the peer's seconds over ours in the same round."""
        return median(t / o for o, t in zip(self.ours, self.theirs))

    def goal(self, goals: dict[str, float | None]) -> float | None:
        """The goal of its case, or else of its group."""
        group = self.group.replace(" ", "/")
        return goals.get(f"{group}/{self.case}/{self.peer}", goals.get(f"{group}/{self.peer}"))


def seconds(record: Record, clock: str) -> float:
    """The median of a record's repeats by the clock."""
    key = "cpu_seconds" if clock == "cpu" else "seconds"
    if key not in record:
        raise BenchmarkError(
            f"{record['workload']} {record['case']} reports no processor time; use --clock wall"
        )
    return median(record[key])


def whole(records: list[Record]) -> Record:
    """Our record for all estimators together, or the only one."""
    named = [record for record in records if record["case"] in WHOLE]
    if named:
        return named[0]
    if len(records) == 1:
        return records[0]
    raise BenchmarkError(
        f"our {records[0]['workload']} has no case called one of {', '.join(WHOLE)}"
    )


def pairs(
    peer: Peer, ours: list[Record], theirs: list[Record], clock: str
) -> list[tuple[str, float, float]]:
    """(case, our seconds, the peer's) for all that both programs measured in a round."""
    if peer.total:
        mine = whole(ours)
        return [(mine["case"], seconds(mine, clock), sum(seconds(r, clock) for r in theirs))]
    own = {record["case"]: record for record in ours}
    if all(record["case"] == "exact" for record in theirs):
        # A peer may try several precisions: the fastest counts.
        mine, best = whole(ours), min(theirs, key=lambda r: seconds(r, clock))
        return [("exact", seconds(mine, clock), seconds(best, clock))]
    found = []
    for record in theirs:
        if record["case"] in own:
            mine = own[record["case"]]
            found.append((
                record["case"],
                seconds(mine, clock) / mine["estimates"],
                seconds(record, clock) / record["estimates"],
            ))
    if not found:
        raise BenchmarkError(
            f"{ours[0]['workload']}: our cases {sorted(own)} and those of {peer.framework} "
            f"{peer.form} have none in common"
        )
    if "suite" in own and len(found) == len(own) - 1:
        # All of ours on common draws against the sum of the peer's runs.
        mine = own["suite"]
        found.append(("suite", seconds(mine, clock), sum(seconds(r, clock) for r in theirs)))
    return found


def add_round(
    rows: dict[tuple[str, str, str], Row], group: Group, clock: str,
    ours: list[Record], theirs: dict[Peer, list[Record]],
) -> None:
    """Adds a round of a group to the rows."""
    for peer, found in theirs.items():
        name = f"{peer.framework} {peer.form}"
        for case, mine, other in pairs(peer, ours, found, clock):
            row = rows.setdefault((group.label, case, name), Row(group.label, case, name))
            row.ours.append(mine)
            row.theirs.append(other)
