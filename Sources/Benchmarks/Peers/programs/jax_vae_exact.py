"""W4 in JAX: the exact gradient of the VAE over all 65,536 codes of 8 latents with 4 categories.

The decoder runs once a code and serves all rows. Codes are pairs of half codes, whose parts of the
first decoder layer are added up once each. A code's cost in a row is a sum over pixels of softplus,
the same for every row, less a part that is linear in the second hidden layer.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from jax_network import Weights, encode, layer, weights
from problems import HIDDEN_2, autoencoder
from timing import measure, report

LATENTS, CATEGORIES, ROWS = 8, 4, 10
HALF = LATENTS // 2
PAIRED = 4
"""First half codes decoded at once, each with all second ones."""


def sums_over_halves(table: Array) -> tuple[Array, Array]:
    """For table [latents, categories, m]: sums of rows along both halves' codes, [256, m] each."""

    def one(part: Array) -> Array:
        total = part[0]
        for entry in part[1:]:
            total = (total[:, None] + entry).reshape(-1, part.shape[-1])
        return total

    return one(table[:HALF]), one(table[HALF:])


def code_costs(w: Weights, images: Array) -> Array:
    """The cost of every pair of half codes in every row, [256, 256, rows]."""
    table = w["wd1"].reshape(CATEGORIES, LATENTS, HIDDEN_2).transpose(1, 0, 2)
    first, second = sums_over_halves(table)
    first = first + w["bd1"]
    linear, constant = w["wd3"] @ images.T, w["bd3"] @ images.T

    def some(firsts: Array) -> Array:
        hidden_1 = jax.nn.relu(firsts[:, None] + second).reshape(-1, HIDDEN_2)
        hidden_2 = jax.nn.relu(layer(w, "d2", hidden_1))
        same = jax.nn.softplus(layer(w, "d3", hidden_2)).sum(1, keepdims=True)
        return same - hidden_2 @ linear - constant

    return lax.map(some, first.reshape(-1, PAIRED, HIDDEN_2)).reshape(
        len(first), len(second), len(images)
    )


@jax.jit
def exact(w: Weights, images: Array) -> tuple[Array, Weights]:
    """The gradient at the logits [rows, categories, latents] and at the encoder's parameters."""
    encoder = {name: array for name, array in w.items() if name[1] == "e"}
    logits, pullback = jax.vjp(lambda e: encode(e, images, CATEGORIES).logits, encoder)
    divergence = encode(w, images, CATEGORIES).divergence
    log_p = jax.nn.log_softmax(logits, axis=1)
    laws = [jnp.exp(part) for part in sums_over_halves(log_p.transpose(2, 1, 0))]
    values = code_costs(w, images)
    joint_a = laws[0] * jnp.einsum("ijb,jb->ib", values, laws[1])
    joint_b = laws[1] * jnp.einsum("ijb,ib->jb", values, laws[0])
    margins = []
    for joint in (joint_a, joint_b):
        grid = joint.reshape(*(CATEGORIES,) * HALF, len(images))
        for kept in range(HALF):
            margins.append(grid.sum(tuple(a for a in range(HALF) if a != kept)))
    expected = joint_a.sum(0)[:, None, None] * jnp.exp(log_p)
    gradient = (jnp.stack(margins, axis=-1).transpose(1, 0, 2) - expected) / len(images)
    gradient = gradient + divergence
    return gradient, pullback(gradient)[0]


def run(repeats: int) -> None:
    """Times the gradient; the check is its norm at the logits."""
    images, w = weights(autoencoder(LATENTS, CATEGORIES, ROWS))
    timed = measure(lambda: jax.block_until_ready(exact(w, images)), repeats)
    norm = float(np.linalg.norm(np.asarray(timed["result"][0], np.float64)))
    report(
        timed, estimates=1, check=norm, workload="w4", shape=f"{LATENTS}x{CATEGORIES}",
        case="exact", framework="jax", form="closed",
    )
