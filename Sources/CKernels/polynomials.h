// Branch-free elementary functions that clang vectorises.
//
// The coefficients interpolate each function at Chebyshev nodes of the reduced range, computed with
// 40 digits and rounded. No operation is fused, so the bits do not depend on the instruction set.
#pragma once

#include <stdint.h>
#include <string.h>

#define GF_INLINE static inline __attribute__((always_inline))

GF_INLINE uint32_t f32_bits(float x) { uint32_t b; memcpy(&b, &x, sizeof b); return b; }
GF_INLINE float f32_from(uint32_t b) { float x; memcpy(&x, &b, sizeof x); return x; }
GF_INLINE uint64_t f64_bits(double x) { uint64_t b; memcpy(&b, &x, sizeof b); return b; }
GF_INLINE double f64_from(uint64_t b) { double x; memcpy(&x, &b, sizeof x); return x; }

// exp(x) = 2^n exp(r), |r| <= log(2) / 2. Adding 1.5 2^23 rounds to an integer that sits in the low
// bits of the sum. The power of two is applied in two halves, so the result runs down through the
// subnormal numbers to 0 and up to infinity; NaN passes through both comparisons.
GF_INLINE float gf_exp_f(float x) {
  x = x > 89.0f ? 89.0f : x;
  x = x < -104.5f ? -104.5f : x;
  const float magic = 12582912.0f;
  float z = x * 0x1.715476p+0f + magic;
  float fn = z - magic;
  int32_t n = (int32_t)(f32_bits(z) - f32_bits(magic));
  float r = x - fn * 0.693359375f;
  r = r - fn * -0x1.bd0106p-13f;
  float q = 0x1.a124f2p-13f;
  q = q * r + 0x1.6d4324p-10f;
  q = q * r + 0x1.1110e0p-7f;
  q = q * r + 0x1.5554eap-5f;
  q = q * r + 0x1.555556p-3f;
  q = q * r + 0.5f;
  float p = 1.0f + (r + (r * r) * q);
  int32_t half = n >> 1;
  float s = f32_from((uint32_t)(half + 127) << 23);
  float t = f32_from((uint32_t)(n - half + 127) << 23);
  return p * s * t;
}

GF_INLINE double gf_exp_d(double x) {
  x = x > 710.0 ? 710.0 : x;
  x = x < -746.0 ? -746.0 : x;
  const double magic = 0x1.8p52;
  double z = x * 0x1.71547652b82fep+0 + magic;
  double fn = z - magic;
  uint64_t n = f64_bits(z) - f64_bits(magic);
  double r = x - fn * 0x1.62e42feep-1;
  r = r - fn * 0x1.a39ef35793c76p-33;
  double q = 0x1.af38a9b0ec855p-26;
  q = q * r + 0x1.289185613a3d6p-22;
  q = q * r + 0x1.71de0dae63bb3p-19;
  q = q * r + 0x1.a019b90d2ae7ap-16;
  q = q * r + 0x1.a01a01a7c41d5p-13;
  q = q * r + 0x1.6c16c1788bd90p-10;
  q = q * r + 0x1.11111111109b3p-7;
  q = q * r + 0x1.5555555553d63p-5;
  q = q * r + 0x1.5555555555556p-3;
  q = q * r + 0.5;
  double p = 1.0 + (r + (r * r) * q);
  // Halving a biased exponent needs no arithmetic shift of 64-bit lanes, which AVX2 lacks.
  uint64_t half = ((n + 2048) >> 1) - 1024;
  double s = f64_from((half + 1023) << 52);
  double t = f64_from((n - half + 1023) << 52);
  return p * s * t;
}

// log of m 2^e plus a small correction c, sqrt(1/2) <= m < sqrt(2); x positive and normal.
GF_INLINE float gf_log_core_f(float x, float e0, float c) {
  uint32_t i = f32_bits(x);
  int32_t e = (int32_t)(i - 0x3f3504f3u) >> 23;
  float m = f32_from(i - ((uint32_t)e << 23)) - 1.0f;
  float fe = (float)e + e0;
  float z = m * m;
  float q = 0x1.1d8ea6p-4f;
  q = q * m - 0x1.d635bcp-4f;
  q = q * m + 0x1.dea282p-4f;
  q = q * m - 0x1.fcf4c6p-4f;
  q = q * m + 0x1.23d21ap-3f;
  q = q * m - 0x1.555b4ap-3f;
  q = q * m + 0x1.999d5ap-3f;
  q = q * m - 0x1.fffffcp-3f;
  q = q * m + 0x1.555554p-2f;
  float y = m * z * q;
  y = y + (fe * -0x1.bd0106p-13f + c);
  y = y - 0.5f * z;
  return m + y + fe * 0.693359375f;
}

