#include "winner_moments.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "softmax_moments.h"

// Quadrature, not sampling: fused multiply-adds are welcome.
#pragma STDC FP_CONTRACT ON

#define LANES GF_WINNER_LANES
#define INLINE static inline __attribute__((always_inline))

typedef double Lanes __attribute__((vector_size(8 * LANES), aligned(8), may_alias));
typedef int64_t Bits __attribute__((vector_size(8 * LANES), aligned(8), may_alias));

#define LOAD(from) (*(const Lanes *)(from))
#define STORE(to, value) (*(Lanes *)(to) = (value))

// e^x for -700 <= x <= 0, about 2e-10 relative. Round by adding 1.5 * 2^52, then a Taylor
// polynomial on |r| <= ln(2) / 2.
INLINE Lanes exponential(Lanes x) {
  const Lanes magic = (Lanes){} + 0x1.8p52;
  const Lanes shifted = x * 0x1.71547652b82fep0 + magic;
  const Lanes n = shifted - magic;
  const Lanes r = x - n * 0x1.62e42fefa39efp-1;
  Lanes p = (Lanes){} + 2.48015873015873e-05;
  p = p * r + 1.984126984126984e-04;
  p = p * r + 1.388888888888889e-03;
  p = p * r + 8.333333333333333e-03;
  p = p * r + 4.1666666666666664e-02;
  p = p * r + 1.6666666666666666e-01;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  const Bits power = (((Bits)shifted - (Bits)magic) + 1023) << 52;
  return p * (Lanes)power;
}

int gf_winner_stride(int categories) { return (categories + LANES - 1) / LANES * LANES; }

// Where each array starts in the scratch space; `nodes` = t_count * u_count.
typedef struct {
  size_t nodes, power, base, losers, ratio, prefix, total;
} Layout;

INLINE Layout layout_of(size_t k, size_t t_count, size_t e_count, size_t u_count) {
  Layout at;
  at.nodes = t_count * u_count;
  at.power = 0;                              // v [e_count][t_count] of one category, and its e
  at.base = at.power + e_count * (t_count + 1);
  at.losers = at.base + at.nodes;            // per category: E[e^{-uv}], then the ratios 1 to 4
  at.ratio = at.losers + 5 * k * at.nodes;   // [4][k][nodes]: the ratios, the winner's included
  at.prefix = at.ratio + 4 * k * at.nodes;   // base times one and times two factors, then sums
  at.total = at.prefix + 3 * at.nodes + LANES * gf_softmax_moments_count((int)k);
  return at;
}

size_t gf_winner_moments_scratch(int categories, int t_count, int e_count, int u_count) {
  return layout_of((size_t)categories, (size_t)t_count, (size_t)e_count, (size_t)u_count).total;
}

// sums[0] += sum lead * next, then sums[1 + l] += sum lead * middle * last[l] for `count` arrays.
INLINE void accumulate(
    size_t nodes, const double *lead, const double *middle, const double *next, const double *last,
    int count, double *sums) {
  Lanes own = {}, sum[8] = {};
  for (size_t node = 0; node < nodes; node += LANES) {
    const Lanes factor = LOAD(lead + node);
    const Lanes triple = factor * LOAD(middle + node);
    if (next) own += factor * LOAD(next + node);
#pragma clang loop unroll(full)
    for (int l = 0; l < count; l++) sum[l] += triple * LOAD(last + (size_t)l * nodes + node);
  }
  if (next) STORE(sums, own);
  for (int l = 0; l < count; l++) STORE(sums + (size_t)(l + 1) * LANES, sum[l]);
}

