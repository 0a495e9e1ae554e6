"""Reference moments for the scan of all quadratures: written apart from the program.

    python3 reference.py > reference.json          all settings, some twenty minutes on one core
    python3 reference.py A B                       some groups

Every setting is a problem (logits, a cost), an estimator and its parameters. Reference: mean and total
variance of one estimate with an error of their own.

 A  binary latents that the cost does not join: tanh-sinh over the difference of two perturbed logits, split where
    the soft point meets a kink of the cost or leaves the open simplex (closed forms)
 B  two variables: tensor products (two binary latents), or nested graded Gauss-Legendre rules, the inner one split
    along each line by bisection, the outer one at places in closed form (one latent of three categories)
 C  more: scrambled Sobol points over plain Gumbel noise, 16 randomisations
 E  noise beside a hard forward: the same, or tanh-sinh where one variable is left

Errors of A and B are changes to other numbers of nodes, those of C and E three standard errors.
Needs numpy and scipy.
"""
import json
import sys

import numpy as np
from scipy.stats import qmc
from scipy.special import ndtri

GAMMA, ZETA = -0.1, 1.1


# ---------------------------------------------------------------- costs

class Problem:
    def __init__(self, phi, cost):
        self.phi = np.array(phi, float)
        self.cost = cost
        self.D, self.K = self.phi.shape
        self.separable = cost["type"] == "abspow"

    def json(self):
        return {"phi": self.phi.tolist(), "cost": self.cost}

    def slope(self, y):
        """df/dy at points [N, D, K]."""
        c = self.cost
        if c["type"] == "abspow":
            v, centre, p = np.array(c["v"]), np.array(c["c"]), c["p"]
            u = (y * v).sum(-1) - centre
            s = p / self.D * np.sign(u) * (np.abs(u) ** (p - 1) if p > 1 else 1.0)
            return s[..., None] * v
        n = y.shape[0]
        w1 = np.array(c["W1"])
        t = np.tanh(y.reshape(n, -1) @ w1.T + np.array(c["b1"]))
        return (((1 - t * t) * np.array(c["w2"])) @ w1).reshape(y.shape)

    def value(self, y):
        c = self.cost
        if c["type"] == "abspow":
            u = (y * np.array(c["v"])).sum(-1) - np.array(c["c"])
            return (np.abs(u) ** c["p"]).sum(-1) / self.D
        t = np.tanh(y.reshape(y.shape[0], -1) @ np.array(c["W1"]).T + np.array(c["b1"]))
        return t @ np.array(c["w2"])

    def hard_slope(self, x):
        """df/dz at categories [N, D]."""
        if self.cost["type"] == "table":
            state = np.zeros(x.shape[0], int)
            for d in range(self.D):
                state = state * self.K + x[:, d]
            return np.array(self.cost["gradients"]).reshape(-1, self.D, self.K)[state]
        return self.slope(np.eye(self.K)[x])

    def kink_shares(self, latent):
        """Pairs (i, j, share of i) where the edge of the simplex meets v . y = c."""
        if self.cost["type"] != "abspow":
            return []
        v, c = self.cost["v"], self.cost["c"][latent]
        found = []
        for i in range(self.K):
            for j in range(i + 1, self.K):
                if (v[i] - c) * (v[j] - c) < 0:
                    found.append((i, j, (c - v[j]) / (v[i] - v[j])))
        return found


# ---------------------------------------------------------------- estimators as functions of perturbed logits

