#pragma once
#include <stddef.h>

/// Winners of a table are padded to a multiple of it.
#define GF_WINNER_LANES 8

/// Most categories, and most winners of a table.
#define GF_WINNER_CATEGORIES 16

/// Numbers of a vector, eight winners at as many nodes as fit: a multiple of `t_count`.
#define GF_WINNER_NODES 16

/// Fourth-order moments E[s_i s_j s_k s_l] of s = v / sum v given each winner x in turn, where
/// v_x = c_x and v_i = c_i r_i^alpha, r_i = 1 / (1 + E_i / (p_i E_x)).
///
/// All winners share the nodes, and with them the inner integrals over the E_i: what a category
/// does as a loser does not depend on who wins. Up to eight winners are summed side by side.
/// 1/V^4 is a sum w e^{-uV} over the u nodes.
///
/// log_p, log_c: [categories]; the t grid integrates over E_x, the e grid over each E_i, both given
/// by nodes and weights of an Exp(1) quadrature; u_weights are w / u^4. Winners below
/// least_log_p are left out: their moments are 0.
/// out: [C(categories + 3, 4)][categories, padded], entries i <= j <= k <= l in lexicographic
/// order, scaled so that those of a winner add up to 1 over all i, j, k, l.
/// scratch: gf_winner_moments_scratch(...) floats. The nodes are summed in float32, whose rounding,
/// a few 1e-7 relative, is below the error of a rule with few nodes.
void gf_winner_moments(
    int categories, const double *log_p, const double *log_c, double alpha, double least_log_p,
    int t_count, const double *t, const double *t_weights, int e_count, const double *e,
    const double *e_weights, int u_count, const double *u, const double *u_weights, double *out,
    float *scratch);

/// Number of floats of scratch space.
size_t gf_winner_moments_scratch(int categories, int t_count, int e_count, int u_count);

/// Winners of a table with padding.
int gf_winner_stride(int categories);

/// E J(s) = diag(E s) - E[s s^T] of every distribution, [distributions][categories][categories], from the sorted moments:
/// the components of s add up to 1. Off-diagonal moments alone enter, so rows sum to 0 up to rounding.
void gf_winner_jacobians(
    int categories, int distributions, int stride, const double *sorted, double *means);

/// The sum over the distributions of E[J(s) M J(s)], J = diag(s) - s s^T, for symmetric matrices M,
/// [distributions][categories][categories]; out: [categories][categories].
void gf_winner_sandwich(
    int categories, int distributions, int stride, const double *sorted, const double *matrices,
    double *out);
