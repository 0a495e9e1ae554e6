import Discrete

/// One parameter that is the logit of category 1 of every binary latent: `phi[d] = (0, theta)`.
struct TiedLogit: ParameterPullback {
  let name: String
  /// Number of latents `D`.
  let latents: Int

  var groups: [ParameterGroup] { [ParameterGroup(name: name, count: 1)] }

  /// `sum_d g[d, 1]`, over all rows.
  func pullBack(_ logitGradient: [Double]) -> [[Double]] {
    [[stride(from: 1, to: logitGradient.count, by: 2).reduce(0) { $0 + logitGradient[$1] }]]
  }

  /// `v v^T` with `v = dphi/dtheta`: 1 at category 1 of every latent.
  func rowGrams(_ row: Int) -> [RowGram] {
    let width = 2 * latents
    return [
      RowGram(
        (0..<width * width).map { ($0 / width) % 2 == 1 && ($0 % width) % 2 == 1 ? 1 : 0 },
        precision: .double)
    ]
  }
}
