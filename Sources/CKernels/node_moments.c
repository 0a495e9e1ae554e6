#include "node_moments.h"

#include <string.h>

#include "levels.h"
#include "loser_integral.h"

INLINE void ratios_body(
    int K, const double *log_p, const double *log_c, double alpha, int t_count,
    const double *log_t, int e_count, const double *e, const double *e_weights, int u_count,
    const double *u, double *out, double *v) {
  const size_t nodes = (size_t)t_count * (size_t)u_count;
  for (int i = 0; i < K; i++) {
    for (int t = 0; t < t_count; t++) {
      loser_values(log_p[i] + log_t[t], log_c[i], alpha, e_count, e, v);
      for (int from = 0; from < u_count; from += LANES) {
        const Lanes us = LOAD(u + from);
        Lanes m[5];
        loser_integrals(&us, v, e_count, e_weights, m);
        loser_ratios(m);
        for (int lane = 0; lane < LANES; lane++) {
          const size_t node = (size_t)t * (size_t)u_count + (size_t)(from + lane);
          out[node * (size_t)K + (size_t)i] = log(fmax(m[0][lane], 1e-290));
          for (size_t order = 1; order < 5; order++) {
            out[(order * nodes + node) * (size_t)K + (size_t)i] = m[order][lane];
          }
        }
      }
    }
  }
}

// E[W^4] of W = sum w_i with independent terms, from their cumulants.
INLINE double fourth_moment(
    int K, const double *a, const double *b, const double *c, const double *d) {
  double mean = 0, second = 0, third = 0, fourth = 0;
  for (int i = 0; i < K; i++) {
    const double variance = b[i] - a[i] * a[i];
    mean += a[i];
    second += variance;
    third += c[i] - 3 * a[i] * b[i] + 2 * a[i] * a[i] * a[i];
    fourth += d[i] - 4 * a[i] * c[i] + 6 * a[i] * a[i] * b[i] - 3 * a[i] * a[i] * a[i] * a[i]
              - 3 * variance * variance;
  }
  return mean * mean * mean * mean + 6 * mean * mean * second + 4 * mean * third
         + 3 * second * second + fourth;
}

// Row i of E[w_i w_j W^2] and of the sandwich over j > i. With W' and (Mw)' the sums without i and j,
// whose means and covariances follow from those over all by subtraction, every product of up to four
// factors is one of moments up to third order of w_i and w_j.
INLINE void add_row(
    int K, int i, double weight, const double *restrict a, const double *restrict b,
    const double *restrict c, const double *restrict variance, double mean, double spread,
    double *restrict pairs) {
  for (int j = i + 1; j < K; j++) {
    const double rest = mean - a[i] - a[j], other = spread - variance[i] - variance[j];
    const double aa = a[i] * a[j], mixed = b[i] * a[j] + a[i] * b[j];
    pairs[j] += weight
                * (c[i] * a[j] + a[i] * c[j] + 2 * b[i] * b[j] + aa * (rest * rest + other)
                   + 2 * rest * mixed);
  }
}

INLINE void add_sandwich_row(
    int K, int i, double weight, const double *restrict a, const double *restrict b,
    const double *restrict variance, double mean, double spread, const double *restrict M,
    const double *restrict diagonal, const double *restrict Ma, const double *restrict Mv,
    double form, double *restrict sandwich) {
  const double *row = M + (size_t)i * (size_t)K;
  const double ai = a[i], bi = b[i], vi = variance[i], own = diagonal[i];
  for (int j = i + 1; j < K; j++) {
    const double aj = a[j], bj = b[j], vj = variance[j], m = row[j], other = diagonal[j];
    const double rest = mean - ai - aj, free = spread - vi - vj;
    const double aa = ai * aj, bb = bi * bj, ba = bi * aj, ab = ai * bj;
    // Means of (Mw)'_i and (Mw)'_j, and their covariances with W'.
    const double pi = Ma[i] - own * ai - m * aj, pj = Ma[j] - other * aj - m * ai;
    const double ci = Mv[i] - own * vi - m * vj, cj = Mv[j] - other * vj - m * vi;
    // E[w'^T M w'].
    const double q = form - 2 * ai * Ma[i] - 2 * aj * Ma[j] + own * (ai * ai - vi)
                     + other * (aj * aj - vj) + 2 * m * aa;
    sandwich[j] += weight
                   * (m * (2 * bb + aa * (rest * rest + free) + rest * (ba + ab))
                      - own * (bb + rest * ba) - other * (bb + rest * ab) + (ba - ab) * (pi - pj)
                      - aa * (rest * (pi + pj) + ci + cj - q));
  }
}

