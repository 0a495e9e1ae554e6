"""Recomputes the numbers of studies/quantisers on quantisers from files, with numpy and no code of the product.

    python3 Tests/recompute_quantisers.py notebooks-export/quantisers.csv

Targets are differences of the smoothed objective itself: sums over all joint codes for soft assignments and for
Gaussian noise on single coordinates, plain draws of noisy points for Gaussian noise on vectors. Surrogates are
written again from their formulas. Compared are bias, direction and norms at the quantiser's input.
Ends with status 1 where a number is off.
"""

import csv
import itertools
import json
import math
import re
import sys
from pathlib import Path

import numpy as np

STUDIES = Path(__file__).resolve().parent.parent / "studies"
DRAWS, BATCHES = 1_000_000, 20
phi = np.vectorize(lambda x: 0.5 * math.erfc(-x / math.sqrt(2)))


class Quantiser:
    def __init__(self, path):
        spec = json.loads(path.read_text())
        self.kind = spec["kind"]
        self.z = np.array(spec["z_e"], dtype=float)
        self.cost_spec = {k: np.array(v, dtype=float) for k, v in spec["cost"].items() if k != "type"}
        d = self.z.shape[1]
        self.levels = None
        if self.kind == "scalar":
            self.levels = [np.array(x, dtype=float) for x in spec["levels"]]
        if self.kind == "sign":
            self.levels = [np.array([-1.0, 1.0])] * d
        if self.kind == "fsq":
            self.counts = spec["level_counts"]
            self.levels = [np.arange(n) - float(n // 2) for n in self.counts]
            self.half = np.array([(n - 1) * 0.999 / 2 for n in self.counts])
            self.offset = np.array([0.0 if n % 2 else 0.5 for n in self.counts])
        if self.kind == "vq":
            self.books, self.groups = [np.array(spec["codebook"], dtype=float)], 1
        if self.kind == "product":
            self.books, self.groups = [np.array(b, dtype=float) for b in spec["codebooks"]], spec["groups"]
        if self.kind == "multihead":
            self.groups = spec["heads"]
            self.books = [np.array(spec["codebook"], dtype=float)] * self.groups
        if self.kind == "residual":
            self.stages, self.groups = [np.array(b, dtype=float) for b in spec["codebooks"]], 1
            self.books = [np.array([a + b for a in self.stages[0] for b in self.stages[1]])]

    def cost(self, y):
        c = self.cost_spec
        return np.tanh(y @ c["W1"].T + c["b1"]) @ c["w2"] + c["b2"]

    def slope(self, y):
        c = self.cost_spec
        return (c["w2"] * (1 - np.tanh(c["W1"] @ y + c["b1"]) ** 2)) @ c["W1"]

    def bounded(self, z):
        if self.kind != "fsq":
            return z
        return np.tanh(z + np.tan(self.offset / self.half)) * self.half - self.offset

    def seen(self, levels, axis):
        "What the decoder sees of levels."
        return levels / (self.counts[axis] // 2) if self.kind == "fsq" else levels

    def units(self, z):
        "Of every unit of every token: its point, its centres, and what the decoder sees of them."
        b = self.bounded(z)
        for token in b:
            if self.levels is not None:
                for axis, levels in enumerate(self.levels):
                    yield token[axis : axis + 1], levels[:, None], self.seen(levels, axis)[:, None]
            else:
                for part, book in zip(np.split(token, self.groups), self.books):
                    yield part, book, book

    def cells(self):
        "Sizes of the cells of a token's units."
        if self.levels is not None:
            return [1.0 if self.kind == "fsq" else (x[-1] - x[0]) / (len(x) - 1) for x in self.levels]
        sizes = []
        for book in self.books:
            distances = np.linalg.norm(book[:, None] - book[None], axis=2)
            np.fill_diagonal(distances, np.inf)
            sizes.append(distances.min(axis=1).mean())
        return [np.mean(sizes)] * len(sizes) if self.kind == "product" else sizes

    def category(self, points, book):
        "The nearest code of points, stage by stage where there are stages."
        if self.kind != "residual":
            return np.argmin(((points[:, None] - book[None]) ** 2).sum(axis=2), axis=1)
        first = np.argmin(((points[:, None] - self.stages[0][None]) ** 2).sum(axis=2), axis=1)
        rest = points - self.stages[0][first]
        second = np.argmin(((rest[:, None] - self.stages[1][None]) ** 2).sum(axis=2), axis=1)
        return first * len(self.stages[1]) + second

    def quantised(self, z):
        return np.concatenate([
            seen[self.category(point[None], centres)[0]] for point, centres, seen in self.units(z)])

    def table(self):
        "Costs of all joint codes, in the order of the product of the units' categories."
        vectors = [seen for _, _, seen in self.units(self.z)]
        return self.cost(np.array([np.concatenate(code) for code in itertools.product(*vectors)]))

    def expectation(self, probabilities, table):
        weights = np.ones(1)
        for p in probabilities:
            weights = np.outer(weights, p).ravel()
        return weights @ table

    def probabilities(self, z, smoothing, widths):
        found = []
        for unit, (point, centres, _) in enumerate(self.units(z)):
            s = widths[unit % len(widths)]
            if smoothing == "soft":
                logits = -((point - centres) ** 2).sum(axis=1) / (2 * s * s)
                p = np.exp(logits - logits.max())
                found.append(p / p.sum())
            else:
                x = centres[:, 0]
                walls = np.concatenate([[-np.inf], (x[1:] + x[:-1]) / 2, [np.inf]])
                found.append(np.diff(phi((walls - point[0]) / s)))
        return found

    def target(self, smoothing, s):
        "The smoothed objective's gradient at z_e, and its standard errors."
        widths = [s * cell for cell in self.cells()]
        table = self.table()
        if smoothing == "soft" or self.levels is not None:
            def objective(z):
                return self.expectation(self.probabilities(z, smoothing, widths), table)

            gradient = np.zeros_like(self.z)
            for place in np.ndindex(self.z.shape):
                def value(step):
                    moved = self.z.copy()
                    moved[place] += step
                    return objective(moved)

                h = 1e-3 * min(1.0, s)
                gradient[place] = (8 * (value(h) - value(-h)) - (value(2 * h) - value(-2 * h))) / (12 * h)
            return gradient.ravel(), None
        # E[L(Q(z + s e)) e] / s over joint draws; what single draws have in common with their mirror images is taken out.
        random = np.random.default_rng(7)
        batches = []
        for _ in range(BATCHES):
            sum_, count = 0, DRAWS // BATCHES
            noise = random.standard_normal((count // 2,) + self.z.shape)
            values = []
            for sign in (1, -1):
                index = np.zeros(count // 2, dtype=int)
                for token in range(self.z.shape[0]):
                    for part, book in enumerate(self.books):
                        d = book.shape[1]
                        columns = slice(part * d, (part + 1) * d)
                        points = self.z[token, columns] + sign * widths[part] * noise[:, token, columns]
                        index = index * len(book) + self.category(points, book)
                values.append(table[index])
            scales = np.repeat(widths, self.z.shape[1] // len(widths))
            batches.append(((values[0] - values[1])[:, None, None] * noise / 2 / scales).mean(axis=0).ravel())
        batches = np.array(batches)
        return batches.mean(axis=0), batches.std(axis=0, ddof=1) / math.sqrt(BATCHES)


def rotation(z, q):
    u, v = z / np.linalg.norm(z), q / np.linalg.norm(q)
    w = (u + v) / np.linalg.norm(u + v)
    scale = np.linalg.norm(q) / np.linalg.norm(z)
    return scale * (np.eye(len(z)) - 2 * np.outer(w, w) + 2 * np.outer(v, u))


def surrogate(q, name, given):
    "The estimate of a rule without noise; None for others."
    y, z = q.quantised(q.z), q.z.ravel()
    h = q.slope(y)
    if name in ("straight-through", "sync"):
        return h
    if name in ("clipped", "hardtanh"):
        return h * (abs(z) <= given.get("c", 1.0))
    if name == "tanh":
        return h * (1 - np.tanh(z) ** 2)
    if name == "dspike":
        b = given["b"]
        return h * b / (2 * np.tanh(b / 2)) / np.cosh(b * z) ** 2 * (abs(z) <= 0.5)
    if name == "reste":
        o, t, x = given["o"], given["t"], abs(z)
        factor = np.where(x > 0.1, x ** ((1 - o) / o) / o, 0.1 ** (1 / o) / 0.1)
        return h * factor * (x <= t)
    if name == "fsq":
        shift = np.tan(q.offset / q.half)
        derivative = q.half / np.cosh(q.z + shift) ** 2 / np.array([n // 2 for n in q.counts])
        return h * derivative.ravel()
    width = q.books[0].shape[1] if q.levels is None else 1
    parts = list(zip(z.reshape(-1, width), y.reshape(-1, width), h.reshape(-1, width)))
    if name == "rotation":
        return np.concatenate([rotation(a, b).T @ c for a, b, c in parts])
    if name == "diveq" and given["noise"] == 0:
        found = []
        for a, b, c in parts:
            u = (b - a) / np.linalg.norm(b - a)
            found.append(c - u * (u @ c))
        return np.concatenate(found)
    if name in ("residual", "residual-sync"):
        turns = given.get("inner") == "rotation"
        convention = given.get("convention", "graph-kept")
        found = []
        for a, b, c in parts:
            first = q.stages[0][np.argmin(((a - q.stages[0]) ** 2).sum(axis=1))]
            rest = a - first
            second = q.stages[1][np.argmin(((rest - q.stages[1]) ** 2).sum(axis=1))]
            one = rotation(a, first) if turns else np.eye(len(a))
            two = rotation(rest, second) if turns else np.eye(len(a))
            if convention == "graph-kept":
                jacobian = one + two @ (np.eye(len(a)) - one)
            elif convention == "detached-summed":
                jacobian = one + two
            else:
                jacobian = rotation(a, first + second) if turns else np.eye(len(a))
            found.append(jacobian.T @ c)
        return np.concatenate(found)
    return None


def label(text):
    "Name and settings of `kind(a=1.0, b=text)`."
    name, _, rest = text.partition("(")
    given = {}
    for item in filter(None, rest.rstrip(")").split(", ")):
        key, value = item.split("=")
        given[key] = float(value) if re.fullmatch(r"[-+.e0-9]+", value) else value
    return name, given


def main(path):
    with open(path, newline="") as file:
        rows = [r for r in csv.DictReader(file) if r["scope"] == "z_e" and r["model"].startswith("json ")]
    quantisers, targets, worst, checked = {}, {}, 0.0, {}
    failures = []
    for row in rows:
        if row["metric"] not in ("rel_bias", "bias_sq", "cos_mean", "target_norm", "estimate_norm"):
            continue
        words = dict(word.split("=") for word in row["model"].split()[1:])
        file, s = words["file"], float(words.get("s", 0.5))
        smoothing = words.get("smoothing", "soft")
        name, given = label(row["label"])
        if file not in quantisers:
            quantisers[file] = Quantiser(STUDIES / file.removeprefix("studies/"))
        q = quantisers[file]
        g = surrogate(q, name, given)
        if g is None:
            continue
        if (file, smoothing, s) not in targets:
            targets[file, smoothing, s] = q.target(smoothing, s)
        t, error = targets[file, smoothing, s]
        difference = np.linalg.norm(g - t)
        value = {
            "rel_bias": difference / np.linalg.norm(t), "bias_sq": difference ** 2,
            "cos_mean": g @ t / np.linalg.norm(g) / np.linalg.norm(t),
            "target_norm": np.linalg.norm(t), "estimate_norm": np.linalg.norm(g),
        }[row["metric"]]
        # Draws move a number by at most its slope in t: 6 of their errors, 1 in 10^8 each.
        if error is None or row["metric"] == "estimate_norm":
            allowed = 1e-7 * max(abs(value), 1e-3)
        else:
            spread = 6 * np.linalg.norm(error)
            size = np.linalg.norm(t)
            allowed = {
                "rel_bias": spread * (1 + difference / size) / size, "cos_mean": 2 * spread / size,
                "bias_sq": spread * (2 * difference + spread), "target_norm": spread,
            }[row["metric"]]
        off = abs(float(row["value"]) - value)
        checked[q.kind, smoothing] = checked.get((q.kind, smoothing), 0) + 1
        worst = max(worst, off / allowed)
        if not off <= allowed:
            failures.append(f"{row['model']} {row['label']} {row['metric']}: {row['value']}, here {value} within {allowed}")
    for (kind, smoothing), count in sorted(checked.items()):
        print(f"{kind}, {smoothing}: {count} numbers")
    print(f"{sum(checked.values())} numbers, {len(failures)} off, worst {worst:.3f} of what is allowed")
    print("\n".join(failures[:20]))
    return 1 if failures or sum(checked.values()) < 50 else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
