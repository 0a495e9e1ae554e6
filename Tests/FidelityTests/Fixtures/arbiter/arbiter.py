#!/usr/bin/env python3
"""Recomputes reference files at 30 digits: the arbiter between them and the program.

    python3 arbiter.py FOLDER...

looks for golden_public.json and golden_public_scaled_logits.json in the folders and writes
arbiter.json beside this script, in less than twenty minutes with gmpy2 (MPFR, 170 bits) and python-flint,
in more than half an hour without the latter, in hours with mpmath alone (50 digits).

Written apart from the program and from the makers of the files. Nothing is shared with either but
the definitions:

    enumeration   sums over all joint states; leave-one-out by the variance of a sample covariance
    hard, K = 2   one integral a latent over the winner's lead `a = h_x - h_o` of a Gumbel race
    hard, K = 3   two integrals a latent: the lead over the second, and of the second over the third
    hard, K > 3   given the time of the winner its leads are independent, and a Laplace transform does
                  that to the surrogate: integrals over time, the transform's variable and one lead
    soft          the same variables, at most two of them, or one latent at a time where the cost is
                  a sum over latents; where it has a kink, the axis is split there
    soft, K > 3   costs with polynomial gradients: sums over moments of monomials in the two points
                  of the softmax, by a Laplace transform for each of the denominators: integrals over
                  one noise and two scales

Integrals over (0, inf) are by the double-exponential rule `a = exp(t - exp(-t))`, pieces that end at
a kink by tanh-sinh, with steps 1/16 and 1/24; moments of monomials by a rule like the first, with
steps 1/4 and 1/6. The largest change between the two is written down and is about the error of the
coarser one; that of the finer, whose numbers are kept, is its power 3/2.

Covered: all rows but the soft ones of pub-mlp-d2k3, which have four noise variables and a cost that is no
polynomial.
"""
import hashlib
import itertools
import json
import math
import operator
import os
import sys

try:
    import gmpy2
    from gmpy2 import cosh, exp, log, mpfr as number, sinh, tanh

    gmpy2.get_context().precision = 170
    pi = gmpy2.const_pi()
except ImportError:
    from mpmath import cosh, exp, log, mp, mpf as number, sinh, tanh

    mp.dps = 50
    pi = +mp.pi

try:
    from flint import fmpz_mat
except ImportError:
    fmpz_mat = None

DIGITS = 30
FIXED = 200
FILES = ["golden_public.json", "golden_public_scaled_logits.json"]
STEPS = [number(1) / 16, number(1) / 24]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def entrywise(a, b):
    return list(map(operator.mul, a, b))


def root(value):
    return value ** (number(1) / 2)


def softmax(values, temperature=1):
    top = max(values)
    weights = [exp((v - top) / temperature) for v in values]
    total = sum(weights)
    return [w / total for w in weights]


def jacobian_times(s, h, scale):
    mean = dot(s, h)
    return [scale * s_i * (h_i - mean) for s_i, h_i in zip(s, h)]