def softmax(v):
    e = np.exp(v - v.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def pull(s, h):
    return s * (h - (s * h).sum(-1, keepdims=True))


def sparse(v, alpha):
    """alpha-entmax (alpha 2 and 1.5) and the margins whose power it is: the threshold of every size of the support
    from sums over the sorted values (Peters, Niculae and Martins 2019)."""
    v = (alpha - 1) * (v - v.max(-1, keepdims=True))
    z = -np.sort(-v, -1)
    n = np.arange(1, v.shape[-1] + 1)
    mean = z.cumsum(-1) / n
    if alpha == 2:
        theta = mean - 1 / n
    else:
        spread = (z * z).cumsum(-1) / n - mean * mean
        theta = mean - np.sqrt(np.maximum(1 / n - spread, 0))
    size = (theta < z).cumprod(-1).sum(-1)
    margin = v - np.take_along_axis(theta, size[..., None] - 1, -1)
    return np.maximum(margin, 0) ** (1 / (alpha - 1)), margin


class Estimator:
    """name, parameters; law temperature; g at perturbed logits v = phi / T + Gumbel, [N, D, K]."""

    def __init__(self, name, **parameters):
        self.name, self.p = name, parameters
        p = parameters
        self.T = 1.0
        if name == "decoupled-st-gs":
            self.T = p["tau-forward"]
        self.soft = name in ("gumbel-softmax", "gumbel-sparsemax", "gumbel-entmax", "hard-concrete") or (
            name == "decoupled-st-gs" and p.get("forward") == "soft")
        self.width = p.get("tau", p.get("beta", 1.0))

    def points(self, v):
        n, p = self.name, self.p
        if n == "gumbel-softmax":
            return softmax(v / p["tau"])
        if n == "gumbel-sparsemax":
            return sparse(v / p["tau"], 2)[0]
        if n == "gumbel-entmax":
            return sparse(v / p["tau"], 1.5)[0]
        if n == "decoupled-st-gs":
            return softmax(v)
        if n == "hard-concrete":
            s = softmax(v / p["beta"])[..., 1]
            on = np.clip(GAMMA + (ZETA - GAMMA) * s, 0, 1)
            return np.stack([1 - on, on], -1)

    def g(self, problem, v):
        n, p = self.name, self.p
        if self.soft:
            y = self.points(v)
            h = problem.slope(y)
        else:
            h = problem.hard_slope(v.argmax(-1))
        if n == "gumbel-softmax":
            return pull(y, h) / p["tau"]
        if n == "st-gs":
            return pull(softmax(v / p["tau"]), h) / p["tau"]
        if n in ("gumbel-sparsemax", "gumbel-entmax"):
            q = (y > 0).astype(float) if n == "gumbel-sparsemax" else np.sqrt(y)
            return q * (h - (q * h).sum(-1, keepdims=True) / q.sum(-1, keepdims=True)) / p["tau"]
        if n == "decoupled-st-gs":
            tb = p["tau-backward"]
            s = softmax(v + (1 / tb - 1 / self.T) * problem.phi)
            return pull(s, h) / tb
        if n == "hard-concrete":
            s = softmax(v / p["beta"])
            stretched = GAMMA + (ZETA - GAMMA) * s[..., 1]
            slope = (ZETA - GAMMA) * s[..., 0] * s[..., 1] / p["beta"]
            slope = np.where((stretched > 0) & (stretched < 1), slope, 0)
            g = slope * (h[..., 1] - h[..., 0])
            return np.stack([-g, g], -1)

    def crossing(self, share):
        """m with x_i - x_j = m(y_i) - m(y_j) on an edge of the simplex (soft forwards)."""
        n, p = self.name, self.p
        if n == "gumbel-softmax":
            return p["tau"] * np.log(share)
        if n == "gumbel-sparsemax":
            return p["tau"] * share
        if n == "gumbel-entmax":
            return 2 * p["tau"] * np.sqrt(share)
        if n == "decoupled-st-gs":
            return np.log(share)

    def lead_breaks(self, problem, latent):
        """Places of the lead x = v_1 - v_0 of a binary latent where g is not smooth."""
        n, p = self.name, self.p
        if not self.soft:
            return [0.0]
        shares = [1 - s for _, _, s in problem.kink_shares(latent)]  # of category 1
        if n == "hard-concrete":
            def at(y):
                s = (y - GAMMA) / (ZETA - GAMMA)
                return p["beta"] * np.log(s / (1 - s))
            return [at(0.0), at(1.0)] + [at(s) for s in shares]
        breaks = [self.crossing(s) - self.crossing(1 - s) for s in shares]
        if n == "gumbel-sparsemax":
            breaks += [-p["tau"], p["tau"]]
        if n == "gumbel-entmax":
            breaks += [-2 * p["tau"], 2 * p["tau"]]
        return breaks


# ---------------------------------------------------------------- one variable

def cuts(centre, width, breaks, reach=45.0):
    ends = [centre + o for o in (-reach, -22, -10, -4, 0, 4, 10, 22, reach)]
    ends += [o * width for o in (-40, -12, -4, 0, 4, 12, 40)]
    low, high = centre - reach, centre + reach
    ends = [e for e in ends if low <= e <= high and all(abs(e - b) > 1e-4 * width for b in breaks)]
    return np.array(sorted(set(ends + [b for b in breaks if low < b < high])))


def tanh_sinh(ends, h):
    """Nodes and weights on all segments."""
    t = np.arange(-3.4, 3.4 + h / 2, h)
    q = np.exp(-np.pi * np.sinh(t))           # (1 - u)/u
    near = q / (1 + q)                          # 1 - u
    w = h * np.pi * np.cosh(t) * near / (1 + q)
    a, b = ends[:-1, None], ends[1:, None]
    # From the nearer end, so that the digits of the distance are kept.
    x = np.where(t < 0, a + (b - a) / (1 + q), b - (b - a) * near)
    return x.ravel(), (w * (b - a)).ravel()


def logistic(x):
    e = np.exp(-np.abs(x))
    return e / (1 + e) ** 2


def one_variable(problem, estimator, h):
    mean = np.zeros((problem.D, 2))
    trace = 0.0
    for d in range(problem.D):
        gap = (problem.phi[d, 1] - problem.phi[d, 0]) / estimator.T
        breaks = estimator.lead_breaks(problem, d)
        ends = cuts(gap, estimator.width, breaks)
        if estimator.name == "decoupled-st-gs":
            # The backward surrogate changes elsewhere.
            other = -(1 / estimator.p["tau-backward"] - 1 / estimator.T) * (problem.phi[d, 1] - problem.phi[d, 0])
            far = [other + o for o in (-12, -6, -2, 2, 6, 12) if abs(other + o - gap) < 45]
            ends = np.array(sorted(set(ends.tolist() + [e for e in far if all(abs(e - b) > 1e-3 for b in breaks)])))
        x, w = tanh_sinh(ends, h)
        w = w * logistic(x - gap)
        v = np.zeros((len(x), problem.D, 2))
        v[:, d, 1] = x
        g = estimator.g(problem, v)[:, d]
        mean[d] = w @ g
        trace += w @ ((g - mean[d]) ** 2).sum(-1)
    return mean.ravel(), trace


def deterministic(rule, coarse, fine):
    a, b = rule(coarse), rule(fine)
    floor = 1e-14
    return (b[0], b[1], np.linalg.norm(a[0] - b[0]) + floor * np.linalg.norm(b[0]),
            abs(a[1] - b[1]) + floor * (b[1] + b[0] @ b[0]))


def group_a(problem, estimator):
    return deterministic(lambda h: one_variable(problem, estimator, h), 1 / 20, 1 / 40)


# ---------------------------------------------------------------- two variables

def graded(a, b, n):
    """Nodes on segments [.., S]: Gauss-Legendre in s with x = a + w s^5 from both ends."""
    s, w = np.polynomial.legendre.leggauss(n)
    s, w = 0.5 * (s + 1), 0.5 * w
    half = 0.5 * (b - a)[..., None]
    step = half * s ** 5
    weight = half * w * 5 * s ** 4
    x = np.concatenate([a[..., None] + step, b[..., None] - step], -1)
    return x.reshape(*a.shape[:-1], -1), np.concatenate([weight, weight], -1).reshape(*a.shape[:-1], -1)


def two_latents(problem, estimator, n):
    axes = []
    for d in range(2):
        gap = (problem.phi[d, 1] - problem.phi[d, 0]) / estimator.T
        ends = cuts(gap, estimator.width, estimator.lead_breaks(problem, d), 38.0)
        x, w = graded(ends[:-1], ends[1:], n)
        axes.append((x, w * logistic(x - gap)))
    (x, wx), (y, wy) = axes
    mean, second = np.zeros(4), 0.0
    for start in range(0, len(x), 64):
        xs = x[start:start + 64]
        v = np.zeros((len(xs) * len(y), 2, 2))
        v[:, 0, 1] = np.repeat(xs, len(y))
        v[:, 1, 1] = np.tile(y, len(xs))
        w = (wx[start:start + 64, None] * wy).ravel()
        g = estimator.g(problem, v).reshape(len(w), 4)
        mean += w @ g
        second += w @ (g * g).sum(-1)
    return mean, second - mean @ mean


def density3(o1, o2):
    top = np.maximum(0, np.maximum(-o1, -o2))
    return 2 * np.exp(-o1 - o2 - 3 * top) / (np.exp(-top) + np.exp(-o1 - top) + np.exp(-o2 - top)) ** 3


def signs(problem, estimator, latent, x1, x2):
    """Continuous functions [.., F] whose zeros are where g is not smooth."""
    v = np.stack(np.broadcast_arrays(x1, x2, 0.0), -1)
    if not estimator.soft:
        return np.stack([v[..., 1], v[..., 1] - v[..., 0]], -1)
    functions = []
    if problem.cost["type"] == "abspow":
        y = estimator.points(v)
        functions.append((y * (np.array(problem.cost["v"]) - problem.cost["c"][latent])).sum(-1))
    if estimator.name in ("gumbel-sparsemax", "gumbel-entmax"):
        alpha = 2 if estimator.name == "gumbel-sparsemax" else 1.5
        functions += list(np.moveaxis(sparse(v / estimator.p["tau"], alpha)[1], -1, 0))
    return np.stack(functions, -1) if functions else np.ones(v.shape[:-1] + (1,))


def outer_breaks(problem, estimator, latent):
    if not estimator.soft:
        return [0.0]
    breaks = [0.0]
    if estimator.name in ("gumbel-sparsemax", "gumbel-entmax"):
        m = estimator.crossing(1.0)
        breaks += [-m, m]
    zero = estimator.name in ("gumbel-softmax", "decoupled-st-gs")
    for i, j, share in problem.kink_shares(latent):
        mi, mj = estimator.crossing(share), estimator.crossing(1 - share)
        if (i, j) == (0, 2):
            breaks.append(mi - mj)
        elif not zero:
            breaks.append(mi if (i, j) == (0, 1) else -mj)
    return breaks


def three_categories(problem, estimator, latent, n):
    """Mean [3] and total variance of one latent."""
    phi = problem.phi[latent] / estimator.T
    a1, a2 = phi[0] - phi[2], phi[1] - phi[2]
    w = estimator.width
    breaks = sorted(set(outer_breaks(problem, estimator, latent)))
    ends = [a1 + o for o in (-38, -20, -11, -6, -3, -1, 1, 3, 6, 11, 20, 38)]
    ends += [w * o for o in (-40, -16, -7, -3, -1.3, -0.4, 0.4, 1.3, 3, 7, 16, 40)]
    ends = [e for e in ends if a1 - 38 <= e <= a1 + 38 and all(abs(e - b) > 0.02 * w for b in breaks)]
    ends = np.array(sorted(ends + [b for b in breaks if abs(b - a1) < 38]))
    outer, weights = graded(ends[:-1], ends[1:], n)
    mean, second = np.zeros(3), 0.0
    for start in range(0, len(outer), 200):
        x = outer[start:start + 200]
        centre = a2 + np.minimum(0, x - a1)
        base = [centre + o for o in (-38, -20, -11, -6, -3, -1, 1, 3, 6, 11, 20, 38)]
        near = (-40, -16, -7, -3, -1.3, -0.4, 0, 0.4, 1.3, 3, 7, 16, 40)
        base += [np.full_like(x, w * o) for o in near] + [x + w * o for o in near]
        base = np.clip(np.stack(base, -1), (centre - 38)[:, None], (centre + 38)[:, None])
        base.sort(-1)
        # Zeros along every line: a finer grid, then bisection.
        grid = np.concatenate([base[:, :-1] + f * (base[:, 1:] - base[:, :-1]) for f in np.arange(0, 1, 0.125)]
                              + [base[:, -1:]], -1)
        grid.sort(-1)
        s = signs(problem, estimator, latent, x[:, None], grid) > 0
        line, cell, function = np.nonzero(s[:, 1:] != s[:, :-1])
        low, high = grid[line, cell], grid[line, cell + 1]
        rising = s[line, cell + 1, function]
        for _ in range(52):
            middle = 0.5 * (low + high)
            up = (signs(problem, estimator, latent, x[line], middle)[np.arange(len(line)), function] > 0) == rising
            low, high = np.where(up, low, middle), np.where(up, middle, high)
        most = np.bincount(line, minlength=len(x)).max() if len(line) else 0
        extra = np.repeat((centre + 38)[:, None], most, 1)
        place = np.zeros(len(x), int)
        for l, z in zip(line, 0.5 * (low + high)):
            extra[l, place[l]] = z
            place[l] += 1
        ends2 = np.concatenate([base, extra], -1)
        ends2.sort(-1)
        y, wy = graded(ends2[:, :-1], ends2[:, 1:], n)
        full = np.broadcast_to(x[:, None], y.shape)
        wt = (weights[start:start + 200, None] * wy * density3(full - a1, y - a2)).ravel()
        keep = wt > 1e-22
        v = np.zeros((keep.sum(), problem.D, 3))
        v[:] = problem.phi / estimator.T
        v[:, latent, 0] = full.ravel()[keep]
        v[:, latent, 1] = y.ravel()[keep]
        v[:, latent, 2] = 0
        g = estimator.g(problem, v)[:, latent]
        mean += wt[keep] @ g
        second += wt[keep] @ (g * g).sum(-1)
    return mean, second - mean @ mean


def group_b(problem, estimator):
    if problem.K == 2:
        return deterministic(lambda n: two_latents(problem, estimator, n), 6, 9)

    def rule(n):
        parts = [three_categories(problem, estimator, d, n) for d in range(problem.D)]
        return np.concatenate([p[0] for p in parts]), sum(p[1] for p in parts)
    return deterministic(rule, 9, 13)


# ---------------------------------------------------------------- many variables

def sobol(dimensions, log, repeats, g):
    """Mean and total variance over scrambled Sobol points, with three standard errors."""
    means, seconds = [], []
    for r in range(repeats):
        u = qmc.Sobol(dimensions, seed=1000 + r).random_base2(log)
        u = np.clip(u, 1e-15, 1 - 1e-15)
        e = g(u)
        e = e.reshape(len(u), -1)
        means.append(e.mean(0))
        seconds.append((e * e).sum(-1).mean())
    means, seconds = np.array(means), np.array(seconds)
    mean = means.mean(0)
    traces = seconds - (means ** 2).sum(-1)
    n = repeats
    return (mean, seconds.mean() - mean @ mean, 3 * np.linalg.norm(means.std(0, ddof=1)) / n ** 0.5,
            3 * traces.std(ddof=1) / n ** 0.5)


def group_c(problem, estimator, log=17):
    def g(u):
        noise = -np.log(-np.log(u)).reshape(-1, problem.D, problem.K)
        return estimator.g(problem, problem.phi / estimator.T + noise)
    return sobol(problem.D * problem.K, log, 16, g)


# ---------------------------------------------------------------- noise beside a hard forward

def group_e(problem, estimator, log=17):
    name, p, phi = estimator.name, estimator.p, problem.phi
    D, K = problem.D, problem.K
    q = softmax(phi)
    if name == "gaussian-softmax":
        tau = p["tau"]
        if K == 2 and D == 1:
            def rule(h):
                gap = phi[0, 1] - phi[0, 0]
                breaks = [tau * np.log((1 - s) / s) for _, _, s in problem.kink_shares(0)]
                x, w = tanh_sinh(cuts(gap, tau, breaks, 17.0), h)
                w = w * np.exp(-((x - gap) ** 2) / 4) / (4 * np.pi) ** 0.5
                y = softmax(np.stack([0 * x, x], -1)[:, None] / tau)
                g = pull(y, problem.slope(y))[:, 0] / tau
                m = w @ g
                return m, w @ ((g - m) ** 2).sum(-1)
            return deterministic(rule, 1 / 20, 1 / 40)

        def g(u):
            y = softmax((phi + ndtri(u).reshape(-1, D, K)) / tau)
            return pull(y, problem.slope(y)) / tau
        return sobol(D * K, log, 16, g)
    if name == "uniform-path":
        path = p["path"]

        def g(u):
            b = (u[:, :D] < q[:, 1]).astype(float)
            t = 0.5 + (2 * b - 1) * 0.5 * u[:, D:2 * D]
            other = np.where(b > 0, q[:, 0], q[:, 1])
            out = np.zeros((len(u), D))
            for d in range(D):
                on = t.copy() if path == "all" else np.where(np.arange(D) == d, t, b)
                h = problem.slope(np.stack([1 - on, on], -1))
                out[:, d] = 0.5 * other[:, d] * (h[:, d, 1] - h[:, d, 0])
            if path == "one":
                chosen = np.minimum((u[:, 2 * D] * D).astype(int), D - 1)
                out *= D * (chosen[:, None] == np.arange(D))
            return np.stack([-out, out], -1)
        return sobol(2 * D + 1, log, 16, g)
    if name == "rebar":
        tau, eta = p["tau"], p["eta"]

        def g(u):
            v = phi + -np.log(-np.log(u[:, :D * K])).reshape(-1, D, K)
            x = v.argmax(-1)
            hot = np.eye(K)[x]
            e = -np.log(u[:, D * K:]).reshape(-1, D, K)
            ex = (e * hot).sum(-1, keepdims=True)
            a = e / q
            vt = -np.log(np.where(hot > 0, ex, a + ex))
            w = np.where(hot > 0, 0, a / (a + ex))
            y, yt = softmax(v / tau), softmax(vt / tau)
            f, ft = problem.value(hot), problem.value(yt)
            one = pull(y, problem.slope(y)) / tau
            two = pull(yt, problem.slope(yt)) / tau
            back = w * two + q * ((1 - w) * two).sum(-1, keepdims=True)
            return (f - eta * ft)[:, None, None] * (hot - q) + eta * (one - back)
        return sobol(2 * D * K, log, 16, g)
    raise ValueError(name)


# ---------------------------------------------------------------- the settings

TAUS = [0.05, 0.1, 0.2, 0.35, 0.5, 0.8, 1.0, 2.0, 5.0]
FEW = [0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0]
POWERS = [1.0, 1.2, 1.5, 2.5]


def problem(kind, D, K, seed, p=None):
    r = np.random.default_rng([seed, D, K, {"abspow": 1, "mlp": 2, "table": 3}[kind], int(10 * (p or 0))])
    phi = np.round(r.normal(0, 1, (D, K)), 3)
    if kind == "abspow":
        v = np.round(np.linspace(0, 1, K) + r.normal(0, 0.1, K), 3)
        c = np.round(v.min() + (v.max() - v.min()) * r.uniform(0.08, 0.92, D), 3)
        cost = {"type": "abspow", "p": p, "v": v.tolist(), "c": c.tolist()}
    elif kind == "mlp":
        cost = {"type": "mlp", "W1": np.round(r.normal(0, 1, (5, D * K)), 3).tolist(),
                "b1": np.round(r.normal(0, 0.5, 5), 3).tolist(), "w2": np.round(r.normal(0, 1, 5), 3).tolist()}
    else:
        n = K ** D
        cost = {"type": "table", "values": np.round(r.normal(0, 1, n), 3).tolist(),
                "gradients": np.round(r.normal(0, 1, (n, D, K)), 3).tolist()}
    return Problem(phi, cost)


def soft(tau, K, every=True):
    made = [Estimator("gumbel-softmax", tau=tau), Estimator("gumbel-sparsemax", tau=tau),
            Estimator("gumbel-entmax", tau=tau)]
    if every:
        made.append(Estimator("decoupled-st-gs", **{"tau-forward": max(tau, 0.1), "tau-backward": 0.7, "forward": "soft"}))
        if K == 2:
            made.append(Estimator("hard-concrete", beta=tau))
    return made


def hard(tau):
    return [Estimator("st-gs", tau=tau),
            Estimator("decoupled-st-gs", **{"tau-forward": 1.3, "tau-backward": tau})]


def settings():
    for seed in range(5):
        for D in (1, 2):
            for p in POWERS:
                for tau in TAUS:
                    for e in soft(tau, 2):
                        yield "A", group_a, problem("abspow", D, 2, seed, p), e
        for tau in TAUS:
            for e in soft(tau, 2):
                yield "A", group_a, problem("mlp", 1, 2, seed), e
    for tau in TAUS:
        for kind, p in [("abspow", 1.0), ("abspow", 1.5), ("mlp", None), ("table", None)]:
            for e in hard(tau):
                yield "A", group_a, problem(kind, 1, 2, 7, p), e
    for tau in FEW:
        for e in soft(tau, 2) + hard(tau):
            yield "B", group_b, problem("mlp", 2, 2, 0), e
        for kind, p in [("abspow", p) for p in POWERS] + [("mlp", None)]:
            for e in soft(tau, 3):
                yield "B", group_b, problem(kind, 1, 3, 0, p), e
        for kind, p in [("abspow", 1.2), ("mlp", None), ("table", None)]:
            for e in hard(tau):
                yield "B", group_b, problem(kind, 1, 3, 7, p), e
    for tau in (0.1, 0.5, 2.0):
        for p in POWERS:
            for e in soft(tau, 3, False):
                yield "B", group_b, problem("abspow", 2, 3, 5, p), e
    for tau in (0.05, 0.2, 0.5, 1.0, 5.0):
        for kind, p in [("abspow", p) for p in POWERS] + [("mlp", None)]:
            for e in soft(tau, 4, False):
                yield "C", group_c, problem(kind, 1, 4, 3, p), e
        for D, K in ((2, 3), (2, 4)):
            for e in soft(tau, K, False):
                yield "C", group_c, problem("mlp", D, K, 3), e
        for p in (1.0, 1.5):
            for e in soft(tau, 4, False):
                yield "C", group_c, problem("abspow", 2, 4, 3, p), e
    for kind, p in [("abspow", p) for p in POWERS] + [("mlp", None)]:
        for tau in TAUS:
            yield "E", group_e, problem(kind, 1, 2, 4, p), Estimator("gaussian-softmax", tau=tau)
        for tau in (0.2, 0.5, 2.0):
            yield "E", group_e, problem(kind, 1, 3, 4, p), Estimator("gaussian-softmax", tau=tau)
            yield "E", group_e, problem(kind, 1, 2, 4, p), Estimator("rebar", tau=tau, eta=1.0)
            yield "E", group_e, problem(kind, 2, 2, 4, p), Estimator("rebar", tau=tau, eta=1.0)
        for path in ("one", "each", "all"):
            yield "E", group_e, problem(kind, 2, 2, 4, p), Estimator("uniform-path", path=path)
        yield "E", group_e, problem(kind, 1, 2, 4, p), Estimator("uniform-path", path="each")


def main(groups):
    problems, rows = {}, []
    for group, reference, problem, estimator in settings():
        if groups and group not in groups:
            continue
        key = json.dumps(problem.json())
        index = problems.setdefault(key, len(problems))
        mean, trace, mean_error, trace_error = reference(problem, estimator)
        rows.append({"group": group, "problem": index, "estimator": estimator.name, "parameters": estimator.p,
                     "mean": [float("%.16g" % m) for m in mean], "variance": float(trace),
                     "meanError": float("%.3g" % mean_error), "varianceError": float("%.3g" % trace_error)})
        if len(rows) % 20 == 0:
            print(len(rows), file=sys.stderr, flush=True)
    print('{"problems": [\n' + ",\n".join(problems) + '\n],\n"settings": [\n'
          + ",\n".join(json.dumps(r) for r in rows) + "\n]}")


if __name__ == "__main__":
    main(sys.argv[1:])
