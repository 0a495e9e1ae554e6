#include "state_tables.h"

#include <string.h>

#include "levels.h"

// Sums in a fixed order; fused multiply-adds are welcome.
#pragma STDC FP_CONTRACT ON

#define INLINE static inline __attribute__((always_inline))

typedef double Lanes __attribute__((vector_size(64), aligned(8), may_alias));

#define LOAD(from) (*(const Lanes *)(from))
#define STORE(to, value) (*(Lanes *)(to) = (value))

INLINE void sums_body(
    int D, int K, size_t joint_codes, const int32_t *codes, const double *weights,
    const double *vectors, double *probabilities, double *sums) {
  memset(probabilities, 0, sizeof *probabilities * (size_t)D * K);
  memset(sums, 0, sizeof *sums * (size_t)D * K * K);
  for (size_t joint_code = 0; joint_code < joint_codes; joint_code++) {
    const double weight = weights[joint_code];
    if (weight == 0) continue;
    for (int d = 0; d < D; d++) {
      const double *h = vectors + (joint_code * D + d) * K;
      double *sum = sums + ((size_t)d * K + codes[joint_code * D + d]) * K;
      probabilities[d * K + codes[joint_code * D + d]] += weight;
      for (int j = 0; j < K; j++) sum[j] += weight * h[j];
    }
  }
}

// The same for eight categories and all K^D joint codes in the order of their codes: eight joint codes differ in
// the last latent alone, so the others' sums over them stay in registers.
INLINE void sums_of_eight(
    int D, size_t joint_codes, const int32_t *codes, const double *weights, const double *vectors,
    double *probabilities, double *sums) {
  enum { K = 8 };
  memset(probabilities, 0, sizeof *probabilities * (size_t)D * K);
  memset(sums, 0, sizeof *sums * (size_t)D * K * K);
  const int last = D - 1;
  Lanes last_weights = {}, last_sum[K] = {};
  for (size_t joint_code = 0; joint_code < joint_codes; joint_code += K) {
    double weight = 0;
#pragma clang loop unroll(full)
    for (int x = 0; x < K; x++) weight += weights[joint_code + x];
    last_weights += LOAD(weights + joint_code);
    for (int d = 0; d < last; d++) {
      const double *h = vectors + (joint_code * D + d) * K;
      Lanes sum = {};
#pragma clang loop unroll(full)
      for (int x = 0; x < K; x++) sum += weights[joint_code + x] * LOAD(h + (size_t)x * D * K);
      const int cell = d * K + codes[joint_code * D + d];
      probabilities[cell] += weight;
      STORE(sums + cell * K, LOAD(sums + cell * K) + sum);
    }
    const double *h = vectors + (joint_code * D + last) * K;
#pragma clang loop unroll(full)
    for (int x = 0; x < K; x++) {
      last_sum[x] += weights[joint_code + x] * LOAD(h + (size_t)x * D * K);
    }
  }
  STORE(probabilities + last * K, last_weights);
  for (int x = 0; x < K; x++) STORE(sums + (last * K + x) * K, last_sum[x]);
}

INLINE void tables_body(
    int D, int K, size_t joint_codes, const int32_t *codes, const double *weights,
    const double *vectors, const double *means, double *own, double *pairs, double *scratch) {
  const size_t square = (size_t)K * K, side = square + K, couples = (size_t)D * (D - 1) / 2;
  double *residual = scratch, *columns = scratch + (size_t)D * K;
  memset(own, 0, sizeof *own * D * K * square);
  memset(pairs, 0, sizeof *pairs * couples * side * side);
  memset(columns, 0, sizeof *columns * couples * square * K);
  for (size_t joint_code = 0; joint_code < joint_codes; joint_code++) {
    const double weight = weights[joint_code];
    if (weight == 0) continue;
    const int32_t *code = codes + joint_code * D;
    for (int d = 0; d < D; d++) {
      const double *h = vectors + (joint_code * D + d) * K;
      const double *mean = means + ((size_t)d * K + code[d]) * K;
      for (int j = 0; j < K; j++) residual[d * K + j] = h[j] - mean[j];
    }
    size_t couple = 0;
    for (int d = 0; d < D; d++) {
      const double *left = residual + d * K;
      double *cell = own + ((size_t)d * K + code[d]) * square;
      for (int i = 0; i < K; i++) {
        const double factor = weight * left[i];
        for (int j = 0; j < K; j++) cell[i * K + j] += factor * left[j];
      }
      for (int e = d + 1; e < D; e++, couple++) {
        const double *right = residual + e * K;
        double *table = pairs + couple * side * side;
        double *block = table + (size_t)code[d] * K * side + (size_t)code[e] * K;
        for (int i = 0; i < K; i++) {
          const double factor = weight * left[i];
          for (int j = 0; j < K; j++) block[(size_t)i * side + j] += factor * right[j];
        }
        double *row = table + (square + code[d]) * side + (size_t)code[e] * K;
        double *column = columns + (couple * square + (size_t)code[d] * K + code[e]) * K;
        for (int j = 0; j < K; j++) row[j] += weight * right[j];
        for (int j = 0; j < K; j++) column[j] += weight * left[j];
      }
    }
  }
  for (size_t couple = 0; couple < couples; couple++) {
    double *table = pairs + couple * side * side;
    for (int x = 0; x < K; x++) {
      for (int y = 0; y < K; y++) {
        const double *column = columns + (couple * square + (size_t)x * K + y) * K;
        for (int j = 0; j < K; j++) table[((size_t)x * K + j) * side + square + y] = column[j];
      }
    }
  }
}