class Cost:
    """f(y) and df/dy of y[D*K]."""

    def __init__(self, cost, latents, categories):
        self.kind, self.latents, self.categories = cost["type"], latents, categories
        table = lambda name: [[number(v) for v in row] for row in cost[name]]
        numbers = lambda name: [number(v) for v in cost[name]]
        if self.kind == "linear":
            self.linear = [v for row in table("a") for v in row]
            self.constant = number(cost["b"])
        if self.kind in ("quadratic", "cubic"):
            self.matrix = table("A")
            size = len(self.matrix)
            self.both = [
                [self.matrix[i][j] + self.matrix[j][i] for j in range(size)] for i in range(size)]
        if self.kind == "quadratic":
            self.linear = numbers("b")
        if self.kind == "cubic":
            self.factors = table("W")
        if self.kind == "abspow":
            self.power = number(cost["p"])
            self.levels, self.centres = numbers("v"), numbers("c")
        if self.kind == "mlp":
            self.input, self.output = table("W1"), numbers("w2")
            self.offset, self.constant = numbers("b1"), number(cost["b2"])

    def distance(self, y, latent):
        first = latent * self.categories
        return dot(self.levels, y[first:first + self.categories]) - self.centres[latent]

    def value(self, y):
        if self.kind == "linear":
            return dot(self.linear, y) + self.constant
        if self.kind == "abspow":
            return sum(
                abs(self.distance(y, d)) ** self.power for d in range(self.latents)
            ) / self.latents
        if self.kind == "mlp":
            hidden = [tanh(dot(w, y) + b) for w, b in zip(self.input, self.offset)]
            return dot(self.output, hidden) + self.constant
        value = sum(y[i] * dot(row, y) for i, row in enumerate(self.matrix))
        if self.kind == "quadratic":
            return value + dot(self.linear, y)
        return value + sum(dot(w, y) ** 3 for w in self.factors)

    def power_slope(self, distance):
        if distance == 0:
            return number(0)
        size = self.power * abs(distance) ** (self.power - 1) / self.latents
        return size if distance > 0 else -size

    def gradient(self, y):
        if self.kind == "linear":
            return self.linear
        if self.kind == "abspow":
            slopes = [self.power_slope(self.distance(y, d)) for d in range(self.latents)]
            return [slope * v for slope in slopes for v in self.levels]
        if self.kind == "mlp":
            slopes = []
            for w, b, out in zip(self.input, self.offset, self.output):
                t = tanh(dot(w, y) + b)
                slopes.append(out * (1 - t * t))
            return [
                dot(slopes, [row[i] for row in self.input]) for i in range(len(self.input[0]))]
        slope = [dot(row, y) for row in self.both]
        if self.kind == "quadratic":
            return [a + b for a, b in zip(slope, self.linear)]
        for w in self.factors:
            factor = 3 * dot(w, y) ** 2
            slope = [s + factor * v for s, v in zip(slope, w)]
        return slope

    def polynomials(self):
        """df/dy as {indices of the factors y: coefficient}, of costs that have such gradients."""
        if self.kind == "linear":
            return [{(): v} for v in self.linear]
        result = []
        for i, row in enumerate(self.both):
            terms = {(j,): v for j, v in enumerate(row)}
            if self.kind == "quadratic":
                terms[()] = self.linear[i]
            if self.kind == "cubic":
                for j in range(len(row)):
                    for k in range(j, len(row)):
                        factor = 3 if j == k else 6
                        terms[j, k] = factor * sum(w[i] * w[j] * w[k] for w in self.factors)
            result.append(terms)
        return result


class Moments:
    """Mean and variance per coordinate of weighted vectors."""

    def __init__(self, size):
        self.first = [number(0)] * size
        self.second = [number(0)] * size

    def add(self, weight, vector, start=0):
        for i, v in enumerate(vector):
            part = weight * v
            self.first[start + i] += part
            self.second[start + i] += part * v

    def result(self):
        return self.first, [s - m * m for m, s in zip(self.first, self.second)]


def open_nodes(step, last=number("4.33")):
    """(a, weight) on (0, inf) for integrands that fall like exp(-a), or up to about exp(last)."""
    nodes = []
    t = -step * int(number("4.27") / step)
    while t < last:
        a = exp(t - exp(-t))
        nodes.append((a, step * (1 + exp(-t)) * a))
        t += step
    return nodes


def scale_nodes(step, depth, last, turn):
    """(log a, weight of d log a) from exp(-depth) to exp(last), fine from exp(-2) to exp(turn)."""
    nodes = []
    t = -2 - step * int(log(depth) / step)
    while not nodes or nodes[-1][0] < last:
        low, high = exp(-t - 2), exp(t - turn)
        nodes.append((t - low + high, step * (1 + low + high)))
        t += step
    return nodes


def closed_nodes(step, length):
    """(a, weight) on (0, length) by tanh-sinh, fine enough for algebraic ends."""
    nodes = []
    count = int(number("5") / (step / 2))
    for k in range(-count, count + 1):
        t = step / 2 * k
        u = pi / 2 * sinh(t)
        share = 1 / (1 + exp(-2 * u))
        weight = step / 2 * pi * cosh(t) * share * (1 - share)
        nodes.append((length * share, length * weight))
    return nodes


def fixed(value, bits=FIXED):
    """An integer: exact products, and quick ones whatever computes the numbers."""
    return int(value * 2 ** bits)


def products(left, right, block=40):
    """[i][j]: the products of rows of integers, as far as the row of `right` goes."""
    if fmpz_mat is None:
        return [[sum(map(operator.mul, a, b)) for b in right] for a in left]
    # Later rows are shorter: blocks of them keep most of that.
    result = [[] for _ in left]
    for start in range(0, len(right), block):
        part = right[start:start + block]
        length = max(len(b) for b in part)
        columns = fmpz_mat([b + [0] * (length - len(b)) for b in part]).transpose()
        product = fmpz_mat([a[:length] for a in left]) * columns
        for row, found in zip(result, product.tolist()):
            row += map(int, found)
    return result


def exponents(size, degree):
    """Every tuple of `size` powers of that sum."""
    if size == 1:
        return [(degree,)]
    return [
        (r,) + rest for r in range(degree + 1) for rest in exponents(size - 1, degree - r)]


