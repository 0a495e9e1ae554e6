// Matrix products for CPUs with vectors of 512 or 256 bits and fused multiply-adds: what OpenBLAS has there is
// slower (512 bits, single precision), or its bits depend on how many rows are multiplied at once (256 bits).
//
// Every element is summed over k in order, by fused multiply-adds in parts of a fixed size: its bits
// depend on its row of op(A), its column of op(B) and k alone, whichever of the CPUs multiplies.
#pragma once

#include <stddef.h>

// The vectors that products take on this CPU: 3 (256 bits), 4 (512), or 0 where there is no kernel.
int gf_product_level(void);

// C = alpha op(A) op(B) + beta C, row-major, op(A) is m x k, op(B) is k x n; C is not read where beta
// is 0. Returns 0, with nothing done, where the CPU has no kernel for it, there is no memory for a
// copy of B, or the product is too small to be worth that copy.
int gf_product_f32(
    int transpose_a, int transpose_b, size_t m, size_t n, size_t k, float alpha, const float *a,
    size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc);

// The same in double precision: on CPUs with vectors of 256 bits alone.
int gf_product_f64(
    int transpose_a, int transpose_b, size_t m, size_t n, size_t k, double alpha, const double *a,
    size_t lda, const double *b, size_t ldb, double beta, double *c, size_t ldc);

// gf_product_f32 with the vectors of one level, 3 or 4, whatever the size: for comparisons. Returns 0 where the
// CPU is below it.
int gf_product_f32_at(
    int level, int transpose_a, int transpose_b, size_t m, size_t n, size_t k, float alpha,
    const float *a, size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc);
