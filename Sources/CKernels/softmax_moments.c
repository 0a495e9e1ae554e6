#include "softmax_moments.h"

#include <math.h>
#include <string.h>

#include "levels.h"
#include "loser_integral.h"

size_t gf_softmax_moments_count(int categories) {
  const size_t k = (size_t)categories;
  return k * (k + 1) / 2 * (k + 2) / 3 * (k + 3) / 4;
}

size_t gf_softmax_moments_scratch(int categories, int e_count) {
  const size_t k = (size_t)categories;
  return (k + 1) * (size_t)e_count + 5 * LANES * k + LANES * gf_softmax_moments_count(categories);
}

INLINE void body(
    int K, int x, const double *log_p, const double *log_c, double alpha, int t_count,
    const double *log_t, const double *t_weights, int e_count, const double *log_e,
    const double *e_weights, int u_count, const double *u, double u_step, double *out,
    double *scratch) {
  double *exponentials = scratch;           // [e_count]
  double *v = exponentials + e_count;       // [K][e_count]
  double *ratio = v + (size_t)K * e_count;  // [K][5][LANES]; order 0 holds E[e^{-uv}] itself
  double *sums = ratio + (size_t)5 * LANES * K;
  const size_t count = gf_softmax_moments_count(K);
  memset(sums, 0, count * LANES * sizeof *sums);

  for (int m = 0; m < e_count; m++) exponentials[m] = exp(log_e[m]);
  for (int t = 0; t < t_count; t++) {
    for (int i = 0; i < K; i++) {
      if (i == x) continue;
      loser_values(
          log_p[i] + log_t[t], log_c[i], alpha, e_count, exponentials, v + (size_t)i * e_count);
    }
    for (int from = 0; from < u_count; from += LANES) {
      const Lanes us = LOAD(u + from);
      Lanes base = (Lanes){} + t_weights[t] * u_step / 6.0;
      for (int i = 0; i < K; i++) {
        Lanes m[5];
        if (i == x) {
          const Lanes y = us * exp(log_c[i]);
          EXPONENTIAL(m[0], -y);
          for (int order = 1; order < 5; order++) m[order] = m[order - 1] * y;
        } else {
          loser_integrals(&us, v + (size_t)i * e_count, e_count, e_weights, m);
        }
        base = base * m[0];
        loser_ratios(m);
        double *r = ratio + (size_t)5 * LANES * i;
        for (int order = 1; order < 5; order++) STORE(r + order * LANES, m[order]);
      }
      double *sum = sums;
#define RATIO(i, order) LOAD(ratio + (size_t)5 * LANES * (i) + (order) * LANES)
      for (int i = 0; i < K; i++) {
        const Lanes one = base * RATIO(i, 1), two = base * RATIO(i, 2), three = base * RATIO(i, 3);
        for (int j = i; j < K; j++) {
          const Lanes pair = j == i ? two : one * RATIO(j, 1);
          for (int k = j; k < K; k++) {
            Lanes triple, quad;
            if (k > j) {
              triple = pair * RATIO(k, 1);
              quad = pair * RATIO(k, 2);
            } else if (j > i) {
              triple = one * RATIO(k, 2);
              quad = one * RATIO(k, 3);
            } else {
              triple = three;
              quad = base * RATIO(k, 4);
            }
            STORE(sum, LOAD(sum) + quad);
            sum += LANES;
            for (int l = k + 1; l < K; l++) {
              STORE(sum, LOAD(sum) + triple * RATIO(l, 1));
              sum += LANES;
            }
          }
        }
      }
#undef RATIO
    }
  }
  for (size_t index = 0; index < count; index++) {
    double total = 0;
    for (int lane = 0; lane < LANES; lane++) total += sums[index * LANES + lane];
    out[index] = total;
  }
}

#define ARGUMENTS                                                                              \
  categories, winner, log_p, log_c, alpha, t_count, log_t, t_weights, e_count, log_e, e_weights, \
      u_count, u, u_step, out, scratch
#define PARAMETERS                                                                        \
  int categories, int winner, const double *log_p, const double *log_c, double alpha,     \
      int t_count, const double *log_t, const double *t_weights, int e_count,             \
      const double *log_e, const double *e_weights, int u_count, const double *u, double u_step, \
      double *out, double *scratch

#define BODIES(level, target) \
  target static void moments_##level(PARAMETERS) { body(ARGUMENTS); }

AT_EACH_LEVEL(BODIES)

void gf_softmax_moments(PARAMETERS) { DISPATCH_BY_CPU(moments, ARGUMENTS) }