def polynomial_product(left, right):
    result = {}
    for a, v in left.items():
        for b, w in right.items():
            key = tuple(sorted(a + b))
            result[key] = result.get(key, 0) + v * w
    return result


def powers(law, first, second, wanted, step):
    """{(a, b): E[prod_k y_k^a_k s_k^b_k]}, y = softmax(h / first), s = softmax(h / second).

    Let W_k = exp(h_k / first), V_k = exp(h_k / second), n = sum(a) > 0, m = sum(b), S and T the sums
    of W and V. 1 / (S^n T^m) is an integral over two Laplace variables, under which the noises are
    independent. The monomial stays the same if all h move together. So one of the variables can be
    kept at 1 by such moves; they multiply the rates of the exponential variables exp(-h_k) by one c:

        E = int dc / c int dl / l prod_k phi_k / (first Gamma(n) Gamma(m)),
        phi_k(c, l) = int dh r exp(-r) W^a_k exp(-W) (l V)^b_k exp(-l V), r = c law_k exp(-h).

    Where n > 1 and first <= min(1, second) the integrand falls at least like c and l^m towards 0 and
    like l^(-n second / first) above. Equal temperatures, or no s, need no l. The integrals over h
    are products of matrices.
    """
    if second == first:
        merged = {(a, b): tuple(map(operator.add, a, b)) for a, b in wanted}
        none = (0,) * len(law)
        found = powers(law, first, None, {(r, none) for r in merged.values()}, step)
        return {key: found[r, none] for key, r in merged.items()}
    if second is None:
        step /= 2
    lowest = number("71.5") * max(1, first)
    clocks = scale_nodes(step, lowest, number("4.4") + number("3.6") * first, 99)
    clocks = [(exp(v), weight) for v, weight in clocks]
    scales = [(number(1), number(1))]
    if second is not None:
        scales = scale_nodes(step, number("71.5"), number("4.4") + 35 * first / second, 5)
        scales = [(exp(v), weight) for v, weight in scales]
    # h is finely spaced where W is not small, and never coarser than the exponential law needs.
    fine, spacing = min(number(1), first), step
    t = spacing * int(number("4.4") * first / fine / spacing)
    noise = []
    while not noise or noise[-1][0] > -lowest - 6:
        bend = exp(-t - 4)
        noise.append((
            fine * t - (1 - fine) * log(1 + bend), spacing * (fine + (1 - fine) * bend / (1 + bend))))
        t -= spacing
    # All factors are at most a few units: one absolute precision does for all.
    bits = 130
    pairs = sorted({pair for a, b in wanted for pair in zip(a, b)})
    tops = [exp(h / first) for h, _ in noise]
    bases = {
        a: [2 ** bits * weight * w ** a * exp(-w) for (_, weight), w in zip(noise, tops)]
        for a in {a for a, _ in pairs}}
    if second is None:
        rows = [list(map(int, bases[a])) for a, _ in pairs]
    else:
        others = [exp(h / second) for h, _ in noise]
        heights = [[l * v for v in others] for l, _ in scales]
        falls = {0: [[exp(-u) for u in line] for line in heights]}
        for b in range(max(b for _, b in pairs)):
            falls[b + 1] = [entrywise(x, y) for x, y in zip(falls[b], heights)]
        rows = [list(map(int, entrywise(bases[a], line))) for a, b in pairs for line in falls[b]]
    waits = [exp(-h) for h, _ in noise]
    densities = []
    for p in law:
        for c, _ in clocks:
            density = []
            for wait in waits:
                rate = p * c * wait
                if rate > 90:
                    break
                density.append(fixed(rate * exp(-rate), bits))
            densities.append(density)
    found = products(rows, densities, len(densities))
    tables = []
    for k in range(len(law)):
        here = slice(k * len(clocks), (k + 1) * len(clocks))
        tables.append({
            pair: [v for row in found[i * len(scales):][:len(scales)] for v in row[here]]
            for i, pair in enumerate(pairs)})
    del found
    # Points where no monomial reaches 1e-31 of the largest are dropped.
    weights = [w * v / first for _, w in scales for _, v in clocks]
    bounds, shares = weights, [number(0)] * len(weights)
    for table in tables:
        every = list(map(number, map(max, zip(*table.values()))))
        some = map(max, zip(*(v for pair, v in table.items() if pair != (0, 0))))
        bounds = entrywise(bounds, every)
        shares = [max(s, a / b if b else b) for s, a, b in zip(shares, some, every)]
    bounds = entrywise(bounds, shares)
    least = max(bounds) * number("1e-31")
    kept = [i for i, bound in enumerate(bounds) if bound > least]
    weights = [weights[i] / 4 ** (bits * len(law)) for i in kept]
    tables = [{pair: [number(v[i]) for i in kept] for pair, v in table.items()} for table in tables]
    # Each monomial is a dot product of two lists over the points, one for each half of the categories.
    half = (len(law) + 1) // 2
    groups, ends, result = {}, {}, {}
    for a, b in wanted:
        factors = tuple(zip(a, b))
        groups.setdefault(factors[:half], []).append((factors[half:], a, b))
    for start, members in groups.items():
        left = weights
        for table, pair in zip(tables, start):
            left = entrywise(left, table[pair])
        for end, a, b in members:
            if end not in ends:
                lists = [table[pair] for table, pair in zip(tables[half:], end)]
                ends[end] = lists[0]
                for values in lists[1:]:
                    ends[end] = entrywise(ends[end], values)
            result[a, b] = sum(map(operator.mul, left, ends[end])) / (
                math.factorial(sum(a) - 1) * math.factorial(max(sum(b), 1) - 1))
    return result


