import Fidelity
import Foundation

/// The metrics of raw draws by their definitions: everything in memory, each left-out block by
/// taking its draws away. Independent of the measured code but for Student's quantile.
struct PlainNumbers {
  var samples: [[Double]]
  /// One row and `exact`, or several draws.
  var reference: [[Double]]
  var exact: Bool
  var blocks = 32

  static let metrics: [Metric] = [
    .biasSquared, .relativeBias, .variance, .varianceMean, .mse, .rmse1, .rmse100, .snr, .scale,
    .targetNorm, .targetErrorSquared, .estimateNorm, .reinMaxBias, .reinMaxDeviation,
    .reinMaxCosine,
  ]
  private static let roots: Set<Metric> = [
    .relativeBias, .rmse1, .rmse100, .targetNorm, .estimateNorm,
  ]

  /// Value, and the jackknife's interval (that of metrics without one of their own kind).
  func number(_ metric: Metric, level: Double) -> (value: Double, low: Double, high: Double) {
    let raw = Self.raw(metric, samples, reference, exact)
    let own = (0..<count(samples)).map {
      Self.raw(metric, without($0, samples), reference, exact)
    }
    let targets =
      exact
      ? []
      : (0..<count(reference)).map {
        Self.raw(metric, samples, without($0, reference), exact)
      }
    let degrees = Double(max(own.count, targets.count) - 1)
    let half =
      StudentT.critical(level: level, degrees: degrees)
      * (variance(own) + variance(targets)).squareRoot()
    func shown(_ x: Double) -> Double {
      Self.roots.contains(metric) ? max(x, 0).squareRoot() : x
    }
    return (shown(raw), shown(raw - half), shown(raw + half))
  }

  private func count(_ rows: [[Double]]) -> Int { min(blocks, rows.count / 2) }

  private func without(_ block: Int, _ rows: [[Double]]) -> [[Double]] {
    let count = count(rows)
    func start(_ block: Int) -> Int {
      block * (rows.count / count) + block * (rows.count % count) / count
    }
    return Array(rows[..<start(block)] + rows[start(block + 1)...])
  }

  private func variance(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let count = Double(values.count)
    let mean = values.reduce(0, +) / count
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } * (count - 1) / count
  }

  private static func mean(_ rows: [[Double]]) -> [Double] {
    rows[0].indices.map { c in rows.reduce(0) { $0 + $1[c] } / Double(rows.count) }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private static func trace(_ rows: [[Double]]) -> Double {
    guard rows.count > 1 else { return 0 }
    let mean = mean(rows)
    return rows.reduce(0) { sum, row in
      sum + zip(row, mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    } / Double(rows.count - 1)
  }

  private static func raw(
    _ metric: Metric, _ samples: [[Double]], _ reference: [[Double]], _ exact: Bool
  ) -> Double {
    let m = mean(samples)
    let g = mean(reference)
    let d = zip(m, g).map { $0 - $1 }
    let s = trace(samples)
    let noise = s / Double(samples.count)
    let targetNoise = exact ? 0 : trace(reference) / Double(reference.count)
    let bias = dot(d, d) - noise - targetNoise
    let norm = dot(g, g) - targetNoise
    let meanNorm = dot(m, m) - noise
    switch metric {
    case .biasSquared: return bias
    case .relativeBias: return bias / norm
    case .variance: return s
    case .varianceMean: return s / Double(m.count)
    case .mse: return bias + s
    case .rmse1: return (bias + s) / norm
    case .rmse100: return (bias + s / 100) / norm
    case .snr: return meanNorm / s
    case .cosineOfMean: return dot(m, g) / (meanNorm * norm).squareRoot()
    case .scale: return dot(m, g) / meanNorm
    case .scaleFreeBias: return (norm - dot(m, g) * dot(m, g) / meanNorm) / norm
    case .targetNorm: return norm
    case .targetErrorSquared: return targetNoise
    case .estimateNorm: return meanNorm
    case .reinMaxBias: return (dot(d, d) / dot(g, g)).squareRoot()
    case .reinMaxDeviation: return (s / dot(m, m)).squareRoot()
    case .reinMaxCosine: return dot(m, g) / (dot(m, m) * dot(g, g)).squareRoot()
    default: return .nan
    }
  }
}
