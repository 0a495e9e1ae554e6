"""Timing of one case and the line it prints."""

from __future__ import annotations

import json
import resource
import statistics
import time
from collections.abc import Callable
from typing import Any


def measure(work: Callable[[], Any], repeats: int, warm: bool = True) -> dict[str, Any]:
    """Wall and processor seconds of each repeat of `work`, after one run that does not count.

    `result` holds what the last run returned. `warm=False` counts the first run as well, for
    programs that compile nothing and take long.
    """
    warm_up = 0.0
    if warm:
        start = time.perf_counter()
        work()
        warm_up = time.perf_counter() - start
    wall, processor, result = [], [], None
    for _ in range(repeats):
        before = time.perf_counter(), time.process_time()
        result = work()
        wall.append(time.perf_counter() - before[0])
        processor.append(time.process_time() - before[1])
    return {"seconds": wall, "cpu_seconds": processor, "warm_up": warm_up, "result": result}


def report(timed: dict[str, Any], *, estimates: int, check: float, **labels: Any) -> None:
    """Prints one JSON line: the labels, the seconds of each repeat, estimates in each repeat.

    `check` is a number of the result that two programs can compare: the trace of the variance at
    the logits, or the norm of an exact gradient.
    """
    seconds = timed["seconds"]
    line = {
        **labels,
        "seconds": [round(s, 9) for s in seconds],
        "cpu_seconds": [round(s, 9) for s in timed["cpu_seconds"]],
        "estimates": estimates,
        "estimates_per_second": estimates / statistics.median(seconds),
        "peak_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "warm_up_seconds": round(timed["warm_up"], 3),
        "check": check,
    }
    print(json.dumps(line), flush=True)
