"""Times gradfid-bench beside the peers in alternation and prints the table of ratios.

Every program runs in a process of its own, pinned to one core with one thread. A round runs ours
and then each peer of a workload (odd rounds the other way round); the ratio of a case is the
median over rounds of the peer's time over ours in that round: above one, ours is faster.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from driver import environment, table
from driver.cases import Group, Peer, groups
from driver.errors import BenchmarkError
from driver.processes import Record, records
from driver.ratios import Row, add_round

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = sorted({group.workload for group in groups(True)})
    parser.add_argument("--only", default="", metavar="W,W", help=f"of {', '.join(names)}")
    parser.add_argument("--rounds", type=int, default=3, help="default 3")
    parser.add_argument("--no-loop", action="store_true", help="leave out PyTorch's slow loops")
    parser.add_argument("--two-cores", action="store_true", help="two cores and threads each")
    parser.add_argument("--core", default="1", help="the core of single-core runs, default 1")
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall")
    parser.add_argument(
        "--limit", type=float, default=1800, metavar="S", help="of one process, default 1800"
    )
    parser.add_argument(
        "--time", type=float, default=4 * 3600, metavar="S",
        help="after this time no further program starts and the table shows what there is",
    )
    parser.add_argument("--bench", type=Path, default=ROOT / ".build/release/gradfid-bench")
    parser.add_argument("--python", type=Path, help="a Python with the peers' packages")
    parser.add_argument("--environment", type=Path, default=ROOT / ".build/peers-venv")
    parser.add_argument("--output", type=Path, default=ROOT / ".build/bench-peers")
    options = parser.parse_args()
    unknown = [w for w in options.only.split(",") if w and w not in names]
    if unknown:
        parser.error(f"--only: no workload is called '{unknown[0]}'; there are {', '.join(names)}")
    if options.rounds < 1:
        parser.error("--rounds: at least 1")
    return options


class Benchmark:
    """One run of the script."""

    def __init__(self, options: argparse.Namespace, python: Path) -> None:
        self.options = options
        self.python = python
        self.cores = "0,1" if options.two_cores else options.core
        self.threads = len(self.cores.split(","))
        self.deadline = time.monotonic() + options.time
        self.rows: dict[tuple[str, str, str], Row] = {}

    def ours(self, group: Group) -> list[Record]:
        """Runs our program."""
        command = [
            str(self.options.bench), group.workload, *group.options,
            "--rounds", str(group.rounds), "--jobs", str(self.threads),
        ]
        return self.run(command, group)

    def peer(self, group: Group, peer: Peer) -> list[Record]:
        """Runs a peer program."""
        command = [
            str(self.python), str(HERE / "programs/peer.py"), group.workload, *group.options,
            "--form", peer.form, "--repeats", str(peer.repeats), "--threads", str(self.threads),
        ]
        return self.run(command, group)

    def run(self, command: list[str], group: Group) -> list[Record]:
        """Runs a program and keeps its lines."""
        left = self.deadline - time.monotonic()
        found = records(command, self.cores, max(1.0, min(self.options.limit, left)))
        with (self.options.output / "runs.jsonl").open("a") as file:
            for record in found:
                file.write(json.dumps({"group": group.label, **record}) + "\n")
        return found

    def round(self, group: Group, backwards: bool) -> None:
        """One round of a group."""
        theirs: dict[Peer, list[Record]] = {}
        mine: list[Record] = []
        programs: list[Peer | None] = [None, *group.peers]
        for program in reversed(programs) if backwards else programs:
            if program is None:
                mine = self.ours(group)
            else:
                theirs[program] = self.peer(group, program)
        add_round(self.rows, group, self.options.clock, mine, theirs)

    def measure(self, chosen: list[Group]) -> None:
        """All rounds of all groups, until the time is up."""
        for index in range(self.options.rounds):
            for group in chosen:
                if time.monotonic() >= self.deadline:
                    print("the time of --time is up", file=sys.stderr)
                    return
                start = time.monotonic()
                try:
                    self.round(group, backwards=index % 2 == 1)
                except BenchmarkError:
                    if time.monotonic() < self.deadline:
                        raise
                    continue
                spent = time.monotonic() - start
                print(f"round {index + 1}: {group.label}, {spent:.0f} s", file=sys.stderr)


def write_table(benchmark: Benchmark, chosen: list[Group], versions: dict[str, str]) -> None:
    """Prints the table of what was measured and writes it as Markdown and JSON lines."""
    options = benchmark.options
    goals = json.loads((HERE / "goals.json").read_text())
    order = {group.label: place for place, group in enumerate(chosen)}
    rows = sorted(benchmark.rows.values(), key=lambda row: (order[row.group], row.peer))
    lines = [table.line(row, goals) for row in rows]
    text = table.markdown(lines, [
        f"{table.machine()}; {'two cores' if options.two_cores else 'one core'}, "
        f"{options.clock} time, rounds: {options.rounds}; "
        + ", ".join(f"{name} {version}" for name, version in versions.items()) + "."
    ])
    (options.output / "table.md").write_text(text)
    with (options.output / "table.jsonl").open("w") as file:
        file.writelines(json.dumps(entry) + "\n" for entry in lines)
    print(text)


def main() -> None:
    """Prepares the environment and measures; an error shows what was measured before it."""
    options = arguments()
    if not options.bench.exists():
        raise BenchmarkError(
            f"{options.bench} does not exist; build it with "
            "'swift build -c release --product gradfid-bench'"
        )
    requirements = [HERE / "requirements-jax.txt"]
    if not options.no_loop:
        requirements.append(HERE / "requirements-torch.txt")
    python = options.python or environment.prepare(options.environment, requirements)
    versions = environment.versions(python, ["jax", "torch", "numpy"])
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "runs.jsonl").write_text("")

    wanted = [w for w in options.only.split(",") if w]
    chosen = [g for g in groups(not options.no_loop) if not wanted or g.workload in wanted]
    benchmark = Benchmark(options, python)
    try:
        benchmark.measure(chosen)
    finally:
        if benchmark.rows:
            write_table(benchmark, chosen, versions)


if __name__ == "__main__":
    try:
        main()
    except BenchmarkError as error:
        sys.exit(f"bench-peers: {error}")
    except KeyboardInterrupt:
        sys.exit("bench-peers: interrupted")
