import Discrete

/// A finite distribution that is drawn from by inverting its distribution function at a uniform.
struct DistributionFunction: Sendable {
  /// Cumulative probabilities; the last one is 1.
  let cumulative: [Double]
  private let last: Int

  /// - Parameter weights: at least one, none below 0; they need not sum to 1. Weights that are all 0
  ///   give the first outcome.
  init(_ weights: some Sequence<Double>) {
    var sum = 0.0
    var sums: [Double] = []
    var last = 0
    for weight in weights {
      if weight > 0 { last = sums.count }
      sum += weight
      sums.append(sum)
    }
    for index in sums.indices { sums[index] = index >= last || sum <= 0 ? 1 : sums[index] / sum }
    cumulative = sums
    self.last = last
  }

  /// The first outcome whose cumulative probability exceeds `u`; one of probability 0 is never
  /// drawn. Cost: a binary search.
  func outcome(_ u: Double) -> Int {
    var low = 0
    var high = last
    while low < high {
      let middle = (low + high) / 2
      if cumulative[middle] > u { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The probability of an outcome as `outcome` draws it.
  func probability(_ outcome: Int) -> Double {
    cumulative[outcome] - (outcome == 0 ? 0 : cumulative[outcome - 1])
  }

  /// One atom per outcome of positive probability, with a uniform that gives it.
  var atoms: [UniformAtom] { UniformAtom.pieces(cuts: cumulative, nodes: 1) }
}

extension RowLogits {
  /// The distribution function of every latent of a distribution `[D][K]`.
  func distributions(_ distribution: [Double]) -> [DistributionFunction] {
    (0..<latents).map {
      DistributionFunction(distribution[$0 * categories..<($0 + 1) * categories])
    }
  }
}
