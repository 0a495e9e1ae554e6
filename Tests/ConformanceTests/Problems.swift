import Discrete
import Models
import Synchronization
import Tensors
import TestSupport
import Testing

/// A problem of the registry on a layer.
func registered(_ kind: String, _ layer: Layer) throws -> any DiscreteProblem {
  _ = oneThread
  let descriptor = try #require(ProblemRegistry.named(kind))
  var sizes: [String: ParameterValue] = [
    "latents": .integer(layer.latents), "categories": .integer(layer.categories),
  ]
  if kind == "quadratic-cubic" { sizes["terms"] = .integer(4) }
  return try descriptor.make(
    ResolvedParameters(sizes, specs: descriptor.parameters),
    ProblemEnvironment(baseDirectory: ".", dataDirectories: [], checkpointDirectory: "."))
}

/// A smooth cost that couples latents, and one with cubic terms.
let costKinds = ["test-problem", "quadratic-cubic"]

/// The problem on the same logits with another oracle, or on others with the same one.
func altered(
  _ base: any DiscreteProblem, logits: [Double]? = nil, oracle: (any CostOracle)? = nil
) throws -> any DiscreteProblem {
  try CostProblem(
    logits: Logits(shape: base.shape, values: logits ?? base.logits.values),
    oracle: oracle ?? base.oracle)
}

/// `a f + c` with the categories renamed: category `k` is `order[k]` of the base.
struct ChangedOracle: CostOracle {
  let base: any CostOracle
  var scale = 1.0
  var shift = 0.0
  var order: [Int]

  init(_ base: any CostOracle, scale: Double = 1, shift: Double = 0, order: [Int]? = nil) {
    self.base = base
    self.scale = scale
    self.shift = shift
    self.order = order ?? Array(0..<base.shape.categories)
  }

  var shape: LayerShape { base.shape }
  var capabilities: OracleCapabilities {
    OracleCapabilities(
      gradients: base.capabilities.gradients, softPoints: base.capabilities.softPoints,
      roundoff: base.capabilities.roundoff)
  }

  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    changed(
      try base.costs(
        at: CodeBlock(
          shape: shape, draws: codes.draws, indices: codes.indices.map { Int32(order[Int($0)]) }),
        gradients: gradients))
  }

  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    var moved = points.points
    for (index, value) in points.points.enumerated() { moved[place(index)] = value }
    return changed(
      try base.costs(
        at: SoftBlock(shape: shape, draws: points.draws, points: moved), gradients: gradients))
  }

  /// Where the base keeps a coordinate.
  func place(_ index: Int) -> Int {
    index / shape.categories * shape.categories + order[index % shape.categories]
  }

  private func changed(_ block: CostBlock) -> CostBlock {
    CostBlock(
      values: block.values.map { scale * $0 + shift },
      gradients: block.gradients.indices.map { scale * block.gradients[place($0)] })
  }
}

/// Counts the points that it is asked for.
final class CountingOracle: CostOracle {
  let base: any CostOracle
  private let counts = Mutex((values: 0, gradients: 0))

  init(_ base: any CostOracle) { self.base = base }

  var shape: LayerShape { base.shape }
  var capabilities: OracleCapabilities { base.capabilities }

  /// Points evaluated so far; a point with a gradient counts as a gradient alone.
  var points: (values: Int, gradients: Int) { counts.withLock { $0 } }

  func costs(at codes: CodeBlock, gradients: Bool) throws -> CostBlock {
    count(codes.draws, gradients)
    return try base.costs(at: codes, gradients: gradients)
  }

  func costs(at points: SoftBlock, gradients: Bool) throws -> CostBlock {
    count(points.draws, gradients)
    return try base.costs(at: points, gradients: gradients)
  }

  private func count(_ points: Int, _ gradients: Bool) {
    counts.withLock {
      if gradients { $0.gradients += points } else { $0.values += points }
    }
  }
}

/// One category: `f = 3` whatever happens.
struct OneCategory: SharedCost {
  let latents: Int
  let categories = 1

  func evaluate(_ points: CostPoints, count: Int, gradients: Bool) -> CostBlock {
    CostBlock(
      values: [Double](repeating: 3, count: count),
      gradients: gradients ? [Double](repeating: 0.5, count: count * latents) : [])
  }
}
