import Discrete
import Foundation
import Tensors

extension Rodeo {
  /// Most evaluations of the heads for one row: about two minutes.
  private static let mostEvaluations = 0x1p33

  public func hasExactMoments(on shape: LayerShape) -> Bool? {
    guard samples == 2, JointCodePairs.fits(shape), let jointCodes = shape.jointCodes(limit: .max)
    else {
      return false
    }
    let pairs = Double(jointCodes) * Double(jointCodes)
    return pairs * Double(shape.width) <= Self.mostEvaluations
  }

  /// Of two draws, every pair of joint codes `j >= i` once: `g_ij = g_ji`. The heads are functions of all
  /// categories of both, so no form of fewer terms is at hand.
  ///
  /// Cost: `O(jointCodes^2 D K)` evaluations of the heads, which are tabulated where they have several
  /// units, and as many numbers times `D K` multiplied; memory for one joint code's pairs.
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    guard !jointCodes.gradients.isEmpty, hasExactMoments(on: jointCodes.shape) == true else {
      return nil
    }
    let width = jointCodes.width
    var mean = [Double](repeating: 0, count: width)
    var second = [Double](repeating: 0, count: width * width)
    let expansions = JointCodeExpansions(jointCodes)
    let heads = HeadEvaluation(self, over: expansions)
    for first in 0..<jointCodes.count where jointCodes.weights[first] > 0 {
      let estimates = PairEstimates(heads, jointCodes, expansions, first: first).estimates
      let count = jointCodes.count - first
      let factors = (first..<jointCodes.count).map {
        ($0 == first ? 1 : 2) * jointCodes.weights[first] * jointCodes.weights[$0]
      }
      var weighted = estimates
      var out = weighted.mutableSpan
      for index in 0..<width {
        for place in 0..<count { out[index * count + place] *= factors[place] }
      }
      let products = matrixProduct(
        weighted, estimates, m: width, n: width, k: count, transposeB: true)
      for index in second.indices { second[index] += products[index] }
      for (index, value) in matrixProduct(estimates, factors, m: width, n: 1, k: count)
        .enumerated()
      {
        mean[index] += value
      }
    }
    for index in second.indices { second[index] -= mean[index / width] * mean[index % width] }
    return ExactMoments(RowMoments(mean: mean, covariance: second))
  }

  /// Both heads at many expansion values.
  fileprivate func heads(_ values: [Double]) -> (a: [Double], b: [Double]) {
    var a = [Double](repeating: 0, count: values.count)
    var b = a
    var aOut = a.mutableSpan
    var bOut = b.mutableSpan
    let input = values.span
    for unit in units {
      var powers = values
      var span = powers.mutableSpan
      for index in 0..<input.count { span[index] = -2 * abs(argument(input[index], unit)) }
      VectorMath.exp(&powers)
      let found = powers.span
      for index in 0..<input.count {
        // tanh x from e^(-2|x|).
        let size = scale * (1 - found[index]) / (1 + found[index])
        let value = argument(input[index], unit) < 0 ? -size : size
        aOut[index] += unit.alpha * value
        bOut[index] += unit.beta * value
      }
    }
    return (a, b)
  }

  @inline(__always)
  fileprivate func argument(_ value: Double, _ unit: Unit) -> Double {
    unit.slope * ((value - centre) / scale) - unit.offset
  }
}

/// Both heads at many expansion values: of one unit as they stand, of several by Taylor series about
/// the middles of equal cells, which take the same time whatever the number of units.
///
/// A cell is a tenth wide in the steepest unit's argument: `tanh` has its poles at `pi / 2` and beyond,
/// so what is left out is `(0.05 / (pi / 2))^10 = 1e-15` of it.
private struct HeadEvaluation {
  private let rodeo: Rodeo
  private var lowest = 0.0
  private var inverseWidth = 0.0
  private var cells = 0
  /// `(a, b)` of every power of the distance in half widths, `[cell][degree + 1]`; empty for one unit.
  private var series: [SIMD2<Double>] = []

  private static let degree = 9
  /// 10 MB; expansions that vary more, beside the scale of the units, are evaluated as they stand.
  private static let mostCells = 1 << 16

