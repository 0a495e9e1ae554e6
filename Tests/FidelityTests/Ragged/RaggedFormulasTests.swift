import Discrete
import Estimators
import Fidelity
import Foundation
import Tensors
import Testing

/// Exact and sampled moments on a ragged layer against estimates that are written here, summed over all joint
/// joint codes or over noise drawn here.
@Suite struct RaggedFormulasTests {
  private typealias Setting = RaggedKindsTests.Setting

  /// Mean and trace of the covariance of weighted vectors.
  private func moments(_ weights: [Double], _ vectors: [[Double]]) -> (
    mean: [Double], trace: Double
  ) {
    var mean = [Double](repeating: 0, count: vectors[0].count)
    let total = weights.reduce(0, +)
    for (weight, vector) in zip(weights, vectors) {
      for index in mean.indices { mean[index] += weight / total * vector[index] }
    }
    var trace = 0.0
    for (weight, vector) in zip(weights, vectors) {
      for index in mean.indices {
        trace += weight / total * (vector[index] - mean[index]) * (vector[index] - mean[index])
      }
    }
    return (mean, trace)
  }

  private func expect(
    _ setting: Setting, _ toy: RaggedToy, _ wanted: (mean: [Double], trace: Double),
    temperature: Double = 1
  ) throws {
    let problem = try toy.problem()
    var target = [Double](repeating: 0, count: toy.width)
    let distribution = toy.distribution(temperature)
    for jointCode in toy.jointCodes {
      let y = toy.oneHot(jointCode)
      let weight = toy.probability(jointCode, distribution) * toy.value(y) / temperature
      for index in y.indices { target[index] += weight * (y[index] - distribution[index]) }
    }
    let bias = zip(wanted.mean, target).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    let norm = wanted.mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let found = try numbers(problem, setting.make(), .exact)
    #expect(abs(try number(found, .variance).value - wanted.trace) < 1e-9 * wanted.trace)
    let share = wanted.trace / Double(toy.width)
    #expect(abs(try number(found, .varianceMean).value - share) < 1e-9 * share)
    #expect(abs(try number(found, .biasSquared).value - bias) < 1e-9 * (bias + wanted.trace))
    #expect(abs(try number(found, .estimateNorm).value - norm) < 1e-9 * norm)
    let sampled = try numbers(problem, setting.make(), .monteCarlo)
    for (metric, value) in [(Metric.variance, wanted.trace), (.biasSquared, bias)] {
      let own = try number(sampled, metric)
      #expect(abs(own.value - value) <= 5 * own.standardError, "\(setting.name) \(metric)")
    }
  }

  private func expectOverJointCodes(
    _ setting: Setting, temperature: Double = 1,
    _ estimate: (_ toy: RaggedToy, _ z: [Double], _ codes: [Int]) -> [Double]
  ) throws {
    for levels in [[3, 2, 4], [2, 5], [4, 3]] {
      let toy = RaggedToy(levels)
      let distribution = toy.distribution(temperature)
      try expect(
        setting, toy,
        moments(
          toy.jointCodes.map { toy.probability($0, distribution) },
          toy.jointCodes.map { estimate(toy, toy.oneHot($0), $0) }), temperature: temperature)
    }
  }

  @Test func reinforce() throws {
    try expectOverJointCodes(Setting("reinforce")) { toy, z, _ in
      zip(z, toy.distribution()).map { toy.value(z) * ($0 - $1) }
    }
  }

  @Test func leaveOneOut() throws {
    for levels in [[3, 2, 4], [2, 5]] {
      let toy = RaggedToy(levels)
      let distribution = toy.distribution()
      var (weights, vectors) = ([Double](), [[Double]]())
      for a in toy.jointCodes {
        for b in toy.jointCodes {
          weights.append(toy.probability(a, distribution) * toy.probability(b, distribution))
          let (y, z) = (toy.oneHot(a), toy.oneHot(b))
          let half = 0.5 * (toy.value(y) - toy.value(z))
          vectors.append(zip(y, z).map { half * ($0 - $1) })
        }
      }
      try expect(Setting("reinforce-loo"), toy, moments(weights, vectors))
    }
  }

  @Test func straightThrough() throws {
    try expectOverJointCodes(Setting("st")) { toy, z, _ in
      toy.jacobian(toy.distribution(), toy.gradient(z))
    }
  }

