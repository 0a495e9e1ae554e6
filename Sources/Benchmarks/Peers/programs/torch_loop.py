"""The usual Python loop in PyTorch: one forward and one backward pass an estimate."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from problems import DECOUPLED, SIX, Autoencoder, autoencoder, polynomial, quadratic_cubic
from timing import measure, report

Cost = Callable[[Tensor], Tensor]


def hard_draw(probabilities: Tensor) -> Tensor:
    """One-hot draws, shaped like the probabilities [..., categories]."""
    index = torch.multinomial(probabilities.flatten(0, -2), 1)
    index = index.view(*probabilities.shape[:-1], 1)
    return torch.zeros_like(probabilities).scatter_(-1, index, 1.0)


class ReinMax(torch.autograd.Function):
    """A hard draw whose backward pass is 2 J((p + z)/2) - J(p)/2."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor) -> Tensor:
        p = logits.softmax(-1)
        z = hard_draw(p)
        ctx.save_for_backward(p, z)
        return z

    @staticmethod
    def backward(ctx: Any, h: Tensor) -> Tensor:
        p, z = ctx.saved_tensors

        def jacobian(q: Tensor) -> Tensor:
            product = q * h
            return product - q * product.sum(-1, keepdim=True)

        return 2 * jacobian((p + z) / 2) - jacobian(p) / 2


def sample(name: str, logits: Tensor) -> Tensor:
    """A point whose derivative with respect to the logits is the estimator's."""
    if name == "st":
        p = logits.softmax(-1)
        return hard_draw(p) + p - p.detach()
    if name == "gs":
        return functional.gumbel_softmax(logits, tau=1.0)
    if name == "stgs":
        return functional.gumbel_softmax(logits, tau=1.0, hard=True)
    if name == "dstgs":
        noisy = logits - torch.empty_like(logits).exponential_().log()
        soft = (noisy / DECOUPLED).softmax(-1)
        hard = torch.zeros_like(soft).scatter_(-1, noisy.argmax(-1, keepdim=True), 1.0)
        return hard + soft - soft.detach()
    if name == "reinmax":
        return ReinMax.apply(logits)
    raise ValueError(f"no estimator is called '{name}'")


def surrogate(name: str, logits: Tensor, cost: Cost) -> Tensor:
    """A scalar whose gradient is one estimate; `cost` maps points to one value a row.

    Two draws are evaluated at once, so `cost` accepts a leading axis.
    """
    if name != "reinforce_loo2":
        values = cost(sample(name, logits))
        return values.sum() if values.dim() else values
    log_p = logits.log_softmax(-1)
    p = log_p.detach().exp()
    z = torch.stack([hard_draw(p), hard_draw(p)])
    with torch.no_grad():
        values = cost(z)
    score = (z * log_p).flatten(values.dim()).sum(-1)
    return (0.5 * (values[0] - values[1]) * (score[0] - score[1])).sum()


def accumulate(
    loss: Callable[[], Tensor], variables: Sequence[Tensor], n: int
) -> list[tuple[Tensor, Tensor]]:
    """Mean and variance of each variable's gradient over `n` evaluations of the loss."""
    first = [torch.zeros_like(v) for v in variables]
    second = [torch.zeros_like(v) for v in variables]
    for _ in range(n):
        for variable in variables:
            variable.grad = None
        loss().backward()
        for total, squares, variable in zip(first, second, variables):
            total += variable.grad
            squares += variable.grad**2
    means = [total / n for total in first]
    return [(m, (s / n - m * m) * (n / (n - 1))) for m, s in zip(means, second)]


def toy(workload: str, power: float) -> tuple[np.ndarray, Cost]:
    """Logits and cost of W1 or W2."""
    if workload == "w1":
        problem = polynomial(power)
        value = torch.tensor([1.0, 0.0])
        return problem.logits, lambda z: ((z @ value) - problem.target).abs().pow(power).mean(-1)
    problem = quadratic_cubic()
    quadratic, cubic = torch.from_numpy(problem.quadratic), torch.from_numpy(problem.cubic)

    def cost(z: Tensor) -> Tensor:
        x = z.flatten(-2)
        return ((x @ quadratic) * x).sum(-1) + (x @ cubic.T).pow(3).sum(-1)

    return problem.logits, cost


class Model(nn.Module):
    """The VAE as modules, with its estimates' loss."""

    def __init__(self, problem: Autoencoder) -> None:
        super().__init__()

        def linear(name: str) -> nn.Linear:
            outputs, inputs = problem.weights[name].shape
            module = nn.Linear(inputs, outputs)
            module.weight.data = torch.from_numpy(problem.weights[name]).clone()
            module.bias.data = torch.from_numpy(problem.biases[name]).clone()
            return module

        def stack(prefix: str) -> nn.Sequential:
            first, second, third = (linear(f"{prefix}{i}") for i in (1, 2, 3))
            return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), third)

        self.encoder, self.decoder = stack("e"), stack("d")
        self.images = torch.from_numpy(problem.images)
        rows = len(problem.images)
        self.shape = rows, problem.latents, problem.categories
        # Added to the logits: its gradient is theirs.
        self.offset = torch.zeros(self.shape, requires_grad=True)

    def cost(self, z: Tensor) -> Tensor:
        """The cross-entropy of each row."""
        pixels = torch.sigmoid(self.decoder(z.flatten(-2)))
        images = self.images.expand_as(pixels)
        return functional.binary_cross_entropy(pixels, images, reduction="none").sum(-1)

    def loss(self, name: str) -> Tensor:
        """The batch mean of the estimator's surrogate and of the divergence."""
        rows, _, categories = self.shape
        logits = self.encoder(self.images).view(self.shape) + self.offset
        log_q = logits.log_softmax(-1)
        divergence = (log_q.exp() * (log_q + np.log(categories))).sum()
        return (surrogate(name, logits, self.cost) + divergence) / rows


def run(options: Namespace, names: list[str]) -> None:
    """Times W1, W2 or W3 and prints one line an estimator."""
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    n = options.estimates or (100 if options.workload == "w3" else 10_000)
    labels: dict[str, Any] = {"workload": options.workload, "framework": "torch", "form": "loop"}
    if options.workload == "w3":
        latents, categories = options.shape
        model = Model(autoencoder(latents, categories))
        variables = [model.offset, *model.encoder.parameters()]
        losses = {name: (lambda name=name: model.loss(name)) for name in SIX}
        labels["shape"] = f"{latents}x{categories}"
    else:
        array, cost = toy(options.workload, options.power)
        logits = torch.from_numpy(array).requires_grad_()
        variables = [logits]
        losses = {name: (lambda name=name: surrogate(name, logits, cost)) for name in SIX}
        if options.workload == "w1":
            labels["power"] = options.power
    for name in names or SIX:
        timed = measure(
            lambda: accumulate(losses[name], variables, n), options.repeats, warm=False
        )
        trace = float(timed["result"][0][1].sum())
        report(timed, estimates=n, check=trace, case=name, **labels)
