// Sums over many gradient estimates without an array of estimates: draws, maps and sums in one pass.
//
// Sixteen draws side by side. Words, codes and noise are those of (key, row, site, draw number):
// word `e` of a draw that takes `n` words of a site is word `draw n + e` of its stream. The float32
// loop holds no fused multiply-add and sums in a fixed order, so the bits are the same at every
// level; its sums, taken about a shift, go to double every GF_FUSED_UNIT draws.
#pragma once

#include <stddef.h>
#include <stdint.h>

// Draws that are summed in float32: the units are those of the draw numbers, whatever the range.
#define GF_FUSED_UNIT 1024
// Categories, or joint codes of a group of latents, that a look-up table has room for.
#define GF_FUSED_CODES 16
// Bytes that tables and scratch memory are aligned to.
#define GF_FUSED_ALIGNMENT 64

// A range of draws of one row. `sample_site` is the site of the first sample's uniforms (further
// samples follow it), `noise_site` that of the exponentials of its Gumbel noise.
typedef struct {
  uint64_t key;
  uint32_t row;
  uint32_t sample_site;
  uint32_t noise_site;
  uint64_t first;
  uint64_t count;
} gf_draws;

// The codes: category k is passed where (word >> 9) >= thresholds[d][k], k < categories - 1.
typedef struct {
  size_t latents;
  size_t categories;
  const int32_t *thresholds;
} gf_distribution;

// The surrogate softmax s = softmax(exponent * (log p + Gumbel given the code) + offset).
//
// Two categories take their noise from the uniform u of the code itself: the perturbed difference
// is logit(u) - logit(p_0). More take one exponential E each: z_x = -log E_x for the code x,
// z_i = -log(E_i / p_i + E_x) for the others.
typedef struct {
  float exponent;
  // Two categories: q with q_1^exponent / q_0^exponent = (p_1 / p_0)^exponent exp(offset_1 - offset_0),
  // the larger 1, [D][2], and log(q_1 / q_0), [D]. Null for more.
  const float *weights;
  const float *log_odds;
  // More categories: 1 / p and exp(offset), the largest of each latent 1, both [D][K].
  const float *inverse_distribution;
  const float *factors;
} gf_surrogate;

// Draws with each code, added to counts[D][K - 1]: those at category k + 1 or above.
void gf_code_counts(const gf_draws *draws, const gf_distribution *distribution, int64_t *counts);

// Gradient of a separable cost with two categories: h_1 - h_0.
typedef struct {
  // At hard points: by code, each [D]; null at soft points.
  const float *gradient_zero;
  const float *gradient_one;
  // At soft points y: sign(u) |u|^(power - 1), u = base_d + step_d y_1; both [D].
  const float *base;
  const float *step;
  float power;
} gf_binary_gradients;

// Estimates s_1 s_0 (h_1 - h_0) of category 1 under a separable cost of binary latents, added
// up in sums[D] and squares[D]. The estimate of category 0 is the negative.
void gf_binary_surrogate(
    const gf_draws *draws, const gf_distribution *distribution, const gf_surrogate *surrogate,
    const gf_binary_gradients *gradients, double *sums, double *squares);

// Leave-one-out REINFORCE with `samples` <= 32 samples on sum_d differences[d] z[d, 1]:
// sum_i (f_i - mean f) z_i[d, 1], added up in sums[D] and squares[D].
void gf_binary_leave_one_out(
    const gf_draws *draws, const gf_distribution *distribution, const float *differences, int samples, double *sums,
    double *squares);

// A polynomial cost of degree 3, or its gradient, as a linear map of the point and `rank` squares.
//
// Rows come in blocks of eight: matrices are [blocks][columns][8], tables
// [blocks][groups][8][GF_FUSED_CODES], padded with zeros. A group is `group_size` neighbouring
// latents whose joint code, first latent slowest, is below GF_FUSED_CODES.
typedef struct {
  size_t rank;
  size_t group_size;
  // Constant part of the D K rows, padded to blocks.
  const float *linear;
  // Rows of the quadratic part at hard points (tables) or soft points (matrix, D K columns); null
  // for none.
  const float *quadratic;
  // The `rank` rows w of the cubic part, likewise.
  const float *cubic;
  // Matrix of D K rows and `rank` columns that takes the squares w^2; unused for values.
  const float *back;
} gf_polynomial;

// Estimates A_{d, x} h_d at hard points, added up in sums[D][K] and squares[D][K].
// maps[D][K][K][GF_FUSED_CODES] is A_{d, x}[i][j], by x in the last place; null where h is the
// estimate.
void gf_polynomial_maps(
    const gf_draws *draws, const gf_distribution *distribution, const gf_polynomial *gradients, const float *maps,
    double *sums, double *squares);

// Estimates J(s_d) h_d, h at the code or, if `soft`, at s itself.
void gf_polynomial_surrogate(
    const gf_draws *draws, const gf_distribution *distribution, const gf_surrogate *surrogate,
    const gf_polynomial *gradients, int soft, double *sums, double *squares);

// Leave-one-out REINFORCE: sum_i (f_i - mean f) z_i, f = sum_d v[d, z_d] + sum_r w_r^3 with
// the rows v of `values`.
void gf_polynomial_leave_one_out(
    const gf_draws *draws, const gf_distribution *distribution, const gf_polynomial *values, int samples,
    double *sums, double *squares);
