import Discrete
import Tensors

extension ProblemCheck {
  /// Joint codes cost what the same codes cost, whole and in parts, shared by rows or not.
  package static let jointCodes = ProblemCheck("joint codes against codes") { problem in
    let (oracle, shape) = (problem.oracle, problem.shape)
    let limit = tolerance(oracle.capabilities.precision)
    let joint = JointCodes(shape)
    let count = shape.jointCodes(limit: jointCodeLimit) ?? 0
    var found: [String] = []
    for range in [0..<count, min(1, count - 1)..<count, count / 2..<count / 2 + 1] {
      let shared = joint.codes(range)
      let codes = CodeBlock(
        shape: shape, draws: range.count,
        indices: Array(repeatElement(shared, count: shape.rows).joined()))
      let wanted = try oracle.costs(at: codes, gradients: oracle.capabilities.gradients)
      let table = try oracle.costs(ofJointCodes: range, gradients: oracle.capabilities.gradients)
      found += roundingDifferences("values", table.values, wanted.values, within: limit)
      found += roundingDifferences("df/dz", table.gradients, wanted.gradients, within: limit)
    }
    // The same code many times, and every draw by itself.
    let codes = ProbingPoints(shape).codes(4)
    let mixed = try oracle.costs(at: codes, gradients: false).values
    for draw in 0..<4 {
      let own = (0..<shape.rows).flatMap { row -> [Int32] in
        let start = (row * 4 + draw) * shape.latents
        return Array(repeatElement(codes.indices[start..<start + shape.latents], count: 3).joined())
      }
      let alone = try oracle.costs(
        at: CodeBlock(shape: shape, draws: 3, indices: own), gradients: false
      ).values
      let wanted = (0..<shape.rows).flatMap { row in
        [Double](repeating: mixed[row * 4 + draw], count: 3)
      }
      found += roundingDifferences("a code three times", alone, wanted, within: limit)
    }
    return found
  }

  /// The oracle of one row is that row of the oracle, with the same capabilities.
  package static let restriction = ProblemCheck("restriction to a row") { problem in
    let (oracle, shape) = (problem.oracle, problem.shape)
    let capabilities = oracle.capabilities
    let limit = tolerance(capabilities.precision)
    var found: [String] = []
    let (codes, soft) = (ProbingPoints(shape).codes(5), ProbingPoints(shape).soft(5))
    let all = try oracle.costs(at: codes, gradients: capabilities.gradients)
    let softAll =
      capabilities.softPoints
      ? try oracle.costs(at: soft, gradients: capabilities.gradients) : CostBlock(values: [])
    func part(_ numbers: [Double], _ row: Int) -> [Double] {
      let stride = numbers.count / shape.rows
      return Array(numbers[row * stride..<(row + 1) * stride])
    }
    for row in 0..<shape.rows {
      let own = oracle.restricted(toRow: row)
      if own.shape != shape.with(rows: 1) { found.append("row \(row): shape \(own.shape)") }
      if own.capabilities.precision != capabilities.precision
        || own.capabilities.gradients != capabilities.gradients
        || own.capabilities.softPoints != capabilities.softPoints
        || own.capabilities.separable != capabilities.separable
      {
        found.append("row \(row): other capabilities")
      }
      let size = 5 * shape.latents
      let one = try own.costs(
        at: CodeBlock(
          shape: own.shape, draws: 5, indices: Array(codes.indices[row * size..<(row + 1) * size])),
        gradients: capabilities.gradients)
      found += roundingDifferences(
        "values of row \(row)", one.values, part(all.values, row), within: limit)
      found += roundingDifferences(
        "df/dz of row \(row)", one.gradients, part(all.gradients, row), within: limit)
      guard capabilities.softPoints else { continue }
      let inside = try own.costs(
        at: SoftBlock(shape: own.shape, draws: 5, points: part(soft.points, row)),
        gradients: capabilities.gradients)
      found += roundingDifferences(
        "soft values of row \(row)", inside.values, part(softAll.values, row), within: limit)
      found += roundingDifferences(
        "soft df/dz of row \(row)", inside.gradients, part(softAll.gradients, row), within: limit)
    }
    return found
  }

  /// Answers in float32 are the answers in float64 arrays, rounded.
  package static let single = ProblemCheck("answers in float32") { problem in
    let (oracle, shape) = (problem.oracle, problem.shape)
    guard oracle.capabilities.gradients else { return [] }
    let codes = ProbingPoints(shape).codes(5)
    let wide = try oracle.costs(at: codes, gradients: true)
    let narrow = try oracle.singleCosts(at: codes, values: true, gradients: true)
    var found = roundingDifferences("values", narrow.values, wide.values, within: 1e-12)
    found += roundingDifferences(
      "df/dz", narrow.gradients.map(Double.init), wide.gradients, within: 1e-7)
    if oracle.capabilities.precision == .single {
      found += roundingDifferences(
        "df/dz in float32", narrow.gradients.map(Double.init), wide.gradients, within: 0)
    }
    let some = 0..<min(2, shape.jointCodes(limit: jointCodeLimit) ?? 0)
    let table = try oracle.singleCosts(ofJointCodes: some, gradients: true)
    let wideTable = try oracle.costs(ofJointCodes: some, gradients: true)
    found += roundingDifferences(
      "df/dz of joint codes", table.gradients.map(Double.init), wideTable.gradients, within: 1e-7)
    guard oracle.capabilities.softPoints else { return found }
    let soft = ProbingPoints(shape).soft(3)
    found += roundingDifferences(
      "soft df/dz",
      try oracle.singleGradients(at: soft.points.map { Float($0) }, draws: 3).map(Double.init),
      try oracle.gradients(at: soft), within: 1e-5)
    return found
  }

