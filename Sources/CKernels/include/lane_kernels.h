// Estimates of one row from draws that lie side by side, in float32.
//
// A tile holds sixteen draws: [width][GF_LANES], width = latents * k. Arrays of tiles are
// [tiles][width][GF_LANES]; lanes beyond the last draw hold zeros, and so do their estimates.
// Estimates go out as [width][stride] with tile t at column t * GF_LANES. Nothing is summed across
// lanes but by the sums below, in a fixed order, and no multiply-add is fused: the bits are the same
// at every level and do not depend on which draws share a tile.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define GF_LANES 16

// Sizes of one row's tiles.
typedef struct {
  size_t latents;
  size_t k;
  size_t tiles;
} gf_tiles;

// rows[count][width] as tiles; lanes beyond `count` are `fill`.
void gf_tiles_from_rows(
    const float *rows, size_t count, size_t width, float fill, float *tiles);
// codes[count][latents] as tiles; lanes beyond `count` are 0.
void gf_tiles_from_codes(const int32_t *codes, size_t count, size_t latents, int32_t *tiles);
// The first `count` draws of tiles as rows[count][width].
void gf_rows_from_tiles(const float *tiles, size_t count, size_t width, float *rows);

// In place, standard exponentials E to the perturbed logits given the codes, less that of the code:
// v_x = 0, v_i = -log(1 + E_i / (p_i E_x)). Takes 1 / p, [width], or log p where it is null: what
// distributions need whose 1 / p overflows.
void gf_lane_noise(
    gf_tiles size, const float *log_distribution, const float *inverse_distribution, const int32_t *codes,
    float *noise);

// softmax(exponent * v + offsets) of every latent, as tiles; offsets [width] or null for zeros.
void gf_lane_softmax(
    gf_tiles size, const float *noise, float exponent, const float *offsets, float *points);

// scale J(s) h with s = softmax(exponent * v + offsets).
void gf_lane_surrogate(
    gf_tiles size, const float *noise, float exponent, const float *offsets, float scale,
    const float *gradients, float *estimates, size_t stride);

// scale J(m) h + law_scale J(p) h with m = (1 - mix) s + mix z; s and p are [width], z the one-hot
// codes. A null distribution stands for law_scale 0.
void gf_lane_mixture(
    gf_tiles size, const float *points, float mix, float scale, const float *distribution, float distribution_scale,
    const int32_t *codes, const float *gradients, float *estimates, size_t stride);

// scale J(s) h with s_x in proportion to 1 and s_i to min(weights_i, caps_x); both [width].
void gf_lane_capped(
    gf_tiles size, const float *weights, const float *caps, float scale, const int32_t *codes,
    const float *gradients, float *estimates, size_t stride);

// sum_i a_i z_i over `samples` one-hot codes, [samples][tiles][latents][GF_LANES], with factors a,
// [samples][tiles][GF_LANES].
void gf_lane_scores(
    gf_tiles size, size_t samples, const int32_t *codes, const float *factors, float *estimates,
    size_t stride);

// Adds the sum of each line of x[lines][stride], stride a multiple of GF_LANES, to sums[lines], and
// that of its squares to squares[lines] (null: left out). In double, by lane.
void gf_line_sums(const float *x, size_t lines, size_t stride, double *sums, double *squares);

// The sum of squares of `count` numbers, a multiple of GF_LANES: in double, by lane.
void gf_square_sum(const float *x, size_t count, double *sum);

// Adds the sum of squares of the first `count` numbers of each line of x[lines][stride] to
// squares[lines]: in float by lane, and then over the lanes in double.
void gf_line_squares(
    const float *x, size_t lines, size_t count, size_t stride, double *squares);

// sum over i, j of a[i][j] c[i][j] and of b[i][j] c[i][j], matrices [n][n], where the triangle c is 0
// below the diagonal: in float by lane over two rows at a time, and then in double.
void gf_upper_dots(
    const float *a, const float *b, const float *triangle, size_t n, double *dots);
