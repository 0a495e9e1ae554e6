"""Estimators that share draws: one noise, one evaluation of the cost and of its gradient there.

Estimators with a hard forward pass differ only in how they turn the gradient at the drawn point
into one for the logits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from jax_draws import categorical, race, relaxed, softmax, winner
from jax_estimators import darn, gapped, reinmax, tempered
from jax_network import Weights, costs, costs_and_gradients
from problems import BACKWARD_TEMPERATURES, DECOUPLED


class SharedDraw(NamedTuple):
    """What every estimator of a block reads."""

    raced: Array
    point: Array
    probabilities: Array
    gradient: Array
    """Gradient of the cost at `point`."""
    leave_one_out: Array


def shared_draw(key: Array, w: Weights, images: Array, logits: Array, block: int) -> SharedDraw:
    """A block of draws, with a second point for REINFORCE."""
    noise, second = jax.random.split(key)
    raced = race(noise, logits, (block,))
    point = winner(raced)
    probabilities = softmax(logits)
    other = categorical(second, probabilities, (block,))
    values, gradient = costs_and_gradients(w, images, point)
    advantage = 0.5 * (values - costs(w, images, other))
    return SharedDraw(
        raced, point, probabilities, gradient, advantage[..., None, None] * (point - other)
    )


def shared_six(block: int) -> Callable[[Array, Weights, Array, Array], Array]:
    """The six estimators of W3, in their order."""

    def estimates(key: Array, w: Weights, images: Array, logits: Array) -> Array:
        drawn = shared_draw(key, w, images, logits, block)
        h, p = drawn.gradient, drawn.probabilities
        soft = relaxed(drawn.raced, 1.0)
        sharp = relaxed(drawn.raced, DECOUPLED)
        g = [
            drawn.leave_one_out,
            tempered(p, 1.0, h),
            tempered(soft, 1.0, costs_and_gradients(w, images, soft)[1]),
            tempered(soft, 1.0, h),
            tempered(sharp, DECOUPLED, h),
            reinmax(p, drawn.point, h),
        ]
        return jnp.stack(g) / len(images)

    return estimates


def shared_temperatures(block: int) -> Callable[[Array, Weights, Array, Array], Array]:
    """The 23 estimators of W5, in the order of `temperature_names`."""

    def estimates(key: Array, w: Weights, images: Array, logits: Array) -> Array:
        drawn = shared_draw(key, w, images, logits, block)
        h, p = drawn.gradient, drawn.probabilities
        fixed = [
            drawn.leave_one_out,
            tempered(p, 1.0, h),
            reinmax(p, drawn.point, h),
            gapped(logits, drawn.point, h),
            darn(p, drawn.point, h),
        ]
        plain = [tempered(softmax(logits, t), t, h) for t in BACKWARD_TEMPERATURES]
        noisy = [tempered(relaxed(drawn.raced, t), t, h) for t in BACKWARD_TEMPERATURES]
        return jnp.stack(fixed + plain + noisy) / len(images)

    return estimates