// The same for any count: in blocks whose sums stay in registers.
INLINE void accumulate_all(
    size_t nodes, const double *lead, const double *middle, const double *next, const double *last,
    int count, double *sums) {
#define BLOCK(n) \
  case n: accumulate(nodes, lead, middle, next, last, n, sums); break;
  for (int done = 0; done == 0 || done < count; done += 8) {
    const int part = count - done < 8 ? count - done : 8;
    switch (part) {
      BLOCK(0) BLOCK(1) BLOCK(2) BLOCK(3) BLOCK(4) BLOCK(5) BLOCK(6) BLOCK(7) BLOCK(8)
    }
    next = 0;
    last += 8 * nodes;
    sums += (size_t)8 * LANES;
  }
#undef BLOCK
}

INLINE void multiply(size_t nodes, const double *a, const double *b, double *out) {
  for (size_t node = 0; node < nodes; node += LANES) {
    STORE(out + node, LOAD(a + node) * LOAD(b + node));
  }
}

// E[e^{-uv}] and the ratios E[(uv)^j e^{-uv}] / E[e^{-uv}], j = 1 to 4, of a category as a loser.
INLINE void loser(
    double log_p, double log_c, double alpha, int t_count, const double *log_t, int e_count,
    const double *log_e, const double *e_weights, int u_count, const double *u, double *v,
    double *out) {
  const size_t nodes = (size_t)t_count * (size_t)u_count;
  double *exponentials = v + (size_t)e_count * (size_t)t_count;
  for (int m = 0; m < e_count; m++) exponentials[m] = exp(log_e[m]);
  const double c = exp(log_c);
  for (int t = 0; t < t_count; t++) {
    // r = p t / (p t + E); in the log domain where p t or c leaves the range of a double. Above
    // e^300, v only serves to make e^{-uv} vanish.
    const double log_pt = log_p + log_t[t], pt = exp(log_pt);
    const int extreme = log_pt < -300 || log_c > 300;
    for (int m = 0; m < e_count; m++) {
      const double sum = pt + exponentials[m];
      double value;
      if (extreme) {
        value = exp(fmin(300, log_c + alpha * (log_pt - log(sum))));
      } else {
        value = alpha == 1 ? c * (pt / sum) : c * pow(pt / sum, alpha);
      }
      v[(size_t)m * t_count + t] = value;
    }
  }
  for (int k = 0; k < u_count; k++) {
    for (int t = 0; t < t_count; t += LANES) {
      Lanes m0 = {}, m1 = {}, m2 = {}, m3 = {}, m4 = {};
      for (int m = 0; m < e_count; m++) {
        // e^{-700} is as good as 0, and keeps the powers finite.
        Lanes y = u[k] * LOAD(v + (size_t)m * t_count + t);
        const Bits large = y > 700.0;
        y = (Lanes)(((Bits)y & ~large) | ((Bits)((Lanes){} + 700.0) & large));
        Lanes w = exponential(-y) * e_weights[m];
        const Lanes square = y * y;
        m0 += w;
        m1 += w * y;
        w = w * square;
        m2 += w;
        m3 += w * y;
        m4 += w * square;
      }
      // Where E[e^{-uv}] underflows the whole node vanishes; the floor keeps the ratio finite.
      const Bits tiny = m0 < 1e-290;
      const Lanes divisor = (Lanes)(((Bits)m0 & ~tiny) | ((Bits)((Lanes){} + 1e-290) & tiny));
      const Lanes inverse = 1.0 / divisor;
      double *node = out + (size_t)k * t_count + t;
      STORE(node, m0);
      STORE(node + nodes, m1 * inverse);
      STORE(node + 2 * nodes, m2 * inverse);
      STORE(node + 3 * nodes, m3 * inverse);
      STORE(node + 4 * nodes, m4 * inverse);
    }
  }
}

