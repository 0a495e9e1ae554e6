// What a category that does not win adds to V: the inner integrals of the softmax quadratures.
#pragma once

#include <math.h>
#include <stdint.h>

#include "softmax_moments.h"

// Quadrature, not sampling: fused multiply-adds are welcome.
#pragma STDC FP_CONTRACT ON

#define LANES GF_MOMENT_LANES
#define INLINE static inline __attribute__((always_inline))

typedef double Lanes __attribute__((vector_size(8 * LANES), aligned(8), may_alias));
typedef int64_t Bits __attribute__((vector_size(8 * LANES), aligned(8), may_alias));

#define LOAD(from) (*(const Lanes *)(from))
#define STORE(to, value) (*(Lanes *)(to) = (value))

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

// v = c r^alpha at every node of E, r = p t / (p t + E); in the log domain where p t or c leaves the
// range of a double. Above e^300, v only serves to make e^{-uv} vanish.
INLINE void loser_values(
    double log_pt, double log_c, double alpha, int e_count, const double *e, double *v) {
  const double pt = exp(log_pt), c = exp(log_c);
  const int extreme = log_pt < -300 || log_c > 300;
  for (int m = 0; m < e_count; m++) {
    const double sum = pt + e[m];
    if (extreme) {
      v[m] = exp(fmin(300, log_c + alpha * (log_pt - log(sum))));
    } else {
      v[m] = alpha == 1 ? c * (pt / sum) : c * pow(pt / sum, alpha);
    }
  }
}

// moments[j] = E[(uv)^j e^{-uv}], j = 0 to 4, at a vector of u.
INLINE void loser_integrals(
    const Lanes *u, const double *v, int e_count, const double *e_weights, Lanes *moments) {
  Lanes m0 = {}, m1 = {}, m2 = {}, m3 = {}, m4 = {};
  for (int m = 0; m < e_count; m++) {
    const Lanes y = *u * v[m];
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
  moments[0] = m0;
  moments[1] = m1;
  moments[2] = m2;
  moments[3] = m3;
  moments[4] = m4;
}

// Divides moments 1 to 4 by moment 0. Where that underflows the whole node vanishes; the floor keeps
// the ratios finite.
INLINE void loser_ratios(Lanes *moments) {
  const Bits tiny = moments[0] < 1e-290;
  const Lanes divisor =
      (Lanes)(((Bits)moments[0] & ~tiny) | ((Bits)((Lanes){} + 1e-290) & tiny));
  for (int order = 1; order < 5; order++) moments[order] = moments[order] / divisor;
}