class Problem:
    def __init__(self, field):
        self.name, self.D, self.K = field["name"], field["D"], field["K"]
        self.phi = [[number(v) for v in row] for row in field["phi"]]
        self.cost = Cost(field["cost"], self.D, self.K)
        self.states = list(itertools.product(range(self.K), repeat=self.D))
        self.points = [self.one_hot(z) for z in self.states]
        self.values = [self.cost.value(y) for y in self.points]
        self.gradients = [self.cost.gradient(y) for y in self.points]
        self.width = self.D * self.K

    def one_hot(self, z):
        y = [number(0)] * (self.D * self.K)
        for d, k in enumerate(z):
            y[d * self.K + k] = number(1)
        return y

    def law(self, temperature=1):
        return [softmax(row, temperature) for row in self.phi]

    def weights(self, law):
        return [math.prod(law[d][k] for d, k in enumerate(z)) for z in self.states]

    def part(self, vector, d):
        return vector[d * self.K:(d + 1) * self.K]

    # Sums over the states.

    def exact(self):
        law = self.law()
        weights = self.weights(law)
        flat = [p for row in law for p in row]
        mean = dot(weights, self.values)
        variance = sum(w * (f - mean) ** 2 for w, f in zip(weights, self.values))
        gradient = [
            sum(
                w * (f - mean) * (y[i] - flat[i])
                for w, f, y in zip(weights, self.values, self.points))
            for i in range(self.width)]
        return mean, variance, gradient

    def over_states(self, temperature, estimate):
        moments = Moments(self.width)
        for weight, index in zip(self.weights(self.law(temperature)), range(len(self.states))):
            moments.add(weight, estimate(index))
        return moments.result()

    def reinforce(self):
        flat = [p for row in self.law() for p in row]
        return self.over_states(
            1, lambda i: [self.values[i] * (y - p) for y, p in zip(self.points[i], flat)])

    def leave_one_out(self, n):
        """The sample covariance of f and u: Var = (m22 + (m20 m02 - (n - 2) m11^2)/(n - 1)) / n."""
        law = self.law()
        weights = self.weights(law)
        flat = [p for row in law for p in row]
        centre, _, gradient = self.exact()
        f = [v - centre for v in self.values]
        m20 = sum(w * v * v for w, v in zip(weights, f))
        variance = []
        for i in range(self.width):
            u = [y[i] - flat[i] for y in self.points]
            m02 = sum(w * v * v for w, v in zip(weights, u))
            m22 = sum(w * (a * b) ** 2 for w, a, b in zip(weights, f, u))
            variance.append((m22 + (m20 * m02 - (n - 2) * gradient[i] ** 2) / (n - 1)) / n)
        return gradient, variance

    def straight_through(self, forward, backward):
        s = self.law(backward)
        return self.over_states(
            forward, lambda i: [
                g for d in range(self.D)
                for g in jacobian_times(s[d], self.part(self.gradients[i], d), 1 / backward)])

    def reinmax(self, tau):
        plain, tempered = self.law(), self.law(tau)

        def estimate(i):
            result = []
            for d in range(self.D):
                h = self.part(self.gradients[i], d)
                middle = [(a + b) / 2 for a, b in zip(tempered[d], self.part(self.points[i], d))]
                first = jacobian_times(middle, h, number(2))
                second = jacobian_times(plain[d], h, number(1) / 2)
                result += [a - b for a, b in zip(first, second)]
            return result
        return self.over_states(1, estimate)

    # Hard forwards with a noisy surrogate s ~ exp(exponent h + offset).

    def hard(self, settings, step):
        """Rows of {key: (law temperature, exponent, use offsets 1/tb - 1/tf, scale)}."""
        rows = {}
        for key, (forward, exponent, shift, scale) in settings.items():
            law = self.law(forward)
            weights = self.weights(law)
            moments = [[number(0)] * self.width, [number(0)] * self.width]
            for d in range(self.D):
                offsets = [shift * v for v in self.phi[d]]
                surrogate = self.surrogate if self.K <= 3 else self.surrogate_by_times
                tables = surrogate(law[d], exponent, offsets, scale, step)
                for x in range(self.K):
                    first, second = tables[x]
                    for weight, z, h in zip(weights, self.states, self.gradients):
                        if z[d] != x:
                            continue
                        part = self.part(h, d)
                        rest = weight / law[d][x]
                        for k in range(self.K):
                            place = d * self.K + k
                            moments[0][place] += rest * dot(first[k], part)
                            moments[1][place] += rest * sum(
                                a * dot(row, part) for a, row in zip(part, second[k]))
            mean = moments[0]
            rows[key] = (mean, [s - m * m for m, s in zip(mean, moments[1])])
        return rows

    def surrogate(self, law, exponent, offsets, scale, step):
        """For every winner x: E[A 1{x}] as [k][i], E[A_ki A_kj 1{x}] as [k][i][j], A = scale J(s)."""
        K = self.K
        result = []
        for x in range(K):
            first = [[number(0)] * K for _ in range(K)]
            second = [[[number(0)] * K for _ in range(K)] for _ in range(K)]
            for weight, s in self.race(law, x, exponent, offsets, step):
                for k in range(K):
                    a = [scale * s[k] * ((1 if i == k else 0) - s[i]) for i in range(K)]
                    for i in range(K):
                        part = weight * a[i]
                        first[k][i] += part
                        for j in range(i, K):
                            second[k][i][j] += part * a[j]
            for k in range(K):
                for i in range(K):
                    for j in range(i):
                        second[k][i][j] = second[k][j][i]
            result.append((first, second))
        return result

    def surrogate_by_times(self, law, exponent, offsets, scale, step):
        """The same for any number of categories.

        The winner's time t in the race is Exp(1). Given t the others are independent: the lead
        over j is log(1 + u) with u of density p_j t exp(-p_j t u). And s_k = W_k / S, where 1 / S^n is
        the integral of l^(n-1) exp(-l S) / (n-1)! over l, so that the others are independent given
        t and l. Their factors E[W^r exp(-l W)] for r = 0, 1, 2 are one product of matrices.
        Rows and columns of A add to 0: products of different s_k are all that is needed.
        """
        K = self.K
        lowest = min(offsets)
        tops = [exp(v - lowest) for v in offsets]
        # The tail of l^3 exp(-l) / 6 is still 1e-28 where that of exp(-t) is 1e-33.
        times, scales = open_nodes(step), open_nodes(step, number("4.5"))
        leads = open_nodes(step, 78 - log(min(law)))
        falls = [exp(-exponent * log(1 + u)) for u, _ in leads]
        transforms, factors = {}, []
        for p, top in zip(law, tops):
            if top not in transforms:
                plain = [[exp(-l * top * fall) for fall in falls] for l, _ in scales]
                transforms[top] = [
                    [fixed(v * fall ** r) for v, fall in zip(row, falls)]
                    for r in range(3) for row in plain]
            densities = []
            for t, _ in times:
                rate = p * t
                densities.append([
                    fixed(weight * rate * exp(-rate * u)) for u, weight in leads if rate * u < 100])
            found = products(transforms[top], densities)
            factors.append([
                [number(v) * top ** r / 4 ** FIXED for row in found[r * len(scales):][:len(scales)]
                 for v in row]
                for r in range(3)])
        one, two = [
            [[a / b if b else b for a, b in zip(f[r], f[0])] for f in factors] for r in (1, 2)]
        winner = [weight * exp(-t) for t, weight in times]
        squares = [l * l / 6 for l, _ in scales for _ in times]
        result = []
        for x in range(K):
            common = []
            for l, weight in scales:
                outside = law[x] * weight * l * exp(-l * tops[x])
                common += [outside * w for w in winner]
            for j in range(K):
                if j != x:
                    common = entrywise(common, factors[j][0])
            ones, twos = list(one), list(two)
            ones[x], twos[x] = [tops[x]] * len(common), [tops[x] ** 2] * len(common)
            first = [[number(0)] * K for _ in range(K)]
            second = [[[number(0)] * K for _ in range(K)] for _ in range(K)]
            pairs = {}
            for i in range(K):
                for j in range(i, K):
                    pairs[i, j] = twos[i] if i == j else entrywise(ones[i], ones[j])
            for k in range(K):
                others = [i for i in range(K) if i != k]
                weights = entrywise(entrywise(common, squares), twos[k])
                for i in others:
                    first[k][i] = -scale * dot(common, pairs[min(i, k), max(i, k)])
                    for j in others:
                        if i <= j:
                            second[k][i][j] = scale ** 2 * dot(weights, pairs[i, j])
                            second[k][j][i] = second[k][i][j]
                first[k][k] = -sum(first[k])
                for j in others:
                    second[k][j][k] = second[k][k][j] = -sum(second[k][j])
                second[k][k][k] = -sum(second[k][k])
            result.append((first, second))
        return result

    def race(self, law, x, exponent, offsets, step):
        """(weight, s) over the noise where x wins."""
        others = [k for k in range(self.K) if k != x]
        tops = [exp(v) for v in offsets]
        nodes = open_nodes(step)
        if self.K == 2:
            o = others[0]
            for a, weight in nodes:
                fall = exp(-a)
                density = law[x] * law[o] * fall / (law[x] * fall + law[o]) ** 2
                s = [number(0)] * 2
                s[x], s[o] = tops[x], tops[o] * exp(-exponent * a)
                total = s[0] + s[1]
                yield weight * density, [v / total for v in s]
            return
        table = [(w, exp(-a), exp(-exponent * a)) for a, w in nodes]
        for j, k in (others, others[::-1]):
            scale = 2 * law[x] * law[j] * law[k]
            for wa, ea, sa in table:
                for wb, eb, sb in table:
                    bottom = law[x] * ea * eb + law[j] * eb + law[k]
                    density = scale * ea * eb * eb / bottom ** 3
                    s = [number(0)] * 3
                    s[x], s[j], s[k] = tops[x], tops[j] * sa, tops[k] * sa * sb
                    total = s[0] + s[1] + s[2]
                    yield wa * wb * density, [v / total for v in s]

    # Soft forwards: G at softmax(h / tf), J at softmax(h / tb).

    def soft(self, settings, step):
        if self.D == 1 or (self.K == 2 and self.cost.kind == "abspow"):
            if self.K == 2:
                return {key: self.soft_latents(tf, tb, step) for key, (tf, tb) in settings.items()}
            if self.K == 3:
                return self.soft_pair(settings, self.triples(settings, step))
        if self.D == 2 and self.K == 2:
            return self.soft_pair(settings, self.pairs(settings, step))
        if self.cost.kind in ("linear", "quadratic", "cubic"):
            return self.soft_by_powers(settings, 4 * step)
        return {}

    def soft_latents(self, forward, backward, step):
        """Binary latents whose gradients depend on nothing but their own point."""
        moments = Moments(self.width)
        law = self.law()
        for d in range(self.D):
            for x in range(2):
                o = 1 - x
                nodes = open_nodes(step)
                if self.cost.kind == "abspow":
                    v, c = self.cost.levels, self.cost.centres[d]
                    share = (c - v[o]) / (v[x] - v[o])
                    if number(1) / 2 < share < 1:
                        kink = forward * log(share / (1 - share))
                        nodes = closed_nodes(step, kink) + [
                            (kink + a, w) for a, w in nodes]
                for a, weight in nodes:
                    fall = exp(-a)
                    p, q = law[d][x], law[d][o]
                    density = p * q * fall / (p * fall + q) ** 2
                    y, s = self.point(x, a / forward), self.point(x, a / backward)
                    if self.cost.kind == "abspow":
                        u = dot(self.cost.levels, y) - self.cost.centres[d]
                        h = [self.cost.power_slope(u) * level for level in self.cost.levels]
                    else:
                        h = self.cost.gradient(y)
                    moments.add(weight * density, jacobian_times(s, h, 1 / backward), 2 * d)
        return moments.result()

    @staticmethod
    def point(x, lead):
        other = exp(-lead)
        total = 1 + other
        return [1 / total, other / total] if x == 0 else [other / total, 1 / total]

    def temperatures(self, settings):
        return sorted({t for pair in settings.values() for t in pair})

    def triples(self, settings, step):
        """One latent of three categories: (weight, {temperature: point})."""
        law, temperatures = self.law()[0], self.temperatures(settings)
        table = [
            (w, exp(-a), {t: exp(-a / t) for t in temperatures}) for a, w in open_nodes(step)]
        for x, j, k in itertools.permutations(range(3)):
            scale = 2 * law[0] * law[1] * law[2]
            for wa, ea, sa in table:
                for wb, eb, sb in table:
                    bottom = law[x] * ea * eb + law[j] * eb + law[k]
                    points = {}
                    for t in temperatures:
                        second = sa[t]
                        third = second * sb[t]
                        total = 1 + second + third
                        y = [number(0)] * 3
                        y[x], y[j], y[k] = 1 / total, second / total, third / total
                        points[t] = y
                    yield wa * wb * scale * ea * eb * eb / bottom ** 3, points

    def pairs(self, settings, step):
        """Two binary latents."""
        law, temperatures = self.law(), self.temperatures(settings)
        sides = []
        for d in range(2):
            side = []
            for x in range(2):
                p, q = law[d][x], law[d][1 - x]
                for a, w in open_nodes(step):
                    fall = exp(-a)
                    side.append((
                        w * p * q * fall / (p * fall + q) ** 2,
                        {t: self.point(x, a / t) for t in temperatures}))
            sides.append(side)
        for w0, first in sides[0]:
            for w1, second in sides[1]:
                yield w0 * w1, {t: first[t] + second[t] for t in temperatures}

    def soft_pair(self, settings, nodes):
        moments = {key: Moments(self.width) for key in settings}
        forwards = sorted({tf for tf, _ in settings.values()})
        for weight, points in nodes:
            slopes = {t: self.cost.gradient(points[t]) for t in forwards}
            for key, (tf, tb) in settings.items():
                for d in range(self.D):
                    moments[key].add(
                        weight, jacobian_times(
                            self.part(points[tb], d), self.part(slopes[tf], d), 1 / tb),
                        d * self.K)
        return {key: m.result() for key, m in moments.items()}

    def soft_by_powers(self, settings, step):
        """Costs with polynomial gradients: the moments are sums of those of monomials in y and s.

        Coordinate k is the sum over i of s_k s_i (G_k - G_i) / tb. Latents are independent, and
        all monomials of a latent are brought to one degree by the factor 1 = sum_k y_k.
        """
        K = self.K
        slopes = self.cost.polynomials()
        degree = max(len(key) for terms in slopes for key in terms)
        parts = {}
        for d in range(self.D):
            for k in range(K):
                leads = {}
                for i in range(K):
                    if i != k:
                        leads[i] = dict(slopes[d * K + k])
                        for key, v in slopes[d * K + i].items():
                            leads[i][key] = leads[i].get(key, 0) - v
                first = [(self.counts((k, i)), lead) for i, lead in leads.items()]
                second = [
                    (self.counts((k, k, i, j)), polynomial_product(leads[i], leads[j]))
                    for i in leads for j in leads]
                parts[d, k] = (max(2, degree), first), (max(2, 2 * degree), second)
        wanted = {
            (a, b) for pair in parts.values() for n, entries in pair
            for a in exponents(K, n) for b in {b for b, _ in entries}}
        law, rows, alone = self.law(), {}, {}
        for key, (tf, tb) in settings.items():
            if self.D > 1 and tf not in alone:
                single = {
                    (a, (0,) * K) for n in range(1, 2 * degree + 1) for a in exponents(K, n)}
                alone[tf] = [powers(p, tf, None, single, step) for p in law]
            moments = [[], []]
            for d in range(self.D):
                if tf <= tb:
                    found = powers(law[d], tf, tb, wanted, step)
                else:
                    turned = powers(law[d], tb, tf, {(b, a) for a, b in wanted}, step)
                    found = {(a, b): turned[b, a] for a, b in wanted}
                for k in range(K):
                    for which, (n, entries) in enumerate(parts[d, k]):
                        moments[which].append(sum(
                            v * found[a, b] for b, terms in entries
                            for a, v in self.own_terms(terms, d, n, alone.get(tf)).items()
                        ) / tb ** (which + 1))
            mean, second = moments
            rows[key] = (mean, [s - m * m for m, s in zip(mean, second)])
        return rows

    def counts(self, indices):
        return tuple(indices.count(k) for k in range(self.K))

    def own_terms(self, terms, latent, degree, alone):
        """{powers of y in one latent, of that sum: coefficient}, the mean over the other latents."""
        result = {}
        for key, v in terms.items():
            split = [[] for _ in range(self.D)]
            for i in key:
                split[i // self.K].append(i % self.K)
            for d, indices in enumerate(split):
                if d != latent and indices:
                    v *= alone[d][self.counts(indices), (0,) * self.K]
            own = self.counts(split[latent])
            missing = degree - sum(own)
            for extra in exponents(self.K, missing):
                ways = math.factorial(missing) // math.prod(map(math.factorial, extra))
                a = tuple(map(operator.add, own, extra))
                result[a] = result.get(a, 0) + ways * v
        return result


def enumerated(problem, id, params):
    if id == "reinforce":
        return problem.reinforce()
    if id == "reinforce_loo":
        return problem.leave_one_out(int(params["n"]))
    if id == "st":
        return problem.straight_through(number(1), number(params["tau"]))
    if id == "dst":
        return problem.straight_through(number(params["tau_f"]), number(params["tau_b"]))
    if id == "reinmax":
        return problem.reinmax(number(params["tau"]))
    return None


def hard_setting(id, params):
    one = number(1)
    if id in ("stgs", "dstgs"):
        tau = number(params["tau"] if id == "stgs" else params["tau_b"])
        return ("sum", tau), (one, 1 / tau, number(0), 1 / tau)
    if id == "dstgs_scaled_logits":
        tf, tb = number(params["tau_f"]), number(params["tau_b"])
        return ("logits", tf, tb), (tf, one, 1 / tb - 1 / tf, 1 / tb)
    return None


def soft_setting(id, params):
    if id == "gs":
        return number(params["tau"]), number(params["tau"])
    if id == "dgs":
        return number(params["tau_f"]), number(params["tau_b"])
    return None


def relative(found, truth):
    scale = max(abs(v) for v in truth)
    worst = max(abs(a - b) for a, b in zip(found, truth))
    return worst if scale == 0 else worst / scale


def text(value, digits=DIGITS):
    try:
        return f"{value:.{digits - 1}e}"
    except (TypeError, ValueError):
        return mp.nstr(value, digits, min_fixed=0, max_fixed=0, strip_zeros=False)


def recompute(field, log):
    problem = Problem(field)
    value, variance, gradient = problem.exact()
    hard, soft = {}, {}
    for row in field["estimators"]:
        setting = hard_setting(row["id"], row["params"])
        if setting:
            hard[setting[0]] = setting[1]
        setting = soft_setting(row["id"], row["params"])
        if setting:
            soft[setting] = setting
    rules = []
    for step in STEPS:
        rules.append((problem.hard(hard, step), problem.soft(soft, step)))
    change = number(0)
    for coarse, fine in zip(*rules):
        for key in fine:
            for a, b in zip(coarse[key], fine[key]):
                change = max(change, relative(a, b))
    rows, left, deviations = [], [], []
    for row in field["estimators"]:
        id, params = row["id"], row["params"]
        found = enumerated(problem, id, params)
        if found is None and hard_setting(id, params):
            found = rules[1][0].get(hard_setting(id, params)[0])
        if found is None and soft_setting(id, params):
            found = rules[1][1].get(soft_setting(id, params))
        if found is None:
            left.append({"id": id, "params": params})
            continue
        mean, var = found
        rows.append({
            "id": id, "params": params, "mean": [text(v) for v in mean],
            "var": [text(v) for v in var]})
        flat = lambda name: [number(v) for line in row[name] for v in line]
        # Rounding of a zero is measured against the estimates' own size.
        size = root(max(v + m * m for m, v in zip(mean, var)))
        off = max(
            max(abs(a - b) for a, b in zip(flat("mean"), mean)) / size,
            max(abs(a - b) for a, b in zip(flat("var"), var)) / size ** 2)
        deviations.append((off, id, params, row["method"]))
    deviations.sort(key=lambda entry: -entry[0])
    exact = field["exact"]
    own = max(
        abs(number(exact["value"]) - value) / max(abs(value), root(variance)),
        abs(number(exact["value_var"]) - variance) / variance,
        relative([number(v) for line in exact["grad"] for v in line], gradient))
    log(f"{problem.name}: {len(rows)} rows, {len(left)} left, change {text(change, 3)}, file off by "
        f"{text(deviations[0][0], 3)} at {deviations[0][1:]}, exact {text(own, 3)}")
    return {
        "name": problem.name, "value": text(value), "value_var": text(variance),
        "grad": [text(v) for v in gradient], "change_of_quadrature": text(change, 2),
        "file_off_by": {
            "exact": text(own, 2), "rows": text(deviations[0][0], 2),
            "worst": {"id": deviations[0][1], "params": deviations[0][2]}},
        "rows": rows, "not_covered": left}


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def main(folders):
    log = lambda line: print(line, file=sys.stderr, flush=True)
    own = os.path.abspath(__file__)
    files = {}
    for name in FILES:
        path = next(
            p for p in (os.path.join(folder, name) for folder in folders) if os.path.exists(p))
        with open(path) as file:
            problems = json.load(file)["problems"]
        files[name] = {
            "sha256": digest(path), "problems": [recompute(field, log) for field in problems]}
    document = {
        "format": "gradfid-arbiter/1", "script": os.path.basename(own),
        "script_sha256": digest(own), "digits": DIGITS, "files": files}
    lines = json.dumps(document).replace('{"id"', '\n{"id"').replace('{"name"', '\n{"name"')
    with open(os.path.join(os.path.dirname(own), "arbiter.json"), "w") as file:
        file.write(lines + "\n")


if __name__ == "__main__":
    main(sys.argv[1:] or ["."])
