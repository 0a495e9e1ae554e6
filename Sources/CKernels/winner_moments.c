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
typedef int32_t WideBits __attribute__((vector_size(4 * WIDE), aligned(4), may_alias));

#define LOAD(from) (*(const Lanes *)(from))
#define STORE(to, value) (*(Lanes *)(to) = (value))
#define WIDE_LOAD(from) (*(const Wide *)(from))
#define WIDE_STORE(to, value) (*(Wide *)(to) = (value))

// Beyond this exponent of 1/2, above e^80, a term is as good as 0, and its powers are finite.
#define LARGEST 116.0f

// Numbers of a table [K][K] of all distributions.
#define TABLE_SIZE \
  (GF_WINNER_CATEGORIES * GF_WINNER_CATEGORIES * ((GF_WINNER_CATEGORIES + LANES - 1) / LANES * LANES))

int gf_winner_stride(int categories) { return (categories + LANES - 1) / LANES * LANES; }

// Winners that are summed side by side, when so many are left, with as many nodes to a vector as fit.
// Five and six are four and the rest.
INLINE int lanes_of(int winners) {
  return winners > 6 ? 8 : winners > 2 ? 4 : winners;
}

// Where each array starts in the scratch space, in floats.
typedef struct {
  size_t nodes, length, v, u, weights, losers, winner, base, prefix, ratio, sums, total;
} Layout;

// Nodes by lanes, in whole vectors.
INLINE size_t length_of(size_t nodes, int lanes) {
  return (nodes * (size_t)lanes + WIDE - 1) / WIDE * WIDE;
}

INLINE Layout layout_of(size_t k, size_t t_count, size_t e_count, size_t u_count) {
  Layout at;
  at.nodes = (t_count * u_count + WIDE - 1) / WIDE * WIDE;
  at.length = length_of(t_count * u_count, lanes_of((int)k));
  at.v = 0;                                  // [e_count][WIDE] of one category
  at.u = at.v + e_count * WIDE;              // [nodes]
  at.weights = at.u + at.nodes;              // [nodes]
  at.losers = at.weights + at.nodes;         // [k][5][nodes]
  at.winner = at.losers + 5 * k * at.nodes;  // [length]: uc
  at.base = at.winner + at.length;           // [length]
  at.prefix = at.base + at.length;           // [2][length]: base times one and two factors
  at.ratio = at.prefix + 2 * at.length;      // [4][k][length]
  at.sums = at.ratio + 4 * k * at.length;    // [entries][WIDE]
  at.total = at.sums + WIDE * gf_softmax_moments_count((int)k);
  return at;
}

