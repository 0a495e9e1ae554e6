#include "joint_code_gradients.h"

#include <string.h>

#include "levels.h"

// Products of matrices: fused multiply-adds are welcome.
#pragma STDC FP_CONTRACT ON

// Units or rows that are summed side by side: with two vectors of inputs each they fill the registers of
// AVX-512, with one those of AVX2.
#define TILE 8
#define LINE 64

// Where each operand starts, in numbers; each in whole cache lines.
typedef struct {
  size_t padded, w1, w2, data, jacobian, total;
} Operands;

// Numbers of `number` bytes that fill whole lines and hold `count`.
static inline size_t whole_lines(size_t count, size_t number) {
  return (count * number + LINE - 1) / LINE * (LINE / number);
}

static inline Operands operands_of(gf_gradient_sizes sizes, size_t number) {
  Operands at;
  at.padded = whole_lines(sizes.width, number);
  at.w1 = 0;                                                          // [first][padded]
  at.w2 = at.w1 + sizes.first * at.padded;                            // [second][first]
  at.data = at.w2 + whole_lines(sizes.second * sizes.first, number);  // [tiles][second][TILE]
  const size_t tiles = (sizes.rows + TILE - 1) / TILE;
  at.jacobian = at.data + whole_lines(tiles * sizes.second * TILE, number);
  // [second][padded], in whole tiles of units.
  at.total = at.jacobian + (sizes.second + TILE) * at.padded;
  return at;
}

#define TN(name) CAT(CAT(name, SUFFIX), LEVEL)

#define T float
#define SUFFIX _f32
#define KERNELS "joint_code_gradients.inc"
#include "each_level.inc"
#undef T
#undef SUFFIX

#define T double
#define SUFFIX _f64
#define KERNELS "joint_code_gradients.inc"
#include "each_level.inc"
#undef T
#undef SUFFIX

#define CALLS(T, suffix)                                                                       \
  size_t gf_gradient_operands_count##suffix(gf_gradient_sizes sizes) {                               \
    return operands_of(sizes, sizeof(T)).total;                                                \
  }                                                                                            \
  void gf_gradient_operands##suffix(                                                              \
      gf_gradient_sizes sizes, const T *w1, const T *w2, const T *data, T *operands) {            \
    DISPATCH_BY_CPU(gradient_operands##suffix, sizes, w1, w2, data, operands)                     \
  }                                                                                            \
  void gf_joint_code_gradients##suffix(                                                                \
      gf_gradient_sizes sizes, T *operands, size_t joint_codes, const T *y1, const T *y2,              \
      const T *shared, int *active, T *out, size_t stride) {                              \
    DISPATCH_BY_CPU(                                                                           \
        joint_code_gradients##suffix, sizes, operands, joint_codes, y1, y2, shared, active, out, stride)    \
  }

CALLS(float, _f32)
CALLS(double, _f64)
