import Discrete
import Fidelity
import Tensors

extension ProblemCheck {
  /// The Gram matrices of every row are the products of its pull-backs of unit vectors, as precise as
  /// they say.
  package static let grams = ProblemCheck("Gram matrices against pull-backs") { problem in
    guard let pullback = problem.pullback else { return [] }
    let (shape, width) = (problem.shape, problem.shape.width)
    var found: [String] = []
    for row in 0..<shape.rows {
      let jacobian = (0..<width).map { logit in
        var unit = [Double](repeating: 0, count: shape.count)
        unit[row * width + logit] = 1
        return pullback.pullBack(unit)
      }
      let grams = pullback.rowGrams(row)
      guard grams.count == pullback.groups.count else {
        return ["\(grams.count) matrices of \(pullback.groups.count) groups"]
      }
      for (group, gram) in grams.enumerated() {
        var products: [Double] = []
        for i in 0..<width {
          for j in 0..<width {
            products.append(
              zip(jacobian[i][group], jacobian[j][group]).reduce(0) { $0 + $1.0 * $1.1 })
          }
        }
        found += roundingDifferences(
          "row \(row), group \(pullback.groups[group].name)", gram.values, products,
          within: tolerance(gram.precision))
      }
    }
    return found
  }

  /// Norms and inner products half-way are those of the parameters' gradients, for some rows and all.
  package static let pullbacks = ProblemCheck("partial pull-backs") { problem in
    guard let pullback = problem.pullback else { return [] }
    let (shape, width) = (problem.shape, problem.shape.width)
    let limit =
      pullback.rowGrams(0).contains { $0.precision == .single } ? 1e-4 : 1e-9
    var found: [String] = []
    let numbers = RandomStream(key: RandomKey(seed: 8), row: 0, site: 0)
      .normals(from: 0, count: 2 * shape.count).map(Double.init)
    let other = Array(numbers[shape.count...])
    for rows in [nil, [shape.rows - 1]] as [[Int]?] {
      var own = Array(numbers[..<shape.count])
      if let rows {
        for index in own.indices where !rows.contains(index / width) { own[index] = 0 }
      }
      let (a, b) = (pullback.pullBack(own), pullback.pullBack(other))
      if a.map(\.count) != pullback.groups.map(\.count) { found.append("sizes of the groups") }
      func products(_ a: [[Double]], _ b: [[Double]]) -> [Double] {
        zip(a, b).map { zip($0, $1).reduce(0) { $0 + $1.0 * $1.1 } }
      }
      let partial = pullback.partial(own, rows: rows)
      let image = pullback.image(pullback.partial(other, rows: nil))
      found += roundingDifferences(
        "squared norms", pullback.squaredNorms(partial), products(a, a), within: limit)
      found += roundingDifferences(
        "inner products", partial.products(image), products(a, b), within: limit)
    }
    return found
  }

  /// A gradient in closed form is the sum over all joint states.
  package static let closedForm = ProblemCheck("closed form against enumeration") { problem in
    guard problem.hasIndependentLatents else { return [] }
    var found: [String] = []
    for temperature in [1, 0.6] {
      guard
        let closed = TargetGradient.closedForm(problem: problem, temperature: temperature)
      else { continue }
      let table = try OracleTable(oracle: problem.oracle, limit: stateLimit, gradients: false)
      let exact = try TargetGradient.exact(
        problem: problem, table: table, temperature: temperature, workers: 1)
      found += roundingDifferences(
        "temperature \(temperature)", closed.gradient, exact.gradient, within: 1e-9)
    }
    return found
  }
}