size_t gf_winner_moments_scratch(int categories, int t_count, int e_count, int u_count) {
  const Layout at =
      layout_of((size_t)categories, (size_t)t_count, (size_t)e_count, (size_t)u_count);
  return at.total + WIDE;
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

INLINE void multiply(size_t length, const float *a, const float *b, float *out) {
  for (size_t at = 0; at < length; at += WIDE) {
    WIDE_STORE(out + at, WIDE_LOAD(a + at) * WIDE_LOAD(b + at));
  }
}

// sums[0] = sum lead * third, sums[1 + l] = sum lead * second * other[l] for `count` categories.
INLINE void sum_part_row(
    size_t length, const float *lead, const float *second, const float *third, const float *other,
    int count, float *sums) {
  Wide own = {}, sum[8] = {};
  for (size_t at = 0; at < length; at += WIDE) {
    const Wide factor = WIDE_LOAD(lead + at), product = factor * WIDE_LOAD(second + at);
    if (third) own += factor * WIDE_LOAD(third + at);
#pragma clang loop unroll(full)
    for (int l = 0; l < count; l++) {
      sum[l] += product * WIDE_LOAD(other + (size_t)l * length + at);
    }
  }
  if (third) WIDE_STORE(sums, own);
#pragma clang loop unroll(full)
  for (int l = 0; l < count; l++) WIDE_STORE(sums + (size_t)(l + 1) * WIDE, sum[l]);
}

// The same for any count: in parts whose sums stay in registers.
INLINE void sum_row(
    size_t length, const float *lead, const float *second, const float *third, const float *other,
    int count, float *sums) {
#define BLOCK(n) \
  case n: sum_part_row(length, lead, second, third, other, n, sums); break;
  for (; count > 0; count -= 8) {
    switch (count < 8 ? count : 8) {
      BLOCK(1) BLOCK(2) BLOCK(3) BLOCK(4) BLOCK(5) BLOCK(6) BLOCK(7) BLOCK(8)
    }
    third = 0;
    other += 8 * length;
    sums += (size_t)8 * WIDE;
  }
#undef BLOCK
}

// The sums of lead times third; second * other[l]; then, for each k of `count` categories,
// first * square[k] and first * other[k] * other[l], l > k. A first of 0 stands for 1.
INLINE void sum_few_pairs(
    size_t length, const float *lead, const float *first, const float *second, const float *third,
    const float *other, const float *square, int count, float *sums) {
  Wide sum[28] = {};
  for (size_t at = 0; at < length; at += WIDE) {
    const Wide factor = WIDE_LOAD(lead + at), product = factor * WIDE_LOAD(second + at);
    const Wide twice = first ? factor * WIDE_LOAD(first + at) : factor;
    int place = 0;
    sum[place++] += factor * WIDE_LOAD(third + at);
#pragma clang loop unroll(full)
    for (int l = 0; l < count; l++) {
      sum[place++] += product * WIDE_LOAD(other + (size_t)l * length + at);
    }
#pragma clang loop unroll(full)
    for (int k = 0; k < count; k++) {
      sum[place++] += twice * WIDE_LOAD(square + (size_t)k * length + at);
      const Wide triple = twice * WIDE_LOAD(other + (size_t)k * length + at);
#pragma clang loop unroll(full)
      for (int l = k + 1; l < count; l++) {
        sum[place++] += triple * WIDE_LOAD(other + (size_t)l * length + at);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int place = 0; place < (count + 1) * (count + 2) / 2; place++) {
    WIDE_STORE(sums + (size_t)place * WIDE, sum[place]);
  }
}

// The same for any count: row by row, until the rest stays in registers. Returns where it ends.
INLINE float *sum_pairs(
    size_t length, const float *lead, const float *first, const float *second, const float *third,
    const float *other, const float *square, int count, float *sums, float *spare) {
  float *end = sums + (size_t)((count + 1) * (count + 2) / 2) * WIDE;
  while (count > 6) {
    sum_row(length, lead, second, third, other, count, sums);
    sums += (size_t)(count + 1) * WIDE;
    if (first) {
      multiply(length, lead, first, spare);
      lead = spare;
      first = 0;
    }
    second = other;
    third = square;
    other += length;
    square += length;
    count--;
  }
#define BLOCK(n)                                                                      \
  case n:                                                                             \
    if (first) {                                                                      \
      sum_few_pairs(length, lead, first, second, third, other, square, n, sums);       \
    } else {                                                                          \
      sum_few_pairs(length, lead, 0, second, third, other, square, n, sums);           \
    }                                                                                 \
    break;
  switch (count) { BLOCK(0) BLOCK(1) BLOCK(2) BLOCK(3) BLOCK(4) BLOCK(5) BLOCK(6) }
#undef BLOCK
  return end;
}

// The sums of lead times all products of three of `count` categories.
INLINE void sum_few_triples(
    size_t length, const float *lead, const float *one, const float *two, const float *three,
    int count, float *sums) {
  Wide sum[20] = {};
#define AT(array, k) WIDE_LOAD(array + (size_t)(k) * length + at)
  for (size_t at = 0; at < length; at += WIDE) {
    const Wide factor = WIDE_LOAD(lead + at);
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
    WIDE_STORE(sums + (size_t)place * WIDE, sum[place]);
  }
}

// The values v = c r^alpha of a category as a loser, r = p t / (p t + E), `[e_count][WIDE]`. The t
// nodes are repeated until they fill a vector.
INLINE void loser_values(
    double log_p, double log_c, double alpha, int t_count, const double *t, int e_count,
    const double *e, float *v) {
  if (alpha == 1 && log_p > -80 && log_c < 60) {
    const float p = (float)exp(log_p), c = (float)exp(log_c);
    Wide time;
    for (int lane = 0; lane < WIDE; lane++) time[lane] = (float)t[lane % t_count];
    time *= p;
    for (int m = 0; m < e_count; m++) {
      WIDE_STORE(v + m * WIDE, c * (time / (time + (float)e[m])));
    }
    return;
  }
  // In the log domain where p or c leaves the range of a float. Above e^69, v only serves to make
  // e^{-uv} vanish.
  for (int m = 0; m < e_count; m++) {
    float *row = v + m * WIDE;
    for (int k = 0; k < t_count; k++) {
      const double log_pt = log_p + log(t[k]), sum = exp(log_pt) + e[m];
      row[k] = (float)exp(fmin(69, log_c + alpha * (log_pt - log(sum))));
    }
    for (int lane = t_count; lane < WIDE; lane++) row[lane] = row[lane - t_count];
  }
}

// E[e^{-uv}] of a category as a loser and the ratios E[(uv)^j e^{-uv}] / E[e^{-uv}], j = 1 to 4: `[5][nodes]`
// in all. u comes in units of 1 / log(2).
INLINE void loser(
    int e_count, const double *e_weights, size_t nodes, const float *u, const float *v,
    float *moments) {
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
    WIDE_STORE(moments + node, m0);
    // Where E[e^{-uv}] underflows the whole node vanishes; the floor keeps the ratio finite.
    const float log_2 = 0x1.62e430p-1f;
    const WideBits tiny = m0 < 1e-36f;
    const Wide divisor =
        (Wide)(((WideBits)m0 & ~tiny) | ((WideBits)((Wide){} + 1e-36f) & tiny));
    const Wide inverse = log_2 / divisor;
    WIDE_STORE(moments + nodes + node, m1 * inverse);
    WIDE_STORE(moments + 2 * nodes + node, m2 * inverse * log_2);
    WIDE_STORE(moments + 3 * nodes + node, m3 * inverse * (log_2 * log_2));
    WIDE_STORE(moments + 4 * nodes + node, m4 * inverse * (log_2 * log_2 * log_2));
  }
}

// The next nodes' numbers, each in all lanes of its node.
INLINE void spread(int lanes, const float *numbers, Wide *out) {
#define NODES(n)                                                                  \
  case n:                                                                         \
    for (int lane = 0; lane < WIDE; lane++) (*out)[lane] = numbers[lane / (n)];   \
    break;
  switch (lanes) { NODES(1) NODES(2) NODES(4) NODES(8) }
#undef NODES
}

// The sums over the nodes of a vector, in its first lanes.
INLINE void add_nodes(int lanes, const float *sums, Half *out) {
  const Wide all = WIDE_LOAD(sums);
  Half sum = __builtin_shufflevector(all, all, 0, 1, 2, 3, 4, 5, 6, 7) +
             __builtin_shufflevector(all, all, 8, 9, 10, 11, 12, 13, 14, 15);
  if (lanes < 8) sum += __builtin_shufflevector(sum, sum, 4, 5, 6, 7, 0, 1, 2, 3);
  if (lanes < 4) sum += __builtin_shufflevector(sum, sum, 2, 3, 0, 1, 6, 7, 4, 5);
  if (lanes < 2) sum += __builtin_shufflevector(sum, sum, 1, 0, 3, 2, 5, 4, 7, 6);
  *out = sum;
}

// The sums of `lanes` winners from the x-th on. At a node every winner has a lane: what it does there is
// multiplied with the moments of the losers, and its own powers, fixed there, stand where its moments
// as a loser would.
INLINE void winners_body(
    int K, int x, int lanes, size_t node_count, const double *log_p, const double *log_c,
    double least_log_p, const Layout *at, float *scratch) {
  const size_t nodes = at->nodes, length = length_of(node_count, lanes);
  const float *losers = scratch + at->losers;
  float *ratio = scratch + at->ratio, *winner = scratch + at->winner, *base = scratch + at->base;
  float *one = scratch + at->prefix, *two = one + length;
  // c of the winners; lanes of none weigh nothing.
  Wide values = {}, live = {};
  for (int lane = 0; lane < WIDE; lane++) {
    const int own = x + lane % lanes;
    if (own >= K || !(log_p[own] > least_log_p)) continue;
    values[lane] = (float)exp(fmin(80, log_c[own]));
    live[lane] = 1;
  }
  for (size_t place = 0; place < length; place += WIDE) {
    Wide y, factor, power;
    spread(lanes, scratch + at->u + place / lanes, &y);
    spread(lanes, scratch + at->weights + place / lanes, &factor);
    y *= values;
    halve(&y, &power);
    WIDE_STORE(winner + place, y * 0x1.62e430p-1f);
    WIDE_STORE(base + place, power * factor * live);
  }
#define RATIO(i, order) (ratio + ((size_t)((order) - 1) * K + (i)) * length)
  for (int i = 0; i < K; i++) {
    WideBits own;
    for (int lane = 0; lane < WIDE; lane++) own[lane] = x + lane % lanes == i ? -1 : 0;
    for (size_t place = 0; place < length; place += WIDE) {
      const float *moments = losers + (size_t)(5 * i) * nodes + place / lanes;
      Wide power = (Wide){} + 1.0f;
      for (int order = 0; order <= 4; order++) {
        Wide other;
        spread(lanes, moments + (size_t)order * nodes, &other);
        other = (Wide)(((WideBits)power & own) | ((WideBits)other & ~own));
        if (order == 0) {
          WIDE_STORE(base + place, WIDE_LOAD(base + place) * other);
        } else {
          WIDE_STORE(RATIO(i, order) + place, other);
        }
        power *= WIDE_LOAD(winner + place);
      }
    }
  }
  float *sum = scratch + at->sums;
  for (int i = 0; i < K; i++) {
    sum = sum_pairs(
        length, base, RATIO(i, 2), RATIO(i, 3), RATIO(i, 4), RATIO(i + 1, 1), RATIO(i + 1, 2),
        K - 1 - i, sum, two);
    multiply(length, base, RATIO(i, 1), one);
    int j = i + 1;
    for (; K - j > 4; j++) {
      sum = sum_pairs(
          length, one, RATIO(j, 1), RATIO(j, 2), RATIO(j, 3), RATIO(j + 1, 1), RATIO(j + 1, 2),
          K - 1 - j, sum, two);
    }
    const int rest = K - j;
#define BLOCK(n)                                                                                 \
  case n: sum_few_triples(length, one, RATIO(j, 1), RATIO(j, 2), RATIO(j, 3), n, sum); break;
    switch (rest) { BLOCK(1) BLOCK(2) BLOCK(3) BLOCK(4) }
#undef BLOCK
    sum += (size_t)(rest * (rest + 1) * (rest + 2) / 6) * WIDE;
  }
#undef RATIO
}

INLINE void body(
    int K, const double *log_p, const double *log_c, double alpha, double least_log_p, int t_count,
    const double *t, const double *t_weights, int e_count, const double *e,
    const double *e_weights, int u_count, const double *u, const double *u_weights, double *out,
    float *scratch) {
  const Layout at = layout_of((size_t)K, (size_t)t_count, (size_t)e_count, (size_t)u_count);
  const size_t nodes = at.nodes, count = gf_softmax_moments_count(K);
  const size_t stride = (size_t)gf_winner_stride(K), node_count = (size_t)t_count * u_count;
  // Vectors that do not cross cache lines.
  scratch += (-(uintptr_t)scratch / sizeof *scratch) % WIDE;
  float *scale = scratch + at.u, *weights = scratch + at.weights;
  const float log2_e = 0x1.715476p0f;
  for (int k = 0; k < u_count; k++) {
    for (int m = 0; m < t_count; m++) {
      scale[k * t_count + m] = (float)u[k] * log2_e;
      weights[k * t_count + m] = (float)(u_weights[k] * t_weights[m]);
    }
  }
  for (size_t node = node_count; node < nodes; node++) scale[node] = weights[node] = 0;
  for (int i = 0; i < K; i++) {
    loser_values(log_p[i], log_c[i], alpha, t_count, t, e_count, e, scratch + at.v);
    loser(
        e_count, e_weights, nodes, scale, scratch + at.v,
        scratch + at.losers + (size_t)(5 * i) * nodes);
  }
  if (K < stride) memset(out, 0, count * stride * sizeof *out);
  for (int x = 0, lanes; x < K; x += lanes) {
    lanes = lanes_of(K - x);
    winners_body(K, x, lanes, node_count, log_p, log_c, least_log_p, &at, scratch);
    const float *sum = scratch + at.sums;
    double *place = out + x;
    for (size_t index = 0; index < count; index++, sum += WIDE, place += stride) {
      Half all;
      add_nodes(lanes, sum, &all);
      if (x + LANES <= K) {
        STORE(place, __builtin_convertvector(all, Lanes));
      } else {
        for (int lane = 0; lane < lanes && x + lane < K; lane++) place[lane] = all[lane];
      }
    }
  }
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

#define UNROLL
#define NAME(function) function##_of_any
#include "winner_tables.inc"
#undef NAME
#undef UNROLL
#if defined(__x86_64__)
// Every sum in a register.
#define UNROLL _Pragma("clang loop unroll(full)")
#define NAME(function) function##_of_eight
#include "winner_tables.inc"
#undef NAME
#undef UNROLL
#endif

#define ARGUMENTS categories, REST
#define REST                                                                                    \
  log_p, log_c, alpha, least_log_p, t_count, t, t_weights, e_count, e, e_weights, u_count, u,   \
      u_weights, out, scratch
#define PARAMETERS                                                                              \
  int categories, const double *log_p, const double *log_c, double alpha, double least_log_p,   \
      int t_count, const double *t, const double *t_weights, int e_count, const double *e,      \
      const double *e_weights, int u_count, const double *u, const double *u_weights,           \
      double *out, float *scratch
#define TABLE_PARAMETERS int categories, int distributions, int stride, const double *sorted
#define TABLE distributions, stride, sorted

// Eight categories, a common number, have loops of known length, and tables that stay in registers where
// there are enough. Tables of all distributions, at most GF_WINNER_CATEGORIES, stand on the stack.
#define BODIES(level, target, eight)                                                            \
  target static void moments_##level(PARAMETERS) {                                              \
    if (categories == 8) {                                                                      \
      body(8, REST);                                                                            \
    } else {                                                                                    \
      body(categories, REST);                                                                   \
    }                                                                                           \
  }                                                                                             \
  target static void jacobians_##level(TABLE_PARAMETERS, double *means) {                       \
    double pairs[TABLE_SIZE];                                                                   \
    if (categories == 8 && stride == LANES) {                                                   \
      jacobians_##eight(8, distributions, LANES, sorted, pairs, means);                                  \
    } else {                                                                                    \
      jacobians_of_any(categories, TABLE, pairs, means);                                        \
    }                                                                                           \
  }                                                                                             \
  target static void sandwich_##level(                                                          \
      TABLE_PARAMETERS, const double *matrices, double *out) {                                  \
    double given[TABLE_SIZE], products[TABLE_SIZE];                                             \
    if (categories == 8 && stride == LANES) {                                                   \
      sandwich_##eight(8, distributions, LANES, sorted, matrices, given, products, out);                 \
    } else {                                                                                    \
      sandwich_of_any(categories, TABLE, matrices, given, products, out);                       \
    }                                                                                           \
  }

BODIES(base, , of_any)

#if defined(__x86_64__)
BODIES(v3, TARGET_V3, of_any)
BODIES(v4, TARGET_V4, of_eight)
#endif

void gf_winner_moments(PARAMETERS) { DISPATCH_BY_CPU(moments, ARGUMENTS) }

void gf_winner_jacobians(TABLE_PARAMETERS, double *means) {
  DISPATCH_BY_CPU(jacobians, categories, TABLE, means)
}

void gf_winner_sandwich(TABLE_PARAMETERS, const double *matrices, double *out) {
  DISPATCH_BY_CPU(sandwich, categories, TABLE, matrices, out)
}
