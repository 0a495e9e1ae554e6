"""Encoder moments from the covariance of each row's logits' gradient.

An estimate reaches the encoder's layers by a linear map that is the same for every estimate of a
row. Its outer products, summed over estimates, therefore give every variance at the end: cheaper
than mapping each estimate where a row has few logits and there are many estimates.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
from jax import Array

from jax_network import Encoded, Weights, map_through_encoder, moments_by_layer


class OuterSums(NamedTuple):
    """Running sums, for each estimator and row: the logits' gradient and its outer product."""

    gradient: Array
    outer: Array


def no_products(encoded: Encoded, estimators: int) -> OuterSums:
    """Sums over no estimates."""
    rows, categories, latents = encoded.logits.shape
    size = categories * latents
    return OuterSums(
        jnp.zeros((estimators, rows, size)), jnp.zeros((estimators, rows, size, size))
    )


def add_products(w: Weights, encoded: Encoded, sums: OuterSums, estimates: Array) -> OuterSums:
    """Adds estimates [estimators, n, rows, categories, latents] of the logits' gradient."""
    del w
    g = (estimates + encoded.divergence).reshape(*estimates.shape[:3], -1)
    outer = jnp.einsum("enri,enrj->erij", g, g)
    return OuterSums(sums.gradient + g.sum(1), sums.outer + outer)


def covariance_moments(
    w: Weights, images: Array, encoded: Encoded, sums: OuterSums, n: int
) -> dict[str, tuple[Array, Array]]:
    """Mean and variance for one estimator, at the logits and at every encoder parameter."""
    mean = sums.gradient / n
    covariance = (sums.outer / n - mean[:, :, None] * mean[:, None, :]) * (n / (n - 1))
    slope_2 = jnp.where(encoded.hidden_2 > 0, 1.0, 0.0)
    slope_1 = jnp.where(encoded.hidden_1 > 0, 1.0, 0.0)
    to_2 = w["we3"].T * slope_2[:, None, :]
    to_1 = (to_2 @ w["we2"].T) * slope_1[:, None, :]
    variances = (
        jnp.diagonal(covariance, axis1=1, axis2=2),
        ((covariance @ to_2) * to_2).sum(1),
        ((covariance @ to_1) * to_1).sum(1),
    )
    return moments_by_layer(
        images, encoded, map_through_encoder(w, encoded, mean), variances
    )
