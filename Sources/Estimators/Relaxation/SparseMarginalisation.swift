import Discrete

/// Marginalisation under a sparse distribution: `q = sparsemax(phi)` (or 1.5-entmax) in place of the softmax,
/// each latent summed over its own support with the others drawn from `q`.
///
/// `F_dk = f(z[d <- k])`, `z ~ q`: `g[d] = J(q_d) F_d`, for sparsemax
/// `s (F - <s, F>/<s, 1>)` with the support's indicator `s`. Unbiased for `d/dphi E_q f`, which is
/// not the softmax distribution's; without variance for one latent. Categories outside the support count as
/// calls and are not used. Complexity: `O(D K log K)` beside `1 + D (K - 1)` oracle values.
struct SparseMarginalisation: ProbingEstimator {
  let map: Entmax

  var plan: EvaluationPlan {
    EvaluationPlan(samples: 0, probes: ProbePlan(latentUniforms: 1, codes: 1))
  }

  func plan(for shape: LayerShape) -> EvaluationPlan {
    var plan = plan
    plan.probes?.codes = 1 + Neighbours(shape).count
    return plan
  }

  private func distribution(_ row: RowLogits) -> [Double] {
    map.points(row.values, categories: row.categories, tau: 1)
  }

  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    let distribution = distribution(row)
    let size = row.categories
    let neighbours = Neighbours(row)
    var codes: [Int32] = []
    for draw in 0..<draws.count {
      let base = (0..<row.latents).map { latent -> Int32 in
        var rest = draws.uniforms[draw * row.latents + latent]
        let own = latent * size..<(latent + 1) * size
        for k in own where distribution[k] > 0 {
          if rest < distribution[k] { return Int32(k - own.lowerBound) }
          rest -= distribution[k]
        }
        return Int32((own.last { distribution[$0] > 0 } ?? own.lowerBound) - own.lowerBound)
      }
      codes += base
      neighbours.append(of: base, at: 0, to: &codes)
    }
    return Probes(codes: codes)
  }
  var traits: EstimatorTraits { EstimatorTraits(ignoredConstants: [.level], ragged: .served) }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let distribution = distribution(row)
    let neighbours = Neighbours(row)
    let points = 1 + neighbours.count
    let width = row.values.count
    var gradient = [Double](repeating: 0, count: width)
    for draw in 0..<draws.count {
      let start = draw * points
      let costs = neighbours.costs(
        draws.probes.codeValues[start], draws.probes.codes, at: start * row.latents,
        neighbours: draws.probes.codeValues, at: start + 1)
      for base in stride(from: 0, to: width, by: row.categories) {
        map.jacobianProduct(
          distribution, costs, at: base, categories: row.categories, factor: 1, into: &gradient)
      }
      for index in 0..<width { estimates[draw * width + index] = gradient[index] }
    }
  }

  /// The draw of a latent changes where the uniform passes its distribution function.
  func uniformAtoms(_ row: RowLogits) -> UniformAtoms? {
    let distribution = distribution(row)
    return UniformAtoms(
      latents: (0..<row.latents).map { latent in
        var sum = 0.0
        let cuts = (0..<row.categories - 1).map { k -> Double in
          sum += distribution[latent * row.categories + k]
          return sum
        }
        return UniformAtom.pieces(cuts: cuts, nodes: 1)
      })
  }
}

extension EstimatorDescriptor {
  static let sparseMarginalisation = EstimatorDescriptor(
    name: "sparsemax-marginal", family: .relaxation, bias: .ownTarget,
    summary:
      "Latents summed out under a sparse distribution, sparsemax(phi) in place of softmax(phi).",
    formula:
      "q = sparsemax(phi), z ~ q, F_dk = f(z[d<-k]), g[d] = s (F_d - <s, F_d>/<s, 1>), s the support of q_d",
    exactOn: "its own target, d/dphi E_q f, on every cost; without variance for one latent",
    cost: "1 + D (K - 1) values",
    source: "Correia et al., arXiv 2007.01919",
    traps: [
      "Unverified: the arXiv number is quoted from memory.",
      "Its distribution is q, not softmax(phi): its bias is against another distribution.",
      "Categories outside the support get no gradient at all.",
      "The published method evaluates the support only; here every neighbour counts as a call.",
    ],
    parameters: [
      ParameterSpec(
        "map", .choice(Entmax.allCases.map(\.rawValue)), default: .text("sparsemax"),
        "the sparse distribution")
    ],
    make: {
      SparseMarginalisation(map: Entmax(rawValue: $0.text("map")) ?? .sparsemax)
    })
}