INLINE void body(
    int K, const double *log_p, const double *log_c, double alpha, double least_log_p, int t_count,
    const double *log_t, const double *t_weights, int e_count, const double *log_e,
    const double *e_weights, int u_count, const double *u, const double *u_weights, double *out,
    double *scratch) {
  const Layout at = layout_of((size_t)K, (size_t)t_count, (size_t)e_count, (size_t)u_count);
  const size_t nodes = at.nodes, count = gf_softmax_moments_count(K);
  const size_t stride = (size_t)gf_winner_stride(K);
  double *base = scratch + at.base, *losers = scratch + at.losers;
  double *ratio = scratch + at.ratio;
  double *one = scratch + at.prefix, *two = one + nodes, *three = two + nodes;
  double *sums = three + nodes;
  memset(out, 0, count * stride * sizeof *out);
  for (int i = 0; i < K; i++) {
    double *own = losers + (size_t)i * 5 * nodes;
    loser(
        log_p[i], log_c[i], alpha, t_count, log_t, e_count, log_e, e_weights, u_count, u,
        scratch + at.power, own);
    for (size_t order = 0; order < 4; order++) {
      memcpy(
          ratio + (order * K + i) * nodes, own + (order + 1) * nodes, nodes * sizeof *own);
    }
  }
  for (int x = 0; x < K; x++) {
    if (!(log_p[x] > least_log_p)) continue;
    const double c = exp(fmin(300, log_c[x]));
    for (int k = 0; k < u_count; k++) {
      const double y = u[k] * c, value = exp(-y) * u_weights[k];
      for (int t = 0; t < t_count; t++) {
        const size_t node = (size_t)k * t_count + t;
        base[node] = value * t_weights[t];
        ratio[(0 * (size_t)K + x) * nodes + node] = y;
        ratio[(1 * (size_t)K + x) * nodes + node] = y * y;
        ratio[(2 * (size_t)K + x) * nodes + node] = y * y * y;
        ratio[(3 * (size_t)K + x) * nodes + node] = y * y * y * y;
      }
    }
    for (int i = 0; i < K; i++) {
      if (i != x) multiply(nodes, base, losers + (size_t)i * 5 * nodes, base);
    }
    double *sum = sums;
#define RATIO(i, order) (ratio + ((size_t)((order) - 1) * K + (i)) * nodes)
#define ROW(lead, k, order)                                                                    \
  do {                                                                                         \
    accumulate_all(                                                                            \
        nodes, lead, RATIO(k, order), RATIO(k, (order) + 1), RATIO((k) + 1, 1), K - 1 - (k), sum); \
    sum += (size_t)(K - (k)) * LANES;                                                          \
  } while (0)
    for (int i = 0; i < K; i++) {
      multiply(nodes, base, RATIO(i, 1), one);
      multiply(nodes, base, RATIO(i, 2), two);
      ROW(base, i, 3);
      for (int k = i + 1; k < K; k++) ROW(two, k, 1);
      for (int j = i + 1; j < K; j++) {
        ROW(one, j, 2);
        multiply(nodes, one, RATIO(j, 1), three);
        for (int k = j + 1; k < K; k++) ROW(three, k, 1);
      }
    }
#undef ROW
    // The entries of a winner add up to 1 with their multiplicities.
    double total = 0;
    size_t entry = 0;
    for (int i = 0; i < K; i++) {
      for (int j = i; j < K; j++) {
        for (int k = j; k < K; k++) {
          for (int l = k; l < K; l++, entry++) {
            double value = 0;
            for (int lane = 0; lane < LANES; lane++) value += sums[entry * LANES + lane];
            out[entry * stride + x] = value;
            // 24 over the factorials of the runs of equal indices.
            const int same = (i == j) + (j == k) + (k == l);
            const double ways = same == 0   ? 24
                                : same == 1 ? 12
                                : same == 3 ? 1
                                : j == k    ? 4
                                            : 6;
            total += ways * value;
          }
        }
      }
    }
    const double scale = total > 0 ? 1 / total : 0;
    for (entry = 0; entry < count; entry++) out[entry * stride + x] *= scale;
    for (size_t order = 0; order < 4; order++) {
      memcpy(
          RATIO(x, order + 1), losers + ((size_t)x * 5 + order + 1) * nodes, nodes * sizeof *out);
    }
#undef RATIO
  }
}

