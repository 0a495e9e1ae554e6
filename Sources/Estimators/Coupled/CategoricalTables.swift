import Discrete

/// What moments of `carms-i` need of one latent: `W_i = sum_{j != i} w(x_i, x_j)`,
/// `w(a, c) = r(a, c) (e_a - e_c) / (n (n - 1))`, `r = p_a p_c / Q(a, c)`, from the distributions of two, three and four
/// of its exchangeable draws. Cost: `O(K^4)`.
struct CategoricalTables {
  let single: CoupledPair
  let pair: CoupledPair

  /// - Parameters:
  ///   - two: `Q`, `[K]^2`.
  ///   - three: `[K]^3`; unused for two samples.
  ///   - four: `[K]^4`; unused for fewer than four samples.
  init(samples: Int, distribution: [Double], two: [Double], three: [Double], four: [Double]) {
    let size = distribution.count
    let n = Double(samples)
    func gradient(_ a: Int, _ c: Int) -> Double {
      let joint = two[a * size + c]
      return a != c && joint > 0 ? distribution[a] * (distribution[c] / joint) / (n * (n - 1)) : 0
    }
    let gradients = (0..<size * size).map { gradient($0 / size, $0 % size) }
    /// `weight w(a, c) w(b, e)^T`.
    func product(
      _ pair: inout CoupledPair, _ weight: Double, at place: Int, _ a: Int, _ c: Int, _ b: Int,
      _ e: Int
    ) {
      let value = weight * gradients[a * size + c] * gradients[b * size + e]
      if value == 0 { return }
      for (k, sign) in [(a, value), (c, -value)] {
        pair.product[(k * size + b) * size * size + place] += sign
        pair.product[(k * size + e) * size * size + place] -= sign
      }
    }
    var single = CoupledPair(categories: size)
    var pair = CoupledPair(categories: size)
    let square = size * size
    for a in 0..<size {
      let place = a * size + a
      single.distribution[place] = distribution[a]
      for c in 0..<size where c != a {
        let first = (n - 1) * two[a * size + c] * gradients[a * size + c]
        for (k, value) in [(a, first), (c, -first)] {
          single.first[k * square + place] += value
          single.second[k * square + place] += value
        }
        product(&single, (n - 1) * two[a * size + c], at: place, a, c, a, c)
        guard samples > 2 else { continue }
        for e in 0..<size where e != a {
          product(
            &single, (n - 1) * (n - 2) * three[(a * size + c) * size + e], at: place, a, c, a, e)
        }
      }
    }
    for (place, joint) in two.enumerated() {
      let (a, b) = (place / size, place % size)
      pair.distribution[place] = joint
      /// Draw `i` at `a` against one at `c`, draw `j` at `b` against one at `e`.
      func add(_ weight: Double, _ c: Int, _ e: Int) {
        product(&pair, weight, at: place, a, c, b, e)
      }
      /// The mean of both draws against one at `c`, `e`.
      func addMeans(_ weight: Double, _ c: Int, _ e: Int) {
        let first = weight * gradients[a * size + c]
        let second = weight * gradients[b * size + e]
        pair.first[a * square + place] += first
        pair.first[c * square + place] -= first
        pair.second[b * square + place] += second
        pair.second[e * square + place] -= second
      }
      addMeans(joint, b, a)
      add(joint, b, a)
      guard samples > 2 else { continue }
      for c in 0..<size {
        let third = (n - 2) * three[place * size + c]
        addMeans(third, c, c)
        add(third, b, c)
        add(third, c, a)
        add(third, c, c)
        guard samples > 3 else { continue }
        for e in 0..<size {
          add((n - 2) * (n - 3) * four[(place * size + c) * size + e], c, e)
        }
      }
    }
    self.single = single
    self.pair = pair
  }
}
