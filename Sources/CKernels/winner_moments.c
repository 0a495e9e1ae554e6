#include "winner_moments.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "levels.h"
#include "softmax_moments.h"

// Quadrature, not sampling: fused multiply-adds are welcome.
#pragma STDC FP_CONTRACT ON

#define LANES GF_WINNER_LANES
#define WIDE GF_WINNER_NODES
#define INLINE static inline __attribute__((always_inline))

typedef double Lanes __attribute__((vector_size(8 * LANES), aligned(8), may_alias));
typedef float Wide __attribute__((vector_size(4 * WIDE), aligned(4), may_alias));
typedef float Half __attribute__((vector_size(2 * WIDE), aligned(4), may_alias));
typedef float Quarter __attribute__((vector_size(WIDE), aligned(4), may_alias));
typedef int32_t WideBits __attribute__((vector_size(4 * WIDE), aligned(4), may_alias));

#define LOAD(from) (*(const Lanes *)(from))
#define STORE(to, value) (*(Lanes *)(to) = (value))
#define WIDE_LOAD(from) (*(const Wide *)(from))
#define WIDE_STORE(to, value) (*(Wide *)(to) = (value))

// The sums of a quarter of the lanes each: PARTS floats.
#define PARTS (WIDE / 4)
#define STORE_PARTS(to, sum)                                                                    \
  do {                                                                                          \
    const Half half = __builtin_shufflevector(sum, sum, 0, 1, 2, 3, 4, 5, 6, 7) +               \
                      __builtin_shufflevector(sum, sum, 8, 9, 10, 11, 12, 13, 14, 15);          \
    *(Quarter *)(to) = __builtin_shufflevector(half, half, 0, 1, 2, 3) +                        \
                       __builtin_shufflevector(half, half, 4, 5, 6, 7);                         \
  } while (0)

// Beyond this exponent of 1/2, above e^80, a term is as good as 0, and its powers are finite.
#define LARGEST 116.0f

// Numbers of a table [K][K] of all laws.
#define TABLE_SIZE \
  (GF_WINNER_CATEGORIES * GF_WINNER_CATEGORIES * ((GF_WINNER_CATEGORIES + LANES - 1) / LANES * LANES))

int gf_winner_stride(int categories) { return (categories + LANES - 1) / LANES * LANES; }

// Whole vectors of nodes.
INLINE size_t node_count(size_t t_count, size_t u_count) {
  return (t_count * u_count + WIDE - 1) / WIDE * WIDE;
}

// Where each array starts in the scratch space, in floats.
typedef struct {
  size_t nodes, v, u, weights, losers, ratio, saved, base, prefix, sums, total;
} Layout;

INLINE Layout layout_of(size_t k, size_t t_count, size_t e_count, size_t u_count) {
  Layout at;
  at.nodes = node_count(t_count, u_count);
  at.v = 0;                                 // [e_count][WIDE] of one category
  at.u = at.v + e_count * WIDE;             // [nodes]
  at.weights = at.u + at.nodes;             // [nodes]
  at.losers = at.weights + at.nodes;        // [k][nodes]: E[e^{-uv}]
  at.ratio = at.losers + k * at.nodes;      // [4][k][nodes]: E[(uv)^j e^{-uv}] / E[e^{-uv}]
  at.saved = at.ratio + 4 * k * at.nodes;   // [4][nodes]: the ratios of the winner as a loser
  at.base = at.saved + 4 * at.nodes;        // [nodes]
  at.prefix = at.base + at.nodes;           // [2][nodes]: base times one and two factors
  at.sums = at.prefix + 2 * at.nodes;       // [entries, padded][PARTS]
  at.total = at.sums + PARTS * (gf_softmax_moments_count((int)k) + WIDE);
  return at;
}

size_t gf_winner_moments_scratch(int categories, int t_count, int e_count, int u_count) {
  return layout_of((size_t)categories, (size_t)t_count, (size_t)e_count, (size_t)u_count).total;
}