  init(_ rodeo: Rodeo, over expansions: JointCodeExpansions) {
    self.rodeo = rodeo
    let steepest = rodeo.units.reduce(0) { max($0, abs($1.slope)) } / rodeo.scale
    let width = 0.1 / steepest
    let range = expansions.range
    let count = (range.upperBound - range.lowerBound) / width
    guard rodeo.units.count > 1, count < Double(Self.mostCells), width.isFinite else { return }
    // One more on either side: rounding may carry a value beyond the range.
    cells = Int(count) + 3
    lowest = range.lowerBound - width
    inverseWidth = 1 / width
    series = [SIMD2<Double>](repeating: .zero, count: cells * (Self.degree + 1))
    for cell in 0..<cells {
      for unit in rodeo.units { add(unit, cell, width: width) }
    }
  }

  private mutating func add(_ unit: Rodeo.Unit, _ cell: Int, width: Double) {
    let middle = lowest + (Double(cell) + 0.5) * width
    // From y' = 1 - y^2.
    var powers = [tanh(rodeo.argument(middle, unit))]
    for order in 0..<Self.degree {
      let product = (0...order).reduce(0.0) { $0 + powers[$1] * powers[order - $1] }
      powers.append(((order == 0 ? 1 : 0) - product) / Double(order + 1))
    }
    let step = 0.5 * width * unit.slope / rodeo.scale
    var factor = rodeo.scale
    for (order, power) in powers.enumerated() {
      series[cell * (Self.degree + 1) + order] +=
        SIMD2(unit.alpha, unit.beta) * (factor * power)
      factor *= step
    }
  }

  func heads(_ values: [Double]) -> (a: [Double], b: [Double]) {
    guard !series.isEmpty else { return rodeo.heads(values) }
    var a = [Double](repeating: 0, count: values.count)
    var b = a
    var aOut = a.mutableSpan
    var bOut = b.mutableSpan
    let input = values.span
    let series = series.span
    for index in 0..<input.count {
      let position = (input[index] - lowest) * inverseWidth
      let cell = min(max(Int(position), 0), cells - 1)
      let distance = SIMD2(repeating: 2 * (position - Double(cell)) - 1)
      let base = cell * (Self.degree + 1)
      var sum = series[base + Self.degree]
      for order in stride(from: Self.degree - 1, through: 0, by: -1) {
        sum = series[base + order] + distance * sum
      }
      aOut[index] = sum[0]
      bOut[index] = sum[1]
    }
    return (a, b)
  }
}

/// The linear expansions of the cost around every joint code.
private struct JointCodeExpansions {
  /// `f_j - <<h_j, z_j>>`.
  let intercepts: [Double]
  /// `h_j[d, k]`, `[D][K][jointCodes]`.
  let slopes: [Double]
  /// `z_j`, `[D][jointCodes]`.
  let codes: [Int32]
  /// Of all expansions at all joint codes; without end where some are not finite.
  let range: ClosedRange<Double>

  init(_ jointCodes: RowJointCodes) {
    let (width, categories) = (jointCodes.width, jointCodes.categories)
    var slopes = [Double](repeating: 0, count: jointCodes.gradients.count)
    var codes = jointCodes.codes
    var intercepts = jointCodes.values
    for jointCode in 0..<jointCodes.count {
      for index in 0..<width {
        slopes[index * jointCodes.count + jointCode] =
          jointCodes.gradients[jointCode * width + index]
      }
      for latent in 0..<jointCodes.latents {
        let code = jointCodes.codes[jointCode * jointCodes.latents + latent]
        codes[latent * jointCodes.count + jointCode] = code
        intercepts[jointCode] -=
          jointCodes.gradients[jointCode * width + latent * categories + Int(code)]
      }
    }
    self.slopes = slopes
    self.codes = codes
    self.intercepts = intercepts
    var bounds = (intercepts, intercepts)
    for latent in 0..<jointCodes.latents {
      for jointCode in 0..<jointCodes.count {
        let base = jointCode * width + latent * categories
        let own = jointCodes.gradients[base..<base + categories]
        bounds.0[jointCode] += own.min() ?? 0
        bounds.1[jointCode] += own.max() ?? 0
      }
    }
    let (low, high) = (bounds.0.min() ?? 0, bounds.1.max() ?? 0)
    range = low.isFinite && high.isFinite && low <= high ? low...high : 0...(.infinity)
  }
}

/// Numbers of a table `[rows][pairs]`, read in place: the same ones for all pairs at step 0.
private struct PairTable<Number> {
  let numbers: [Number]
  let start: Int
  let stride: Int
  let step: Int

  @inline(__always)
  subscript(row: Int, pair: Int) -> Number { numbers[start + row * stride + pair * step] }
}

/// Estimates of the pairs of one joint code with itself and those after it, `[D][K][pairs]`.
private struct PairEstimates {
  private(set) var estimates: [Double]
  private let evaluation: HeadEvaluation
  private let jointCodes: RowJointCodes
  private let count: Int