INLINE void sums_body(
    int K, int x, double c_x, int t_count, const double *t_weights, int u_count, const double *u,
    const double *ratios, double negligible, const double *matrix, double *pairs,
    double *sandwich, double *scratch) {
  const size_t k = (size_t)K, nodes = (size_t)t_count * (size_t)u_count;
  double *weights = scratch, *a = weights + nodes, *b = a + k, *c = b + k, *d = c + k;
  double *variance = d + k, *Ma = variance + k, *Mv = Ma + k, *diagonal = Mv + k;
#define ORDER(j, node) (ratios + ((size_t)(j)*nodes + (node)) * k)
#define TAKE(node)                                               \
  const double y = u[(node) % (size_t)u_count] * c_x;            \
  memcpy(a, ORDER(1, node), k * sizeof *a);                      \
  memcpy(b, ORDER(2, node), k * sizeof *b);                      \
  memcpy(c, ORDER(3, node), k * sizeof *c);                      \
  memcpy(d, ORDER(4, node), k * sizeof *d);                      \
  a[x] = y;                                                      \
  b[x] = y * y;                                                  \
  c[x] = y * y * y;                                              \
  d[x] = (y * y) * (y * y);
  // The share of each node in the probability: the moments of all four orders add up to it.
  double total = 0;
  for (size_t node = 0; node < nodes; node++) {
    TAKE(node)
    const double *logs = ORDER(0, node);
    double exponent = -y;
    for (int i = 0; i < K; i++) exponent += i == x ? 0 : logs[i];
    const double weight = exponent < -700 ? 0 : t_weights[node / (size_t)u_count] * exp(exponent);
    weights[node] = weight;
    total += weight == 0 ? 0 : weight * fourth_moment(K, a, b, c, d);
  }
  if (pairs) memset(pairs, 0, k * k * sizeof *pairs);
  if (sandwich) memset(sandwich, 0, k * k * sizeof *sandwich);
  if (!(total > 0)) return;
  if (matrix) {
    for (int i = 0; i < K; i++) diagonal[i] = matrix[(size_t)i * (k + 1)];
  }
  for (size_t node = 0; node < nodes; node++) {
    if (weights[node] == 0) continue;
    TAKE(node)
    if (weights[node] * fourth_moment(K, a, b, c, d) < negligible * total) continue;
    const double weight = weights[node] / total;
    double mean = 0, spread = 0;
    for (int i = 0; i < K; i++) {
      variance[i] = b[i] - a[i] * a[i];
      mean += a[i];
      spread += variance[i];
    }
    if (pairs) {
      for (int i = 0; i < K; i++) {
        add_row(K, i, weight, a, b, c, variance, mean, spread, pairs + (size_t)i * k);
      }
    }
    if (!matrix || !sandwich) continue;
    memset(Ma, 0, k * sizeof *Ma);
    memset(Mv, 0, k * sizeof *Mv);
    double form = 0;
    for (int l = 0; l < K; l++) {
      const double *row = matrix + (size_t)l * k;
      for (int i = 0; i < K; i++) {
        Ma[i] += row[i] * a[l];
        Mv[i] += row[i] * variance[l];
      }
    }
    for (int i = 0; i < K; i++) form += a[i] * Ma[i] + diagonal[i] * variance[i];
    for (int i = 0; i < K; i++) {
      add_sandwich_row(
          K, i, weight, a, b, variance, mean, spread, matrix, diagonal, Ma, Mv, form,
          sandwich + (size_t)i * k);
    }
  }
#undef TAKE
#undef ORDER
  for (int i = 0; i < K; i++) {
    for (int j = i + 1; j < K; j++) {
      if (pairs) pairs[(size_t)j * k + (size_t)i] = pairs[(size_t)i * k + (size_t)j];
      if (sandwich) sandwich[(size_t)j * k + (size_t)i] = sandwich[(size_t)i * k + (size_t)j];
    }
  }
}

size_t gf_node_sums_scratch(int categories, int t_count, int u_count) {
  return (size_t)t_count * (size_t)u_count + 8 * (size_t)categories;
}

#define RATIO_ARGUMENTS \
  categories, log_p, log_c, alpha, t_count, log_t, e_count, e, e_weights, u_count, u, out, v
#define RATIO_PARAMETERS                                                                    \
  int categories, const double *log_p, const double *log_c, double alpha, int t_count,      \
      const double *log_t, int e_count, const double *e, const double *e_weights, int u_count, \
      const double *u, double *out, double *v
#define SUM_ARGUMENTS                                                                          \
  categories, winner, winner_value, t_count, t_weights, u_count, u, ratios, negligible, matrix, \
      pairs, sandwich, scratch
#define SUM_PARAMETERS                                                                        \
  int categories, int winner, double winner_value, int t_count, const double *t_weights,      \
      int u_count, const double *u, const double *ratios, double negligible, const double *matrix, \
      double *pairs, double *sandwich, double *scratch

#define BODIES(level, target)                                                         \
  target static void ratios_##level(RATIO_PARAMETERS) { ratios_body(RATIO_ARGUMENTS); } \
  target static void sums_##level(SUM_PARAMETERS) { sums_body(SUM_ARGUMENTS); }

AT_EACH_LEVEL(BODIES)

void gf_node_ratios(RATIO_PARAMETERS) { DISPATCH_BY_CPU(ratios, RATIO_ARGUMENTS) }

void gf_node_sums(SUM_PARAMETERS) { DISPATCH_BY_CPU(sums, SUM_ARGUMENTS) }
