import CKernels
import Discrete

/// The rule of an estimator on one row in float32, as the kernels of draws side by side take it.
enum LaneRule: Sendable {
  case surrogate(exponent: Float, offsets: [Float], scale: Float, soft: Bool)
  case leaveOneOut(samples: Int, factor: Double)
  case mixture(
    points: [Float], mix: Float, scale: Float, distribution: [Float], distributionScale: Float)
  case capped(weights: [Float], caps: [Float], scale: Float)

  /// Nil for numbers outside the range of float32.
  init?(_ rule: FusedRule, _ row: RowLogits) {
    func single(_ values: [Double]) -> [Float] { values.map { Float($0) } }
    func fits(_ values: Double...) -> Bool { values.allSatisfy { $0 > 1e-30 && $0 < 1e30 } }
    switch rule {
    case .surrogate(let rule):
      guard fits(rule.exponent, rule.scale) else { return nil }
      // Relative to the largest of a latent: what decides is then small.
      let offsets = rule.offsets.indices.map { index in
        let start = index / row.categories * row.categories
        return rule.offsets[index]
          - (rule.offsets[start..<start + row.categories].max() ?? 0)
      }
      guard offsets.allSatisfy({ $0 > -1e30 }) else { return nil }
      self = .surrogate(
        exponent: Float(rule.exponent),
        offsets: offsets.contains { $0 != 0 } ? single(offsets) : [],
        scale: Float(rule.scale), soft: rule.soft)
    case .leaveOneOut(let samples, let temperature):
      self = .leaveOneOut(samples: samples, factor: 1 / (Double(samples - 1) * temperature))
    case .mixture(let rule):
      guard fits(rule.scale) else { return nil }
      self = .mixture(
        points: single(rule.points), mix: Float(rule.mix), scale: Float(rule.scale),
        distribution: single(rule.distribution), distributionScale: Float(rule.distributionScale))
    case .capped(let rule):
      guard fits(rule.scale) else { return nil }
      self = .capped(
        weights: single(rule.weights), caps: single(rule.caps), scale: Float(rule.scale))
    }
  }

  /// The rules of an estimator on every row; nil where its combine step has to be asked.
  static func rules(
    _ estimator: any GradientEstimator, on problem: any DiscreteProblem
  ) -> [LaneRule]? {
    let plan = estimator.plan(for: problem.shape)
    guard let fused = estimator.fused, plan.probes == nil, !plan.freshNoise else {
      return nil
    }
    var rules: [LaneRule] = []
    for index in 0..<problem.shape.rows {
      let row = problem.logits.row(index)
      guard let fusedRule = fused.fusedRule(row), fusedRule.fits(row),
        let rule = LaneRule(fusedRule, row), rule.isSoft == plan.relaxed
      else { return nil }
      rules.append(rule)
    }
    return rules
  }

  /// Whether the gradients are those at the surrogate itself.
  var isSoft: Bool {
    if case .surrogate(_, _, _, let soft) = self { return soft }
    return false
  }

  /// The surrogate of each draw of a row as tiles.
  func softPoints(_ draws: LaneDraws, row: Int, into points: inout [Float]) {
    guard case .surrogate(let exponent, let offsets, _, _) = self else { return }
    draws.noise.withUnsafeBufferPointer { noise in
      offsets.withUnsafeBufferPointer { offsets in
        guard let noise = noise.baseAddress else { return }
        gf_lane_softmax(
          draws.size, noise + row * draws.rowCount, exponent,
          offsets.isEmpty ? nil : offsets.baseAddress, &points)
      }
    }
  }

  /// Estimates of one row's draws.
  ///
  /// - Parameters:
  ///   - gradients: `df/dz` of all rows as tiles, at the code or at the soft points.
  ///   - estimates: `[DK][stride]`, filled from column `start` on.
  func combine(
    _ draws: LaneDraws, row: Int, gradients: [Float], into estimates: inout [Float], at start: Int,
    stride: Int
  ) {
    precondition(
      start + draws.stride <= stride && estimates.count >= draws.shape.width * stride)
    let first = row * draws.rowCount
    let factors = self.factors(draws, row: row)
    estimates.withUnsafeMutableBufferPointer { estimates in
      draws.codes.withUnsafeBufferPointer { codes in
        draws.noise.withUnsafeBufferPointer { noise in
          gradients.withUnsafeBufferPointer { gradients in
            guard let out = estimates.baseAddress.map({ $0 + start }),
              let codes = codes.baseAddress.map({ $0 + row * draws.rowCodes })
            else { return }
            let h = gradients.baseAddress.map { $0 + first }
            switch self {
            case .surrogate(let exponent, let offsets, let scale, _):
              offsets.withUnsafeBufferPointer { offsets in
                gf_lane_surrogate(
                  draws.size, noise.baseAddress.map { $0 + first }, exponent,
                  offsets.isEmpty ? nil : offsets.baseAddress, scale, h, out, stride)
              }
            case .leaveOneOut(let samples, _):
              gf_lane_scores(draws.size, samples, codes, factors, out, stride)
            case .mixture(let points, let mix, let scale, let distribution, let distributionScale):
              distribution.withUnsafeBufferPointer { distribution in
                gf_lane_mixture(
                  draws.size, points, mix, scale,
                  distribution.isEmpty ? nil : distribution.baseAddress, distributionScale,
                  codes, h, out, stride)
              }
            case .capped(let weights, let caps, let scale):
              gf_lane_capped(draws.size, weights, caps, scale, codes, h, out, stride)
            }
          }
        }
      }
    }
  }

  /// `(f_i - mean f) factor` of leave-one-out estimates, `[samples][stride]`.
  private func factors(_ draws: LaneDraws, row: Int) -> [Float] {
    guard case .leaveOneOut(let samples, let factor) = self else { return [] }
    var factors = [Float](repeating: 0, count: samples * draws.stride)
    for draw in 0..<draws.range.count {
      let place = row * draws.range.count + draw
      var mean = 0.0
      for sample in 0..<samples { mean += draws.values[sample][place] }
      mean /= Double(samples)
      for sample in 0..<samples {
        factors[sample * draws.stride + draw] = Float(
          (draws.values[sample][place] - mean) * factor)
      }
    }
    return factors
  }
}
