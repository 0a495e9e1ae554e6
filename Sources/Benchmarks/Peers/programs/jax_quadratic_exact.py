"""W2, the exact gradient over 65,536 states in JAX.

The latents are cut in halves a and b of 256 states each. The cost of a pair is f(a) + f(b) plus an
inner product of features of a and of b, so that all pairs cost one matrix product.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from problems import QuadraticCubic, quadratic_cubic
from timing import measure, report


def half_states(latents: int, categories: int) -> np.ndarray:
    """All one-hot states of `latents`, flat: [categories^latents, latents * categories]."""
    index = np.indices((categories,) * latents).reshape(latents, -1).T
    return np.eye(categories)[index].reshape(len(index), -1)


@jax.jit
def exact(logits: Array, quadratic: Array, cubic: Array, states: Array) -> Array:
    """The gradient [latents, categories] of the expected cost with respect to the logits."""
    cut = states.shape[1]
    log_p = jax.nn.log_softmax(logits, axis=-1)
    flat = log_p.ravel()
    forms_a, forms_b = states @ cubic[:, :cut].T, states @ cubic[:, cut:].T

    def own(block: Array, forms: Array) -> Array:
        return ((states @ block) * states).sum(1) + (forms**3).sum(1)

    across = quadratic[:cut, cut:] + quadratic[cut:, :cut].T
    features_a = jnp.hstack([states @ across, 3 * forms_a * forms_a, 3 * forms_a])
    features_b = jnp.hstack([states, forms_b, forms_b * forms_b])
    own_a = own(quadratic[:cut, :cut], forms_a)
    own_b = own(quadratic[cut:, cut:], forms_b)
    costs = own_a[:, None] + own_b + features_a @ features_b.T
    law_a, law_b = jnp.exp(states @ flat[:cut]), jnp.exp(states @ flat[cut:])
    weighted_a, weighted_b = law_a * (costs @ law_b), law_b * (law_a @ costs)
    joint = jnp.concatenate([weighted_a @ states, weighted_b @ states]).reshape(logits.shape)
    return joint - weighted_a.sum() * jnp.exp(log_p)


def reference(problem: QuadraticCubic) -> np.ndarray:
    """The same gradient from the whole table of states, in numpy and float64."""
    logits = problem.logits.astype(np.float64)
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    states = half_states(*logits.shape)
    forms = states @ problem.cubic.T.astype(np.float64)
    costs = ((states @ problem.quadratic) * states).sum(1) + (forms**3).sum(1)
    costs *= np.exp(states @ np.log(p).ravel())
    return (costs @ states).reshape(logits.shape) - costs.sum() * p


def run(repeats: int) -> None:
    """Times the gradient in float32 and in float64; the check is the error against numpy."""
    jax.config.update("jax_enable_x64", True)
    problem = quadratic_cubic()
    latents, categories = problem.logits.shape
    wanted = reference(problem)
    for dtype in (jnp.float32, jnp.float64):
        states = half_states(latents // 2, categories)
        arrays = [
            jnp.array(a, dtype)
            for a in (problem.logits, problem.quadratic, problem.cubic, states)
        ]
        timed = measure(lambda: jax.block_until_ready(exact(*arrays)), max(repeats, 50))
        error = np.linalg.norm(np.asarray(timed["result"]) - wanted) / np.linalg.norm(wanted)
        report(
            timed, estimates=1, check=float(error), workload="w2-exact", case="exact",
            framework="jax", form=f"split {np.dtype(dtype).name}",
        )
