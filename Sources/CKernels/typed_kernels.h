// Kernels for one number type at one level. Included by kernels.inc with T, SUFFIX and the
// elementary functions T_EXP, T_LOG and T_LOG1P defined; hence no include guard.

#define TN(name) CAT(CAT(name, SUFFIX), LEVEL)

VATTR static void TN(gf_exp)(T *x, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] = T_EXP(x[i]);
}

VATTR static void TN(gf_log)(T *x, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] = T_LOG(x[i]);
}

VATTR static void TN(gf_sigmoid)(T *x, size_t n) {
  for (size_t i = 0; i < n; i++) {
    T v = x[i];
    T e = T_EXP(v > 0 ? -v : v);
    x[i] = (v > 0 ? (T)1 : e) / ((T)1 + e);
  }
}

VATTR static void TN(gf_gate)(T *x, const T *gates, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] = gates[i] > 0 ? x[i] : (T)0;
}

VATTR static void TN(gf_add_row)(T *y, const T *row, size_t rows, size_t columns, int rectify) {
  for (size_t r = 0; r < rows; r++) {
    T *restrict out = y + r * columns;
    if (rectify) {
      for (size_t c = 0; c < columns; c++) {
        T v = out[c] + row[c];
        out[c] = v <= 0 ? (T)0 : v;
      }
    } else {
      for (size_t c = 0; c < columns; c++) out[c] += row[c];
    }
  }
}

VATTR static void TN(gf_sigmoid_residual)(
    T *y, const T *x, const int32_t *x_rows, size_t rows, size_t columns) {
  for (size_t r = 0; r < rows; r++) {
    T *restrict out = y + r * columns;
    const T *target = x + (size_t)x_rows[r] * columns;
    for (size_t c = 0; c < columns; c++) {
      T v = out[c];
      T e = T_EXP(v > 0 ? -v : v);
      out[c] = (v > 0 ? (T)1 : e) / ((T)1 + e) - target[c];
    }
  }
}

// One row of the gathered sums, n <= GATHER columns; the lines of `table` are `stride` apart.
VATTR static void TN(gather_row)(
    const T *table, size_t stride, const T *start, const int32_t *code, size_t latents,
    size_t categories, size_t n, int rectify, T *restrict out) {
  T sums[GATHER];
  for (size_t c = 0; c < n; c++) sums[c] = start[c];
  for (size_t d = 0; d < latents; d++) {
    const T *line = table + (d * categories + (size_t)code[d]) * stride;
    for (size_t c = 0; c < n; c++) sums[c] += line[c];
  }
  for (size_t c = 0; c < n; c++) out[c] = rectify && sums[c] <= 0 ? (T)0 : sums[c];
}

// Four rows side by side, GATHER columns: their chains of additions overlap.
VATTR static void TN(gather_four)(
    const T *table, size_t stride, const T *start, const int32_t *codes, size_t latents,
    size_t categories, size_t columns, int rectify, T *y) {
  T sums[4][GATHER];
  for (size_t i = 0; i < 4; i++) {
    for (size_t c = 0; c < GATHER; c++) sums[i][c] = start[c];
  }
  for (size_t d = 0; d < latents; d++) {
    const T *base = table + d * categories * stride;
#pragma clang loop unroll(full)
    for (size_t i = 0; i < 4; i++) {
      const T *line = base + (size_t)codes[i * latents + d] * stride;
      for (size_t c = 0; c < GATHER; c++) sums[i][c] += line[c];
    }
  }
  for (size_t i = 0; i < 4; i++) {
    T *restrict out = y + i * columns;
    for (size_t c = 0; c < GATHER; c++) {
      out[c] = rectify && sums[i][c] <= 0 ? (T)0 : sums[i][c];
    }
  }
}

// A block of columns at a time, so that what is gathered from stays in first-level cache. With many
// rows the block is copied first: its lines would otherwise fall on few cache sets.
VATTR static void TN(gf_gather_sums)(
    const T *table, const T *start, const int32_t *codes, size_t rows, size_t latents,
    size_t categories, size_t columns, int rectify, T *y) {
  size_t lines = latents * categories;
  T *packed = rows >= 64 ? malloc(lines * GATHER * sizeof(T)) : 0;
  for (size_t from = 0; from < columns; from += GATHER) {
    size_t n = columns - from < GATHER ? columns - from : GATHER;
    const T *block = table + from;
    size_t stride = columns;
    if (packed) {
      for (size_t i = 0; i < lines; i++) {
        for (size_t c = 0; c < n; c++) packed[i * GATHER + c] = table[i * columns + from + c];
      }
      block = packed;
      stride = GATHER;
    }
    size_t r = 0;
    for (; n == GATHER && r + 4 <= rows; r += 4) {
      TN(gather_four)(
          block, stride, start + from, codes + r * latents, latents, categories, columns, rectify,
          y + r * columns + from);
    }
    for (; r < rows; r++) {
      TN(gather_row)(
          block, stride, start + from, codes + r * latents, latents, categories, n, rectify,
          y + r * columns + from);
    }
  }
  free(packed);
}

// One logarithm for FACTORS terms log(1 + e^-|y|) of a lane: `excess` is the product of the 1 + e
// so far, less 1, which keeps small terms exact; it stays below 2^FACTORS.
#define SOFTPLUS_TERM(l, value)                    \
  do {                                             \
    T v = (value);                                 \
    T e = T_EXP(v > 0 ? -v : v);                   \
    sum[l] += v > 0 ? v : (T)0;                    \
    excess[l] = excess[l] + (e + excess[l] * e);   \
  } while (0)

