#pragma once
#include <stddef.h>
#include <stdint.h>

/// Sums over joint codes of what each has to say about its own categories.
///
/// codes: [joint codes][latents], weights: [joint codes], vectors: [joint codes][latents][categories]. The joint codes are all
/// K^D ones, the code of the last latent the fastest.
/// probabilities: [latents][categories], E[1{x_d = x}]; sums: [latents][categories][categories],
/// E[h_d 1{x_d = x}].
void gf_category_sums(
    int latents, int categories, size_t joint_codes, const int32_t *codes, const double *weights,
    const double *vectors, double *probabilities, double *sums);

/// Second moments of residuals e_d = h_d - means[d][x_d], by the categories of one latent and of two.
///
/// own: [latents][categories][K][K], E[e_d e_d^T 1{x_d = x}].
/// pairs: for every d < e a square of side n = K^2 + K, row by row. Rows (x, j), columns (y, l):
/// E[e_dj e_el 1{x_d = x, x_e = y}]. Row K^2 + x: E[e_el 1{..}]; column K^2 + y: E[e_dj 1{..}]; 0 in
/// the corner.
/// scratch: gf_pair_tables_scratch(...) doubles. The joint codes are all K^D ones, the code of the last latent
/// the fastest.
void gf_pair_tables(
    int latents, int categories, size_t joint_codes, const int32_t *codes, const double *weights,
    const double *vectors, const double *means, double *own, double *pairs, double *scratch);

/// Number of doubles of scratch space.
size_t gf_pair_tables_scratch(int latents, int categories, size_t joint_codes);

/// sum_x A_x M_x A_x^T for maps and symmetric matrices [count][K][K]; out: [K][K].
void gf_congruence_sum(
    int categories, int count, const double *maps, const double *matrices, double *out);

/// Maps A_d(x), [latents][x][K][K], as the left factors of pair tables: stacked[d] is K x (K^2 + K),
/// row i holding A_d(x)[i][j] at (x, j) and u_d(x)[i] at K^2 + x, where u_d(x) = A_d(x) m_d(x) - mean_d
/// and mean_d = sum_x p_d(x) A_d(x) m_d(x).
///
/// probabilities: [latents][K]; means: m, [latents][x][K]; mean: [latents][K].
void gf_stack_maps(
    int latents, int categories, const double *maps, const double *probabilities,
    const double *means, double *stacked, double *mean);
