import Discrete

/// Unbiased covariance traces of sampled estimates, whole and with each block left out.
struct SampleSpread: Sendable {
  let mean: [Double]
  /// `m - m_k` of every block; leaving block `k` out moves the mean by `factor` times it.
  let deviations: [[Double]]
  /// `1 / (blocks - 1)`.
  let factor: Double
  /// `tr(S)` on every part.
  let traces: [Double]
  /// `tr(S)/n` on every part.
  let noise: [Double]
  let tracesWithout: [[Double]]
  let noiseWithout: [[Double]]

  /// `tr(S) = (sum_i g_i^T G g_i - n m^T G m) / (n - 1)`, row by row through the Grams.
  init(_ sampled: SampledMeasurement, engine: MonteCarloEngine) {
    let blocks = sampled.blocks
    let perBlock = Double(sampled.drawsPerBlock)
    let draws = Double(sampled.draws)
    let mean = sampled.mean
    self.mean = mean
    factor = 1 / Double(blocks.count - 1)
    deviations = blocks.map { block in
      mean.indices.map { mean[$0] - block.gradient[$0] / perBlock }
    }
    let parts = engine.geometry.partCount
    let squares = sampled.squares
    let forms = engine.forms([mean] + deviations)
    let meanForm = forms.squares[0]
    let traces = (0..<parts).map { (squares[$0] - draws * meanForm[$0]) / (draws - 1) }
    self.traces = traces
    noise = traces.map { $0 / draws }
    let rest = draws - perBlock
    let factor = factor
    var tracesWithout: [[Double]] = []
    for (index, block) in blocks.enumerated() {
      let cross = forms.withFirst[index + 1]
      let square = forms.squares[index + 1]
      tracesWithout.append(
        (0..<parts).map { part in
          let form = meanForm[part] + 2 * factor * cross[part] + factor * factor * square[part]
          return (squares[part] - block.squares[part] - rest * form) / (rest - 1)
        })
    }
    self.tracesWithout = tracesWithout
    noiseWithout = tracesWithout.map { $0.map { $0 / rest } }
  }
}

extension SampledMeasurement {
  /// `sum_i sum_b g_b^T G_b g_b` on every part.
  var squares: [Double] {
    var sums = [Double](repeating: 0, count: blocks.first?.squares.count ?? 0)
    for block in blocks {
      for part in sums.indices { sums[part] += block.squares[part] }
    }
    return sums
  }

  /// `tr(S)/n` on every scope; what `SampleSpread` has on every part, without its replicates.
  func noise(_ engine: MonteCarloEngine) -> [Double] {
    let form = engine.forms([mean]).squares[0]
    let count = Double(draws)
    let parts = zip(squares, form).map { ($0 - count * $1) / ((count - 1) * count) }
    return engine.geometry.scopeSums(parts)
  }
}
