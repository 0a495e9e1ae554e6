import Discrete

/// How large the costs of one row are, and how far they may be off: sizes of the terms that cancel in
/// an estimate.
struct CostSize: Sendable {
  /// Largest `|f|`.
  var value = 0.0
  /// Largest `|f - f(likeliest code)|`: what is left where the level is taken out.
  var spread = 0.0
  /// Largest `||df/dz||`.
  var gradient = 0.0
  /// The same without the entries of the likeliest categories.
  var gradientSpread = 0.0
  /// Bound of the error of one value.
  var valueError = 0.0
  /// Bound of the error of one `df/dz`, as a norm.
  var gradientError = 0.0
}

/// The same of every row of a problem.
struct CostSizes: Sendable {
  let rows: [CostSize]

  /// Most codes looked at, most numbers held for them, and what the largest found is multiplied
  /// with to stand for all.
  private static let probes = 16
  private static let numberLimit = 1 << 22
  private static let allowance = 4.0
  /// The same for what a roundoff, which has an allowance of its own, is multiplied with.
  private static let errorAllowance = 2.0

  /// Values from the table where there is one; gradients, and values without a table, from a few codes:
  /// whether a table has gradients depends on who else is measured.
  ///
  /// Cost: one pass over the table, and up to 16 evaluations a row.
  /// - Throws: errors of the oracle.
  init(_ problem: any DiscreteProblem, table: OracleTable?) throws {
    let capabilities = problem.oracle.capabilities
    let (shape, rounding) = (problem.shape, CostRounding(problem.oracle))
    var rows = [CostSize](repeating: CostSize(), count: shape.rows)
    if table == nil || capabilities.gradients {
      let count = Self.codes(shape)
      let costs = try problem.oracle.costs(
        at: CodeBlock(shape: shape, draws: count, indices: Self.codes(problem, count)),
        gradients: capabilities.gradients)
      let stride = costs.gradients.count / shape.rows
      for row in rows.indices {
        let values = costs.values[row * count..<(row + 1) * count]
        var gradients = Array(costs.gradients[row * stride..<(row + 1) * stride])
        rows[row].value = Self.allowance * Self.largest(values)
        // The likeliest code is the first.
        let level = values[values.startIndex]
        rows[row].spread = Self.allowance * Self.largest(values.map { $0 - level })
        rows[row].valueError = rounding.bound(values.filter(\.isFinite))
        let largestGradient = Self.largestNorm(gradients, shape.width)
        rows[row].gradient = Self.allowance * largestGradient
        gradients.removeGradientConstants(
          at: problem.logits.row(row).likeliestCodes, shape.categories)
        rows[row].gradientSpread = Self.allowance * Self.largestNorm(gradients, shape.width)
        rows[row].gradientError =
          Self.errorAllowance * capabilities.roundoff
          * max(largestGradient, capabilities.gradientTermSize)
      }
    }
    if let table {
      for row in rows.indices {
        let logits = problem.logits.row(row)
        let values = table.values(row: row)
        let level = values[JointCodes(shape).index(of: logits.likeliestCodes[...])]
        rows[row].value = Self.largest(values)
        rows[row].spread = Self.largest(values.lazy.map { $0 - level })
        rows[row].valueError = table.costRounding[row]
      }
    }
    self.rows = rows
  }

  /// Evaluations of a row without a table.
  static func calls(_ shape: LayerShape) -> Double { Double(codes(shape)) * Double(shape.rows) }

  private static func codes(_ shape: LayerShape) -> Int {
    max(1, min(probes, numberLimit / shape.count))
  }

  /// The most likely code, and codes that run through the categories of every latent at paces of their
  /// own, `[rows][count][latents]`.
  private static func codes(_ problem: any DiscreteProblem, _ count: Int) -> [Int32] {
    let shape = problem.shape
    var indices: [Int32] = []
    indices.reserveCapacity(shape.rows * count * shape.latents)
    for row in 0..<shape.rows {
      indices += problem.logits.row(row).likeliestCodes
      for draw in 1..<max(count, 1) {
        for latent in 0..<shape.latents {
          let size = shape.categories(of: latent)
          indices.append(Int32((draw * (latent + 1) + draw / size) % size))
        }
      }
    }
    return indices
  }

  /// The largest norm of vectors of a width.
  private static func largestNorm(_ vectors: [Double], _ width: Int) -> Double {
    stride(from: 0, to: vectors.count, by: width).reduce(0) { most, start in
      let square = vectors[start..<start + width].reduce(0) { $0 + $1 * $1 }
      return square.isFinite ? max(most, square.squareRoot()) : most
    }
  }

  /// The largest size of a finite number.
  private static func largest(_ values: some Sequence<Double>) -> Double {
    values.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
  }
}

extension CostSizes {
  /// Whether single precision holds the costs: beyond, their products overflow or vanish.
  var fitSinglePrecision: Bool {
    let range = 0x1p-100...0x1p100
    return rows.allSatisfy { row in
      [row.spread, row.gradient].allSatisfy { $0 == 0 || range.contains($0) }
    }
  }
}
