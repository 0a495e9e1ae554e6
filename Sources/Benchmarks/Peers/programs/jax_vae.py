"""W3 and W5 in JAX: `each` estimator in a program of its own, or all from `shared` draws.

`covariance` shares draws too and takes the encoder's moments from covariances.
"""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
from jax import Array, lax

from jax_covariance import add_products, covariance_moments, no_products
from jax_estimators import draw, leave_one_out, temperature_names
from jax_network import (
    Encoded, Weights, add_signals, costs, costs_and_gradients, encode, no_signals,
    signal_moments, weights,
)
from jax_shared import shared_six, shared_temperatures
from problems import SIX, autoencoder
from timing import measure, report

Block = Callable[[Array, Weights, Array, Array], Array]
"""(key, weights, images, logits) to estimates [estimators, block, rows, categories, latents]."""


@dataclass(frozen=True)
class Sums:
    """What a run keeps of its estimates: empty, with more added, and the moments at the end."""

    empty: Callable[..., Any]
    add: Callable[..., Any]
    moments: Callable[..., Any]


SIGNALS = Sums(no_signals, add_signals, signal_moments)
COVARIANCES = Sums(no_products, add_products, covariance_moments)


@dataclass(frozen=True)
class Plan:
    """What a workload measures, on which latents, and in steps of how many estimates."""

    latents: int
    categories: int
    names: tuple[str, ...]
    estimates: int
    block: dict[str, int]
    shared: Callable[[int], Block]


def plan(workload: str, shape: tuple[int, int]) -> Plan:
    """W3 at a shape, W5, or W5 with latents that are not enumerable."""
    if workload == "w3":
        block = {"each": 10, "shared": 5, "covariance": 10}
        return Plan(*shape, SIX, 100, block, shared_six)
    latents, categories = (4, 8) if workload == "w5" else (12, 16)
    names = tuple(temperature_names())
    block = {"each": 8, "shared": 4, "covariance": 8}
    return Plan(latents, categories, names, 1024, block, shared_temperatures)


def single(name: str, block: int) -> Block:
    """The estimates of one estimator, from draws of its own."""

    def estimates(key: Array, w: Weights, images: Array, logits: Array) -> Array:
        lead = (block,)
        if name == "reinforce_loo2":
            g = leave_one_out(key, logits, lead, lambda z: costs(w, images, z))
        else:
            point, pullback = draw(name, key, logits, lead)
            g = pullback(costs_and_gradients(w, images, point)[1])
        return g[None] / len(images)

    return estimates


def program(
    block: Block, kept: Sums, size: int, n: int, estimators: int, categories: int
) -> Callable[..., Any]:
    """A compiled program from a key to the moments of every estimator of the block."""

    @jax.jit
    def run(key: Array, w: Weights, images: Array) -> list[dict[str, tuple[Array, Array]]]:
        encoded: Encoded = encode(w, images, categories)

        def step(sums: Any, key: Array) -> tuple[Any, None]:
            estimates = block(key, w, images, encoded.logits)
            return kept.add(w, encoded, sums, estimates), None

        keys = jax.random.split(key, n // size)
        sums, _ = lax.scan(step, kept.empty(encoded, estimators), keys)
        return [
            kept.moments(w, images, encoded, jax.tree.map(lambda s: s[i], sums), n)
            for i in range(estimators)
        ]

    return run


def run(options: Namespace, names: list[str]) -> None:
    """Times a workload and prints one line an estimator, or one line for all that share draws."""
    chosen = plan(options.workload, options.shape)
    size = options.block or chosen.block[options.form]
    n = options.estimates or chosen.estimates
    if n % size:
        raise SystemExit(f"peer.py: {n} estimates are no multiple of the block of {size}")
    images, w = weights(autoencoder(chosen.latents, chosen.categories))
    kept = COVARIANCES if options.form == "covariance" else SIGNALS
    if options.form != "each":
        groups = [("suite", chosen.shared(size), len(chosen.names))]
    else:
        groups = [(name, single(name, size), 1) for name in names or chosen.names]
    for case, block, estimators in groups:
        moments = program(block, kept, size, n, estimators, chosen.categories)
        timed = measure(
            lambda: jax.block_until_ready(moments(jax.random.key(0), w, images)),
            options.repeats,
        )
        traces = [float(jnp.sum(m["logits"][1])) for m in timed["result"]]
        report(
            timed, estimates=n * estimators, check=sum(traces), workload=options.workload,
            shape=f"{chosen.latents}x{chosen.categories}", case=case, framework="jax",
            form=options.form, **({"checks": traces} if estimators > 1 else {}),
        )
