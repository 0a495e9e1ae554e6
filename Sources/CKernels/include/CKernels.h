// Numerical kernels with run-time dispatch on the instruction set.
//
// Every kernel returns the same bits at every level: no fused multiply-add, no reordered sums.
// Pointers may be null only when the count is 0.
#pragma once

#include "fused_moments.h"
#include "heap.h"
#include "joint_tables.h"
#include "node_moments.h"
#include "lane_kernels.h"
#include "matrix_products.h"
#include "softmax_moments.h"
#include "joint_code_gradients.h"
#include "state_tables.h"
#include "winner_moments.h"

#include <stddef.h>
#include <stdint.h>

// Forces an instruction-set level on the calling thread: 0 = choose by CPU, 1 = base, 3 = AVX2 and FMA,
// 4 = AVX-512. A level the CPU lacks falls back to the highest one it has. Returns the level now in use.
int gf_set_level(int level);

// Level in use: 1, 3 or 4.
int gf_level(void);

// A mask that the calling thread keeps for whoever asks: which faster ways it leaves out. 0 at first.
void gf_set_shortcuts_off(unsigned mask);
unsigned gf_shortcuts_off(void);

// Words first, first + 1, ... of the Philox4x32-10 stream (key, row, site): word e is lane e % 4 of
// the block with counter (lo32(e / 4), hi32(e / 4), row, site).
void gf_words(
    uint64_t key, uint32_t row, uint32_t site, uint64_t first, size_t count, uint32_t *out);

// ((w >> 9) + 0.5) 2^-23, one word each.
void gf_uniforms(
    uint64_t key, uint32_t row, uint32_t site, uint64_t first, size_t count, float *out);

// -log u, one word each.
void gf_exponentials(
    uint64_t key, uint32_t row, uint32_t site, uint64_t first, size_t count, float *out);

// -log(-log u), one word each.
void gf_gumbels(
    uint64_t key, uint32_t row, uint32_t site, uint64_t first, size_t count, float *out);

// Box-Muller on the word pairs (2i, 2i + 1): the even word gets the cosine, the odd one the sine.
void gf_normals(
    uint64_t key, uint32_t row, uint32_t site, uint64_t first, size_t count, float *out);

// codes[d][j] = number of thresholds t[k][j] <= uniforms[d][j], k < levels. `thresholds` is
// [levels][width]; position i of the flat uniforms uses column i % width.
void gf_inverse_cdf(
    const float *thresholds, size_t levels, size_t width, const float *uniforms, size_t count,
    int32_t *codes);

// Gumbel-perturbed log-probabilities given the winners: rows of k, row r uses the log-probabilities
// at row r % period. Losers are strictly below the winner.
void gf_conditional_perturbed(
    const double *log_probabilities, size_t period, const int32_t *codes, const float *exponentials,
    size_t rows, size_t k, double *out);

// 1 if no value is NaN or infinite, else 0.
int gf_all_finite(const double *x, size_t n);

// First index of the largest value in each row of k. NaN is skipped after the first place.
void gf_argmax_f64(const double *x, size_t rows, size_t k, int32_t *codes);

void gf_exp_f32(float *x, size_t n);
void gf_exp_f64(double *x, size_t n);
void gf_log_f32(float *x, size_t n);
void gf_log_f64(double *x, size_t n);
void gf_sigmoid_f32(float *x, size_t n);
void gf_sigmoid_f64(double *x, size_t n);

// x[i] = 0 where gates[i] is not positive.
void gf_gate_f32(float *x, const float *gates, size_t n);
void gf_gate_f64(double *x, const double *gates, size_t n);

// Adds `row` to each row of y; max(y, 0) after it if `rectify` is not 0 (NaN stays NaN).
void gf_add_row_f32(float *y, const float *row, size_t rows, size_t columns, int rectify);
void gf_add_row_f64(double *y, const double *row, size_t rows, size_t columns, int rectify);

// y[r] = sigmoid(y[r]) - x[x_rows[r]].
void gf_sigmoid_residual_f32(
    float *y, const float *x, const int32_t *x_rows, size_t rows, size_t columns);
void gf_sigmoid_residual_f64(
    double *y, const double *x, const int32_t *x_rows, size_t rows, size_t columns);

// y[r] = start + sum over d of table[d * categories + codes[r][d]]; max(y, 0) after it if `rectify`
// is not 0.
void gf_gather_sums_f32(
    const float *table, const float *start, const int32_t *codes, size_t rows, size_t latents,
    size_t categories, size_t columns, int rectify, float *y);
void gf_gather_sums_f64(
    const double *table, const double *start, const int32_t *codes, size_t rows, size_t latents,
    size_t categories, size_t columns, int rectify, double *y);

// Rows of k, in place.
void gf_softmax_f32(float *x, size_t rows, size_t k);
void gf_softmax_f64(double *x, size_t rows, size_t k);
void gf_log_softmax_f32(float *x, size_t rows, size_t k);
void gf_log_softmax_f64(double *x, size_t rows, size_t k);

// out[r] = sum over row r of log(1 + exp(y)), in 16 lanes by column % 16: 32 terms of a lane in the
// type of y, with one logarithm between them, the rest in double.
void gf_softplus_row_sums_f32(const float *y, size_t rows, size_t columns, double *out);
void gf_softplus_row_sums_f64(const double *y, size_t rows, size_t columns, double *out);
