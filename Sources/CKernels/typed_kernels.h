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

VATTR static void TN(gf_relu)(T *x, size_t n) {
  for (size_t i = 0; i < n; i++) x[i] = x[i] <= 0 ? (T)0 : x[i];
}

VATTR static void TN(gf_softplus_row_sums)(
    const T *y, size_t rows, size_t columns, double *out) {
  for (size_t r = 0; r < rows; r++) {
    const T *row = y + r * columns;
    double lanes[LANES] = {0};
    for (size_t start = 0; start < columns; start += CHUNK) {
      size_t n = columns - start < CHUNK ? columns - start : CHUNK;
      T buffer[CHUNK];
      for (size_t i = 0; i < n; i++) {
        T v = row[start + i];
        buffer[i] = (v > 0 ? v : (T)0) + T_LOG1P(T_EXP(v > 0 ? -v : v));
      }
      for (size_t i = n; i % LANES; i++) buffer[i] = 0;
      for (size_t i = 0; i < n; i += LANES) {
        for (size_t l = 0; l < LANES; l++) lanes[l] += (double)buffer[i + l];
      }
    }
    for (size_t width = LANES / 2; width > 0; width /= 2) {
      for (size_t l = 0; l < width; l++) lanes[l] += lanes[l + width];
    }
    out[r] = lanes[0];
  }
}

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
