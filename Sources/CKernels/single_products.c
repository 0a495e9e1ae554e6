#include "single_products.h"

#if defined(__x86_64__)

#include <stdlib.h>
#include <string.h>

#include "levels.h"

// One multiply-add a term.
#pragma STDC FP_CONTRACT ON

#define INLINE TARGET_V4 static inline __attribute__((always_inline))

typedef float Vector __attribute__((vector_size(64), aligned(4), may_alias));

#define LOAD(from) (*(const Vector *)(from))
#define STORE(to, value) (*(Vector *)(to) = (value))

enum {
  WIDTH = 16,           // numbers of a vector
  PANEL = 2 * WIDTH,    // columns of a tile of C
  TILE = 14,            // rows of a tile: 28 sums, 2 vectors of B and a number of A in 32 registers
  BLOCK = 10 * TILE,    // rows of A that stay in second-level cache
  COLUMNS = 32 * PANEL, // columns of B that are copied at a time
  DEPTH = 1024,         // terms of a sum that are formed at a time
  LEAST = 32,           // smallest m, n and k
};

static inline size_t smaller(size_t x, size_t y) { return x < y ? x : y; }

// Any tile's sums into C.
TARGET_V4 static void store_sums(
    int rows, size_t columns, const Vector *sums, float beta, float *c, size_t ldc) {
  for (int r = 0; r < rows; r++, sums += 2, c += ldc) {
    size_t j = 0;
    for (; j + WIDTH <= columns; j += WIDTH) {
      const Vector sum = sums[j / WIDTH];
      STORE(c + j, beta == 0 ? sum : sum + beta * LOAD(c + j));
    }
    const float *rest = (const float *)sums;
    for (; j < columns; j++) c[j] = beta == 0 ? rest[j] : rest[j] + beta * c[j];
  }
}

// A tile's sums over `depth` terms: numbers of A times rows of a panel of B.
//
// `wide` is 0 where the tile has at most WIDTH columns.
INLINE void tile(
    int rows, int wide, size_t columns, size_t depth, float alpha, const float *a,
    size_t row_stride, size_t term_stride, const float *panel, float beta, float *c, size_t ldc) {
  Vector left[TILE], right[TILE];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) left[r] = right[r] = (Vector){};
  for (size_t term = 0; term < depth; term++, panel += PANEL) {
    const Vector x = LOAD(panel), y = LOAD(panel + WIDTH);
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      const float factor = a[r * row_stride + term * term_stride];
      left[r] += factor * x;
      if (wide) right[r] += factor * y;
    }
  }
  if (columns == PANEL && beta == 0) {
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++, c += ldc) {
      STORE(c, alpha * left[r]);
      STORE(c + WIDTH, alpha * right[r]);
    }
    return;
  }
  Vector sums[2 * TILE];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    sums[2 * r] = alpha * left[r];
    sums[2 * r + 1] = alpha * right[r];
  }
  store_sums(rows, columns, sums, beta, c, ldc);
}

#define TILE_PARAMETERS                                                                     \
  int rows, size_t columns, size_t depth, float alpha, const float *a, size_t lda,          \
      const float *panel, float beta, float *c, size_t ldc
#define TILE_CASE(count, wide, row_stride, term_stride)                                     \
  case count:                                                                               \
    tile(                                                                                   \
        count, wide, columns, depth, alpha, a, row_stride, term_stride, panel, beta, c, ldc); \
    break;
#define TILES(name, wide, row, term)                                                        \
  TARGET_V4 static void name(TILE_PARAMETERS) {                                             \
    switch (rows) {                                                                         \
      TILE_CASE(1, wide, row, term)                                                         \
      TILE_CASE(2, wide, row, term)                                                         \
      TILE_CASE(3, wide, row, term)                                                         \
      TILE_CASE(4, wide, row, term)                                                         \
      TILE_CASE(5, wide, row, term)                                                         \
      TILE_CASE(6, wide, row, term)                                                         \
      TILE_CASE(7, wide, row, term)                                                         \
      TILE_CASE(8, wide, row, term)                                                         \
      TILE_CASE(9, wide, row, term)                                                         \
      TILE_CASE(10, wide, row, term)                                                        \
      TILE_CASE(11, wide, row, term)                                                        \
      TILE_CASE(12, wide, row, term)                                                        \
      TILE_CASE(13, wide, row, term)                                                        \
      TILE_CASE(14, wide, row, term)                                                        \
    }                                                                                       \
  }
TILES(wide_tile, 1, lda, 1)
TILES(narrow_tile, 0, lda, 1)
TILES(wide_tile_of_columns, 1, 1, lda)
TILES(narrow_tile_of_columns, 0, 1, lda)

// Exchanges the off-diagonal blocks of size `s` in all blocks of size 2 s: four of these transpose.
#define FIRST(s, i) ((i) & (s) ? WIDTH + (i) - (s) : (i))
#define SECOND(s, i) ((i) & (s) ? WIDTH + (i) : (i) + (s))
#define LIST(of, s)                                                                         \
  of(s, 0), of(s, 1), of(s, 2), of(s, 3), of(s, 4), of(s, 5), of(s, 6), of(s, 7), of(s, 8), \
      of(s, 9), of(s, 10), of(s, 11), of(s, 12), of(s, 13), of(s, 14), of(s, 15)
#define EXCHANGE(s)                                                                         \
  _Pragma("clang loop unroll(full)") for (int i = 0; i < WIDTH; i++) {                      \
    if (i & s) continue;                                                                    \
    const Vector x = rows[i], y = rows[i + s];                                              \
    rows[i] = __builtin_shufflevector(x, y, LIST(FIRST, s));                                \
    rows[i + s] = __builtin_shufflevector(x, y, LIST(SECOND, s));                           \
  }