INLINE void congruence_body(
    int K, int count, const double *maps, const double *matrices, double *out) {
  const size_t square = (size_t)K * K;
  memset(out, 0, sizeof *out * square);
  for (int x = 0; x < count; x++) {
    const double *map = maps + x * square, *matrix = matrices + x * square;
    for (int i = 0; i < K; i++) {
      // Row i of A M, then its products with the rows of A.
      double row[256];
      for (int l = 0; l < K; l++) row[l] = 0;
      for (int j = 0; j < K; j++) {
        const double factor = map[i * K + j];
        for (int l = 0; l < K; l++) row[l] += factor * matrix[j * K + l];
      }
      for (int j = 0; j < K; j++) {
        double sum = 0;
        for (int l = 0; l < K; l++) sum += row[l] * map[j * K + l];
        out[i * K + j] += sum;
      }
    }
  }
}

// The same for eight categories: each row of A M in registers, times the columns of A^T.
INLINE void congruence_of_eight(
    int count, const double *maps, const double *matrices, double *out) {
  enum { K = 8 };
  Lanes sum[K] = {};
  for (int x = 0; x < count; x++, maps += K * K, matrices += K * K) {
    double columns[K * K];
    for (int i = 0; i < K; i++) {
      for (int j = 0; j < K; j++) columns[j * K + i] = maps[i * K + j];
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < K; i++) {
      Lanes row = {};
#pragma clang loop unroll(full)
      for (int j = 0; j < K; j++) row += maps[i * K + j] * LOAD(matrices + j * K);
#pragma clang loop unroll(full)
      for (int l = 0; l < K; l++) sum[i] += row[l] * LOAD(columns + l * K);
    }
  }
  for (int i = 0; i < K; i++) STORE(out + i * K, sum[i]);
}

INLINE void stack_body(
    int D, int K, const double *maps, const double *probabilities, const double *means,
    double *stacked, double *mean) {
  const size_t square = (size_t)K * K, side = square + K;
  for (int d = 0; d < D; d++) {
    double *left = stacked + (size_t)d * K * side;
    for (int i = 0; i < K; i++) {
      double total = 0;
      for (int x = 0; x < K; x++) {
        const double *row = maps + ((size_t)d * K + x) * square + (size_t)i * K;
        const double *m = means + ((size_t)d * K + x) * K;
        double image = 0;
        for (int j = 0; j < K; j++) {
          left[i * side + (size_t)x * K + j] = row[j];
          image += row[j] * m[j];
        }
        left[i * side + square + x] = image;
        total += probabilities[d * K + x] * image;
      }
      mean[d * K + i] = total;
      for (int x = 0; x < K; x++) left[i * side + square + x] -= total;
    }
  }
}

