"""Draws from categorical laws and the algebra of the softmax, in JAX.

Arrays are [..., categories, latents]: with the latents last, loops over a row run along many
latents even where there are two categories.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
from jax import Array

SMALLEST = 1e-30


def softmax(logits: Array, temperature: float = 1.0) -> Array:
    """softmax(logits / temperature) over the categories."""
    return jax.nn.softmax(logits / temperature, axis=-2)


def categorical(key: Array, probabilities: Array, lead: tuple[int, ...]) -> Array:
    """One-hot draws [*lead, ..., categories, latents] by inversion: one uniform a latent."""
    upper = jnp.cumsum(probabilities, axis=-2).at[..., -1, :].set(2.0)
    shape = (*lead, *probabilities.shape[:-2], 1, probabilities.shape[-1])
    below = (jax.random.uniform(key, shape) < upper).astype(probabilities.dtype)
    return below.at[..., 1:, :].add(-below[..., :-1, :])


def race(key: Array, logits: Array, lead: tuple[int, ...]) -> Array:
    """exp(logits + Gumbel noise) up to a factor: weights over exponential variables.

    For two categories (u, 1 - u) has the same ratio as two exponential variables.
    """
    weights = jnp.exp(logits - logits.max(-2, keepdims=True))
    if logits.shape[-2] == 2:
        u = jax.random.uniform(key, (*lead, *logits.shape[:-2], logits.shape[-1]))
        return weights * jnp.stack([u, 1 - u], axis=-2)
    u = jax.random.uniform(key, (*lead, *logits.shape), minval=SMALLEST, maxval=1.0)
    return weights / -jnp.log(u)


def winner(raced: Array) -> Array:
    """The one-hot point of the largest weight."""
    return (raced == raced.max(-2, keepdims=True)).astype(raced.dtype)


def relaxed(raced: Array, temperature: float) -> Array:
    """softmax((logits + Gumbel noise) / temperature) from the raced weights."""
    if temperature == 1.0:
        powered = raced
    elif temperature == 0.5:
        powered = raced * raced
    else:
        # Relative to the largest weight, which a small temperature cannot overflow.
        logs = jnp.log(raced / raced.max(-2, keepdims=True))
        powered = jnp.exp(logs / temperature)
    return powered / powered.sum(-2, keepdims=True)


def softmax_pullback(point: Array, cotangent: Array) -> Array:
    """(diag(point) - point point') cotangent, the Jacobian of the softmax at `point`."""
    product = point * cotangent
    return product - point * product.sum(-2, keepdims=True)
