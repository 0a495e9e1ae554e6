"""W1 and W2 in JAX: all draws of a block at once, derivatives by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from jax_estimators import draw, leave_one_out
from problems import SIX, polynomial, quadratic_cubic
from timing import measure, report


@dataclass(frozen=True)
class Toy:
    """A cost on points [..., categories, latents] with its gradient."""

    logits: Array
    cost: Callable[[Array], Array]
    gradient: Callable[[Array], Array]
    estimates: int
    block: int


def polynomial_toy(power: float) -> Toy:
    """W1; |x|^power by products and square roots, for power 1.5, 2 or 3."""
    problem = polynomial(power)
    latents = problem.logits.shape[0]
    raised = {
        1.5: lambda x: x * jnp.sqrt(x),
        2.0: lambda x: x * x,
        3.0: lambda x: x * x * x,
    }[power]
    slope = {
        1.5: lambda x: jnp.sign(x) * jnp.sqrt(jnp.abs(x)),
        2.0: lambda x: x,
        3.0: lambda x: x * jnp.abs(x),
    }[power]
    value = jnp.array([[1.0], [0.0]])

    def distance(z: Array) -> Array:
        return (z * value).sum(-2) - problem.target

    def cost(z: Array) -> Array:
        return raised(jnp.abs(distance(z))).mean(-1)

    def gradient(z: Array) -> Array:
        return (power / latents) * slope(distance(z))[..., None, :] * value

    return Toy(jnp.array(problem.logits.T), cost, gradient, problem.estimates, 500)


def quadratic_toy() -> Toy:
    """W2, its matrices reordered to categories-by-latents."""
    problem = quadratic_cubic()
    latents, categories = problem.logits.shape
    order = np.arange(latents * categories).reshape(latents, categories).T.ravel()
    quadratic = jnp.array(problem.quadratic[np.ix_(order, order)])
    cubic = jnp.array(problem.cubic[:, order])
    symmetric = quadratic + quadratic.T

    def flat(z: Array) -> Array:
        return z.reshape(*z.shape[:-2], latents * categories)

    def cost(z: Array) -> Array:
        x = flat(z)
        return ((x @ quadratic) * x).sum(-1) + ((x @ cubic.T) ** 3).sum(-1)

    def gradient(z: Array) -> Array:
        x = flat(z)
        forms = x @ cubic.T
        return (x @ symmetric + 3 * (forms * forms) @ cubic).reshape(z.shape)

    return Toy(jnp.array(problem.logits.T), cost, gradient, problem.estimates, 2000)


def moments(toy: Toy, name: str) -> Callable[[Array], tuple[Array, Array]]:
    """A compiled program from a key to the mean and variance of the named estimator."""
    lead = (toy.block,)

    def estimates(key: Array) -> Array:
        if name == "reinforce_loo2":
            return leave_one_out(key, toy.logits, lead, toy.cost)
        point, pullback = draw(name, key, toy.logits, lead)
        return pullback(toy.gradient(point))

    def add(sums: tuple[Array, Array], key: Array) -> tuple[tuple[Array, Array], None]:
        g = estimates(key)
        return (sums[0] + g.sum(0), sums[1] + (g * g).sum(0)), None

    @jax.jit
    def run(key: Array) -> tuple[Array, Array]:
        n = toy.estimates
        zero = jnp.zeros_like(toy.logits)
        keys = jax.random.split(key, n // toy.block)
        (first, second), _ = lax.scan(add, (zero, zero), keys)
        mean = first / n
        return mean, (second / n - mean * mean) * (n / (n - 1))

    return run


def run(workload: str, power: float, repeats: int, estimators: list[str]) -> None:
    """Times W1 or W2 and prints one line an estimator."""
    toy = polynomial_toy(power) if workload == "w1" else quadratic_toy()
    for name in estimators or SIX:
        program = moments(toy, name)
        timed = measure(lambda: jax.block_until_ready(program(jax.random.key(0))), repeats)
        labels = {"power": power} if workload == "w1" else {}
        report(
            timed, estimates=toy.estimates, check=float(timed["result"][1].sum()),
            workload=workload, case=name, framework="jax", form="closed", **labels,
        )
