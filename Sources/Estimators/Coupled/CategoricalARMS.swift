import Discrete
import Foundation

/// CARMS-I: `n` antithetic categorical draws by inversion of a copula's uniforms in a random category
/// order.
///
/// `g[d] = 1/(2 n (n-1)) sum_{i != j} r_d(x_i, x_j) (f_i - f_j) (z_i[d] - z_j[d])`, `r_d(a, c) =
/// p_a p_c / Q_d(a, c)`, `Q_d` the distribution of a pair averaged over the orders. Each latent draws one of the
/// `K (K - 1)` orders that put one category first, another last and the rest between them by rising
/// probability; the `n` uniforms share it. Every pair of categories can then be drawn, which one fixed
/// order does not allow. For two and three categories these are all permutations. Unbiased; unchanged
/// by a constant added to the cost; `disarm` for `n = K = 2`. Complexity: `O(n^2 D)` and `O(K^2)` per
/// pair of categories that occurs, beside `n` oracle values.
public struct CategoricalARMS: ProbingEstimator, ExactEstimator {
  public let samples: Int
  private let orders: Orders

  enum Orders { case ends, ascendingOnly }

  public init(samples: Int) { self.init(samples: samples, orders: .ends) }

  /// One fixed order: biased for more than two categories, for tests.
  package static func oneOrder(samples: Int) -> CategoricalARMS {
    CategoricalARMS(samples: samples, orders: .ascendingOnly)
  }

  private init(samples: Int, orders: Orders) {
    self.samples = min(max(samples, 2), 32)
    self.orders = orders
  }

  private var copula: DirichletCopula { DirichletCopula(samples: samples) }
  private var stride: Int { samples + 1 }

  /// Per latent: one uniform for the order, then those of the copula.
  public var plan: EvaluationPlan {
    EvaluationPlan(
      samples: 0, probes: ProbePlan(latentUniforms: samples + 1, codes: samples))
  }

  /// One category order and the distribution function in it.
  private struct Order {
    let categories: [Int]
    let function: DistributionFunction
    /// Position of each category.
    let position: [Int]

    init(_ categories: [Int], _ distribution: ArraySlice<Double>) {
      self.categories = categories
      function = DistributionFunction(categories.map { distribution[distribution.startIndex + $0] })
      var position = [Int](repeating: 0, count: categories.count)
      for (index, category) in categories.enumerated() { position[category] = index }
      self.position = position
    }

    /// The interval of a category.
    func bounds(_ category: Int) -> (low: Double, high: Double) {
      let index = position[category]
      return (
        index == 0 ? 0 : function.cumulative[index - 1], function.cumulative[index]
      )
    }
  }

  private func orders(_ distribution: ArraySlice<Double>) -> [Order] {
    let rising = distribution.indices.sorted { (distribution[$0], $0) < (distribution[$1], $1) }.map
    { $0 - distribution.startIndex }
    guard rising.count > 1, orders == .ends else { return [Order(rising, distribution)] }
    return rising.flatMap { first in
      rising.filter { $0 != first }.map { last in
        Order([first] + rising.filter { $0 != first && $0 != last } + [last], distribution)
      }
    }
  }