  /// At a corner of the simplex the cost is that of the code.
  package static let corners = ProblemCheck("soft points at the corners") { problem in
    let oracle = problem.oracle
    guard oracle.capabilities.softPoints else { return [] }
    let codes = ProbingPoints(problem.shape, seed: 3).codes(4)
    let hard = try oracle.costs(at: codes, gradients: oracle.capabilities.gradients)
    let soft = try oracle.costs(at: codes.corners, gradients: oracle.capabilities.gradients)
    let limit = tolerance(oracle.capabilities.precision)
    return roundingDifferences("values", soft.values, hard.values, within: limit)
      + roundingDifferences("df/dz", soft.gradients, hard.gradients, within: limit)
  }

  /// Gradients inside the simplex follow differences of the values, towards a corner.
  package static let differences = ProblemCheck("gradients against differences") { problem in
    let (oracle, shape) = (problem.oracle, problem.shape)
    let capabilities = oracle.capabilities
    guard capabilities.softPoints, capabilities.gradients else { return [] }
    let isSingle = capabilities.precision == .single
    let step = isSingle ? 1e-2 : 1e-5
    let points = ProbingPoints(shape).soft(3)
    let directions = ProbingPoints(shape, seed: 5).codes(3).corners.points
    func moved(_ step: Double) -> SoftBlock {
      SoftBlock(
        shape: shape, draws: 3,
        points: zip(points.points, directions).map { $0 + step * ($1 - $0) })
    }
    let up = try oracle.costs(at: moved(step), gradients: false).values
    let down = try oracle.costs(at: moved(-step), gradients: false).values
    let gradients = try oracle.gradients(at: points)
    var found: [String] = []
    for point in up.indices {
      let range = point * shape.width..<(point + 1) * shape.width
      let gradient = range.reduce(0.0) {
        $0 + gradients[$1] * (directions[$1] - points.points[$1])
      }
      let size = range.reduce(0.0) { max($0, abs(gradients[$1])) }
      let difference = (up[point] - down[point]) / (2 * step)
      // Rounding of values of some hundreds, and the kinks of rectifiers, in float32.
      let limit =
        (isSingle ? 3e-2 : 1e-6) * max(size, 1e-3)
        + (isSingle ? 2e-7 : 1e-15) * abs(up[point]) / step
      if !(abs(gradient - difference) <= limit) {
        found.append("point \(point): gradient \(gradient), differences \(difference)")
      }
    }
    return found
  }

  /// Beyond a latent's own categories nothing is drawn, and `df/dz` is 0.
  package static let padding = ProblemCheck("padding") { problem in
    let (oracle, shape) = (problem.oracle, problem.shape)
    guard shape.isRagged, oracle.capabilities.gradients else { return [] }
    let places = Set(shape.places)
    var arrays = [
      ("at codes", try oracle.costs(at: ProbingPoints(shape).codes(5), gradients: true))
    ]
    if oracle.capabilities.softPoints {
      arrays.append(
        ("at soft points", try oracle.costs(at: ProbingPoints(shape).soft(5), gradients: true)))
    }
    let count = min(64, shape.jointCodes(limit: jointCodeLimit) ?? 0)
    arrays.append(("of joint codes", try oracle.costs(ofJointCodes: 0..<count, gradients: true)))
    var found = arrays.compactMap { name, costs in
      costs.gradients.indices.contains {
        !places.contains($0 % shape.width) && costs.gradients[$0] != 0
      } ? "df/dz \(name) is not 0 beyond a latent's categories" : nil
    }
    if let closed = problem.closedFormGradient(temperature: 1),
      closed.indices.contains(where: { !places.contains($0 % shape.width) && closed[$0] != 0 })
    {
      found.append("the closed form is not 0 beyond a latent's categories")
    }
    return found
  }

  /// What an oracle does not offer it refuses, by an error.
  package static let refusals = ProblemCheck("what is not offered is refused") { problem in
    let (oracle, shape) = (problem.oracle, problem.shape)
    var found: [String] = []
    func mustThrow(_ what: String, _ body: () throws -> Void) {
      do {
        try body()
        found.append("\(what) is answered and not offered")
      } catch is DiscreteError {
      } catch {
        found.append("\(what) throws \(error)")
      }
    }
    if !oracle.capabilities.gradients {
      mustThrow("df/dz") {
        _ = try oracle.costs(at: ProbingPoints(shape).codes(2), gradients: true)
      }
    }
    if !oracle.capabilities.softPoints {
      mustThrow("a soft point") {
        _ = try oracle.costs(at: ProbingPoints(shape).soft(2), gradients: false)
      }
    }
    mustThrow("a point of another layer") {
      let other = LayerShape(
        rows: shape.rows, latents: shape.latents + 1, categories: shape.categories)
      _ = try oracle.costs(at: ProbingPoints(other).codes(2), gradients: false)
    }
    return found
  }
}
