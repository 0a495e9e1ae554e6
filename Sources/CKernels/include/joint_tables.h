// Tables over the joint codes of two groups of latents: how they are summed up, and their
// contraction with the distributions of both groups. The same bits at every instruction-set level.
#pragma once

#include <stddef.h>

// out[r k + x] = sums[r] + terms[x], rows of `columns` numbers, for r < rows, x < k.
void gf_outer_sums(
    const double *sums, size_t rows, const double *terms, size_t k, size_t columns, double *out);

// out[r][c] = starts[r] + sum over d of terms[r][d k + c_d], rows of terms `stride` apart, of all
// k^latents codes c of each of `rows` rows.
void gf_code_sums(
    const double *starts, size_t rows, const double *terms, size_t stride, size_t latents,
    size_t k, double *out);

// values[r] += sum over row r of u^3, then u = 3 u^2.
void gf_add_cubes(double *u, size_t rows, size_t columns, double *values);

// out[a][c] = (front[a][f] + back[a][b]) + (shared[a / k][c] + own[a % k][c]), c = f backs + b,
// f < fronts, b < backs, for `rows` rows a.
void gf_joint_sums(
    const double *front, size_t fronts, const double *back, size_t backs, const double *shared,
    const double *own, size_t k, size_t rows, double *out);

// by_row = table q and by_column = p table in one pass over the table [rows][columns].
void gf_contract(
    const double *table, size_t rows, size_t columns, const double *p, const double *q,
    double *by_row, double *by_column);
