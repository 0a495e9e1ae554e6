import Discrete

/// What the points of one estimate take in memory, and how many draws are worked on at a time: rules of
/// the layer and the plan alone, never of workers or the machine, because the bits of matrix products
/// depend on them.
public struct EstimateMemory: Sendable {
  /// The estimator's type, for messages.
  private let name: String
  private let shape: LayerShape
  private let plan: @Sendable (LayerShape) -> EvaluationPlan
  private let tables: @Sendable (LayerShape) -> Double

  public init(_ estimator: any GradientEstimator, _ shape: LayerShape) {
    name = "\(type(of: estimator))"
    self.shape = shape
    plan = { estimator.plan(for: $0) }
    tables = { estimator.probing?.tableNumbers(on: $0) ?? 0 }
  }

  /// Most bytes of the points of one estimate of all rows: 128 MiB.
  static let estimateLimit = 134_217_728.0
  /// Bytes of an estimator's own points that one worker evaluates at a time, one estimate at least.
  static let partLimit = 67_108_864.0

  /// Bytes of the points that one estimate of all rows chooses itself, with their costs and uniforms.
  public var pointBytes: Double { Self.pointBytes(plan(shape), shape) }

  /// Draws of an estimator's own points that are evaluated at a time.
  public var drawsPerCall: Int {
    let most = MonteCarloEngine.drawsPerCall(shape)
    guard pointBytes > 0 else { return most }
    return min(most, max(1, Int(min(Self.partLimit / pointBytes, Double(most)))))
  }

  /// Why an estimate is too large to be made, with the remedy; nil where it is not.
  ///
  /// - Parameter kind: what to call the estimator.
  public func refusal(_ kind: String? = nil) -> String? {
    if let refusal = tableRefusal(kind) { return refusal }
    guard pointBytes > Self.estimateLimit else { return nil }
    let points = plan(shape).probes.map { $0.codes + $0.soft } ?? 0
    let latents = largest(0, shape.latents) { latents in
      let smaller = shape.prefix(latents: latents)
      return Self.pointBytes(plan(smaller), smaller)
    }
    let remedy =
      latents > 0
      ? "at most \(latents) latents"
      : shape.rows > 1 ? "fewer rows or categories" : "fewer categories"
    return
      "one estimate of '\(kind ?? name)' evaluates \(points) points of \(shape.latents) latents a row, \(MemoryNeeds.text(pointBytes)), and at most \(MemoryNeeds.text(Self.estimateLimit)) are held: \(remedy), or another estimator"
  }

  /// Bytes of the estimator's tables of one row.
  var tableBytes: Double { 8 * tables(shape) }

  private func tableRefusal(_ kind: String?) -> String? {
    guard tableBytes > Self.estimateLimit else { return nil }
    let categories = largest(1, shape.categories) {
      8 * tables(LayerShape(rows: 1, latents: shape.latents, categories: $0))
    }
    return
      "the tables that '\(kind ?? name)' makes of a row of \(shape.latents) latents and \(shape.categoriesText) take \(MemoryNeeds.text(tableBytes)), and at most \(MemoryNeeds.text(Self.estimateLimit)) are held: at most \(categories) categories, or another estimator"
  }

  /// The largest size whose bytes are within the limit; bytes grow with the size.
  private func largest(_ least: Int, _ most: Int, bytes: (Int) -> Double) -> Int {
    var (low, high) = (least, most)
    while low < high {
      let size = (low + high + 1) / 2
      if bytes(size) <= Self.estimateLimit { low = size } else { high = size - 1 }
    }
    return low
  }

  /// Products of user-given sizes in floating point, as they may not fit an integer.
  private static func pointBytes(_ plan: EvaluationPlan, _ shape: LayerShape) -> Double {
    guard let probes = plan.probes else { return 0 }
    let (latents, width) = (Double(shape.latents), Double(shape.latents) * Double(shape.categories))
    let codes = Double(probes.codes) * (4 * latents + 8 + (probes.codeGradients ? 8 * width : 0))
    let soft = Double(probes.soft) * (8 * width + 8 + (probes.softGradients ? 8 * width : 0))
    let uniforms =
      8 * (Double(probes.sharedUniforms) + latents * Double(probes.latentUniforms))
    return Double(shape.rows) * (codes + soft + uniforms)
  }
}
