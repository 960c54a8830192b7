/* Compiled to assembly while configuring: has it a fused multiply-add? See levels.cmake. */
void alternate(float *restrict o, const float *restrict a, const float *restrict b, const float *restrict c,
               int n);

void alternate(float *restrict o, const float *restrict a, const float *restrict b, const float *restrict c,
               int n) {
    for (int i = 0; i < n; i++) {
        o[2 * i] = a[2 * i] * b[2 * i] - c[2 * i];
        o[2 * i + 1] = a[2 * i + 1] * b[2 * i + 1] + c[2 * i + 1];
    }
}
