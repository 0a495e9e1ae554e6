#include "fused_moments.h"

#include "CKernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif
#include <stdlib.h>
#include <string.h>

// Fused multiply-adds round differently; without them all levels return the same bits.
#pragma STDC FP_CONTRACT OFF
// Vectors of a level never leave this file: every function that takes or returns one is static.
#pragma clang diagnostic ignored "-Wpsabi"

#include "draw_vectors.h"
#include "levels.h"
#include "polynomials.h"

// Words of sixteen draws, and pairs of words for the products of the generator.
typedef uint32_t U16 __attribute__((vector_size(64)));
typedef uint64_t L8 __attribute__((vector_size(64)));

enum {
  LANES = 16,
  CHUNK = 32,        // latents handled at a time where latents do not meet: sums in first-level cache
  ROWS = 8,          // rows of a matrix handled side by side
  WORDS = 64,        // words of a draw that are made at a time, at most
  MAX_SAMPLES = 32,  // samples of an estimate whose binary codes fit one word
};

static void *vectors(size_t count) {
  void *memory = aligned_alloc(GF_FUSED_ALIGNMENT, (count ? count : 1) * sizeof(F16));
  if (!memory) abort();
  return memory;
}

static size_t smaller(size_t a, size_t b) { return a < b ? a : b; }
static size_t whole_rows(size_t n) { return (n + ROWS - 1) / ROWS * ROWS; }

// End of the part of a range of draws that lies in the unit of `draw`.
static uint64_t unit_end(uint64_t draw, uint64_t end) {
  uint64_t next = (draw / GF_FUSED_UNIT + 1) * GF_FUSED_UNIT;
  return next < end ? next : end;
}

#define KERNELS "fused_kernels.inc"
#include "each_level.inc"

void gf_code_counts(const gf_draws *draws, const gf_distribution *distribution, int64_t *counts) {
  DISPATCH(gf_code_counts, draws, distribution, counts)
}

void gf_binary_surrogate(
    const gf_draws *draws, const gf_distribution *distribution, const gf_surrogate *surrogate,
    const gf_binary_gradients *gradients, double *sums, double *squares) {
  DISPATCH(gf_binary_surrogate, draws, distribution, surrogate, gradients, sums, squares)
}

void gf_binary_leave_one_out(
    const gf_draws *draws, const gf_distribution *distribution, const float *differences, int samples, double *sums,
    double *squares) {
  DISPATCH(gf_binary_leave_one_out, draws, distribution, differences, samples, sums, squares)
}

void gf_polynomial_maps(
    const gf_draws *draws, const gf_distribution *distribution, const gf_polynomial *gradients, const float *maps,
    double *sums, double *squares) {
  DISPATCH(gf_polynomial_maps, draws, distribution, gradients, maps, sums, squares)
}

void gf_polynomial_surrogate(
    const gf_draws *draws, const gf_distribution *distribution, const gf_surrogate *surrogate,
    const gf_polynomial *gradients, int soft, double *sums, double *squares) {
  DISPATCH(gf_polynomial_surrogate, draws, distribution, surrogate, gradients, soft, sums, squares)
}

void gf_polynomial_leave_one_out(
    const gf_draws *draws, const gf_distribution *distribution, const gf_polynomial *values, int samples, double *sums,
    double *squares) {
  DISPATCH(gf_polynomial_leave_one_out, draws, distribution, values, samples, sums, squares)
}
