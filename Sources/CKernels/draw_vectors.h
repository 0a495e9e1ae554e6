// Vectors with one number for each of sixteen draws.
#pragma once

#include <stdint.h>

typedef float F16 __attribute__((vector_size(64)));
typedef int32_t I16 __attribute__((vector_size(64)));

#define SPLAT(x) ((F16){} + (x))
#define SELECT(mask, a, b) ((F16)(((mask) & (I16)(a)) | (~(mask) & (I16)(b))))
