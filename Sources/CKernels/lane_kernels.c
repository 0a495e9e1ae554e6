#include "lane_kernels.h"

#include "CKernels.h"

#include <string.h>

// Fused multiply-adds round differently; without them all levels return the same bits.
#pragma STDC FP_CONTRACT OFF
// Vectors of a level never leave this file: every function that takes or returns one is static.
#pragma clang diagnostic ignored "-Wpsabi"

#include "draw_vectors.h"
#include "levels.h"
#include "polynomials.h"

typedef double D8 __attribute__((vector_size(64)));
typedef double D4 __attribute__((vector_size(32)));
typedef double D2 __attribute__((vector_size(16)));

#define EACH for (int l = 0; l < GF_LANES; l++)

// Swaps bit `s` of the number of a line with that of its lanes: x and y are lines i and i + s.
#define SWAP(s, x, y)                                            \
  do {                                                           \
    F16 low = x, high = y;                                       \
    x = __builtin_shufflevector(low, high, LANES_LOW_##s);       \
    y = __builtin_shufflevector(low, high, LANES_HIGH_##s);      \
  } while (0)
#define LANES_LOW_1 0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30
#define LANES_HIGH_1 1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31
#define LANES_LOW_2 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29
#define LANES_HIGH_2 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31
#define LANES_LOW_4 0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27
#define LANES_HIGH_4 4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31
#define LANES_LOW_8 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23
#define LANES_HIGH_8 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31

#define KERNELS "lane_kernels.inc"
#include "each_level.inc"

void gf_tiles_from_rows(
    const float *rows, size_t count, size_t width, float fill, float *tiles) {
  DISPATCH(gf_tiles_from_rows, rows, count, width, fill, tiles)
}

void gf_tiles_from_codes(const int32_t *codes, size_t count, size_t latents, int32_t *tiles) {
  DISPATCH(gf_tiles_from_codes, codes, count, latents, tiles)
}

void gf_rows_from_tiles(const float *tiles, size_t count, size_t width, float *rows) {
  DISPATCH(gf_rows_from_tiles, tiles, count, width, rows)
}

void gf_lane_noise(
    gf_tiles size, const float *log_distribution, const float *inverse_distribution, const int32_t *codes,
    float *noise) {
  DISPATCH(gf_lane_noise, size, log_distribution, inverse_distribution, codes, noise)
}

void gf_lane_softmax(
    gf_tiles size, const float *noise, float exponent, const float *offsets, float *points) {
  DISPATCH(gf_lane_softmax, size, noise, exponent, offsets, points)
}

void gf_lane_surrogate(
    gf_tiles size, const float *noise, float exponent, const float *offsets, float scale,
    const float *gradients, float *estimates, size_t stride) {
  DISPATCH(
      gf_lane_surrogate, size, noise, exponent, offsets, scale, gradients, estimates, stride)
}

void gf_lane_mixture(
    gf_tiles size, const float *points, float mix, float scale, const float *distribution, float distribution_scale,
    const int32_t *codes, const float *gradients, float *estimates, size_t stride) {
  DISPATCH(
      gf_lane_mixture, size, points, mix, scale, distribution, distribution_scale, codes, gradients, estimates, stride)
}

void gf_lane_capped(
    gf_tiles size, const float *weights, const float *caps, float scale, const int32_t *codes,
    const float *gradients, float *estimates, size_t stride) {
  DISPATCH(gf_lane_capped, size, weights, caps, scale, codes, gradients, estimates, stride)
}

void gf_lane_scores(
    gf_tiles size, size_t samples, const int32_t *codes, const float *factors, float *estimates,
    size_t stride) {
  DISPATCH(gf_lane_scores, size, samples, codes, factors, estimates, stride)
}

void gf_line_sums(const float *x, size_t lines, size_t stride, double *sums, double *squares) {
  DISPATCH(gf_line_sums, x, lines, stride, sums, squares)
}

void gf_line_squares(
    const float *x, size_t lines, size_t count, size_t stride, double *squares) {
  DISPATCH(gf_line_squares, x, lines, count, stride, squares)
}

void gf_upper_dots(
    const float *a, const float *b, const float *triangle, size_t n, double *dots) {
  DISPATCH(gf_upper_dots, a, b, triangle, n, dots)
}

void gf_square_sum(const float *x, size_t count, double *sum) {
  DISPATCH(gf_square_sum, x, count, sum)
}