  @Test func decoupledStraightThrough() throws {
    let setting = Setting(
      "decoupled-st", ["tau-forward": .number(1.5), "tau-backward": .number(0.7)])
    try expectOverJointCodes(setting, temperature: 1.5) { toy, z, _ in
      toy.jacobian(toy.distribution(0.7), toy.gradient(z)).map { $0 / 0.7 }
    }
  }

  @Test func reinMax() throws {
    try expectOverJointCodes(Setting("reinmax", ["tau": .number(1.2)])) { toy, z, _ in
      let h = toy.gradient(z)
      let middle = zip(toy.distribution(1.2), z).map { 0.5 * ($0 + $1) }
      return zip(toy.jacobian(middle, h), toy.jacobian(toy.distribution(), h)).map {
        2 * $0 - 0.5 * $1
      }
    }
  }

  @Test func darn() throws {
    try expectOverJointCodes(Setting("darn")) { toy, z, codes in
      let (h, p) = (toy.gradient(z), toy.distribution())
      var g = z
      for (latent, start) in toy.starts.enumerated() {
        let own = start..<start + toy.levels[latent]
        let inner = own.reduce(h[start + codes[latent]]) { $0 - p[$1] * h[$1] }
        for k in own { g[k] = (z[k] - p[k]) * inner }
      }
      return g
    }
  }

  /// Divides by the latent's own number of categories.
  @Test func centredIdentity() throws {
    try expectOverJointCodes(Setting("identity-st", ["form": .text("centred")])) { toy, z, _ in
      let h = toy.gradient(z)
      var g = h
      for (start, level) in zip(toy.starts, toy.levels) {
        let mean = h[start..<start + level].reduce(0, +) / Double(level)
        for k in start..<start + level { g[k] -= mean }
      }
      return g
    }
  }

  /// The same in its mean over the categories.
  @Test func betaFamily() throws {
    try expectOverJointCodes(Setting("beta-st", ["beta": .number(0.3)])) { toy, z, codes in
      let (h, p) = (toy.gradient(z), toy.distribution())
      var g = z
      for (latent, start) in toy.starts.enumerated() {
        let own = start..<start + toy.levels[latent]
        let parts = own.map { p[$0] * (h[start + codes[latent]] - h[$0]) }
        let lead = parts.reduce(0, +)
        for (k, part) in zip(own, parts) {
          g[k] =
            -0.3 * part + z[k] * 0.7 * lead - 0.4 * lead / Double(own.count)
        }
      }
      return g
    }
  }

  @Test func localExpectations() throws {
    try expectOverJointCodes(Setting("leg")) { toy, _, codes in
      let p = toy.distribution()
      let costs = toy.levels.indices.flatMap { latent in
        (0..<toy.levels[latent]).map { k -> Double in
          var moved = codes
          moved[latent] = k
          return toy.value(toy.oneHot(moved))
        }
      }
      return toy.jacobian(p, costs)
    }
  }

  /// One latent of the three is chosen, and its own categories alone are evaluated.
  @Test func bitflip() throws {
    for levels in [[3, 2, 4], [2, 5]] {
      let toy = RaggedToy(levels)
      let p = toy.distribution()
      var (weights, vectors) = ([Double](), [[Double]]())
      for codes in toy.jointCodes {
        for latent in levels.indices {
          weights.append(toy.probability(codes, p) / Double(levels.count))
          var costs = [Double](repeating: 0, count: toy.width)
          for k in 0..<levels[latent] {
            var moved = codes
            moved[latent] = k
            costs[toy.starts[latent] + k] = toy.value(toy.oneHot(moved))
          }
          vectors.append(toy.jacobian(p, costs).map { Double(levels.count) * $0 })
        }
      }
      try expect(Setting("bitflip-1"), toy, moments(weights, vectors))
    }
  }

  // MARK: Noise drawn here

  private static let noises = 20_000

