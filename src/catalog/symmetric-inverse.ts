// The inverse of a symmetric positive definite matrix, by Cholesky: A = L·Lᵀ, M = L⁻¹, A⁻¹ = Mᵀ·M.
//
// Every inner loop runs along two rows that lie in memory one number after the other (M is kept transposed), and half of a
// symmetric result is computed: n³/2 multiplications in all.

/** Row-major, n × n. A is overwritten with its inverse. False: it is not positive definite, and A is worth nothing. */
export function invertInPlace(a: Float64Array, n: number): boolean {
  if (!factor(a, n)) return false;
  invertFactor(a, n);
  multiplied(a, n);
  return true;
}

/** L takes the lower half, its diagonal included. */
function factor(a: Float64Array, n: number): boolean {
  for (let i = 0; i < n; i++) {
    const row = i * n;
    for (let j = 0; j < i; j++) {
      const other = j * n;
      a[row + j] = (at(a, row + j) - dot(a, row, other, j)) / at(a, other + j);
    }
    const rest = at(a, row + i) - dot(a, row, row, i);
    if (!(rest > 0)) return false;
    a[row + i] = Math.sqrt(rest);
  }
  return true;
}

/** L stays below the diagonal until it was used; Mᵀ takes the upper half and, in the end, the diagonal. */
function invertFactor(a: Float64Array, n: number): void {
  const lower = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const row = i * n;
    lower.set(a.subarray(row, row + i));
    const inverse = 1 / at(a, row + i);
    // M[i][j] = −M[i][i] · Σ L[i][k]·M[k][j], k from j to i − 1.  Row j of Mᵀ holds M[k][j] at k.
    for (let j = 0; j < i; j++) {
      a[j * n + i] = -inverse * dotOf(lower, a, j, j * n + j, i - j);
    }
    a[row + i] = inverse;
  }
}

/** P[i][j] = Σ M[k][i]·M[k][j], k from the larger of both: rows i and j of Mᵀ from there on. */
function multiplied(a: Float64Array, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      // Row j has not been overwritten from column i on: its upper half is Mᵀ's until row j is done, which is from the left.
      a[i * n + j] = dot(a, i * n + i, j * n + i, n - i);
    }
  }
  for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) a[j * n + i] = at(a, i * n + j);
}

function at(a: Float64Array, index: number): number {
  return a[index] ?? 0;
}

function dot(a: Float64Array, from: number, other: number, length: number): number {
  return dotOf(a, a, from, other, length);
}

/** Four sums side by side: a processor adds them at the same time. */
function dotOf(a: Float64Array, b: Float64Array, from: number, other: number, length: number): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const whole = length - (length % 4);
  for (let k = 0; k < whole; k += 4) {
    s0 += at(a, from + k) * at(b, other + k);
    s1 += at(a, from + k + 1) * at(b, other + k + 1);
    s2 += at(a, from + k + 2) * at(b, other + k + 2);
    s3 += at(a, from + k + 3) * at(b, other + k + 3);
  }
  for (let k = whole; k < length; k++) s0 += at(a, from + k) * at(b, other + k);
  return s0 + s1 + s2 + s3;
}