  private func allOrders(_ row: RowLogits) -> [[Order]] {
    let distribution = row.probabilities()
    return (0..<row.latents).map {
      orders(distribution[$0 * row.categories..<(($0 + 1) * row.categories)])
    }
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let orders = allOrders(row)
    let latents = row.latents
    var points = [Int32](repeating: 0, count: draws.count * samples * latents)
    for draw in 0..<draws.count {
      for latent in 0..<latents {
        let from = (draw * latents + latent) * stride
        let own = orders[latent]
        let order = own[min(Int(draws.uniforms[from] * Double(own.count)), own.count - 1)]
        let coupled = copula.uniforms(draws.uniforms[from + 1..<from + stride])
        for (sample, u) in coupled.enumerated() {
          points[(draw * samples + sample) * latents + latent] =
            Int32(order.categories[order.function.outcome(u)])
        }
      }
    }
    return Probes(codes: points)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .servedByLatent)
  }

  /// The orders of every latent, with a distribution function and the places of all categories.
  public func tableNumbers(on shape: LayerShape) -> Double {
    let count = Double(shape.categories)
    return 3 * Double(shape.width) * count * count
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let orders = allOrders(row)
    let distribution = row.probabilities()
    let (latents, categories) = (row.latents, row.categories)
    // Ratios are worked out for the pairs that occur.
    var ratios = [Double](repeating: .nan, count: latents * categories * categories)
    let scale = 1 / (Double(samples) * Double(samples - 1))
    for draw in 0..<draws.count {
      for i in 0..<samples {
        for j in 0..<i {
          let (first, second) = (draw * samples + i, draw * samples + j)
          let difference = draws.probes.codeValues[first] - draws.probes.codeValues[second]
          for latent in 0..<latents {
            let a = Int(draws.probes.codes[first * latents + latent])
            let c = Int(draws.probes.codes[second * latents + latent])
            guard a != c else { continue }
            let place = (latent * categories + min(a, c)) * categories + max(a, c)
            if ratios[place].isNaN {
              ratios[place] = ratio(
                a, c, orders[latent], distribution[latent * categories + a],
                distribution[latent * categories + c])
            }
            let term = scale * ratios[place] * difference
            estimates[(draw * latents + latent) * categories + a] += term
            estimates[(draw * latents + latent) * categories + c] -= term
          }
        }
      }
    }
  }

  /// `p_a p_c / Q(a, c)`; 0 where rounding leaves no probability to a pair that hardly ever occurs.
  private func ratio(_ a: Int, _ c: Int, _ orders: [Order], _ pa: Double, _ pc: Double) -> Double {
    let joint = joint(a, c, orders)
    return joint > 0 ? pa * (pc / joint) : 0
  }

  /// `Q(a, c)`, the distribution of a pair of draws.
  private func joint(_ a: Int, _ c: Int, _ orders: [Order]) -> Double {
    var joint = 0.0
    for order in orders {
      let (x, y) = (order.bounds(a), order.bounds(c))
      joint +=
        (copula.bivariate(x.high, y.high) - copula.bivariate(x.high, y.low))
        - (copula.bivariate(x.low, y.high) - copula.bivariate(x.low, y.low))
    }
    return joint / Double(orders.count)
  }

  /// The joint distribution of `members` of a latent's draws, `[K]^members`: the copula's distribution function
  /// at the corners of all boxes, differenced once along each axis, averaged over the orders.
  /// Cost: `O(K^2 (K + 1)^members)`.
  private func joint(members: Int, _ orders: [Order]) -> [Double] {
    let size = orders.first?.categories.count ?? 0
    var distribution: [Double] = []
    for order in orders {
      let gaps = [1] + order.function.cumulative.map { copula.gap($0) }
      var corners = [0.0]
      var places = [0]
      for _ in 0..<members {
        corners = corners.flatMap { corner in gaps.map { corner + $0 } }
        places = places.flatMap { place in order.categories.map { place * size + $0 } }
      }
      corners = corners.map { copula.distribution($0) }
      // Differences along the last axis turn it into boxes and move it to the front.
      for _ in 0..<members {
        let lines = corners.count / (size + 1)
        var boxes = [Double](repeating: 0, count: lines * size)
        for line in 0..<lines {
          for box in 0..<size {
            let low = line * (size + 1) + box
            boxes[box * lines + line] = corners[low + 1] - corners[low]
          }
        }
        corners = boxes
      }
      if distribution.isEmpty { distribution = [Double](repeating: 0, count: corners.count) }
      for (place, probability) in zip(places, corners) {
        distribution[place] += max(0, probability) / Double(orders.count)
      }
    }
    return distribution
  }

  /// The draws are exchangeable and each latent has a copula and an order of its own: moments need the
  /// distributions of up to four of a latent's draws, for every `n`. More than two draws: up to
  /// `coupledCategories` categories.
  public func exactMoments(_ row: RowLogits, _ jointCodes: RowJointCodes) -> ExactMoments? {
    guard hasExactMoments(on: jointCodes.shape) == true else { return nil }
    var moments = CoupledMoments(jointCodes, centred: true)
    let distribution = row.probabilities()
    let tables = allOrders(row).enumerated().map { latent, orders in
      CategoricalTables(
        samples: samples,
        distribution: Array(distribution[latent * row.categories..<(latent + 1) * row.categories]),
        two: pairs(orders, row.categories), three: samples > 2 ? joint(members: 3, orders) : [],
        four: samples > 3 ? joint(members: 4, orders) : [])
    }
    let n = Double(samples)
    moments.add(tables.map(\.single), count: n, same: true)
    moments.add(tables.map(\.pair), count: n * (n - 1), same: false)
    return moments.moments
  }

  /// Most categories of exact moments with more than two draws: their distributions take `O(K^6)`.
  static let coupledCategories = 12

  public func hasExactMoments(on shape: LayerShape) -> Bool? {
    (samples == 2 || shape.categories <= Self.coupledCategories)
      && CoupledMoments.fits(shape, pairs: 2)
  }

  /// `Q`, `[K][K]`, as the ratios of an estimate have it.
  private func pairs(_ orders: [Order], _ size: Int) -> [Double] {
    (0..<size * size).map { max(0, joint($0 / size, $0 % size, orders)) }
  }

  /// An antithetic pair is constant between the ends of its intervals and their mirror images.
  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    guard samples == 2 else { return nil }
    return UniformAtoms(
      latents: allOrders(row).map { orders in
        orders.enumerated().flatMap { index, order -> [UniformAtom] in
          let cuts = order.function.cumulative
          return UniformAtom.pieces(cuts: cuts + cuts.map { 1 - $0 }, nodes: 1).map { piece in
            let u = piece.uniforms[0]
            return UniformAtom(
              weight: piece.weight / Double(orders.count),
              uniforms: [(Double(index) + 0.5) / Double(orders.count), exp(u - 1), exp(-u)])
          }
        }
      })
  }
}

extension EstimatorDescriptor {
  static let categoricalARMS = EstimatorDescriptor(
    name: "carms-i", family: .coupled, bias: .unbiased,
    summary: "Antithetic categorical draws by inversion in random category orders (CARMS-I).",
    formula:
      "g[d] = 1/(2n(n-1)) sum_{i!=j} r_d(x_i,x_j) (f_i - f_j) (z_i[d] - z_j[d]), r_d = p_a p_c / Q_d(a,c)",
    exactOn: "every cost", cost: "n values", source: "Dimitriev and Zhou, arXiv 2110.14002",
    traps: [
      "One fixed category order leaves pairs that never occur, and is biased.",
      "The published code smooths the ratio by 1e-3 and clips it to [0.01, 10]; here it is exact.",
      "Exact moments of three and more draws up to \(CategoricalARMS.coupledCategories) categories; of two, up to \(CoupledMoments.maximumCategories).",
      "From four categories on, the random order is one of K (K - 1), not of all permutations.",
    ],
    parameters: [
      ParameterSpec("samples", .integer(2...32), default: .integer(2), "coupled draws, n")
    ],
    make: { CategoricalARMS(samples: $0.integer("samples")) })
}