// Adds what each sorted entry says about every pair among its four indices.
INLINE void pairs_body(int K, int stride, const double *sorted, double *pairs) {
  memset(pairs, 0, sizeof *pairs * (size_t)K * K * stride);
#define PAIR(i, j) (pairs + ((size_t)(i) * K + (j)) * stride + lane)
#define ADD(i, j, factor) STORE(PAIR(i, j), LOAD(PAIR(i, j)) + (factor) * value)
  for (int lane = 0; lane < stride; lane += LANES) {
    const double *entry = sorted + lane;
    for (int i = 0; i < K; i++) {
      for (int j = i; j < K; j++) {
        for (int k = j; k < K; k++) {
          for (int l = k; l < K; l++, entry += stride) {
            const Lanes value = LOAD(entry);
            // E[s_a s_b] = sum over the orders of the other two.
            if (i == j && j == k && k == l) {
              ADD(i, i, 1.0);
            } else if (i == j && j == k) {
              ADD(i, i, 2.0);
              ADD(i, l, 1.0);
            } else if (j == k && k == l) {
              ADD(l, l, 2.0);
              ADD(i, l, 1.0);
            } else if (i == j && k == l) {
              ADD(i, i, 1.0);
              ADD(k, k, 1.0);
              ADD(i, k, 2.0);
            } else if (i == j) {
              ADD(i, i, 2.0);
              ADD(i, k, 2.0);
              ADD(i, l, 2.0);
              ADD(k, l, 1.0);
            } else if (j == k) {
              ADD(j, j, 2.0);
              ADD(i, j, 2.0);
              ADD(j, l, 2.0);
              ADD(i, l, 1.0);
            } else if (k == l) {
              ADD(k, k, 2.0);
              ADD(i, k, 2.0);
              ADD(j, k, 2.0);
              ADD(i, j, 1.0);
            } else {
              ADD(i, j, 2.0);
              ADD(i, k, 2.0);
              ADD(i, l, 2.0);
              ADD(j, k, 2.0);
              ADD(j, l, 2.0);
              ADD(k, l, 2.0);
            }
          }
        }
      }
    }
    for (int i = 0; i < K; i++) {
      for (int j = 0; j < i; j++) STORE(PAIR(i, j), LOAD(PAIR(j, i)));
    }
  }
#undef ADD
#undef PAIR
}

INLINE void sandwich_body(
    int K, int stride, const double *sorted, const double *matrices, double *out) {
  memset(out, 0, sizeof *out * (size_t)K * K * stride);
#define AT(array, i, j) ((array) + ((size_t)(i) * K + (j)) * stride + lane)
#define M(i, j) LOAD(AT(matrices, i, j))
#define ADD(i, j, term) STORE(AT(out, i, j), LOAD(AT(out, i, j)) + value * (term))
  for (int lane = 0; lane < stride; lane += LANES) {
    const double *entry = sorted + lane;
    for (int i = 0; i < K; i++) {
      for (int j = i; j < K; j++) {
        for (int k = j; k < K; k++) {
          for (int l = k; l < K; l++, entry += stride) {
            const Lanes value = LOAD(entry);
            // Entry ab of J M J is s_a s_b sum_cd s_c s_d (M_ab - M_cb - M_ad + M_cd): what each
            // pair a < b of the four indices gets from both orders of the other two. Three equal
            // indices give 0.
            if ((i == j && j == k) || (j == k && k == l)) continue;
            if (i == j && k == l) {
              ADD(i, k, 2.0 * M(i, k) - M(i, i) - M(k, k));
              continue;
            }
            if (i == j || j == k || k == l) {
              // a twice, b < c once each.
              const int a = i == j ? i : k;
              const int b = i == j ? k : i, c = k == l ? j : l;
              const Lanes term = M(a, b) + M(a, c) - M(b, c) - M(a, a);
              ADD(b, c, -term);
              ADD(a < b ? a : b, a < b ? b : a, term);
              ADD(a < c ? a : c, a < c ? c : a, term);
              continue;
            }
            const Lanes ij = M(i, j) + M(k, l), ik = M(i, k) + M(j, l), il = M(i, l) + M(j, k);
            const Lanes all = ij + ik + il;
            const Lanes first = 3.0 * ij - all, second = 3.0 * ik - all, third = 3.0 * il - all;
            ADD(i, j, first);
            ADD(k, l, first);
            ADD(i, k, second);
            ADD(j, l, second);
            ADD(i, l, third);
            ADD(j, k, third);
          }
        }
      }
    }
    for (int i = 0; i < K; i++) {
      for (int j = 0; j < i; j++) STORE(AT(out, i, j), LOAD(AT(out, j, i)));
    }
  }
#undef ADD
#undef M
#undef AT
}