// Cuts y >= 0 off at LARGEST and sets power to 2^{-y}: y is rounded by adding 1.5 * 2^23, and 2^r,
// |r| <= 1/2, is a polynomial with a level relative error of 8e-8. By pointers, as wide vectors are no
// arguments where they do not fit registers.
INLINE void halve(Wide *exponent, Wide *power) {
  const WideBits large = *exponent > LARGEST;
  const Wide y = (Wide)(((WideBits)*exponent & ~large) | ((WideBits)((Wide){} + LARGEST) & large));
  const Wide magic = (Wide){} + 0x1.8p23f;
  const Wide shifted = magic - y;
  const Wide r = (magic - shifted) - y;
  Wide p = (Wide){} + 1.327647145e-03f;
  p = p * r + 9.675541330e-03f;
  p = p * r + 5.550713275e-02f;
  p = p * r + 2.402211972e-01f;
  p = p * r + 6.931469671e-01f;
  p = p * r + 1.0f;
  *exponent = y;
  *power = (Wide)((WideBits)p + ((WideBits)shifted << 23));
}

INLINE void multiply(size_t nodes, const float *a, const float *b, float *out) {
  for (size_t node = 0; node < nodes; node += WIDE) {
    WIDE_STORE(out + node, WIDE_LOAD(a + node) * WIDE_LOAD(b + node));
  }
}

// sums[0] = sum lead * third, sums[1 + l] = sum lead * second * other[l] for `count` categories.
INLINE void sum_part_row(
    size_t nodes, const float *lead, const float *second, const float *third, const float *other,
    int count, float *sums) {
  Wide own = {}, sum[8] = {};
  for (size_t node = 0; node < nodes; node += WIDE) {
    const Wide factor = WIDE_LOAD(lead + node), product = factor * WIDE_LOAD(second + node);
    if (third) own += factor * WIDE_LOAD(third + node);
#pragma clang loop unroll(full)
    for (int l = 0; l < count; l++) {
      sum[l] += product * WIDE_LOAD(other + (size_t)l * nodes + node);
    }
  }
  if (third) STORE_PARTS(sums, own);
#pragma clang loop unroll(full)
  for (int l = 0; l < count; l++) STORE_PARTS(sums + (size_t)(l + 1) * PARTS, sum[l]);
}

// The same for any count: in parts whose sums stay in registers.
INLINE void sum_row(
    size_t nodes, const float *lead, const float *second, const float *third, const float *other,
    int count, float *sums) {
#define BLOCK(n) \
  case n: sum_part_row(nodes, lead, second, third, other, n, sums); break;
  for (; count > 0; count -= 8) {
    switch (count < 8 ? count : 8) {
      BLOCK(1) BLOCK(2) BLOCK(3) BLOCK(4) BLOCK(5) BLOCK(6) BLOCK(7) BLOCK(8)
    }
    third = 0;
    other += 8 * nodes;
    sums += (size_t)8 * PARTS;
  }
#undef BLOCK
}

