import Discrete
import Foundation

/// Adaptive Gauss-Kronrod over the logistic variable of binary latents: exact for costs with
/// kinks too.
///
/// With several latents the cost must be separable: latents are then integrated side by side, the
/// panels refined until every latent's integrals stand, and their covariance is block diagonal.
struct AdaptiveLogistic {
  let integrand: NoiseIntegrand
  /// Relative size of what rounding leaves of an estimate's digits: changes below are none.
  let rounding: Double

  private static let tolerance = 1e-15
  private static let deepest = 48
  /// More panels at a time belong to a cost that this rule does not serve.
  private static let panelLimit = 1 << 16

  private struct Panel {
    var from: Double
    var to: Double
    var depth: Int
  }

  /// Integrals `g_0, g_1, g_0^2, g_0 g_1, g_1^2` of every latent by both rules.
  private struct Integrals {
    var kronrod: [Double]
    var gauss: [Double]
  }

  /// Nil where an estimate is not finite, or varies too much for the panels: both would be refined
  /// without end.
  func moments() throws -> ExactMoments? {
    var pending = (0..<40).map {
      Panel(from: -40 + 2 * Double($0), to: -38 + 2 * Double($0), depth: 0)
    }
    let terms = integrand.latents * 5
    let tolerance = max(AdaptiveLogistic.tolerance, rounding)
    var total = Integrals(
      kronrod: [Double](repeating: 0, count: terms), gauss: [Double](repeating: 0, count: terms))
    while !pending.isEmpty {
      guard pending.count <= AdaptiveLogistic.panelLimit else { return nil }
      let parts = try integrate(pending)
      guard parts.allSatisfy({ $0.kronrod.allSatisfy(\.isFinite) }) else { return nil }
      var scale = total.kronrod.map(abs)
      for part in parts {
        for term in 0..<terms { scale[term] += abs(part.kronrod[term]) }
      }
      var next: [Panel] = []
      for (panel, part) in zip(pending, parts) {
        let stands = (0..<terms).allSatisfy {
          abs(part.kronrod[$0] - part.gauss[$0]) <= tolerance * scale[$0]
        }
        if stands || panel.depth == AdaptiveLogistic.deepest {
          for term in 0..<terms {
            total.kronrod[term] += part.kronrod[term]
            total.gauss[term] += part.gauss[term]
          }
        } else {
          let middle = 0.5 * (panel.from + panel.to)
          next.append(Panel(from: panel.from, to: middle, depth: panel.depth + 1))
          next.append(Panel(from: middle, to: panel.to, depth: panel.depth + 1))
        }
      }
      pending = next
    }
    return ExactMoments(rowMoments(total.kronrod), coarse: rowMoments(total.gauss))
  }

  private func rowMoments(_ sums: [Double]) -> RowMoments {
    let width = integrand.width
    var mean: [Double] = []
    var covariance = [Double](repeating: 0, count: width * width)
    for latent in 0..<integrand.latents {
      let (g0, g1) = (sums[latent * 5], sums[latent * 5 + 1])
      mean += [g0, g1]
      let base = 2 * latent
      covariance[base * width + base] = sums[latent * 5 + 2] - g0 * g0
      covariance[base * width + base + 1] = sums[latent * 5 + 3] - g0 * g1
      covariance[(base + 1) * width + base] = sums[latent * 5 + 3] - g0 * g1
      covariance[(base + 1) * width + base + 1] = sums[latent * 5 + 4] - g1 * g1
    }
    return RowMoments(mean: mean, covariance: covariance)
  }

  /// Both rules on a batch of panels.
  private func integrate(_ panels: [Panel]) throws -> [Integrals] {
    let nodes = KronrodRule.nodes.count
    var points: [Double] = []
    var densities: [Double] = []
    for panel in panels {
      let centre = 0.5 * (panel.from + panel.to)
      let half = 0.5 * (panel.to - panel.from)
      for node in KronrodRule.nodes {
        let t = centre + half * node
        // Overflow-free logistic density.
        let tail = exp(-abs(t))
        densities.append(half * tail / ((1 + tail) * (1 + tail)))
        for latent in 0..<integrand.latents {
          let gap = integrand.locations[2 * latent + 1] - integrand.locations[2 * latent]
          points += [0, gap + t]
        }
      }
    }
    var estimates: [Double] = []
    let width = integrand.width
    var start = 0
    while start < densities.count {
      let end = min(start + NoiseIntegrand.batch, densities.count)
      estimates += try integrand.estimates(
        Array(points[start * width..<end * width]), end - start)
      start = end
    }
    return panels.indices.map { panel in
      var result = Integrals(
        kronrod: [Double](repeating: 0, count: integrand.latents * 5),
        gauss: [Double](repeating: 0, count: integrand.latents * 5))
      for node in 0..<nodes {
        let point = panel * nodes + node
        for latent in 0..<integrand.latents {
          let g0 = estimates[point * width + 2 * latent]
          let g1 = estimates[point * width + 2 * latent + 1]
          for (term, value) in [g0, g1, g0 * g0, g0 * g1, g1 * g1].enumerated() {
            let weighted = densities[point] * value
            result.kronrod[latent * 5 + term] += KronrodRule.weights[node] * weighted
            result.gauss[latent * 5 + term] += KronrodRule.gaussWeights[node] * weighted
          }
        }
      }
      return result
    }
  }
}

/// The 15-point Kronrod extension of the 7-point Gauss rule on `[-1, 1]` (Kronrod 1965).
enum KronrodRule {
  private static let half: [(node: Double, kronrod: Double, gauss: Double)] = [
    (0.991455371120812639206854697526329, 0.022935322010529224963732008058970, 0),
    (
      0.949107912342758524526189684047851, 0.063092092629978553290700663189204,
      0.129484966168869693270611432679082
    ),
    (0.864864423359769072789712788640926, 0.104790010322250183839876322541518, 0),
    (
      0.741531185599394439863864773280788, 0.140653259715525918745189590510238,
      0.279705391489276667901467771423780
    ),
    (0.586087235467691130294144691693013, 0.169004726639267902826583426598550, 0),
    (
      0.405845151377397166906606412076961, 0.190350578064785409913256402421014,
      0.381830050505118944950369775488975
    ),
    (0.207784955007898467600689403773245, 0.204432940075298892414161999234649, 0),
  ]
  private static let centre = (
    kronrod: 0.209482141084727828012999174891714, gauss: 0.417959183673469387755102040816327
  )

  static let nodes = half.map { -$0.node } + [0] + half.reversed().map(\.node)
  static let weights =
    half.map(\.kronrod) + [centre.kronrod] + half.reversed().map(\.kronrod)
  /// Gauss weights at the same nodes; 0 where a node is Kronrod's alone.
  static let gaussWeights = half.map(\.gauss) + [centre.gauss] + half.reversed().map(\.gauss)
}