#define ARGUMENTS                                                                           \
  categories, log_p, log_c, alpha, least_log_p, t_count, log_t, t_weights, e_count, log_e,  \
      e_weights, u_count, u, u_weights, out, scratch
#define PARAMETERS                                                                          \
  int categories, const double *log_p, const double *log_c, double alpha, double least_log_p, \
      int t_count, const double *log_t, const double *t_weights, int e_count,               \
      const double *log_e, const double *e_weights, int u_count, const double *u,           \
      const double *u_weights, double *out, double *scratch
#define TABLE_PARAMETERS int categories, int stride, const double *sorted

static void moments_base(PARAMETERS) { body(ARGUMENTS); }
static void pairs_base(TABLE_PARAMETERS, double *pairs) {
  pairs_body(categories, stride, sorted, pairs);
}
static void sandwich_base(TABLE_PARAMETERS, const double *matrices, double *out) {
  sandwich_body(categories, stride, sorted, matrices, out);
}

#if defined(__x86_64__)
#define V3 __attribute__((target("arch=x86-64-v3")))
#define V4                                                                                  \
  __attribute__((target(                                                                    \
      "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx2,fma,bmi,bmi2,f16c,lzcnt,movbe,popcnt")))

V3 static void moments_v3(PARAMETERS) { body(ARGUMENTS); }
V4 static void moments_v4(PARAMETERS) { body(ARGUMENTS); }
V3 static void pairs_v3(TABLE_PARAMETERS, double *pairs) {
  pairs_body(categories, stride, sorted, pairs);
}
V4 static void pairs_v4(TABLE_PARAMETERS, double *pairs) {
  pairs_body(categories, stride, sorted, pairs);
}
V3 static void sandwich_v3(TABLE_PARAMETERS, const double *matrices, double *out) {
  sandwich_body(categories, stride, sorted, matrices, out);
}
V4 static void sandwich_v4(TABLE_PARAMETERS, const double *matrices, double *out) {
  sandwich_body(categories, stride, sorted, matrices, out);
}

#define DISPATCH(name, ...)                    \
  __builtin_cpu_init();                        \
  if (__builtin_cpu_supports("x86-64-v4")) {   \
    name##_v4(__VA_ARGS__);                    \
  } else if (__builtin_cpu_supports("x86-64-v3")) { \
    name##_v3(__VA_ARGS__);                    \
  } else {                                     \
    name##_base(__VA_ARGS__);                  \
  }
#else
#define DISPATCH(name, ...) name##_base(__VA_ARGS__);
#endif

void gf_winner_moments(PARAMETERS) { DISPATCH(moments, ARGUMENTS) }

void gf_winner_pairs(TABLE_PARAMETERS, double *pairs) {
  DISPATCH(pairs, categories, stride, sorted, pairs)
}

void gf_winner_sandwich(TABLE_PARAMETERS, const double *matrices, double *out) {
  DISPATCH(sandwich, categories, stride, sorted, matrices, out)
}
