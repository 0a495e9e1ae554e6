#pragma once
#include <stddef.h>

/// Gradients at the input of a decoder of three layers with ReLUs between them, for all rows of a batch at
/// shared joint codes.
///
/// With the masks m of a joint code, h_b = W1 m1 W2 m2 (s - x_b): s and x_b are what the joint code's sigmoids and
/// row b's data become in front of the last layer. The Jacobian W1 m1 W2 m2 is made once a joint code, and
/// neither it nor its products touch a unit that the joint code's ReLUs block: 2 D a2 (a1 + B) flops for a1 and
/// a2 active units, D inputs and B rows.
typedef struct {
  /// Rows B of the batch, inputs D, and outputs of the first and the second layer.
  size_t rows, width, first, second;
} gf_gradient_sizes;

/// Numbers of the operands of gf_slope_operands_f32 and _f64, aligned to 64 bytes.
size_t gf_gradient_operands_count_f32(gf_gradient_sizes sizes);
size_t gf_gradient_operands_count_f64(gf_gradient_sizes sizes);

/// What all joint codes share, in the order in which it is read, and room for what one joint code needs.
///
/// w1: [width][first], w2: [first][second], data: x_b, [rows][second].
void gf_gradient_operands_f32(
    gf_gradient_sizes sizes, const float *w1, const float *w2, const float *data, float *operands);
void gf_gradient_operands_f64(
    gf_gradient_sizes sizes, const double *w1, const double *w2, const double *data, double *operands);

/// out[b * stride + joint code * width + i] = h_b of each joint code.
///
/// y1: [joint codes][first], y2: [joint codes][second], outputs of the ReLUs, positive where active; shared: s,
/// [joint codes][second]. The operands' room is written. active: room for first + second numbers.
void gf_joint_code_gradients_f32(
    gf_gradient_sizes sizes, float *operands, size_t joint_codes, const float *y1, const float *y2,
    const float *shared, int *active, float *out, size_t stride);
void gf_joint_code_gradients_f64(
    gf_gradient_sizes sizes, double *operands, size_t joint_codes, const double *y1, const double *y2,
    const double *shared, int *active, double *out, size_t stride);
