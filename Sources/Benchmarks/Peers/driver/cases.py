"""What is compared: each of our benchmark runs with the peer programs of the same work."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Peer:
    """A form of peer.py; `total` compares the sum over its cases with our suite."""

    framework: str
    form: str
    repeats: int
    total: bool = False


@dataclass(frozen=True)
class Group:
    """One run of ours and the peers beside it. `options` are common to both programs."""

    workload: str
    options: tuple[str, ...]
    rounds: int
    peers: tuple[Peer, ...]

    @property
    def label(self) -> str:
        """The workload with its shape or power."""
        if not self.options:
            return self.workload
        name, value = self.options
        return f"{self.workload} p={value}" if name == "--power" else f"{self.workload} {value}"


LARGER_SHAPES = ("16x12", "30x10", "64x8")
LOOP = Peer("torch", "loop", 1)


def groups(with_loop: bool) -> list[Group]:
    """All groups, in the order of the table; `rounds` is what each program repeats inside."""
    toy = (Peer("jax", "closed", 9),)
    each, shared = Peer("jax", "each", 5), Peer("jax", "shared", 5, total=True)
    loop = (LOOP,) if with_loop else ()
    covariance = Peer("jax", "covariance", 5, total=True)
    study = (Peer("jax", "each", 1, total=True), Peer("jax", "shared", 2, total=True))
    return [
        *(Group("w1", ("--power", p), 9, toy + loop) for p in ("1.5", "2", "3")),
        Group("w2", (), 9, toy + loop),
        Group("w2-exact", (), 50, (Peer("jax", "split", 50),)),
        Group("w3", ("--shape", "8x4"), 5, (each, shared, covariance, *loop)),
        *(Group("w3", ("--shape", s), 5, (each, shared, *loop)) for s in LARGER_SHAPES),
        Group("w4", (), 5, (Peer("jax", "closed", 5),)),
        Group("w5", (), 3, (*study, replace(covariance, repeats=2))),
        Group("w5-sampled", (), 2, study),
    ]
