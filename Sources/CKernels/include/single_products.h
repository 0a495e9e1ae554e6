// Matrix products in single precision for CPUs with 32 vector registers of 512 bits.
#pragma once

#include <stddef.h>

// Whether gf_single_product serves this CPU.
int gf_has_single_products(void);

// C = alpha op(A) op(B) + beta C, row-major, op(A) is m x k, op(B) is k x n; C is not read where beta
// is 0. Returns 0, with nothing done, where the CPU has no kernel for it, there is no memory for a
// copy of B, or the product is too small to be worth that copy.
//
// Every element is summed over k in order, by fused multiply-adds in parts of a fixed size: its bits
// depend on its row of op(A), its column of op(B) and k alone.
int gf_single_product(
    int transpose_a, int transpose_b, size_t m, size_t n, size_t k, float alpha, const float *a,
    size_t lda, const float *b, size_t ldb, float beta, float *c, size_t ldc);
