import Discrete
import Synchronization

/// Evaluations of an oracle and of its rows by themselves.
private final class OracleCounts: Sendable {
  let calls = Mutex<(values: Double, gradients: Double)>((0, 0))
}

/// An oracle that counts its evaluations of a row, and the problem with it.
final class CountingOracle: BulkOracle {
  private let inner: any CostOracle
  private let counts: OracleCounts

  convenience init(_ inner: any CostOracle) { self.init(inner, OracleCounts()) }

  private init(_ inner: any CostOracle, _ counts: OracleCounts) {
    self.inner = inner
    self.counts = counts
  }

  func restricted(toRow index: Int) -> any CostOracle {
    CountingOracle(inner.restricted(toRow: index), counts)
  }

  var shape: LayerShape { inner.shape }
  var capabilities: OracleCapabilities { inner.capabilities }
  var workPerPoint: Double { inner.workPerPoint }
  var calls: (values: Double, gradients: Double) { counts.calls.withLock { $0 } }

  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    count(codes.draws, gradients)
    return try inner.costs(at: codes, gradients: gradients)
  }

  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    count(points.draws, gradients)
    return try inner.costs(at: points, gradients: gradients)
  }

  func costs(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> CostBlock {
    count(jointCodes.count, gradients)
    return try inner.costs(ofJointCodes: jointCodes, gradients: gradients)
  }

  func singleCosts(at codes: CodeBlock, values: Bool, gradients: Bool) throws -> SingleCosts {
    count(codes.draws, gradients)
    return try inner.singleCosts(at: codes, values: values, gradients: gradients)
  }

  func singleCosts(ofJointCodes jointCodes: Range<Int>, gradients: Bool) throws -> SingleCosts {
    count(jointCodes.count, gradients)
    return try inner.singleCosts(ofJointCodes: jointCodes, gradients: gradients)
  }

  func singleGradients(at points: [Float], draws: Int) throws -> [Float] {
    count(draws, true)
    return try inner.singleGradients(at: points, draws: draws)
  }

  private func count(_ draws: Int, _ gradients: Bool) {
    let calls = Double(draws) * Double(shape.rows)
    counts.calls.withLock { counts in
      if gradients { counts.gradients += calls } else { counts.values += calls }
    }
  }
}

/// The same problem with its evaluations counted.
struct CountedProblem: DiscreteProblem {
  let inner: any DiscreteProblem
  let counter: CountingOracle

  init(_ inner: any DiscreteProblem) {
    self.inner = inner
    counter = CountingOracle(inner.oracle)
  }

  var logits: Logits { inner.logits }
  var oracle: any CostOracle { counter }
  var pullback: (any ParameterPullback)? { inner.pullback }
  var inputs: [String: String] { inner.inputs }
  var hasIndependentLatents: Bool { inner.hasIndependentLatents }

  func closedFormGradient(temperature: Double) -> [Double]? {
    inner.closedFormGradient(temperature: temperature)
  }
}
