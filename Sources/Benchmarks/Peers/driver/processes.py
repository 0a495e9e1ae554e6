"""Runs a program pinned to its cores and reads the JSON lines it prints."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from driver.errors import BenchmarkError

Record = dict[str, Any]


def surroundings(threads: int) -> dict[str, str]:
    """Environment of every program, ours and peers alike: threads, and memory kept once gained."""
    count = str(threads)
    added = {
        "OMP_NUM_THREADS": count,
        "OPENBLAS_NUM_THREADS": count,
        "MKL_NUM_THREADS": count,
        "MALLOC_TRIM_THRESHOLD_": "2000000000",
        "MALLOC_MMAP_THRESHOLD_": "1000000000",
        "MALLOC_TOP_PAD_": str(64 << 20),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if threads == 1:
        added["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    return {**{k: v for k, v in os.environ.items() if k != "XLA_FLAGS"}, **added}


def pinned(cores: str) -> list[str]:
    """The prefix that pins a command; empty where `taskset` does not exist."""
    program = shutil.which("taskset")
    return [program, "-c", cores] if program else []


def records(command: list[str], cores: str, limit: float) -> list[Record]:
    """Runs a command and returns its JSON lines. Lines of other text are left out."""
    shown = " ".join(Path(part).name if part.startswith("/") else part for part in command)
    try:
        done = subprocess.run(
            pinned(cores) + command, env=surroundings(len(cores.split(","))),
            capture_output=True, text=True, timeout=limit, check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BenchmarkError(f"{shown} took over {limit:g} s; raise --limit") from error
    except OSError as error:
        raise BenchmarkError(f"{shown} cannot be started: {error}") from error
    if done.returncode:
        reason = (done.stderr.strip() or "nothing on standard error").splitlines()[-1]
        raise BenchmarkError(f"{shown} ended with status {done.returncode}: {reason}")
    found = []
    for line in done.stdout.splitlines():
        if not line.startswith("{"):
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise BenchmarkError(f"{shown} printed a broken JSON line: {line[:80]}") from error
        missing = {"workload", "case", "seconds", "estimates"} - record.keys()
        if missing or not record["seconds"]:
            raise BenchmarkError(f"{shown} printed a line without {sorted(missing)}: {line[:80]}")
        found.append(record)
    if not found:
        raise BenchmarkError(f"{shown} printed no result")
    return found