// The same for eight categories and all K^D joint codes in the order of their codes: the joint codes of a cell
// one after another, its sums in registers.
INLINE void tables_of_eight(
    int D, size_t joint_codes, const int32_t *codes, const double *weights, const double *vectors,
    const double *means, double *own, double *pairs, double *residuals) {
  enum { K = 8, square = 64, side = 72 };
  const size_t couples = (size_t)D * (D - 1) / 2;
  memset(own, 0, sizeof *own * D * K * square);
  memset(pairs, 0, sizeof *pairs * couples * side * side);
  // [D][joint codes][K].
  for (size_t joint_code = 0; joint_code < joint_codes; joint_code++) {
    for (int d = 0; d < D; d++) {
      const double *mean = means + ((size_t)d * K + codes[joint_code * D + d]) * K;
      const double *h = vectors + (joint_code * D + d) * K;
      STORE(residuals + ((size_t)d * joint_codes + joint_code) * K, LOAD(h) - LOAD(mean));
    }
  }
  size_t couple = 0, outer = joint_codes / K;
  for (int d = 0; d < D; d++, outer /= K) {
    const double *left = residuals + (size_t)d * joint_codes * K;
    // The joint codes with x_d = x: runs of `outer`.
    for (int x = 0; x < K; x++) {
      Lanes sum[K] = {};
      for (size_t start = x * outer; start < joint_codes; start += K * outer) {
        for (size_t joint_code = start; joint_code < start + outer; joint_code++) {
          const Lanes row = LOAD(left + joint_code * K), scaled = weights[joint_code] * row;
#pragma clang loop unroll(full)
          for (int i = 0; i < K; i++) sum[i] += row[i] * scaled;
        }
      }
      for (int i = 0; i < K; i++) STORE(own + ((size_t)d * K + x) * square + i * K, sum[i]);
    }
    size_t inner = outer / K;
    for (int e = d + 1; e < D; e++, couple++, inner /= K) {
      const double *right = residuals + (size_t)e * joint_codes * K;
      double *table = pairs + couple * side * side;
      for (int cell = 0; cell < square; cell++) {
        const int x = cell / K, y = cell % K;
        Lanes sum[K] = {}, left_sum = {}, right_sum = {};
        for (size_t high = x * outer; high < joint_codes; high += K * outer) {
          for (size_t start = high + y * inner; start < high + outer; start += K * inner) {
            for (size_t joint_code = start; joint_code < start + inner; joint_code++) {
              const double *row = left + joint_code * K;
              const Lanes scaled = weights[joint_code] * LOAD(right + joint_code * K);
#pragma clang loop unroll(full)
              for (int i = 0; i < K; i++) sum[i] += row[i] * scaled;
              left_sum += weights[joint_code] * LOAD(row);
              right_sum += scaled;
            }
          }
        }
        for (int i = 0; i < K; i++) {
          STORE(table + (size_t)(x * K + i) * side + y * K, sum[i]);
          table[(size_t)(x * K + i) * side + square + y] = left_sum[i];
        }
        STORE(table + (size_t)(square + x) * side + y * K, right_sum);
      }
    }
  }
}

#define SUMS_PARAMETERS                                                                 \
  int latents, int categories, size_t joint_codes, const int32_t *codes, const double *weights, \
      const double *vectors, double *probabilities, double *sums
#define SUMS latents, categories, joint_codes, codes, weights, vectors, probabilities, sums
#define TABLES_PARAMETERS                                                                   \
  int latents, int categories, size_t joint_codes, const int32_t *codes, const double *weights,  \
      const double *vectors, const double *means, double *own, double *pairs, double *scratch
#define TABLES latents, categories, joint_codes, codes, weights, vectors, means, own, pairs, scratch

// Loops over eight categories, a common number, without a trip count.
#define BODIES(level, target)                                                 \
  target static void sums_##level(SUMS_PARAMETERS) {                          \
    if (categories == 8) {                                                    \
      sums_of_eight(                                                          \
          latents, joint_codes, codes, weights, vectors, probabilities, sums);     \
    } else {                                                                  \
      sums_body(SUMS);                                                        \
    }                                                                         \
  }                                                                           \
  target static void tables_##level(TABLES_PARAMETERS) {                      \
    if (categories == 8) {                                                    \
      tables_of_eight(                                                        \
          latents, joint_codes, codes, weights, vectors, means, own, pairs, scratch); \
    } else {                                                                  \
      tables_body(TABLES);                                                    \
    }                                                                         \
  }                                                                           \
  target static void congruence_##level(                                      \
      int categories, int count, const double *maps, const double *matrices, double *out) { \
    if (categories == 8) {                                                    \
      congruence_of_eight(count, maps, matrices, out);                        \
    } else {                                                                  \
      congruence_body(categories, count, maps, matrices, out);                \
    }                                                                         \
  }                                                                           \
  target static void stack_##level(                                           \
      int latents, int categories, const double *maps, const double *probabilities, \
      const double *means, double *stacked, double *mean) {                   \
    if (categories == 8) {                                                    \
      stack_body(latents, 8, maps, probabilities, means, stacked, mean);      \
    } else {                                                                  \
      stack_body(latents, categories, maps, probabilities, means, stacked, mean); \
    }                                                                         \
  }

AT_EACH_LEVEL(BODIES)

void gf_category_sums(SUMS_PARAMETERS) { DISPATCH_BY_CPU(sums, SUMS) }

void gf_pair_tables(TABLES_PARAMETERS) { DISPATCH_BY_CPU(tables, TABLES) }

void gf_congruence_sum(
    int categories, int count, const double *maps, const double *matrices, double *out) {
  DISPATCH_BY_CPU(congruence, categories, count, maps, matrices, out)
}

void gf_stack_maps(
    int latents, int categories, const double *maps, const double *probabilities,
    const double *means, double *stacked, double *mean) {
  DISPATCH_BY_CPU(stack, latents, categories, maps, probabilities, means, stacked, mean)
}

size_t gf_pair_tables_scratch(int latents, int categories, size_t joint_codes) {
  const size_t d = (size_t)latents, k = (size_t)categories;
  if (categories == 8) return joint_codes * d * 8;
  return d * k + d * (d - 1) / 2 * k * k * k;
}
