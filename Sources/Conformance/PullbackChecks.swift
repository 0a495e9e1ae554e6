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
      let partial = pullback.norms.partial(own, rows: rows)
      let image = pullback.norms.image(pullback.norms.partial(other, rows: nil))
      found += roundingDifferences(
        "squared norms", pullback.norms.squaredNorms(partial), products(a, a), within: limit)
      found += roundingDifferences(
        "inner products", partial.products(image), products(a, b), within: limit)
    }
    return found
  }

  /// Squares of single parameters are those of the pull-backs of the vectors, one by one: a few vectors and more
  /// than the row has logits, in two sums, in float32 and in float64.
  package static let squares = ProblemCheck("squares of single parameters") { problem in
    guard let pullback = problem.pullback else { return [] }
    let (shape, width) = (problem.shape, problem.shape.width)
    let isSingle = pullback.rowGrams(0).contains { $0.precision == .single }
    var found: [String] = []
    for (count, isFloat) in [(5, true), (6 * width + 3, false)] {
      let numbers = RandomStream(key: RandomKey(seed: 9), row: 0, site: count)
        .normals(from: 0, count: shape.rows * width * count)
      let sums = [[0..<2, 3..<4], [4..<count]]
      var squares = [[Double]](
        repeating: [Double](repeating: 0, count: pullback.squares.form.count(rows: shape.rows)),
        count: 2)
      var wanted = pullback.groups.map { [Double](repeating: 0, count: $0.count) }
      for row in 0..<shape.rows {
        let own = Array(numbers[row * width * count..<(row + 1) * width * count])
        let vectors = RowVectors(
          isFloat ? .single(own) : .double(own.map(Double.init)), width: width, stride: count,
          sums: sums)
        let start = pullback.squares.form.start(of: row)
        for (sum, part) in pullback.squares.row(row, of: shape.rows)(vectors).enumerated() {
          for index in part.indices { squares[sum][start + index] += part[index] }
        }
        for column in sums[1].joined() {
          var gradient = [Double](repeating: 0, count: shape.count)
          for index in 0..<width {
            gradient[row * width + index] = Double(own[index * count + column])
          }
          for (group, values) in pullback.pullBack(gradient).enumerated() {
            for index in values.indices { wanted[group][index] += values[index] * values[index] }
          }
        }
      }
      // Squares of vectors in float32 are summed in it.
      let limit = isSingle ? 1e-4 : isFloat ? 1e-6 : 1e-9
      let second = pullback.squares.parameters(squares[1], power: 1)
      for (group, values) in second.enumerated() {
        found += roundingDifferences(
          "\(count) vectors, group \(pullback.groups[group].name)", values, wanted[group],
          within: limit)
      }
      if second.count != wanted.count { found.append("squares of \(second.count) groups") }
      let first = pullback.squares.parameters(squares[0], power: 1).joined()
      if !first.allSatisfy({ $0 >= 0 && $0.isFinite }) { found.append("squares below 0") }
    }
    return found
  }

  /// A gradient in closed form is the sum over all joint codes.
  package static let closedForm = ProblemCheck("closed form against enumeration") { problem in
    guard problem.hasIndependentLatents else { return [] }
    var found: [String] = []
    for temperature in [1, 0.6] {
      guard
        let closed = TargetGradient.closedForm(problem: problem, temperature: temperature)
      else { continue }
      let table = try OracleTable(oracle: problem.oracle, limit: jointCodeLimit, gradients: false)
      let exact = try TargetGradient.exact(
        problem: problem, table: table, temperature: temperature, workers: 1)
      found += roundingDifferences(
        "temperature \(temperature)", closed.gradient, exact.gradient, within: 1e-9)
    }
    return found
  }
}
