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
typedef int32_t WideBits __attribute__((vector_size(4 * WIDE), aligned(4), may_alias));

#define LOAD(from) (*(const Lanes *)(from))
#define STORE(to, value) (*(Lanes *)(to) = (value))
#define WIDE_LOAD(from) (*(const Wide *)(from))
#define WIDE_STORE(to, value) (*(Wide *)(to) = (value))

// Beyond this exponent e^{-y} is as good as 0, and powers of y are finite.
#define LARGEST 80.0f

int gf_winner_stride(int categories) { return (categories + LANES - 1) / LANES * LANES; }

// Whole vectors of nodes.
INLINE size_t node_count(size_t t_count, size_t u_count) {
  return (t_count * u_count + WIDE - 1) / WIDE * WIDE;
}

// Where each array starts in the scratch space, in floats.
typedef struct {
  size_t nodes, v, e, u, weights, base, losers, ratio, prefix, sums, total;
} Layout;

INLINE Layout layout_of(size_t k, size_t t_count, size_t e_count, size_t u_count) {
  Layout at;
  at.nodes = node_count(t_count, u_count);
  at.v = 0;                                  // [e_count][WIDE] of one category
  at.e = at.v + e_count * WIDE;              // [e_count]
  at.u = at.e + e_count;                     // [nodes]
  at.weights = at.u + at.nodes;              // [nodes]
  at.base = at.weights + at.nodes;           // [nodes]
  at.losers = at.base + at.nodes;            // per category: E[e^{-uv}], then the ratios 1 to 4
  at.ratio = at.losers + 5 * k * at.nodes;   // [4][k][nodes]: the ratios, the winner's included
  at.prefix = at.ratio + 4 * k * at.nodes;   // base times one, two and three factors
  at.sums = at.prefix + 3 * at.nodes;        // [entries, padded][WIDE]
  at.total = at.sums + WIDE * (gf_softmax_moments_count((int)k) + WIDE);
  return at;
}

size_t gf_winner_moments_scratch(int categories, int t_count, int e_count, int u_count) {
  return layout_of((size_t)categories, (size_t)t_count, (size_t)e_count, (size_t)u_count).total;
}

// sums[0] = sum lead * next, sums[1 + l] = sum lead * middle * last[l] for `count` arrays.
INLINE void accumulate(
    size_t nodes, const float *lead, const float *middle, const float *next, const float *last,
    int count, float *sums) {
  Wide own = {}, sum[8] = {};
  for (size_t node = 0; node < nodes; node += WIDE) {
    const Wide factor = WIDE_LOAD(lead + node);
    const Wide triple = factor * WIDE_LOAD(middle + node);
    if (next) own += factor * WIDE_LOAD(next + node);
#pragma clang loop unroll(full)
    for (int l = 0; l < count; l++) sum[l] += triple * WIDE_LOAD(last + (size_t)l * nodes + node);
  }
  if (next) WIDE_STORE(sums, own);
#pragma clang loop unroll(full)
  for (int l = 0; l < count; l++) WIDE_STORE(sums + (size_t)(l + 1) * WIDE, sum[l]);
}

// The same for any count: in blocks whose sums stay in registers.
INLINE void accumulate_row(
    size_t nodes, const float *lead, const float *middle, const float *next, const float *last,
    int count, float *sums) {
#define BLOCK(n) \
  case n: accumulate(nodes, lead, middle, next, last, n, sums); break;
  for (int done = 0; done == 0 || done < count; done += 8) {
    const int part = count - done < 8 ? count - done : 8;
    switch (part) {
      BLOCK(0) BLOCK(1) BLOCK(2) BLOCK(3) BLOCK(4) BLOCK(5) BLOCK(6) BLOCK(7) BLOCK(8)
    }
    next = 0;
    last += 8 * nodes;
    sums += (size_t)8 * WIDE;
  }
#undef BLOCK
}

