extension CubicPolynomial {
  /// The same function on the product of simplices less its value at a one-hot reference point `r`,
  /// with no constant left in any coefficient: it is written in differences from `r`.
  ///
  /// With `y = r + u`, `u` summing to 0 over the categories of each latent,
  ///
  ///     f(y) - f(r) = u' A u + ((A + A') r + b + 3 W' (W r)^2) . u
  ///                 + sum_r 3 (W r)_r ((W u)_r)^2 + ((W u)_r)^3
  ///
  /// and in a linear form of `u` the coefficient of the reference category may be taken out of all
  /// coefficients of its latent, which turns `u` back into `y`. What cancels is subtracted entry by
  /// entry, in double, before anything is added up. Gradients differ from those of the original by one
  /// number a latent, and are 0 at the reference categories.
  ///
  /// Cost: `O((D K)^2 + R D K)`, and `O(R (D K)^2)` where the cubes are expanded: where there is a
  /// quadratic part, or `(W r)_r` is so large that digits of `W u` would be lost in the cube. Nil
  /// where that would take a quadratic part wider than `widthLimit`.
  ///
  /// - Parameter codes: `r` as one category a latent.
  public func centred(at codes: [Int32], categories: Int, widthLimit: Int) -> CubicPolynomial? {
    let reference = codes.enumerated().map { $0 * categories + Int($1) }
    let width = linear.count
    precondition(width == codes.count * categories)
    func own(_ index: Int) -> Int { reference[index / categories] }
    var matrix: [Double] = []
    var linear = (0..<width).map { self.linear[$0] - self.linear[own($0)] }
    if !self.matrix.isEmpty {
      let a = self.matrix
      matrix = a
      for i in 0..<width {
        var sum = 0.0
        for place in reference {
          sum += a[i * width + place] - a[own(i) * width + place]
          sum += a[place * width + i] - a[place * width + own(i)]
        }
        linear[i] += sum
        for j in 0..<width {
          matrix[i * width + j] =
            (a[i * width + j] - a[own(i) * width + j])
            - (a[i * width + own(j)] - a[own(i) * width + own(j)])
        }
      }
    }
    var factors: [Double] = []
    var expanded: [(factor: Double, steps: [Double])] = []
    for r in 0..<rank {
      let row = Array(self.factors[r * width..<(r + 1) * width])
      let base = reference.reduce(0) { $0 + row[$1] }
      let steps = (0..<width).map { row[$0] - row[own($0)] }
      let spread = steps.reduce(0) { max($0, abs($1)) }
      guard !self.matrix.isEmpty || abs(base) > CubicPolynomial.largeBase * spread else {
        factors += row
        continue
      }
      if matrix.isEmpty {
        guard width <= widthLimit else { return nil }
        matrix = [Double](repeating: 0, count: width * width)
      }
      for i in 0..<width { linear[i] += 3 * base * base * steps[i] }
      expanded.append((3 * base, steps))
      factors += steps
    }
    // A row of the matrix stays in cache while all terms are added to it.
    for i in 0..<width where !expanded.isEmpty {
      matrix.withUnsafeMutableBufferPointer { matrix in
        let row = UnsafeMutableBufferPointer(rebasing: matrix[i * width..<(i + 1) * width])
        for (base, steps) in expanded {
          let factor = base * steps[i]
          guard factor != 0 else { continue }
          steps.withUnsafeBufferPointer { steps in
            for j in 0..<width { row[j] += factor * steps[j] }
          }
        }
      }
    }
    return CubicPolynomial(matrix: matrix, linear: linear, factors: factors)
  }

  /// How much larger than its changes a cubic term may be before it is expanded.
  private static let largeBase = 64.0

  /// A bound of the sum of the sizes of all terms on the product of simplices.
  func termSize(categories: Int) -> Double {
    let width = linear.count
    func largest(_ form: (Int) -> Double) -> Double {
      stride(from: 0, to: width, by: categories).reduce(0) { sum, start in
        sum + (start..<start + categories).reduce(0) { max($0, abs(form($1))) }
      }
    }
    var size = abs(constant) + largest { linear[$0] }
    if !matrix.isEmpty {
      // Block by block: the largest entry of each.
      for start in stride(from: 0, to: width, by: categories) {
        size += largest { column in
          (start..<start + categories).reduce(0) { max($0, abs(matrix[$1 * width + column])) }
        }
      }
    }
    for r in 0..<rank {
      let bound = largest { factors[r * width + $0] }
      size += bound * bound * bound
    }
    return size.isFinite ? size : .greatestFiniteMagnitude
  }
}
