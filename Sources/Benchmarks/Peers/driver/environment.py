"""The private virtual environment of the peers."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from driver.errors import BenchmarkError


def prepare(folder: Path, requirements: list[Path]) -> Path:
    """The Python program of an environment with the requirements, made or mended where needed.

    A stamp keeps what was installed, so that the next call needs no network.
    """
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"making the virtual environment {folder}", file=sys.stderr)
        _run(
            [sys.executable, "-m", "venv", str(folder)],
            "Python cannot make a virtual environment; install its venv and pip packages "
            "(python3-venv on Debian)",
        )
    for file in requirements:
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        stamp = folder / f"{file.stem}.installed"
        if stamp.exists() and stamp.read_text() == digest:
            continue
        print(f"installing {', '.join(file.read_text().split())}", file=sys.stderr)
        _run(
            [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check",
             "-r", str(file)],
            f"pip could not install {file.name}; check the network, or name an environment that "
            "has these packages with --python",
        )
        stamp.write_text(digest)
    return python


def versions(python: Path, packages: list[str]) -> dict[str, str]:
    """Versions of Python and of the packages that are installed there."""
    script = (
        "import sys, importlib.metadata as m\n"
        "print('Python', sys.version.split()[0])\n"
        "for name in sys.argv[1:]:\n"
        "    try: print(name, m.version(name))\n"
        "    except m.PackageNotFoundError: pass\n"
    )
    unusable = f"{python} is no working Python program; see --python"
    try:
        done = subprocess.run(
            [str(python), "-c", script, *packages], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise BenchmarkError(f"{unusable}: {error.strerror}") from error
    if done.returncode:
        raise BenchmarkError(unusable)
    return dict(line.split(" ", 1) for line in done.stdout.splitlines())


def _run(command: list[str], sentence: str) -> None:
    """Runs a command of the set-up; the sentence is what its failure means."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise BenchmarkError(f"{sentence}: {error}") from error
    if done.returncode:
        reason = (done.stderr.strip() or done.stdout.strip() or "no reason given").splitlines()[-1]
        raise BenchmarkError(f"{sentence}: {reason}")