// Rows k of `count` categories: sum lead * second[k], then sum lead * first[k] * first[l], l > k.
INLINE void accumulate_triangle(
    size_t nodes, const float *lead, const float *first, const float *second, int count,
    float *sums) {
  Wide sum[28] = {};
  for (size_t node = 0; node < nodes; node += WIDE) {
    const Wide factor = WIDE_LOAD(lead + node);
    int place = 0;
#pragma clang loop unroll(full)
    for (int k = 0; k < count; k++) {
      sum[place] += factor * WIDE_LOAD(second + (size_t)k * nodes + node);
      place++;
      const Wide triple = factor * WIDE_LOAD(first + (size_t)k * nodes + node);
#pragma clang loop unroll(full)
      for (int l = k + 1; l < count; l++) {
        sum[place] += triple * WIDE_LOAD(first + (size_t)l * nodes + node);
        place++;
      }
    }
  }
#pragma clang loop unroll(full)
  for (int place = 0; place < count * (count + 1) / 2; place++) {
    WIDE_STORE(sums + (size_t)place * WIDE, sum[place]);
  }
}

// The same for any count; triangles of up to seven categories stay in registers.
INLINE void accumulate_rows(
    size_t nodes, const float *lead, const float *first, const float *second, int count,
    float *sums) {
  while (count > 7) {
    accumulate_row(nodes, lead, first, second, first + nodes, count - 1, sums);
    sums += (size_t)count * WIDE;
    first += nodes;
    second += nodes;
    count--;
  }
#define BLOCK(n) \
  case n: accumulate_triangle(nodes, lead, first, second, n, sums); break;
  switch (count) {
    BLOCK(1) BLOCK(2) BLOCK(3) BLOCK(4) BLOCK(5) BLOCK(6) BLOCK(7)
  }
#undef BLOCK
}

INLINE void multiply(size_t nodes, const float *a, const float *b, float *out) {
  for (size_t node = 0; node < nodes; node += WIDE) {
    WIDE_STORE(out + node, WIDE_LOAD(a + node) * WIDE_LOAD(b + node));
  }
}

