#pragma once
#include <stddef.h>

/// Lanes of the u grid that are summed side by side; `u_count` must be a multiple of it.
#define GF_MOMENT_LANES 8

/// Fourth-order moments E[s_i s_j s_k s_l] of s = v / sum v given the winner x, where
/// v_x = c_x and v_i = c_i r_i^alpha, r_i = 1 / (1 + E_i / (p_i E_x)), for i <= j <= k <= l in
/// lexicographic order, by the Laplace form 1/V^4 = int u^3 e^{-uV} du / 6.
///
/// log_p, log_c: [categories]; the t grid integrates over E_x, the e grid over each E_i, both
/// given by logarithms and weights of an Exp(1) quadrature; the u grid by u and its step in log u.
/// out: C(categories + 3, 4) values. scratch: gf_softmax_moments_scratch(...) doubles.
void gf_softmax_moments(
    int categories, int winner, const double *log_p, const double *log_c, double alpha,
    int t_count, const double *log_t, const double *t_weights, int e_count, const double *log_e,
    const double *e_weights, int u_count, const double *u, double u_step, double *out,
    double *scratch);

/// Number of doubles of scratch space.
size_t gf_softmax_moments_scratch(int categories, int e_count);

/// C(categories + 3, 4).
size_t gf_softmax_moments_count(int categories);