VATTR static void TN(gf_softplus_row_sums)(
    const T *y, size_t rows, size_t columns, double *out) {
  for (size_t r = 0; r < rows; r++) {
    const T *row = y + r * columns;
    double lanes[LANES] = {0};
    for (size_t start = 0; start < columns; start += FACTORS * LANES) {
      size_t n = columns - start < FACTORS * LANES ? columns - start : FACTORS * LANES;
      T excess[LANES] = {0}, sum[LANES] = {0};
      size_t i = 0;
      for (; i + LANES <= n; i += LANES) {
        for (size_t l = 0; l < LANES; l++) SOFTPLUS_TERM(l, row[start + i + l]);
      }
      for (size_t l = 0; i + l < n; l++) SOFTPLUS_TERM(l, row[start + i + l]);
      for (size_t l = 0; l < LANES; l++) excess[l] = T_LOG1P(excess[l]);
      for (size_t l = 0; l < LANES; l++) lanes[l] += (double)sum[l] + (double)excess[l];
    }
    for (size_t width = LANES / 2; width > 0; width /= 2) {
      for (size_t l = 0; l < width; l++) lanes[l] += lanes[l + width];
    }
    out[r] = lanes[0];
  }
}

#undef SOFTPLUS_TERM

// BLOCK rows of k <= SHORT_ROW transposed to [k][BLOCK]: maximum and sum run across the rows.
VATTR static void TN(softmax_short)(T *x, size_t rows, size_t k, int logarithm) {
  T t[SHORT_ROW * BLOCK];
  for (size_t start = 0; start < rows; start += BLOCK) {
    size_t n = rows - start < BLOCK ? rows - start : BLOCK;
    T *base = x + start * k;
    if (n < BLOCK) memset(t, 0, sizeof(T) * k * BLOCK);
    for (size_t c = 0; c < k; c++) {
      for (size_t r = 0; r < n; r++) t[c * BLOCK + r] = base[r * k + c];
    }
    T top[BLOCK], sum[BLOCK];
    for (size_t r = 0; r < BLOCK; r++) { top[r] = t[r]; sum[r] = 0; }
    for (size_t c = 1; c < k; c++) {
      for (size_t r = 0; r < BLOCK; r++) {
        T v = t[c * BLOCK + r];
        top[r] = v > top[r] ? v : top[r];
      }
    }
    for (size_t c = 0; c < k; c++) {
      for (size_t r = 0; r < BLOCK; r++) {
        T v = t[c * BLOCK + r] - top[r];
        T e = T_EXP(v);
        t[c * BLOCK + r] = logarithm ? v : e;
        sum[r] += e;
      }
    }
    for (size_t r = 0; r < BLOCK; r++) {
      sum[r] = logarithm ? T_LOG(sum[r]) : (T)1 / sum[r];
    }
    for (size_t c = 0; c < k; c++) {
      for (size_t r = 0; r < BLOCK; r++) {
        T v = t[c * BLOCK + r];
        t[c * BLOCK + r] = logarithm ? v - sum[r] : v * sum[r];
      }
    }
    for (size_t c = 0; c < k; c++) {
      for (size_t r = 0; r < n; r++) base[r * k + c] = t[c * BLOCK + r];
    }
  }
}

// Long rows: LANES partial maxima and sums by column % LANES, folded in a fixed order.
VATTR static void TN(softmax_long)(T *x, size_t rows, size_t k, int logarithm) {
  for (size_t r = 0; r < rows; r++) {
    T *row = x + r * k;
    T top[LANES], sum[LANES] = {0};
    size_t whole = k - k % LANES;
    for (size_t l = 0; l < LANES; l++) top[l] = row[l];
    for (size_t i = LANES; i < whole; i += LANES) {
      for (size_t l = 0; l < LANES; l++) {
        T v = row[i + l];
        top[l] = v > top[l] ? v : top[l];
      }
    }
    for (size_t i = whole; i < k; i++) top[0] = row[i] > top[0] ? row[i] : top[0];
    for (size_t l = 1; l < LANES; l++) top[0] = top[l] > top[0] ? top[l] : top[0];
    T shift = top[0];
    T buffer[CHUNK];
    for (size_t start = 0; start < k; start += CHUNK) {
      size_t n = k - start < CHUNK ? k - start : CHUNK;
      for (size_t i = 0; i < n; i++) buffer[i] = T_EXP(row[start + i] - shift);
      for (size_t i = n; i % LANES; i++) buffer[i] = 0;
      for (size_t i = 0; i < n; i += LANES) {
        for (size_t l = 0; l < LANES; l++) sum[l] += buffer[i + l];
      }
      if (!logarithm) memcpy(row + start, buffer, sizeof(T) * n);
    }
    for (size_t width = LANES / 2; width > 0; width /= 2) {
      for (size_t l = 0; l < width; l++) sum[l] += sum[l + width];
    }
    if (logarithm) {
      T norm = T_LOG(sum[0]);
      for (size_t i = 0; i < k; i++) row[i] = (row[i] - shift) - norm;
    } else {
      T scale = (T)1 / sum[0];
      for (size_t i = 0; i < k; i++) row[i] *= scale;
    }
  }
}

VATTR static void TN(gf_softmax)(T *x, size_t rows, size_t k) {
  if (k > SHORT_ROW) TN(softmax_long)(x, rows, k, 0);
  else TN(softmax_short)(x, rows, k, 0);
}

VATTR static void TN(gf_log_softmax)(T *x, size_t rows, size_t k) {
  if (k > SHORT_ROW) TN(softmax_long)(x, rows, k, 1);
  else TN(softmax_short)(x, rows, k, 1);
}

#undef TN
