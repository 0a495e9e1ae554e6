"""The inputs of every workload, from fixed seeds, as numpy arrays.

The numbers depend only on the seeds below, so that any program can rebuild them. Nothing here is
timed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SIX = ("reinforce_loo2", "st", "gs", "stgs", "dstgs", "reinmax")
"""The estimators of W1 to W3; `dstgs` is ST-GS with backward temperature DECOUPLED."""

DECOUPLED = 0.5
"""Backward temperature of `dstgs`."""

BACKWARD_TEMPERATURES = (0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)
"""The nine backward temperatures of W5, those of studies/decoupled-temperatures.yaml."""

IMAGE, HIDDEN_1, HIDDEN_2 = 784, 512, 256


@dataclass(frozen=True)
class Polynomial:
    """W1: the mean over latents of |z_d . (1, 0) - target|^power, logits [128, 2]."""

    logits: np.ndarray
    power: float
    target: float = 0.45
    estimates: int = 10_000


def polynomial(power: float) -> Polynomial:
    """W1 with the given power."""
    generator = np.random.default_rng(101)
    return Polynomial(generator.normal(size=(128, 2)).astype(np.float32), power)


@dataclass(frozen=True)
class QuadraticCubic:
    """W2: z'Az + sum_r (Wz)_r^3 on a flat one-hot z [32]; logits [8, 4], A [32, 32], W [16, 32]."""

    logits: np.ndarray
    quadratic: np.ndarray
    cubic: np.ndarray
    estimates: int = 100_000


def quadratic_cubic() -> QuadraticCubic:
    """W2."""
    latents, categories, forms = 8, 4, 16
    size = latents * categories
    generator = np.random.default_rng(202)
    logits = generator.normal(size=(latents, categories))
    quadratic = generator.normal(size=(size, size)) / np.sqrt(size)
    cubic = generator.normal(size=(forms, size)) / np.sqrt(latents)
    return QuadraticCubic(*(a.astype(np.float32) for a in (logits, quadratic, cubic)))


@dataclass(frozen=True)
class Autoencoder:
    """W3 to W5: images [rows, 784] and the weights (out, in) and biases of both networks.

    Layers `e1 e2 e3` encode 784-512-256-latents*categories, `d1 d2 d3` decode the other way, with
    ReLU between them. A latent's categories lie side by side.
    """

    images: np.ndarray
    weights: dict[str, np.ndarray]
    biases: dict[str, np.ndarray]
    latents: int
    categories: int


def autoencoder(latents: int, categories: int, rows: int = 100) -> Autoencoder:
    """The VAE with the given latents and its first `rows` of 100 images."""
    size = latents * categories
    layers = (
        ("e1", HIDDEN_1, IMAGE, 2.0),
        ("e2", HIDDEN_2, HIDDEN_1, 2.0),
        ("e3", size, HIDDEN_2, 1.0),
        ("d1", HIDDEN_2, size, 2.0 * categories),
        ("d2", HIDDEN_1, HIDDEN_2, 2.0),
        ("d3", IMAGE, HIDDEN_1, 1.0),
    )
    generator = np.random.default_rng(303 + 1000 * latents + categories)
    weights, biases = {}, {}
    for name, outputs, inputs, gain in layers:
        weight = generator.normal(size=(outputs, inputs)) * np.sqrt(gain / inputs)
        weights[name] = weight.astype(np.float32)
        biases[name] = generator.normal(0, 0.05, outputs).astype(np.float32)
    density = generator.beta(0.4, 1.2, IMAGE)
    images = (generator.random((100, IMAGE)) < density).astype(np.float32)
    return Autoencoder(
        np.ascontiguousarray(images[:rows]), weights, biases, latents, categories
    )
