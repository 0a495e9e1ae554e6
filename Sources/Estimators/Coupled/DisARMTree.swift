import Discrete
import Foundation

/// DisARM-Tree: an antithetic pair of draws down a balanced binary tree over the categories.
///
/// Every inner node holds a bit `b = 1[u < s]`, `s` the probability of its right half; the pair uses
/// `u` and `1 - u`. At a node on both paths `(1/2) (f_1 - f_2) (b - b') max(s, 1 - s)`, on one path only
/// the score of that draw; then the chain rule to `phi`. Unbiased; `disarm` for two categories.
/// Complexity: `O(D K)` beside two oracle values.
public struct DisARMTree: LatentwiseEstimator {
  public init() {}

  public var plan: EvaluationPlan {
    EvaluationPlan(samples: 0, probes: ProbePlan(latentUniforms: 1, codes: 2))
  }

  public func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    plan.probes?.latentUniforms = shape.categories - 1
    return plan
  }

  /// Inner nodes `1 ..< K` and leaves `K ..< 2 K` in heap order; node `i` has children `2 i`, `2 i + 1`.
  private struct Tree {
    let categories: Int
    /// `log sum exp phi` below each node.
    let sums: [Double]
    /// Probability of the right half at each inner node.
    let rights: [Double]

    init(_ values: ArraySlice<Double>) {
      let categories = values.count
      var sums = [Double](repeating: 0, count: categories) + values
      var rights = [Double](repeating: 0, count: categories)
      for node in stride(from: categories - 1, to: 0, by: -1) {
        let (left, right) = (sums[2 * node], sums[2 * node + 1])
        sums[node] = max(left, right) + log1p(exp(-abs(left - right)))
        rights[node] = sigmoid(right - left)
      }
      self.categories = categories
      self.sums = sums
      self.rights = rights
    }

    /// The category a draw reaches; `mirrored` takes `1 - u` for `u`. Node `i` has uniform `i - 1`.
    func draw(_ uniforms: ArraySlice<Double>, mirrored: Bool) -> Int {
      var node = 1
      while node < categories {
        let u = uniforms[uniforms.startIndex + node - 1]
        node = 2 * node + ((mirrored ? 1 - u : u) < rights[node] ? 1 : 0)
      }
      return node - categories
    }

    /// Whether each inner node's bit is on along the path to a category; nil off the path.
    func bits(_ category: Int) -> [Bool?] {
      var bits = [Bool?](repeating: nil, count: max(categories, 1))
      var node = category + categories
      while node > 1 {
        bits[node / 2] = node % 2 == 1
        node /= 2
      }
      return bits
    }

    /// Every pair of leaves as an outcome of the uniforms: nodes off both paths do not matter.
    /// Cost: `O(K^2)` outcomes of `K - 1` numbers.
    func atoms() -> [UniformAtom] {
      var atoms: [UniformAtom] = []
      func extend(_ weight: Double, _ first: Int, _ second: Int, _ uniforms: [Double]) {
        guard weight > 0 else { return }
        // The tree is balanced: both draws are at the same depth.
        guard first < categories else {
          atoms.append(UniformAtom(weight: weight, uniforms: uniforms))
          return
        }
        var uniforms = uniforms
        let s = rights[first]
        if first == second {
          let parted = min(s, 1 - s)
          let (left, right) = (2 * first, 2 * first + 1)
          uniforms[first - 1] = 0.5 * parted
          extend(weight * parted, right, left, uniforms)
          uniforms[first - 1] = 1 - 0.5 * parted
          extend(weight * parted, left, right, uniforms)
          uniforms[first - 1] = 0.5
          let both = s > 0.5 ? right : left
          extend(weight * abs(1 - 2 * s), both, both, uniforms)
          return
        }
        let t = rights[second]
        for (share, u, next) in [
          (s, 0.5 * s, 2 * first + 1), (1 - s, 1 - 0.5 * (1 - s), 2 * first),
        ] {
          for (other, v, last) in [
            (t, 1 - 0.5 * t, 2 * second + 1), (1 - t, 0.5 * (1 - t), 2 * second),
          ] {
            uniforms[first - 1] = u
            uniforms[second - 1] = v
            extend(weight * share * other, next, last, uniforms)
          }
        }
      }
      extend(1, 1, 1, [Double](repeating: 0.5, count: max(categories - 1, 0)))
      return atoms
    }

    /// Adds the pull-back of `gradient = dL/d(log right - log left)` at a node.
    func addGradient(_ gradient: Double, node: Int, to estimates: inout [Double], at base: Int) {
      for (side, sign) in [(2 * node, -1.0), (2 * node + 1, 1.0)] {
        var (low, high) = (side, side + 1)
        while low < categories {
          low *= 2
          high *= 2
        }
        for leaf in low..<high {
          estimates[base + leaf - categories] += sign * gradient * exp(sums[leaf] - sums[side])
        }
      }
    }
  }

  private func trees(_ row: RowLogits) -> [Tree] {
    (0..<row.latents).map {
      Tree(row.values[$0 * row.categories..<($0 + 1) * row.categories])
    }
  }

  public func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let trees = trees(row)
    let nodes = row.categories - 1
    var points = [Int32](repeating: 0, count: 2 * draws.count * row.latents)
    for draw in 0..<draws.count {
      for (latent, tree) in trees.enumerated() {
        let from = (draw * row.latents + latent) * nodes
        for (point, mirrored) in [false, true].enumerated() {
          points[(2 * draw + point) * row.latents + latent] = Int32(
            tree.draw(draws.uniforms[from..<from + nodes], mirrored: mirrored))
        }
      }
    }
    return Probes(codes: points)
  }
  public var traits: EstimatorTraits {
    EstimatorTraits(ignoredConstants: [.level], ragged: .servedByLatent)
  }

  public func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    clear(&estimates)
    let trees = trees(row)
    for draw in 0..<draws.count {
      let difference = draws.probes.codeValues[2 * draw] - draws.probes.codeValues[2 * draw + 1]
      for (latent, tree) in trees.enumerated() {
        let first = tree.bits(Int(draws.probes.codes[2 * draw * row.latents + latent]))
        let second = tree.bits(Int(draws.probes.codes[(2 * draw + 1) * row.latents + latent]))
        for node in 1..<max(row.categories, 1) {
          let gradient = antitheticGradient(
            first[node], second[node], tree.rights[node], difference: difference)
          guard gradient != 0 else { continue }
          tree.addGradient(
            gradient, node: node, to: &estimates,
            at: (draw * row.latents + latent) * row.categories)
        }
      }
    }
  }

  public func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    let outcomes = row.categories * row.categories
    guard UniformAtoms.fit(row, perLatent: outcomes, each: row.categories) else { return nil }
    return UniformAtoms(latents: trees(row).map { $0.atoms() })
  }
}

extension EstimatorDescriptor {
  static let disARMTree = EstimatorDescriptor(
    name: "disarm-tree", family: .coupled, bias: .unbiased,
    summary: "Antithetic pair of draws down a balanced tree over the categories.",
    formula:
      "per node on both paths: (1/2) (f1 - f2) (b - b') max(s, 1-s), on one path its score; chain rule to phi",
    exactOn: "every cost", cost: "2 values", source: "Dong, Mnih and Tucker, arXiv 2106.08056",
    traps: ["The variance depends on how the categories are grouped: in their natural order."],
    invariants: EstimatorInvariants(permutation: false),
    layerRefusal: { shape, _ in
      (0..<shape.latents).allSatisfy { shape.categories(of: $0).nonzeroBitCount == 1 }
        ? nil
        : "'disarm-tree' needs a number of categories that is a power of two, and this layer has \(shape.isRagged ? shape.categoriesText : "\(shape.categories)"); give categories: 4 or 8, or take 'disarm-sb'"
    },
    make: { _ in DisARMTree() })
}
