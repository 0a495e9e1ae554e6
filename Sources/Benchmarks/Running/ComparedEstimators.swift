import GradientFidelity

/// The estimators that other programs are compared on.
enum ComparedEstimators {
  /// Six common ones, by the names that the comparison uses.
  static func six() throws -> [(name: String, estimator: any GradientEstimator)] {
    [
      ("reinforce_loo2", try EstimatorRegistry.make("reinforce-loo")),
      ("st", try EstimatorRegistry.make("st")),
      ("gs", try EstimatorRegistry.make("gumbel-softmax")),
      ("stgs", try EstimatorRegistry.make("st-gs")),
      (
        "dstgs",
        try EstimatorRegistry.make(
          "decoupled-st-gs",
          ["tau-backward": .number(0.5), "placement": .text("scaled-sum")])
      ),
      ("reinmax", try EstimatorRegistry.make("reinmax")),
    ]
  }
}
