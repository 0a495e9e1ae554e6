#include "CKernels.h"

#include <stdatomic.h>
#include <stdlib.h>

// Fused multiply-adds round differently; without them all levels return the same bits. This stands
// before the polynomials, which it must cover too.
#pragma STDC FP_CONTRACT OFF

#include "levels.h"
#include "polynomials.h"

enum {
  CHUNK = 256,     // words or values per pass, in first-level cache
  BLOCK = 32,      // rows handled side by side
  LANES = 16,      // partial sums of a long row
  FACTORS = 32,    // sums of a row that share one logarithm, times LANES
  SHORT_ROW = 64,  // longest row that is handled side by side
  GATHER = 16,     // columns of a gathered sum that are formed together
};

#define KERNELS "kernels.inc"
#include "each_level.inc"

static int best_level(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("x86-64-v4")) return 4;
  if (__builtin_cpu_supports("x86-64-v3")) return 3;
#endif
  return 1;
}

// 0: the best. Matrix products of our own exist at one level only, so a level that held for all threads
// would change the last digits of what the others compute.
static _Thread_local int forced_level;
static _Atomic int known_best;

int gf_set_level(int level) {
  forced_level = 0;
  int best = gf_level();
  if (level > 0 && level <= best) forced_level = level < 3 ? 1 : level;
  return gf_level();
}

int gf_level(void) {
  if (forced_level) return forced_level;
  int best = atomic_load_explicit(&known_best, memory_order_relaxed);
  if (!best) {
    best = best_level();
    atomic_store_explicit(&known_best, best, memory_order_relaxed);
  }
  return best;
}

static _Thread_local unsigned shortcuts_off;

void gf_set_shortcuts_off(unsigned mask) { shortcuts_off = mask; }

unsigned gf_shortcuts_off(void) { return shortcuts_off; }

#define STREAM_ENTRY(name, type)                                                               \
  void name(                                                                                   \
      uint64_t key, uint32_t row, uint32_t site, uint64_t first, size_t count, type *out) {    \
    DISPATCH(name, key, row, site, first, count, out)                                          \
  }
STREAM_ENTRY(gf_words, uint32_t)
STREAM_ENTRY(gf_uniforms, float)
STREAM_ENTRY(gf_exponentials, float)
STREAM_ENTRY(gf_gumbels, float)
STREAM_ENTRY(gf_normals, float)

#define ELEMENT_ENTRY(name) \
  void CAT(name, _f32)(float *x, size_t n) { DISPATCH(CAT(name, _f32), x, n) } \
  void CAT(name, _f64)(double *x, size_t n) { DISPATCH(CAT(name, _f64), x, n) }
ELEMENT_ENTRY(gf_exp)
ELEMENT_ENTRY(gf_log)
ELEMENT_ENTRY(gf_sigmoid)

#define ROWS_ENTRY(name)                                  \
  void CAT(name, _f32)(float *x, size_t rows, size_t k) { \
    DISPATCH(CAT(name, _f32), x, rows, k)                 \
  }                                                       \
  void CAT(name, _f64)(double *x, size_t rows, size_t k) { \
    DISPATCH(CAT(name, _f64), x, rows, k)                 \
  }
ROWS_ENTRY(gf_softmax)
ROWS_ENTRY(gf_log_softmax)

#define TYPED_ENTRIES(T, SUFFIX)                                                            \
  void CAT(gf_gate, SUFFIX)(T * x, const T *gates, size_t n) {                              \
    DISPATCH(CAT(gf_gate, SUFFIX), x, gates, n)                                             \
  }                                                                                         \
  void CAT(gf_add_row, SUFFIX)(                                                             \
      T * y, const T *row, size_t rows, size_t columns, int rectify) {                      \
    DISPATCH(CAT(gf_add_row, SUFFIX), y, row, rows, columns, rectify)                       \
  }                                                                                         \
  void CAT(gf_sigmoid_residual, SUFFIX)(                                                    \
      T * y, const T *x, const int32_t *x_rows, size_t rows, size_t columns) {              \
    DISPATCH(CAT(gf_sigmoid_residual, SUFFIX), y, x, x_rows, rows, columns)                 \
  }                                                                                         \
  void CAT(gf_gather_sums, SUFFIX)(                                                         \
      const T *table, const T *start, const int32_t *codes, size_t rows, size_t latents,    \
      size_t categories, size_t columns, int rectify, T *y) {                               \
    DISPATCH(                                                                               \
        CAT(gf_gather_sums, SUFFIX), table, start, codes, rows, latents, categories,        \
        columns, rectify, y)                                                                \
  }
TYPED_ENTRIES(float, _f32)
TYPED_ENTRIES(double, _f64)

void gf_softplus_row_sums_f32(const float *y, size_t rows, size_t columns, double *out) {
  DISPATCH(gf_softplus_row_sums_f32, y, rows, columns, out)
}

void gf_softplus_row_sums_f64(const double *y, size_t rows, size_t columns, double *out) {
  DISPATCH(gf_softplus_row_sums_f64, y, rows, columns, out)
}

void gf_inverse_cdf(
    const float *thresholds, size_t levels, size_t width, const float *uniforms, size_t count,
    int32_t *codes) {
  DISPATCH(gf_inverse_cdf, thresholds, levels, width, uniforms, count, codes)
}

void gf_conditional_perturbed(
    const double *log_probabilities, size_t period, const int32_t *codes, const float *exponentials,
    size_t rows, size_t k, double *out) {
  DISPATCH(
      gf_conditional_perturbed, log_probabilities, period, codes, exponentials, rows, k, out)
}

int gf_all_finite(const double *x, size_t n) {
  int finite = 1;
  DISPATCH(gf_all_finite, x, n, &finite)
  return finite;
}

void gf_argmax_f64(const double *x, size_t rows, size_t k, int32_t *codes) {
  DISPATCH(gf_argmax_f64, x, rows, k, codes)
}
