#pragma once
#include <stddef.h>

/// Moments of s = v / sum v of many categories, given each winner x: v_x = c_x and
/// v_i = c_i r_i^alpha, r_i = 1 / (1 + E_i / (p_i E_x)), contracted at the nodes (u, E_x) of the
/// quadrature of `gf_softmax_moments` instead of tabulated.

/// The categories as losers at every node: out[0] = log E[e^{-uv}], out[j] = E[(uv)^j e^{-uv}] over
/// E[e^{-uv}], j = 1 to 4, each [t_count * u_count][categories], u innermost of the nodes.
/// e: nodes of E; u_count a multiple of GF_MOMENT_LANES; v: scratch space of e_count doubles.
void gf_node_ratios(
    int categories, const double *log_p, const double *log_c, double alpha, int t_count,
    const double *log_t, int e_count, const double *e, const double *e_weights, int u_count,
    const double *u, double *out, double *v);

/// Sums over the nodes for one winner, off the diagonal and symmetric; the diagonals are left 0.
///
/// pairs[i][j] = E[s_i s_j]; with a symmetric `matrix`, sandwich[i][j] = E[(J(s) M J(s))_ij]. Either may
/// be null. Nodes whose share in the probability is below `negligible` are left out.
/// ratios: of `gf_node_ratios`. scratch: gf_node_sums_scratch(...) doubles.
/// Cost: O(nodes K^2).
void gf_node_sums(
    int categories, int winner, double winner_value, int t_count, const double *t_weights,
    int u_count, const double *u, const double *ratios, double negligible, const double *matrix,
    double *pairs, double *sandwich, double *scratch);

size_t gf_node_sums_scratch(int categories, int t_count, int u_count);
