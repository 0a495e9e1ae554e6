#include "joint_tables.h"

#include <string.h>

#include "CKernels.h"
#include "levels.h"

// Fused multiply-adds round differently; without them all levels return the same bits.
#pragma STDC FP_CONTRACT OFF

#define INLINE static inline __attribute__((always_inline))

enum {
  LANES = 8,  // partial sums of a row
  ROWS = 4,   // rows of a table that are contracted together
};

typedef double Lanes __attribute__((vector_size(8 * LANES), aligned(8), may_alias));

#define LOAD(from) (*(const Lanes *)(from))
#define STORE(to, value) (*(Lanes *)(to) = (value))

// By address: vectors as arguments have no common layout at all levels.
INLINE double lane_sum(const Lanes *lanes) {
  const Lanes x = *lanes;
  return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
}

INLINE void outer_body(
    const double *sums, size_t rows, const double *terms, size_t k, size_t columns,
    double *restrict out) {
  for (size_t row = 0; row < rows; row++, sums += columns) {
    const double *term = terms;
    for (size_t x = 0; x < k; x++, term += columns, out += columns) {
      size_t c = 0;
      for (; c + LANES <= columns; c += LANES) STORE(out + c, LOAD(sums + c) + LOAD(term + c));
      for (; c < columns; c++) out[c] = sums[c] + term[c];
    }
  }
}

// Each row is built from its back so that it needs no second vector.
INLINE void codes_body(
    const double *starts, size_t rows, const double *terms, size_t stride, size_t latents,
    size_t k, double *restrict out) {
  for (size_t row = 0; row < rows; row++) {
    const double *term = terms + row * stride;
    size_t count = 1;
    out[0] = starts[row];
    for (size_t latent = 0; latent < latents; latent++, term += k, count *= k) {
      for (size_t prefix = count; prefix-- > 0;) {
        const double sum = out[prefix];
        for (size_t x = 0; x < k; x++) out[prefix * k + x] = sum + term[x];
      }
    }
    out += count;
  }
}

INLINE void cubes_body(double *u, size_t rows, size_t columns, double *values) {
  for (size_t row = 0; row < rows; row++, u += columns) {
    Lanes sum = {};
    double rest = 0;
    size_t c = 0;
    for (; c + LANES <= columns; c += LANES) {
      const Lanes x = LOAD(u + c), square = x * x;
      sum += square * x;
      STORE(u + c, 3 * square);
    }
    for (; c < columns; c++) {
      const double square = u[c] * u[c];
      rest += square * u[c];
      u[c] = 3 * square;
    }
    values[row] += lane_sum(&sum) + rest;
  }
}

INLINE void joint_body(
    const double *front, size_t fronts, const double *back, size_t backs, const double *shared,
    const double *own, size_t k, size_t rows, double *restrict out) {
  for (size_t a = 0; a < rows; a++) {
    const double *s = shared + a / k * fronts * backs, *o = own + a % k * fronts * backs;
    for (size_t f = 0; f < fronts; f++, s += backs, o += backs, out += backs) {
      const double start = front[a * fronts + f], *y = back + a * backs;
      size_t b = 0;
      for (; b + LANES <= backs; b += LANES) {
        STORE(out + b, (start + LOAD(y + b)) + (LOAD(s + b) + LOAD(o + b)));
      }
      for (; b < backs; b++) out[b] = (start + y[b]) + (s[b] + o[b]);
    }
  }
}

// Adds `count` rows, at most ROWS.
INLINE void contract_rows(
    int count, const double *table, size_t columns, const double *p, const double *q,
    double *by_row, double *by_column) {
  Lanes sums[ROWS] = {};
  double rest[ROWS] = {0};
  size_t c = 0;
  for (; c + LANES <= columns; c += LANES) {
    Lanes sum = LOAD(by_column + c);
#pragma clang loop unroll(full)
    for (int row = 0; row < count; row++) {
      const Lanes value = LOAD(table + row * columns + c);
      sums[row] += value * LOAD(q + c);
      sum += p[row] * value;
    }
    STORE(by_column + c, sum);
  }
  for (; c < columns; c++) {
    for (int row = 0; row < count; row++) {
      const double value = table[row * columns + c];
      rest[row] += value * q[c];
      by_column[c] += p[row] * value;
    }
  }
#pragma clang loop unroll(full)
  for (int row = 0; row < count; row++) by_row[row] = lane_sum(sums + row) + rest[row];
}

INLINE void contract_body(
    const double *table, size_t rows, size_t columns, const double *p, const double *q,
    double *by_row, double *by_column) {
  memset(by_column, 0, sizeof *by_column * columns);
  size_t row = 0;
  for (; row + ROWS <= rows; row += ROWS) {
    contract_rows(ROWS, table + row * columns, columns, p + row, q, by_row + row, by_column);
  }
  for (; row < rows; row++) {
    contract_rows(1, table + row * columns, columns, p + row, q, by_row + row, by_column);
  }
}

#define OUTER_PARAMETERS                                                               \
  const double *sums, size_t rows, const double *terms, size_t k, size_t columns,      \
      double *out
#define OUTER sums, rows, terms, k, columns, out
#define CODES_PARAMETERS                                                               \
  const double *starts, size_t rows, const double *terms, size_t stride, size_t latents, \
      size_t k, double *out
#define JOINT_PARAMETERS                                                               \
  const double *front, size_t fronts, const double *back, size_t backs,                \
      const double *shared, const double *own, size_t k, size_t rows, double *out
#define JOINT front, fronts, back, backs, shared, own, k, rows, out
#define CONTRACT_PARAMETERS                                                            \
  const double *table, size_t rows, size_t columns, const double *p, const double *q,  \
      double *by_row, double *by_column
#define CONTRACT table, rows, columns, p, q, by_row, by_column

// Loops over four categories, a common number, without a trip count.
#define BODIES(level, target)                                                          \
  target static void outer_##level(OUTER_PARAMETERS) { outer_body(OUTER); }            \
  target static void codes_##level(CODES_PARAMETERS) {                                 \
    if (k == 4) {                                                                      \
      codes_body(starts, rows, terms, stride, latents, 4, out);                        \
    } else {                                                                           \
      codes_body(starts, rows, terms, stride, latents, k, out);                        \
    }                                                                                  \
  }                                                                                    \
  target static void cubes_##level(                                                    \
      double *u, size_t rows, size_t columns, double *values) {                        \
    cubes_body(u, rows, columns, values);                                              \
  }                                                                                    \
  target static void joint_##level(JOINT_PARAMETERS) { joint_body(JOINT); }            \
  target static void contract_##level(CONTRACT_PARAMETERS) { contract_body(CONTRACT); }

AT_EACH_LEVEL(BODIES)

void gf_outer_sums(OUTER_PARAMETERS) { DISPATCH(outer, OUTER) }

void gf_code_sums(CODES_PARAMETERS) {
  DISPATCH(codes, starts, rows, terms, stride, latents, k, out)
}

void gf_add_cubes(double *u, size_t rows, size_t columns, double *values) {
  DISPATCH(cubes, u, rows, columns, values)
}

void gf_joint_sums(JOINT_PARAMETERS) { DISPATCH(joint, JOINT) }

void gf_contract(CONTRACT_PARAMETERS) { DISPATCH(contract, CONTRACT) }