// The sums of lead times third; second * other[l]; then, for each k of `count` categories,
// first * square[k] and first * other[k] * other[l], l > k. A first of 0 stands for 1.
INLINE void sum_few_pairs(
    size_t nodes, const float *lead, const float *first, const float *second, const float *third,
    const float *other, const float *square, int count, float *sums) {
  Wide sum[28] = {};
  for (size_t node = 0; node < nodes; node += WIDE) {
    const Wide factor = WIDE_LOAD(lead + node), product = factor * WIDE_LOAD(second + node);
    const Wide twice = first ? factor * WIDE_LOAD(first + node) : factor;
    int place = 0;
    sum[place++] += factor * WIDE_LOAD(third + node);
#pragma clang loop unroll(full)
    for (int l = 0; l < count; l++) {
      sum[place++] += product * WIDE_LOAD(other + (size_t)l * nodes + node);
    }
#pragma clang loop unroll(full)
    for (int k = 0; k < count; k++) {
      sum[place++] += twice * WIDE_LOAD(square + (size_t)k * nodes + node);
      const Wide triple = twice * WIDE_LOAD(other + (size_t)k * nodes + node);
#pragma clang loop unroll(full)
      for (int l = k + 1; l < count; l++) {
        sum[place++] += triple * WIDE_LOAD(other + (size_t)l * nodes + node);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int place = 0; place < (count + 1) * (count + 2) / 2; place++) {
    STORE_PARTS(sums + (size_t)place * PARTS, sum[place]);
  }
}

// The same for any count: row by row, until the rest stays in registers. Returns where it ends.
INLINE float *sum_pairs(
    size_t nodes, const float *lead, const float *first, const float *second, const float *third,
    const float *other, const float *square, int count, float *sums, float *spare) {
  float *end = sums + (size_t)((count + 1) * (count + 2) / 2) * PARTS;
  while (count > 6) {
    sum_row(nodes, lead, second, third, other, count, sums);
    sums += (size_t)(count + 1) * PARTS;
    if (first) {
      multiply(nodes, lead, first, spare);
      lead = spare;
      first = 0;
    }
    second = other;
    third = square;
    other += nodes;
    square += nodes;
    count--;
  }
#define BLOCK(n)                                                                      \
  case n:                                                                             \
    if (first) {                                                                      \
      sum_few_pairs(nodes, lead, first, second, third, other, square, n, sums);       \
    } else {                                                                          \
      sum_few_pairs(nodes, lead, 0, second, third, other, square, n, sums);           \
    }                                                                                 \
    break;
  switch (count) { BLOCK(0) BLOCK(1) BLOCK(2) BLOCK(3) BLOCK(4) BLOCK(5) BLOCK(6) }
#undef BLOCK
  return end;
}

// The sums of lead times all products of three of `count` categories.
INLINE void sum_few_triples(
    size_t nodes, const float *lead, const float *one, const float *two, const float *three,
    int count, float *sums) {
  Wide sum[20] = {};
#define AT(array, k) WIDE_LOAD(array + (size_t)(k) * nodes + node)
  for (size_t node = 0; node < nodes; node += WIDE) {
    const Wide factor = WIDE_LOAD(lead + node);
    int place = 0;
#pragma clang loop unroll(full)
    for (int j = 0; j < count; j++) {
      sum[place++] += factor * AT(three, j);
      const Wide product = factor * AT(two, j), twice = factor * AT(one, j);
#pragma clang loop unroll(full)
      for (int l = j + 1; l < count; l++) sum[place++] += product * AT(one, l);
#pragma clang loop unroll(full)
      for (int k = j + 1; k < count; k++) {
        sum[place++] += twice * AT(two, k);
        const Wide triple = twice * AT(one, k);
#pragma clang loop unroll(full)
        for (int l = k + 1; l < count; l++) sum[place++] += triple * AT(one, l);
      }
    }
  }
#undef AT
#pragma clang loop unroll(full)
  for (int place = 0; place < count * (count + 1) * (count + 2) / 6; place++) {
    STORE_PARTS(sums + (size_t)place * PARTS, sum[place]);
  }
}

// The sums of the parts of WIDE entries: neighbours are added until one number of each is left.
INLINE void add_parts(const float *sums, float *out) {
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
  Wide level[PARTS];
#pragma clang loop unroll(full)
  for (int index = 0; index < PARTS; index++) level[index] = WIDE_LOAD(sums + index * WIDE);
#pragma clang loop unroll(full)
  for (int count = PARTS / 2; count > 0; count /= 2) {
#pragma clang loop unroll(full)
    for (int index = 0; index < count; index++) {
      const Wide a = level[2 * index], b = level[2 * index + 1];
      level[index] = __builtin_shufflevector(a, b, EVEN) + __builtin_shufflevector(a, b, ODD);
    }
  }
  WIDE_STORE(out, level[0]);
#undef EVEN
#undef ODD
}

// The values v = c r^alpha of a category as a loser, r = p t / (p t + E), `[e_count][WIDE]`. The t
// nodes are repeated until they fill a vector.
INLINE void loser_values(
    double log_p, double log_c, double alpha, int t_count, const double *t, int e_count,
    const double *e, float *v) {
  const double p = exp(log_p), c = exp(log_c);
  // In the log domain where p or c leaves the range of a double. Above e^80, v only serves to make
  // e^{-uv} vanish.
  const int extreme = log_p < -300 || log_c > 300;
  for (int m = 0; m < e_count; m++) {
    float *row = v + m * WIDE;
    if (alpha == 1 && !extreme) {
      for (int k = 0; k < t_count; k++) {
        const double value = c * (p * t[k] / (p * t[k] + e[m]));
        row[k] = (float)(value < 1e30 ? value : 1e30);
      }
    } else {
      for (int k = 0; k < t_count; k++) {
        const double log_pt = log_p + log(t[k]), sum = exp(log_pt) + e[m];
        row[k] = (float)exp(fmin(69, log_c + alpha * (log_pt - log(sum))));
      }
    }
    for (int lane = t_count; lane < WIDE; lane++) row[lane] = row[lane - t_count];
  }
}

// E[e^{-uv}] of a category as a loser and the ratios E[(uv)^j e^{-uv}] / E[e^{-uv}], j = 1 to 4, `step`
// floats apart. u comes in units of 1 / log(2).
INLINE void loser(
    int e_count, const double *e_weights, size_t nodes, const float *u, const float *v, float *none,
    float *ratio, size_t step) {
  for (size_t node = 0; node < nodes; node += WIDE) {
    const Wide scale = WIDE_LOAD(u + node);
    Wide m0 = {}, m1 = {}, m2 = {}, m3 = {}, m4 = {};
    for (int m = 0; m < e_count; m++) {
      Wide y = scale * WIDE_LOAD(v + m * WIDE), w;
      halve(&y, &w);
      w *= (float)e_weights[m];
      const Wide square = y * y;
      m0 += w;
      m1 += w * y;
      w = w * square;
      m2 += w;
      m3 += w * y;
      m4 += w * square;
    }
    WIDE_STORE(none + node, m0);
    // Where E[e^{-uv}] underflows the whole node vanishes; the floor keeps the ratio finite.
    const float log_2 = 0x1.62e430p-1f;
    const WideBits tiny = m0 < 1e-36f;
    const Wide divisor =
        (Wide)(((WideBits)m0 & ~tiny) | ((WideBits)((Wide){} + 1e-36f) & tiny));
    const Wide inverse = log_2 / divisor;
    WIDE_STORE(ratio + node, m1 * inverse);
    WIDE_STORE(ratio + step + node, m2 * inverse * log_2);
    WIDE_STORE(ratio + 2 * step + node, m3 * inverse * (log_2 * log_2));
    WIDE_STORE(ratio + 3 * step + node, m4 * inverse * (log_2 * log_2 * log_2));
  }
}

INLINE void body(
    int K, const double *log_p, const double *log_c, double alpha, double least_log_p, int t_count,
    const double *t, const double *t_weights, int e_count, const double *e,
    const double *e_weights, int u_count, const double *u, const double *u_weights, double *out,
    float *scratch) {
  const Layout at = layout_of((size_t)K, (size_t)t_count, (size_t)e_count, (size_t)u_count);
  const size_t nodes = at.nodes, count = gf_softmax_moments_count(K);
  const size_t stride = (size_t)gf_winner_stride(K);
  float *losers = scratch + at.losers, *ratio = scratch + at.ratio, *saved = scratch + at.saved;
  float *base = scratch + at.base, *one = scratch + at.prefix, *two = one + nodes;
  float *scale = scratch + at.u, *weights = scratch + at.weights, *sums = scratch + at.sums;
  const float log2_e = 0x1.715476p0f;
  memset(out, 0, count * stride * sizeof *out);
  memset(sums + count * PARTS, 0, sizeof *sums * PARTS * WIDE);
  for (size_t node = 0; node < nodes; node++) {
    const size_t k = node / (size_t)t_count;
    const int is_padding = k >= (size_t)u_count;
    scale[node] = is_padding ? 0 : (float)u[k] * log2_e;
    weights[node] = is_padding ? 0 : (float)(u_weights[k] * t_weights[node % (size_t)t_count]);
  }
#define RATIO(i, order) (ratio + ((size_t)((order) - 1) * K + (i)) * nodes)
  for (int i = 0; i < K; i++) {
    loser_values(log_p[i], log_c[i], alpha, t_count, t, e_count, e, scratch + at.v);
    loser(
        e_count, e_weights, nodes, scale, scratch + at.v, losers + (size_t)i * nodes, RATIO(i, 1),
        (size_t)K * nodes);
  }
  for (int x = 0; x < K; x++) {
    if (!(log_p[x] > least_log_p)) continue;
    const float c = (float)exp(fmin(80, log_c[x]));
    for (size_t node = 0; node < nodes; node += WIDE) {
      Wide y = WIDE_LOAD(scale + node) * c, none;
      halve(&y, &none);
      none *= WIDE_LOAD(weights + node);
      for (int i = 0; i < K; i++) {
        if (i != x) none *= WIDE_LOAD(losers + (size_t)i * nodes + node);
      }
      WIDE_STORE(base + node, none);
      y *= 0x1.62e430p-1f;
      Wide power = y;
      for (int order = 1; order <= 4; order++) {
        WIDE_STORE(saved + (size_t)(order - 1) * nodes + node, WIDE_LOAD(RATIO(x, order) + node));
        WIDE_STORE(RATIO(x, order) + node, power);
        power *= y;
      }
    }
    float *sum = sums;
    for (int i = 0; i < K; i++) {
      sum = sum_pairs(
          nodes, base, RATIO(i, 2), RATIO(i, 3), RATIO(i, 4), RATIO(i + 1, 1), RATIO(i + 1, 2),
          K - 1 - i, sum, two);
      multiply(nodes, base, RATIO(i, 1), one);
      int j = i + 1;
      for (; K - j > 4; j++) {
        sum = sum_pairs(
            nodes, one, RATIO(j, 1), RATIO(j, 2), RATIO(j, 3), RATIO(j + 1, 1), RATIO(j + 1, 2),
            K - 1 - j, sum, two);
      }
      const int rest = K - j;
#define BLOCK(n)                                                                              \
  case n: sum_few_triples(nodes, one, RATIO(j, 1), RATIO(j, 2), RATIO(j, 3), n, sum); break;
      switch (rest) { BLOCK(1) BLOCK(2) BLOCK(3) BLOCK(4) }
#undef BLOCK
      sum += (size_t)(rest * (rest + 1) * (rest + 2) / 6) * PARTS;
    }
    for (size_t entry = 0; entry < count; entry += WIDE) {
      float added[WIDE];
      add_parts(sums + entry * PARTS, added);
      const size_t end = count - entry < WIDE ? count - entry : WIDE;
      for (size_t lane = 0; lane < end; lane++) out[(entry + lane) * stride + x] = added[lane];
    }
    for (int order = 1; order <= 4; order++) {
      memcpy(RATIO(x, order), saved + (size_t)(order - 1) * nodes, nodes * sizeof *saved);
    }
  }
#undef RATIO
  // The entries of a winner add up to 1, each as often as its indices can be ordered.
  for (size_t lane = 0; lane < stride; lane += LANES) {
    Lanes total = {};
    const double *entry = out + lane;
    for (int i = 0; i < K; i++) {
      for (int j = i; j < K; j++) {
        for (int k = j; k < K; k++) {
          for (int l = k; l < K; l++, entry += stride) {
            const int same = (i == j) + (j == k) + (k == l);
            const double ways = same == 0   ? 24
                                : same == 1 ? 12
                                : same == 3 ? 1
                                : j == k    ? 4
                                            : 6;
            total += ways * LOAD(entry);
          }
        }
      }
    }
    Lanes factor = {};
    for (int x = 0; x < LANES; x++) factor[x] = total[x] > 0 ? 1 / total[x] : 0;
    for (size_t index = 0; index < count; index++) {
      double *place = out + index * stride + lane;
      STORE(place, LOAD(place) * factor);
    }
  }
}

#define AT(array, i, j) ((array) + ((size_t)(i) * K + (j)) * stride + lane)
#define ADD(array, i, j, term) STORE(AT(array, i, j), LOAD(AT(array, i, j)) + (term))

// The off-diagonal E[s_a s_b], a < b: the sum over the orders of the other two of what each sorted
// entry says about every pair among its four indices. Sums that stay for the inner loops are kept
// in registers.
INLINE void jacobians_body(
    int K, int laws, int stride, const double *sorted, double *pairs, double *means) {
  memset(pairs, 0, sizeof *pairs * (size_t)K * K * stride);
  for (int lane = 0; lane < stride; lane += LANES) {
    const double *entry = sorted + lane;
    for (int i = 0; i < K; i++) {
      for (int j = i; j < K; j++) {
        Lanes ij = {};
        for (int k = j; k < K; k++) {
          Lanes ik = {}, jk = {};
          for (int l = k; l < K; l++, entry += stride) {
            const Lanes value = LOAD(entry), twice = value + value;
            if (i < j && j < k && k < l) {
              ij += twice;
              ik += twice;
              jk += twice;
              ADD(pairs, i, l, twice);
              ADD(pairs, j, l, twice);
              ADD(pairs, k, l, twice);
            } else if (i == j && j == k && k == l) {
            } else if ((i == j && j == k) || (j == k && k == l)) {
              ADD(pairs, i, l, value);
            } else if (i == j && k == l) {
              ADD(pairs, i, k, twice);
            } else if (i == j) {
              ADD(pairs, i, k, twice);
              ADD(pairs, i, l, twice);
              ADD(pairs, k, l, value);
            } else if (j == k) {
              ADD(pairs, i, j, twice);
              ADD(pairs, j, l, twice);
              ADD(pairs, i, l, value);
            } else {
              ADD(pairs, i, k, twice);
              ADD(pairs, j, k, twice);
              ij += value;
            }
          }
          if (i < j && j < k) {
            ADD(pairs, i, k, ik);
            ADD(pairs, j, k, jk);
          }
        }
        if (i < j) ADD(pairs, i, j, ij);
      }
    }
  }
  for (int law = 0; law < laws; law++) {
    double *mean = means + (size_t)law * K * K;
    for (int i = 0; i < K; i++) {
      double sum = 0;
      for (int j = 0; j < K; j++) {
        if (j == i) continue;
        const double pair = pairs[((size_t)(i < j ? i : j) * K + (i < j ? j : i)) * stride + law];
        mean[i * K + j] = -pair;
        sum += pair;
      }
      mean[i * K + i] = sum;
    }
  }
}

INLINE void sandwich_body(
    int K, int laws, int stride, const double *sorted, const double *matrices, double *given,
    double *products, double *out) {
  const int square = K * K;
  memset(given, 0, sizeof *given * (size_t)square * stride);
  memset(products, 0, sizeof *products * (size_t)square * stride);
  for (int law = 0; law < laws; law++) {
    for (int cell = 0; cell < square; cell++) {
      given[cell * stride + law] = matrices[law * square + cell];
    }
  }
#define M(i, j) LOAD(AT(given, i, j))
  for (int lane = 0; lane < stride; lane += LANES) {
    const double *entry = sorted + lane;
    for (int i = 0; i < K; i++) {
      for (int j = i; j < K; j++) {
        Lanes ij = {};
        for (int k = j; k < K; k++) {
          Lanes ik = {}, jk = {};
          for (int l = k; l < K; l++, entry += stride) {
            // Entry ab of J M J is s_a s_b sum_cd s_c s_d (M_ab - M_cb - M_ad + M_cd): what each
            // pair a < b of the four indices gets from both orders of the other two. Three equal
            // indices give 0.
            if ((i == j && j == k) || (j == k && k == l)) continue;
            const Lanes value = LOAD(entry);
            if (i == j && k == l) {
              ADD(products, i, k, value * (2.0 * M(i, k) - M(i, i) - M(k, k)));
              continue;
            }
            if (i == j || j == k || k == l) {
              // a twice, b < c once each.
              const int a = i == j ? i : k;
              const int b = i == j ? k : i, c = k == l ? j : l;
              const Lanes term = value * (M(a, b) + M(a, c) - M(b, c) - M(a, a));
              ADD(products, b, c, -term);
              ADD(products, a < b ? a : b, a < b ? b : a, term);
              ADD(products, a < c ? a : c, a < c ? c : a, term);
              continue;
            }
            const Lanes first = M(i, j) + M(k, l), second = M(i, k) + M(j, l);
            const Lanes third = M(i, l) + M(j, k), all = value * (first + second + third);
            const Lanes triple = 3.0 * value;
            const Lanes one = triple * first - all, two = triple * second - all;
            const Lanes three = triple * third - all;
            ij += one;
            ik += two;
            jk += three;
            ADD(products, k, l, one);
            ADD(products, j, l, two);
            ADD(products, i, l, three);
          }
          if (i < j && j < k) {
            ADD(products, i, k, ik);
            ADD(products, j, k, jk);
          }
        }
        if (i < j) ADD(products, i, j, ij);
      }
    }
  }
#undef M
  memset(out, 0, sizeof *out * (size_t)square);
  for (int i = 0; i < K; i++) {
    for (int j = i + 1; j < K; j++) {
      double sum = 0;
      for (int law = 0; law < laws; law++) sum += products[(i * K + j) * stride + law];
      out[i * K + j] = out[j * K + i] = sum;
      out[i * K + i] -= sum;
      out[j * K + j] -= sum;
    }
  }
}
#undef ADD
#undef AT

#define ARGUMENTS categories, REST
#define REST                                                                                    \
  log_p, log_c, alpha, least_log_p, t_count, t, t_weights, e_count, e, e_weights, u_count, u,   \
      u_weights, out, scratch
#define PARAMETERS                                                                              \
  int categories, const double *log_p, const double *log_c, double alpha, double least_log_p,   \
      int t_count, const double *t, const double *t_weights, int e_count, const double *e,      \
      const double *e_weights, int u_count, const double *u, const double *u_weights,           \
      double *out, float *scratch
#define TABLE_PARAMETERS int categories, int laws, int stride, const double *sorted
#define TABLE laws, stride, sorted

// Eight categories, a common number, have loops of known length. Tables of all laws, at most
// GF_WINNER_CATEGORIES, stand on the stack.
#define BODIES(level, target)                                                                   \
  target static void moments_##level(PARAMETERS) {                                              \
    if (categories == 8) {                                                                      \
      body(8, REST);                                                                            \
    } else {                                                                                    \
      body(categories, REST);                                                                   \
    }                                                                                           \
  }                                                                                             \
  target static void jacobians_##level(TABLE_PARAMETERS, double *means) {                       \
    double pairs[TABLE_SIZE];                                                              \
    if (categories == 8 && stride == LANES) {                                                   \
      jacobians_body(8, laws, LANES, sorted, pairs, means);                                     \
    } else {                                                                                    \
      jacobians_body(categories, TABLE, pairs, means);                                          \
    }                                                                                           \
  }                                                                                             \
  target static void sandwich_##level(                                                          \
      TABLE_PARAMETERS, const double *matrices, double *out) {                                  \
    double given[TABLE_SIZE], products[TABLE_SIZE];                                   \
    if (categories == 8 && stride == LANES) {                                                   \
      sandwich_body(8, laws, LANES, sorted, matrices, given, products, out);                    \
    } else {                                                                                    \
      sandwich_body(categories, TABLE, matrices, given, products, out);                         \
    }                                                                                           \
  }

BODIES(base, )

#if defined(__x86_64__)
BODIES(v3, TARGET_V3)
BODIES(v4, TARGET_V4)
#endif

void gf_winner_moments(PARAMETERS) { DISPATCH_BY_CPU(moments, ARGUMENTS) }

void gf_winner_jacobians(TABLE_PARAMETERS, double *means) {
  DISPATCH_BY_CPU(jacobians, categories, TABLE, means)
}

void gf_winner_sandwich(TABLE_PARAMETERS, const double *matrices, double *out) {
  DISPATCH_BY_CPU(sandwich, categories, TABLE, matrices, out)
}