// With s = f / (2 + f): log(1 + f) = 2 atanh(s) = f - (f^2 / 2 - s (f^2 / 2 + R(s^2))).
GF_INLINE double gf_log_core_d(double x, double e0, double c) {
  uint64_t t = f64_bits(x) + (0x3ff0000000000000u - 0x3fe6a09e667f3bcdu);
  double fe = f64_from((t >> 52) | 0x4330000000000000u) - (0x1p52 + 1023.0) + e0;
  double f = f64_from((t & 0x000fffffffffffffu) + 0x3fe6a09e667f3bcdu) - 1.0;
  double s = f / (2.0 + f);
  double z = s * s;
  double q = 0x1.2b5f68a50d903p-3;
  q = q * z + 0x1.39fdcceb4bb45p-3;
  q = q * z + 0x1.7462b91b8df65p-3;
  q = q * z + 0x1.c71c62d5e53e0p-3;
  q = q * z + 0x1.2492492dfd86cp-2;
  q = q * z + 0x1.9999999995273p-2;
  q = q * z + 0x1.5555555555558p-1;
  double h = 0.5 * f * f;
  double low = s * (h + z * q) + (fe * 0x1.a39ef35793c76p-33 + c);
  return fe * 0x1.62e42feep-1 - ((h - low) - f);
}

GF_INLINE float gf_log_normal_f(float x) { return gf_log_core_f(x, 0.0f, 0.0f); }

GF_INLINE float gf_log_f(float x) {
  int tiny = x < 0x1p-126f;
  float y = gf_log_core_f(tiny ? x * 0x1p23f : x, tiny ? -23.0f : 0.0f, 0.0f);
  y = x > 0x1.fffffep127f ? x : y;
  y = x == 0.0f ? -__builtin_inff() : y;
  return x >= 0.0f ? y : __builtin_nanf("");
}

GF_INLINE double gf_log_d(double x) {
  int tiny = x < 0x1p-1022;
  double y = gf_log_core_d(tiny ? x * 0x1p54 : x, tiny ? -54.0 : 0.0, 0.0);
  y = x > 0x1.fffffffffffffp1023 ? x : y;
  y = x == 0.0 ? -__builtin_inf() : y;
  return x >= 0.0 ? y : __builtin_nan("");
}

// log(1 + e) for 0 <= e <= 1. The rounding error of 1 + e, divided by 1 + e (to first order: the
// error is below half a unit), goes back in as a correction.
GF_INLINE double gf_log1p_unit_d(double e) {
  double u = 1.0 + e;
  return gf_log_core_d(u, 0.0, (e - (u - 1.0)) * (1.0 - 0.5 * e));
}

// log(1 + x) for finite x >= 0, corrected in the same way.
GF_INLINE float gf_log1p_f(float x) {
  float u = 1.0f + x;
  return gf_log_core_f(u, 0.0f, (x - (u - 1.0f)) / u);
}

GF_INLINE double gf_log1p_d(double x) {
  double u = 1.0 + x;
  return gf_log_core_d(u, 0.0, (x - (u - 1.0)) / u);
}

// cos and sin of 2 pi u, 0 < u < 1: quarter turns removed exactly, polynomials on an eighth turn.
GF_INLINE void gf_cos_sin_turn(float u, float *cosine, float *sine) {
  const float magic = 12582912.0f;
  float v = 4.0f * u;
  float z = v + magic;
  uint32_t quarter = f32_bits(z);
  float f = v - (z - magic);
  float w = f * f;
  float s = 0x1.4bc85cp-13f;
  s = s * w - 0x1.32ca9ep-8f;
  s = s * w + 0x1.466bbap-4f;
  s = s * w - 0x1.4abbcep-1f;
  s = s * w + 0x1.921fb6p+0f;
  s = s * f;
  float c = 0x1.db6492p-11f;
  c = c * w - 0x1.55cb98p-6f;
  c = c * w + 0x1.03c1eap-2f;
  c = c * w - 0x1.3bd3ccp+0f;
  c = c * w + 1.0f;
  uint32_t swap = 0u - (quarter & 1u);
  uint32_t sb = f32_bits(s), cb = f32_bits(c);
  uint32_t first = (cb & ~swap) | (sb & swap), second = (sb & ~swap) | (cb & swap);
  *cosine = f32_from(first ^ (((quarter + 1u) & 2u) << 30));
  *sine = f32_from(second ^ ((quarter & 2u) << 30));
}
