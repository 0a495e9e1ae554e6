"""The estimators in closed form: where the cost is differentiated, and what its gradient becomes.

Every estimator but REINFORCE draws a point, takes the gradient h of the cost there and turns h into
an estimate of the gradient with respect to the logits.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import jax.numpy as jnp
from jax import Array

from jax_draws import categorical, race, relaxed, softmax, softmax_pullback, winner
from problems import BACKWARD_TEMPERATURES, DECOUPLED

Pullback = Callable[[Array], Array]


def reinmax(probabilities: Array, point: Array, h: Array) -> Array:
    """2 J((p + z)/2) h - J(p) h / 2."""
    middle = softmax_pullback(0.5 * (probabilities + point), h)
    return 2 * middle - 0.5 * softmax_pullback(probabilities, h)


def darn(probabilities: Array, point: Array, h: Array) -> Array:
    """u <u, h> with u = z - p: REINFORCE with the linear Taylor baseline."""
    score = point - probabilities
    return score * (score * h).sum(-2, keepdims=True)


def gapped(logits: Array, point: Array, h: Array, gap: float = 1.0) -> Array:
    """J(softmax(l')) h with l'_x = max l and l'_i = min(l_i, max l - gap) for the others."""
    relative = logits - logits.max(-2, keepdims=True)
    moved = jnp.where(point > 0, 0.0, jnp.minimum(relative, -gap))
    return softmax_pullback(softmax(moved), h)


def tempered(q: Array, temperature: float, h: Array) -> Array:
    """J(q) h / temperature."""
    return softmax_pullback(q, h) / temperature


def temperature_names() -> list[str]:
    """The 23 estimators of W5."""
    fixed = ["reinforce_loo2", "st", "reinmax", "gst", "darn"]
    kinds = ("decoupled-st", "decoupled-st-gs")
    return fixed + [f"{kind}({t:g})" for kind in kinds for t in BACKWARD_TEMPERATURES]


def split_name(name: str) -> tuple[str, float]:
    """Kind and backward temperature of an estimator's name."""
    if name.endswith(")"):
        kind, _, temperature = name[:-1].partition("(")
        return kind, float(temperature)
    return {
        "stgs": ("decoupled-st-gs", 1.0),
        "dstgs": ("decoupled-st-gs", DECOUPLED),
        "st": ("decoupled-st", 1.0),
    }.get(name, (name, 1.0))


def draw(name: str, key: Array, logits: Array, lead: tuple[int, ...]) -> tuple[Array, Pullback]:
    """A point for each of `lead` estimates of the named estimator, and the pullback there."""
    kind, temperature = split_name(name)
    if kind in ("gs", "decoupled-st-gs"):
        raced = race(key, logits, lead)
        soft = relaxed(raced, temperature)
        point = soft if kind == "gs" else winner(raced)
        return point, partial(tempered, soft, temperature)
    probabilities = softmax(logits)
    point = categorical(key, probabilities, lead)
    if kind == "decoupled-st":
        q = probabilities if temperature == 1.0 else softmax(logits, temperature)
        return point, partial(tempered, q, temperature)
    if kind == "reinmax":
        return point, partial(reinmax, probabilities, point)
    if kind == "darn":
        return point, partial(darn, probabilities, point)
    if kind == "gst":
        return point, partial(gapped, logits, point)
    raise ValueError(f"no estimator is called '{name}'")


def leave_one_out(
    key: Array, logits: Array, lead: tuple[int, ...], cost: Callable[[Array], Array]
) -> Array:
    """(f(z1) - f(z2)) (z1 - z2) / 2: REINFORCE with two draws, each the other's baseline."""
    z = categorical(key, softmax(logits), (2, *lead))
    values = cost(z)
    return (0.5 * (values[0] - values[1]))[..., None, None] * (z[0] - z[1])