// The lane sums of WIDE vectors: halves are added until one lane of each is left.
INLINE void add_lanes(const float *sums, float *out) {
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30
#define ODD 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31
  Wide level[WIDE];
  for (int index = 0; index < WIDE; index++) level[index] = WIDE_LOAD(sums + index * WIDE);
#pragma clang loop unroll(full)
  for (int count = WIDE / 2; count > 0; count /= 2) {
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

// E[e^{-uv}] and the ratios E[(uv)^j e^{-uv}] / E[e^{-uv}], j = 1 to 4, of a category as a loser.
INLINE void loser(
    double log_p, double log_c, double alpha, int t_count, const double *log_t, int e_count,
    const float *e, const double *e_weights, size_t nodes, const float *u, float *v, float *out) {
  const double c = exp(log_c);
  for (int t = 0; t < t_count; t++) {
    // r = p t / (p t + E); in the log domain where p t or c leaves the range of a double. Above
    // e^80, v only serves to make e^{-uv} vanish.
    const double log_pt = log_p + log_t[t], pt = exp(log_pt);
    const int extreme = log_pt < -300 || log_c > 300;
    for (int m = 0; m < e_count; m++) {
      const double sum = pt + e[m];
      double value;
      if (extreme) {
        value = exp(fmin(80, log_c + alpha * (log_pt - log(sum))));
      } else {
        value = fmin(1e30, alpha == 1 ? c * (pt / sum) : c * pow(pt / sum, alpha));
      }
      // The t nodes are repeated until they fill a vector.
      for (int lane = t; lane < WIDE; lane += t_count) v[m * WIDE + lane] = (float)value;
    }
  }
  for (size_t node = 0; node < nodes; node += WIDE) {
    const Wide scale = WIDE_LOAD(u + node);
    Wide m0 = {}, m1 = {}, m2 = {}, m3 = {}, m4 = {};
    for (int m = 0; m < e_count; m++) {
      Wide y = scale * WIDE_LOAD(v + m * WIDE);
      const WideBits large = y > LARGEST;
      y = (Wide)(((WideBits)y & ~large) | ((WideBits)((Wide){} + LARGEST) & large));
      // e^{-y}, about 2e-7 relative: rounded by adding 1.5 * 2^23, then a Taylor polynomial on
      // |r| <= ln(2) / 2.
      const Wide magic = (Wide){} + 0x1.8p23f;
      const Wide shifted = magic - y * 0x1.715476p0f;
      const Wide n = shifted - magic;
      const Wide r = (-y - n * 0x1.62e4p-1f) - n * 0x1.7f7d1cp-20f;
      Wide p = (Wide){} + 1.388888888888889e-03f;
      p = p * r + 8.333333333333333e-03f;
      p = p * r + 4.1666666666666664e-02f;
      p = p * r + 1.6666666666666666e-01f;
      p = p * r + 0.5f;
      p = p * r + 1.0f;
      p = p * r + 1.0f;
      const WideBits power = (((WideBits)shifted - (WideBits)magic) + 127) << 23;
      Wide w = p * (Wide)power * (float)e_weights[m];
      const Wide square = y * y;
      m0 += w;
      m1 += w * y;
      w = w * square;
      m2 += w;
      m3 += w * y;
      m4 += w * square;
    }
    // Where E[e^{-uv}] underflows the whole node vanishes; the floor keeps the ratio finite.
    const WideBits tiny = m0 < 1e-36f;
    const Wide divisor =
        (Wide)(((WideBits)m0 & ~tiny) | ((WideBits)((Wide){} + 1e-36f) & tiny));
    const Wide inverse = 1.0f / divisor;
    WIDE_STORE(out + node, m0);
    WIDE_STORE(out + node + nodes, m1 * inverse);
    WIDE_STORE(out + node + 2 * nodes, m2 * inverse);
    WIDE_STORE(out + node + 3 * nodes, m3 * inverse);
    WIDE_STORE(out + node + 4 * nodes, m4 * inverse);
  }
}

INLINE void body(
    int K, const double *log_p, const double *log_c, double alpha, double least_log_p, int t_count,
    const double *log_t, const double *t_weights, int e_count, const double *log_e,
    const double *e_weights, int u_count, const double *u, const double *u_weights, double *out,
    float *scratch) {
  const Layout at = layout_of((size_t)K, (size_t)t_count, (size_t)e_count, (size_t)u_count);
  const size_t nodes = at.nodes, count = gf_softmax_moments_count(K);
  const size_t stride = (size_t)gf_winner_stride(K);
  float *base = scratch + at.base, *losers = scratch + at.losers, *ratio = scratch + at.ratio;
  float *one = scratch + at.prefix, *two = one + nodes, *three = two + nodes;
  float *scale = scratch + at.u, *weights = scratch + at.weights, *sums = scratch + at.sums;
  memset(out, 0, count * stride * sizeof *out);
  memset(sums + count * WIDE, 0, sizeof *sums * WIDE * WIDE);
  for (size_t node = 0; node < nodes; node++) {
    const size_t k = node / (size_t)t_count, t = node % (size_t)t_count;
    const int is_padding = k >= (size_t)u_count;
    scale[node] = is_padding ? 0 : (float)u[k];
    weights[node] = is_padding ? 0 : (float)(u_weights[k] * t_weights[t]);
  }
  for (int m = 0; m < e_count; m++) scratch[at.e + m] = (float)exp(log_e[m]);
  for (int i = 0; i < K; i++) {
    float *own = losers + (size_t)i * 5 * nodes;
    loser(
        log_p[i], log_c[i], alpha, t_count, log_t, e_count, scratch + at.e, e_weights, nodes,
        scale, scratch + at.v, own);
    for (size_t order = 0; order < 4; order++) {
      memcpy(
          ratio + (order * K + i) * nodes, own + (order + 1) * nodes, nodes * sizeof *own);
    }
  }
#define RATIO(i, order) (ratio + ((size_t)((order) - 1) * K + (i)) * nodes)
  for (int x = 0; x < K; x++) {
    if (!(log_p[x] > least_log_p)) continue;
    const double c = exp(fmin(80, log_c[x]));
    for (size_t node = 0; node < nodes; node += (size_t)t_count) {
      const size_t k = node / (size_t)t_count;
      const float y = k < (size_t)u_count ? (float)fmin(LARGEST, u[k] * c) : 0;
      const float value = expf(-y);
      for (size_t place = node; place < node + (size_t)t_count; place++) {
        base[place] = value * weights[place];
        RATIO(x, 1)[place] = y;
        RATIO(x, 2)[place] = y * y;
        RATIO(x, 3)[place] = y * y * y;
        RATIO(x, 4)[place] = (y * y) * (y * y);
      }
    }
    for (int i = 0; i < K; i++) {
      if (i != x) multiply(nodes, base, losers + (size_t)i * 5 * nodes, base);
    }
    float *sum = sums;
    for (int i = 0; i < K; i++) {
      const int rest = K - 1 - i;
      accumulate_row(nodes, base, RATIO(i, 3), RATIO(i, 4), RATIO(i, 1) + nodes, rest, sum);
      sum += (size_t)(rest + 1) * WIDE;
      multiply(nodes, base, RATIO(i, 2), two);
      accumulate_rows(nodes, two, RATIO(i, 1) + nodes, RATIO(i, 2) + nodes, rest, sum);
      sum += (size_t)(rest * (rest + 1) / 2) * WIDE;
      multiply(nodes, base, RATIO(i, 1), one);
      for (int j = i + 1; j < K; j++) {
        const int last = K - 1 - j;
        accumulate_row(nodes, one, RATIO(j, 2), RATIO(j, 3), RATIO(j, 1) + nodes, last, sum);
        sum += (size_t)(last + 1) * WIDE;
        multiply(nodes, one, RATIO(j, 1), three);
        accumulate_rows(nodes, three, RATIO(j, 1) + nodes, RATIO(j, 2) + nodes, last, sum);
        sum += (size_t)(last * (last + 1) / 2) * WIDE;
      }
    }
    for (size_t entry = 0; entry < count; entry += WIDE) {
      float added[WIDE];
      add_lanes(sums + entry * WIDE, added);
      const size_t end = count - entry < WIDE ? count - entry : WIDE;
      for (size_t lane = 0; lane < end; lane++) out[(entry + lane) * stride + x] = added[lane];
    }
    for (size_t order = 0; order < 4; order++) {
      memcpy(
          RATIO(x, order + 1), losers + ((size_t)x * 5 + order + 1) * nodes, nodes * sizeof *sums);
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
      const double *u_weights, double *out, float *scratch
#define TABLE_PARAMETERS int categories, int stride, const double *sorted

static void moments_base(PARAMETERS) { body(ARGUMENTS); }
static void pairs_base(TABLE_PARAMETERS, double *pairs) {
  pairs_body(categories, stride, sorted, pairs);
}
static void sandwich_base(TABLE_PARAMETERS, const double *matrices, double *out) {
  sandwich_body(categories, stride, sorted, matrices, out);
}

#if defined(__x86_64__)
TARGET_V3 static void moments_v3(PARAMETERS) { body(ARGUMENTS); }
TARGET_V4 static void moments_v4(PARAMETERS) { body(ARGUMENTS); }
TARGET_V3 static void pairs_v3(TABLE_PARAMETERS, double *pairs) {
  pairs_body(categories, stride, sorted, pairs);
}
TARGET_V4 static void pairs_v4(TABLE_PARAMETERS, double *pairs) {
  pairs_body(categories, stride, sorted, pairs);
}
TARGET_V3 static void sandwich_v3(TABLE_PARAMETERS, const double *matrices, double *out) {
  sandwich_body(categories, stride, sorted, matrices, out);
}
TARGET_V4 static void sandwich_v4(TABLE_PARAMETERS, const double *matrices, double *out) {
  sandwich_body(categories, stride, sorted, matrices, out);
}
#endif

void gf_winner_moments(PARAMETERS) { DISPATCH_BY_CPU(moments, ARGUMENTS) }

void gf_winner_pairs(TABLE_PARAMETERS, double *pairs) {
  DISPATCH_BY_CPU(pairs, categories, stride, sorted, pairs)
}

void gf_winner_sandwich(TABLE_PARAMETERS, const double *matrices, double *out) {
  DISPATCH_BY_CPU(sandwich, categories, stride, sorted, matrices, out)
}