  init(
    _ evaluation: HeadEvaluation, _ jointCodes: RowJointCodes, _ expansions: JointCodeExpansions,
    first: Int
  ) {
    self.evaluation = evaluation
    self.jointCodes = jointCodes
    let count = jointCodes.count - first
    self.count = count
    estimates = [Double](repeating: 0, count: jointCodes.width * count)
    let (latents, width) = (jointCodes.latents, jointCodes.width)
    let firstCodes = PairTable(
      numbers: Array(jointCodes.codes[first * latents..<(first + 1) * latents]), start: 0,
      stride: 1,
      step: 0)
    let otherCodes = PairTable(
      numbers: expansions.codes, start: first, stride: jointCodes.count, step: 1)
    let firstSlopes = PairTable(
      numbers: Array(jointCodes.gradients[first * width..<(first + 1) * width]), start: 0,
      stride: 1,
      step: 0)
    let otherSlopes = PairTable(
      numbers: expansions.slopes, start: first, stride: jointCodes.count, step: 1)
    // The first joint code expanded around the others, then the others around the first.
    let forward = addOperator(Array(expansions.intercepts[first...]), firstCodes, otherSlopes)
    let backward = addOperator(
      [Double](repeating: expansions.intercepts[first], count: count), otherCodes, firstSlopes)
    let gains = (0..<count).map { jointCodes.values[first] - jointCodes.values[first + $0] }
    addScores(zip(gains, backward).map { 0.5 * ($0 - $1) }, firstCodes)
    addScores(zip(gains, forward).map { 0.5 * (-$0 - $1) }, otherCodes)
  }

  /// Adds `(1/2) (A [b (. - p)])(z)` and returns `(A a)(z)`, pair by pair.
  ///
  /// - Parameters:
  ///   - intercepts: of the expansions.
  ///   - codes: `z`, `[D][pairs]`.
  ///   - slopes: of the expansions, `[D][K][pairs]`.
  private mutating func addOperator(
    _ intercepts: [Double], _ codes: PairTable<Int32>, _ slopes: PairTable<Double>
  ) -> [Double] {
    let categories = jointCodes.categories
    var values = intercepts
    for latent in 0..<jointCodes.latents {
      for pair in 0..<count {
        values[pair] += slopes[latent * categories + Int(codes[latent, pair]), pair]
      }
    }
    let here = evaluation.heads(values)
    let share = 0.5 / Double(jointCodes.latents)
    var a = [Double](repeating: 0, count: count)
    var b = a
    var moved = a
    for latent in 0..<jointCodes.latents {
      let base = latent * categories
      // The category itself: the expansion stays.
      var mean = a
      for pair in 0..<count {
        let own = base + Int(codes[latent, pair])
        mean[pair] = jointCodes.probabilities[own] * here.b[pair]
        estimates[own * count + pair] += share * mean[pair]
      }
      for offset in 1..<max(1, categories) {
        func other(_ own: Int) -> Int {
          base + (own + offset < categories ? own + offset : own + offset - categories)
        }
        for pair in 0..<count {
          let own = Int(codes[latent, pair])
          moved[pair] = values[pair] + slopes[other(own), pair] - slopes[base + own, pair]
        }
        let there = evaluation.heads(moved)
        for pair in 0..<count {
          let index = other(Int(codes[latent, pair]))
          let weight = jointCodes.probabilities[index]
          a[pair] += weight * (there.a[pair] - here.a[pair])
          b[pair] += weight * (there.b[pair] - here.b[pair])
          mean[pair] += weight * there.b[pair]
          estimates[index * count + pair] += share * weight * there.b[pair]
        }
      }
      for pair in 0..<count {
        estimates[(base + Int(codes[latent, pair])) * count + pair] -= share * mean[pair]
      }
    }
    addScores(b.map { share * $0 }, codes)
    return a.map { $0 / Double(jointCodes.latents) }
  }

  /// Adds a factor times `z - p` to every pair.
  private mutating func addScores(_ factors: [Double], _ codes: PairTable<Int32>) {
    for index in 0..<jointCodes.width {
      let distribution = jointCodes.probabilities[index]
      for pair in 0..<count { estimates[index * count + pair] -= distribution * factors[pair] }
    }
    for latent in 0..<jointCodes.latents {
      for pair in 0..<count {
        let own = latent * jointCodes.categories + Int(codes[latent, pair])
        estimates[own * count + pair] += factors[pair]
      }
    }
  }
}