  /// Mean, trace of the covariance and their standard errors.
  private func expectOverNoise(
    _ setting: Setting, temperature: Double = 1, seed: UInt64,
    _ choices: [MomentsChoice] = [.exact, .monteCarlo],
    _ estimate: (_ toy: RaggedToy, _ noise: ArraySlice<Double>, _ fresh: ArraySlice<Double>) ->
      [Double]
  ) throws {
    let toy = RaggedToy([3, 2])
    let count = Self.noises
    let key = RandomKey(seed: seed)
    let noise = [0, 1].map {
      RandomStream(key: key, row: 0, site: $0).gumbels(from: 0, count: count * toy.width)
        .map(Double.init)
    }
    let vectors = (0..<count).map { draw in
      let own = draw * toy.width..<(draw + 1) * toy.width
      return estimate(toy, noise[0][own], noise[1][own])
    }
    let drawn = moments([Double](repeating: 1, count: count), vectors)
    let spread = vectors.map { vector in
      zip(vector, drawn.mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
    }
    let fourth = spread.reduce(0) { $0 + ($1 - drawn.trace) * ($1 - drawn.trace) } / Double(count)
    let traceError = (fourth / Double(count)).squareRoot()
    for choice in choices {
      let found = try numbers(toy.problem(), setting.make(), choice)
      let variance = try number(found, .variance)
      let error =
        (traceError * traceError + variance.standardError * variance.standardError).squareRoot()
      #expect(abs(variance.value - drawn.trace) <= 4.5 * error, "\(setting.name) \(choice)")
      let norm = try number(found, .estimateNorm)
      let square = drawn.mean.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let normError =
        (drawn.trace / Double(count) + norm.standardError * norm.standardError).squareRoot()
      #expect(abs(norm.value - square) <= 4.5 * normError, "\(setting.name) \(choice)")
    }
  }

  /// One-hot at the largest of each latent.
  private func winners(_ toy: RaggedToy, _ v: [Double]) -> [Double] {
    var z = [Double](repeating: 0, count: toy.width)
    for (start, level) in zip(toy.starts, toy.levels) {
      let own = start..<start + level
      z[own.max { v[$0] < v[$1] } ?? start] = 1
    }
    return z
  }

  @Test func straightThroughGumbelSoftmax() throws {
    try expectOverNoise(Setting("st-gs", ["tau": .number(0.7)]), seed: 5) { toy, noise, _ in
      let v = zip(toy.logits, noise).map(+)
      return toy.jacobian(toy.softmaxes(v.map { $0 / 0.7 }), toy.gradient(winners(toy, v)))
        .map { $0 / 0.7 }
    }
  }

  @Test func decoupledStraightThroughGumbelSoftmax() throws {
    let setting = Setting(
      "decoupled-st-gs", ["tau-forward": .number(0.8), "tau-backward": .number(1.6)])
    try expectOverNoise(setting, temperature: 0.8, seed: 6) { toy, noise, _ in
      let v = zip(toy.logits, noise).map { $0 / 0.8 + $1 }
      let s = toy.softmaxes(zip(toy.logits, noise).map { $0 / 1.6 + $1 })
      return toy.jacobian(s, toy.gradient(winners(toy, v))).map { $0 / 1.6 }
    }
  }

  @Test func freshNoise() throws {
    try expectOverNoise(
      Setting("decoupled-st-gs", ["tau-backward": .number(0.8), "noise": .text("fresh")]), seed: 7
    ) { toy, noise, fresh in
      let v = zip(toy.logits, noise).map(+)
      let s = toy.softmaxes(zip(toy.logits, fresh).map { $0 / 0.8 + $1 })
      return toy.jacobian(s, toy.gradient(winners(toy, v))).map { $0 / 0.8 }
    }
  }

  @Test func gumbelSoftmax() throws {
    try expectOverNoise(Setting("gumbel-softmax", ["tau": .number(0.9)]), seed: 8) {
      toy, noise, _ in
      let y = toy.softmaxes(zip(toy.logits, noise).map { ($0 + $1) / 0.9 })
      return toy.jacobian(y, toy.gradient(y)).map { $0 / 0.9 }
    }
  }

  /// `1 - K_d w` with the latent's own number of categories.
  @Test func augmentReinforce() throws {
    try expectOverNoise(Setting("augment-reinforce"), seed: 9, [.monteCarlo]) { toy, noise, _ in
      // Exponentials of the Gumbels: the largest phi + G is the smallest E e^-phi.
      let z = winners(toy, zip(toy.logits, noise).map(+))
      let exponentials = noise.map { exp(-$0) }
      var g = z
      for (start, level) in zip(toy.starts, toy.levels) {
        let own = start..<start + level
        let sum = own.reduce(0.0) { $0 + exponentials[$1] }
        for k in own { g[k] = toy.value(z) * (1 - Double(level) * exponentials[k] / sum) }
      }
      return g
    }
  }
}