INLINE void transpose_square(const float *from, size_t stride, float *to) {
  Vector rows[WIDTH];
#pragma clang loop unroll(full)
  for (int i = 0; i < WIDTH; i++) rows[i] = LOAD(from + i * stride);
  EXCHANGE(8)
  EXCHANGE(4)
  EXCHANGE(2)
  EXCHANGE(1)
#pragma clang loop unroll(full)
  for (int i = 0; i < WIDTH; i++) STORE(to + i * PANEL, rows[i]);
}

// Up to PANEL columns of B', [depth][PANEL].
INLINE void copy_transposed_panel(
    size_t columns, size_t depth, const float *b, size_t ldb, float *panel) {
  const size_t square_columns = columns - columns % WIDTH, square_depth = depth - depth % WIDTH;
  for (size_t term = 0; term < square_depth; term += WIDTH) {
    for (size_t j = 0; j < square_columns; j += WIDTH) {
      transpose_square(b + j * ldb + term, ldb, panel + term * PANEL + j);
    }
  }
  for (size_t j = 0; j < columns; j++) {
    for (size_t term = j < square_columns ? square_depth : 0; term < depth; term++) {
      panel[term * PANEL + j] = b[j * ldb + term];
    }
  }
}

// Columns of op(B), [columns / PANEL][depth][PANEL], with zeros for those that are missing.
TARGET_V4 static void copy_panels(
    int transposed, size_t columns, size_t depth, const float *b, size_t ldb, float *panels) {
  const size_t whole = columns - columns % PANEL;
  if (whole < columns) memset(panels + whole * depth, 0, sizeof *panels * depth * PANEL);
  if (transposed) {
    for (size_t j = 0; j < columns; j += PANEL) {
      copy_transposed_panel(smaller(columns - j, PANEL), depth, b + j * ldb, ldb, panels + j * depth);
    }
    return;
  }
  for (size_t term = 0; term < depth; term++, b += ldb, panels += PANEL) {
    for (size_t j = 0; j < whole; j += PANEL) {
      STORE(panels + j * depth, LOAD(b + j));
      STORE(panels + j * depth + WIDTH, LOAD(b + j + WIDTH));
    }
    for (size_t j = whole; j < columns; j++) panels[whole * depth + j - whole] = b[j];
  }
}

// Whether lines that start `stride` numbers apart share few sets of the first-level cache.
static int collides(size_t stride) { return stride % 1024 == 0; }

// C = alpha op(A) B + beta C for copied panels of B, at most COLUMNS columns and DEPTH terms.
TARGET_V4 static void multiply(
    int transpose_a, size_t m, size_t n, size_t k, float alpha, const float *a, size_t lda,
    const float *panels, float *lines, float beta, float *c, size_t ldc) {
  for (size_t start = 0; start < m; start += BLOCK) {
    const size_t end = smaller(m, start + BLOCK);
    const float *block = a + start * (transpose_a ? 1 : lda);
    size_t stride = lda;
    if (lines) {
      stride = DEPTH + WIDTH;
      for (size_t i = start; i < end; i++) {
        memcpy(lines + (i - start) * stride, a + i * lda, sizeof *lines * k);
      }
      block = lines;
    }
    for (size_t j = 0; j < n; j += PANEL) {
      const size_t columns = smaller(n - j, PANEL);
      for (size_t i = start; i < end; i += TILE) {
        const int rows = (int)smaller(end - i, TILE);
        const float *panel = panels + j * k;
        float *to = c + i * ldc + j;
        if (transpose_a) {
          (columns > WIDTH ? wide_tile_of_columns : narrow_tile_of_columns)(
              rows, columns, k, alpha, block + (i - start), stride, panel, beta, to, ldc);
        } else {
          (columns > WIDTH ? wide_tile : narrow_tile)(
              rows, columns, k, alpha, block + (i - start) * stride, stride, panel, beta, to,
              ldc);
        }
      }
    }
  }
}

int gf_has_single_products(void) {
  __builtin_cpu_init();
  return __builtin_cpu_supports("x86-64-v4") != 0;
}

int gf_single_product(
    int transpose_a, int transpose_b, size_t m, size_t n, size_t k, float alpha, const float *a,
    size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc) {
  if (m < LEAST || n < LEAST || k < LEAST || !gf_has_single_products()) return 0;
  const size_t width = (smaller(n, COLUMNS) + PANEL - 1) / PANEL * PANEL;
  const size_t room = width * smaller(k, DEPTH);
  const int copies = !transpose_a && collides(lda);
  float *panels = aligned_alloc(64, sizeof *panels * (room + copies * BLOCK * (DEPTH + WIDTH)));
  if (!panels) return 0;
  for (size_t j = 0; j < n; j += COLUMNS) {
    const size_t columns = smaller(n - j, COLUMNS);
    for (size_t term = 0; term < k; term += DEPTH) {
      const size_t depth = smaller(k - term, DEPTH);
      const float *from = b + (transpose_b ? j * ldb + term : term * ldb + j);
      copy_panels(transpose_b, columns, depth, from, ldb, panels);
      multiply(
          transpose_a, m, columns, depth, alpha, a + term * (transpose_a ? lda : 1), lda, panels,
          copies ? panels + room : NULL, term == 0 ? beta : 1, c + j, ldc);
    }
  }
  free(panels);
  return 1;
}

#else

int gf_has_single_products(void) { return 0; }

int gf_single_product(
    int transpose_a, int transpose_b, size_t m, size_t n, size_t k, float alpha, const float *a,
    size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc) {
  return 0;
}

#endif
