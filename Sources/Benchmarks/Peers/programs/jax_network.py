"""The VAE of W3 to W5 in JAX: one encoder pass for all estimates, hand-written derivatives.

The rows of a batch do not interact, so the variance of an encoder weight's gradient is a sum over
rows of the squared layer input times the variance of the row's signal at the layer's output. The
signals' first two moments are all that a run needs to keep.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from problems import HIDDEN_1, HIDDEN_2, IMAGE, Autoencoder

Weights = dict[str, Array]


class Encoded(NamedTuple):
    """One encoder pass: hidden values, logits [rows, categories, latents] and what is constant."""

    hidden_1: Array
    hidden_2: Array
    logits: Array
    divergence: Array
    """Gradient of the mean KL divergence from the uniform law, shaped like the logits."""


class SignalSums(NamedTuple):
    """Running sums, for each estimator: the logits' gradient, its square, squared signals."""

    gradient: Array
    squared: Array
    squared_2: Array
    squared_1: Array


def weights(problem: Autoencoder) -> tuple[Array, Weights]:
    """Images and weights (in, out), the latents reordered to categories-by-latents."""
    size = problem.latents * problem.categories
    order = np.arange(size).reshape(problem.latents, problem.categories).T.ravel()
    w, b = dict(problem.weights), dict(problem.biases)
    w["e3"], b["e3"], w["d1"] = w["e3"][order], b["e3"][order], w["d1"][:, order]
    arrays = {f"w{name}": jnp.array(np.ascontiguousarray(a.T)) for name, a in w.items()}
    return jnp.array(problem.images), arrays | {f"b{name}": jnp.array(a) for name, a in b.items()}


def layer(w: Weights, name: str, inputs: Array) -> Array:
    """The affine map of a layer."""
    return inputs @ w[f"w{name}"] + w[f"b{name}"]


def encode(w: Weights, images: Array, categories: int) -> Encoded:
    """The encoder on all rows."""
    hidden_1 = jax.nn.relu(layer(w, "e1", images))
    hidden_2 = jax.nn.relu(layer(w, "e2", hidden_1))
    logits = layer(w, "e3", hidden_2).reshape(len(images), categories, -1)

    def divergence(logits: Array) -> Array:
        log_q = jax.nn.log_softmax(logits, axis=-2)
        return (jnp.exp(log_q) * (log_q + jnp.log(categories))).sum() / len(images)

    return Encoded(hidden_1, hidden_2, logits, jax.grad(divergence)(logits))


def decode(w: Weights, z: Array) -> tuple[Array, Array, Array]:
    """Both hidden layers and the pixels' logits of points [..., categories, latents], as rows."""
    hidden_1 = jax.nn.relu(layer(w, "d1", z.reshape(-1, z.shape[-2] * z.shape[-1])))
    hidden_2 = jax.nn.relu(layer(w, "d2", hidden_1))
    return hidden_1, hidden_2, layer(w, "d3", hidden_2)


def costs(w: Weights, images: Array, z: Array) -> Array:
    """Cross-entropy of each row's image at each point, z.shape[:-2]."""
    pixels = decode(w, z)[2].reshape(*z.shape[:-2], IMAGE)
    return (jax.nn.softplus(pixels) - images * pixels).sum(-1)


def costs_and_gradients(w: Weights, images: Array, z: Array) -> tuple[Array, Array]:
    """The costs and their gradients with respect to the points; an unused one costs nothing."""
    hidden_1, hidden_2, flat = decode(w, z)
    pixels = flat.reshape(*z.shape[:-2], IMAGE)
    signal = (jax.nn.sigmoid(pixels) - images).reshape(-1, IMAGE)
    signal = jnp.where(hidden_2 > 0, signal @ w["wd3"].T, 0)
    signal = jnp.where(hidden_1 > 0, signal @ w["wd2"].T, 0)
    values = (jax.nn.softplus(pixels) - images * pixels).sum(-1)
    return values, (signal @ w["wd1"].T).reshape(z.shape)


def no_signals(encoded: Encoded, estimators: int) -> SignalSums:
    """Sums over no estimates."""
    rows = len(encoded.logits)
    logits = jnp.zeros((estimators, *encoded.logits.shape))
    return SignalSums(
        logits, logits,
        jnp.zeros((estimators, rows, HIDDEN_2)), jnp.zeros((estimators, rows, HIDDEN_1)),
    )


def add_signals(w: Weights, encoded: Encoded, sums: SignalSums, estimates: Array) -> SignalSums:
    """Adds estimates [estimators, n, rows, categories, latents] of the logits' gradient.

    The first layer's ReLU is left to `signal_moments`: it is the same for every estimate.
    """
    shape = estimates.shape[:3]
    g = estimates + encoded.divergence
    slope = jnp.where(encoded.hidden_2 > 0, 1.0, 0.0)
    signal_2 = (g.reshape(-1, w["we3"].shape[1]) @ w["we3"].T).reshape(*shape, HIDDEN_2) * slope
    signal_1 = (signal_2.reshape(-1, HIDDEN_2) @ w["we2"].T).reshape(*shape, HIDDEN_1)
    return SignalSums(
        sums.gradient + g.sum(1),
        sums.squared + (g * g).sum(1),
        sums.squared_2 + (signal_2 * signal_2).sum(1),
        sums.squared_1 + (signal_1 * signal_1).sum(1),
    )


def map_through_encoder(w: Weights, encoded: Encoded, mean_3: Array) -> tuple[Array, ...]:
    """The mean signal [rows, outputs] at the outputs of layers e3, e2 and e1."""
    mean_2 = jnp.where(encoded.hidden_2 > 0, mean_3 @ w["we3"].T, 0)
    mean_1 = jnp.where(encoded.hidden_1 > 0, mean_2 @ w["we2"].T, 0)
    return mean_3, mean_2, mean_1


def moments_by_layer(
    images: Array, encoded: Encoded, means: tuple[Array, ...], variances: tuple[Array, ...]
) -> dict[str, tuple[Array, Array]]:
    """Moments of the parameters' gradients from those of the signals at e3, e2 and e1."""
    moments = {
        "logits": tuple(part.reshape(encoded.logits.shape) for part in (means[0], variances[0]))
    }
    inputs = (encoded.hidden_2, encoded.hidden_1, images)
    for name, x, m, v in zip(("e3", "e2", "e1"), inputs, means, variances):
        moments[f"w{name}"] = x.T @ m, (x * x).T @ v
        moments[f"b{name}"] = m.sum(0), v.sum(0)
    return moments


def signal_moments(
    w: Weights, images: Array, encoded: Encoded, sums: SignalSums, n: int
) -> dict[str, tuple[Array, Array]]:
    """Mean and variance for one estimator, at the logits and at every encoder parameter."""
    rows = len(images)
    means = map_through_encoder(w, encoded, sums.gradient.reshape(rows, -1) / n)
    squares = (
        sums.squared.reshape(rows, -1),
        sums.squared_2,
        jnp.where(encoded.hidden_1 > 0, sums.squared_1, 0),
    )
    variances = tuple((s / n - m * m) * (n / (n - 1)) for s, m in zip(squares, means))
    return moments_by_layer(images, encoded, means, variances)
