#include "matrix_products.h"

#if defined(__x86_64__)

#include <stdlib.h>
#include <string.h>

#include "levels.h"

// One multiply-add a term.
#pragma STDC FP_CONTRACT ON

enum {
  DEPTH = 1024, // terms of a sum that are formed at a time: the same everywhere, as bits depend on it
};

static inline size_t smaller(size_t x, size_t y) { return x < y ? x : y; }

// Whether lines that start `stride` bytes apart share few sets of the first-level cache.
static int collides(size_t stride) { return stride % 4096 == 0; }

// 12 sums, 2 vectors of B and a number of A in 16 registers.
#define VATTR TARGET_V3
#define TILE 6
#define MORE_TILES(wide, row, term)
// Where two threads share a core, a loop of single terms has more instructions than fit beside 12 multiply-adds.
#define TERMS_TOGETHER _Pragma("clang loop unroll_count(4)")
#define COPIES_COLUMNS 1

#define NUMBER double
#define LEVEL _f64_v3
#define WIDTH 4
#define LANES(of, s) of(s, 0), of(s, 1), of(s, 2), of(s, 3)
#include "matrix_products.inc"
#undef NUMBER
#undef LEVEL
#undef WIDTH
#undef LANES

#define NUMBER float
#define LEVEL _f32_v3
#define WIDTH 8
#define LANES(of, s) \
  of(s, 0), of(s, 1), of(s, 2), of(s, 3), of(s, 4), of(s, 5), of(s, 6), of(s, 7)
#include "matrix_products.inc"
#undef LEVEL
#undef WIDTH
#undef LANES
#undef VATTR
#undef TILE
#undef MORE_TILES
#undef TERMS_TOGETHER
#undef COPIES_COLUMNS

// 28 sums, 2 vectors of B and a number of A in 32 registers.
#define LEVEL _f32_v4
#define VATTR TARGET_V4
#define WIDTH 16
#define TILE 14
#define TERMS_TOGETHER
#define COPIES_COLUMNS 0
#define MORE_TILES(wide, row, term)                                                         \
  TILE_CASE(7, wide, row, term)                                                             \
  TILE_CASE(8, wide, row, term)                                                             \
  TILE_CASE(9, wide, row, term)                                                             \
  TILE_CASE(10, wide, row, term)                                                            \
  TILE_CASE(11, wide, row, term)                                                            \
  TILE_CASE(12, wide, row, term)                                                            \
  TILE_CASE(13, wide, row, term)                                                            \
  TILE_CASE(14, wide, row, term)
#define LANES(of, s)                                                                        \
  of(s, 0), of(s, 1), of(s, 2), of(s, 3), of(s, 4), of(s, 5), of(s, 6), of(s, 7), of(s, 8), \
      of(s, 9), of(s, 10), of(s, 11), of(s, 12), of(s, 13), of(s, 14), of(s, 15)
#include "matrix_products.inc"

int gf_product_level(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("x86-64-v4") ? 4 : __builtin_cpu_supports("x86-64-v3") ? 3 : 0;
}

int gf_product_f32_at(
    int level, int transpose_a, int transpose_b, size_t m, size_t n, size_t k, float alpha,
    const float *a, size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc) {
  if (m == 0 || n == 0 || k == 0 || level > gf_product_level()) return 0;
  return (level == 4 ? product_f32_v4 : product_f32_v3)(
      transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

int gf_product_f32(
    int transpose_a, int transpose_b, size_t m, size_t n, size_t k, float alpha, const float *a,
    size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc) {
  const int level = gf_product_level();
  // Products of OpenBLAS have bits that do not depend on the number of rows where it takes AVX-512, and are
  // faster where there is little to multiply.
  const size_t least = level == 4 ? 32 : 1;
  if (level == 0 || m < least || n < least || k < least) return 0;
  return gf_product_f32_at(
      level, transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

int gf_product_f64(
    int transpose_a, int transpose_b, size_t m, size_t n, size_t k, double alpha, const double *a,
    size_t lda, const double *b, size_t ldb, double beta, double *c, size_t ldc) {
  if (m == 0 || n == 0 || k == 0 || gf_product_level() != 3) return 0;
  return product_f64_v3(transpose_a, transpose_b, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
}

#else

int gf_product_level(void) { return 0; }

int gf_product_f32_at(
    int level, int transpose_a, int transpose_b, size_t m, size_t n, size_t k, float alpha,
    const float *a, size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc) {
  return 0;
}

int gf_product_f32(
    int transpose_a, int transpose_b, size_t m, size_t n, size_t k, float alpha, const float *a,
    size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc) {
  return 0;
}

int gf_product_f64(
    int transpose_a, int transpose_b, size_t m, size_t n, size_t k, double alpha, const double *a,
    size_t lda, const double *b, size_t ldb, double beta, double *c, size_t ldc) {
  return 0;
}

#endif
