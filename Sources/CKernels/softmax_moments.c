#include "softmax_moments.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "levels.h"

// Quadrature, not sampling: fused multiply-adds are welcome.
#pragma STDC FP_CONTRACT ON

#define LANES GF_MOMENT_LANES
#define INLINE static inline __attribute__((always_inline))

typedef double Lanes __attribute__((vector_size(8 * LANES), aligned(8), may_alias));
typedef int64_t Bits __attribute__((vector_size(8 * LANES), aligned(8), may_alias));

// e^x for x <= 0, about 1e-14; 0 below -700. Round by adding 1.5 * 2^52, then a Taylor polynomial
// on |r| <= ln(2) / 2.
#define EXPONENTIAL(result, x)                                                  \
  do {                                                                          \
    const Lanes value = (x);                                                    \
    const Bits low = value < -700.0;                                            \
    const Lanes magic = (Lanes){} + 0x1.8p52;                                   \
    const Lanes safe = (Lanes)(((Bits)value & ~low));                           \
    const Lanes shifted = safe * 0x1.71547652b82fep0 + magic;                   \
    const Lanes n = shifted - magic;                                            \
    const Lanes r = (safe - n * 0x1.62e42fee00000p-1) - n * 0x1.a39ef35793c76p-33; \
    Lanes p = (Lanes){} + 2.505210838544172e-08;                                \
    p = p * r + 2.755731922398589e-07;                                          \
    p = p * r + 2.7557319223985893e-06;                                         \
    p = p * r + 2.48015873015873e-05;                                           \
    p = p * r + 1.984126984126984e-04;                                          \
    p = p * r + 1.388888888888889e-03;                                          \
    p = p * r + 8.333333333333333e-03;                                          \
    p = p * r + 4.1666666666666664e-02;                                         \
    p = p * r + 1.6666666666666666e-01;                                         \
    p = p * r + 0.5;                                                            \
    p = p * r + 1.0;                                                            \
    p = p * r + 1.0;                                                            \
    const Bits power = (((Bits)shifted - (Bits)magic) + 1023) << 52;            \
    (result) = (Lanes)((Bits)(p * (Lanes)power) & ~low);                        \
  } while (0)

#define LOAD(from) (*(const Lanes *)(from))
#define STORE(to, value) (*(Lanes *)(to) = (value))

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
      // r = p t / (p t + E); in the log domain where p t or c leaves the range of a double. Above
      // e^300, v only serves to make e^{-uv} vanish.
      const double log_pt = log_p[i] + log_t[t], pt = exp(log_pt), c = exp(log_c[i]);
      const int extreme = log_pt < -300 || log_c[i] > 300;
      for (int m = 0; m < e_count; m++) {
        const double sum = pt + exponentials[m];
        double value;
        if (extreme) {
          value = exp(fmin(300, log_c[i] + alpha * (log_pt - log(sum))));
        } else {
          value = alpha == 1 ? c * (pt / sum) : c * pow(pt / sum, alpha);
        }
        v[(size_t)i * e_count + m] = value;
      }
    }
    for (int from = 0; from < u_count; from += LANES) {
      const Lanes us = LOAD(u + from);
      Lanes base = (Lanes){} + t_weights[t] * u_step / 6.0;
      for (int i = 0; i < K; i++) {
        Lanes m0 = {}, m1 = {}, m2 = {}, m3 = {}, m4 = {};
        if (i == x) {
          const Lanes y = us * exp(log_c[i]);
          EXPONENTIAL(m0, -y);
          m1 = m0 * y;
          m2 = m1 * y;
          m3 = m2 * y;
          m4 = m3 * y;
        } else {
          for (int m = 0; m < e_count; m++) {
            const Lanes y = us * v[(size_t)i * e_count + m];
            Lanes w;
            EXPONENTIAL(w, -y);
            w = w * e_weights[m];
            m0 += w;
            w = w * y;
            m1 += w;
            w = w * y;
            m2 += w;
            w = w * y;
            m3 += w;
            m4 += w * y;
          }
        }
        base = base * m0;
        // Where E[e^{-uv}] underflows the whole node vanishes; the floor keeps the ratio finite.
        const Bits tiny = m0 < 1e-290;
        const Lanes divisor = (Lanes)(((Bits)m0 & ~tiny) | ((Bits)((Lanes){} + 1e-290) & tiny));
        double *r = ratio + (size_t)5 * LANES * i;
        STORE(r + LANES, m1 / divisor);
        STORE(r + 2 * LANES, m2 / divisor);
        STORE(r + 3 * LANES, m3 / divisor);
        STORE(r + 4 * LANES, m4 / divisor);
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

static void moments_base(PARAMETERS) { body(ARGUMENTS); }

#if defined(__x86_64__)
TARGET_V3 static void moments_v3(PARAMETERS) { body(ARGUMENTS); }
TARGET_V4 static void moments_v4(PARAMETERS) { body(ARGUMENTS); }
#endif

void gf_softmax_moments(PARAMETERS) { DISPATCH_BY_CPU(moments, ARGUMENTS) }
