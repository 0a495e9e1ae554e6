import Discrete

/// How the target gradient is computed.
public enum TargetKind: String, Sendable, CaseIterable {
  /// Exact where the joint codes fit or a closed form exists, Monte Carlo otherwise.
  case auto
  case exact
  case monteCarlo = "monte-carlo"
}

/// The distribution whose objective the target gradient belongs to.
public enum TargetDistribution: String, Sendable, CaseIterable {
  /// The distribution that the estimator samples from, at its forward temperature.
  case own
  /// The distribution at temperature 1.
  case unit
}

/// How moments of an estimator are computed.
public enum MomentsChoice: String, Sendable, CaseIterable {
  /// Exact where the estimator and the problem allow it, Monte Carlo otherwise.
  case auto
  case exact
  case monteCarlo = "monte-carlo"
}

/// Which part of the gradient the numbers are about.
public enum MeasureScope: String, Sendable, CaseIterable {
  case logits
  /// Each parameter group by itself.
  case layers
  /// All parameters together.
  case all
}

/// How targets are computed.
public struct TargetSettings: Hashable, Sendable {
  public var kind: TargetKind
  /// Distributions whose gradients estimates are held against: an axis of a study. Every request names one.
  public var distributions: [TargetDistribution]
  /// Most joint codes of a row that are enumerated.
  public var maxJointCodes: Int
  /// Estimates averaged for a Monte Carlo target; nil: as many as each cell needs.
  public var draws: Int?
  /// Samples per estimate of the leave-one-out score-function target.
  public var samples: Int
  /// Without `draws`: the target's error over that of the cell's own mean, at most; a tenth of it
  /// over `||g*||` where the moments are exact.
  public var errorFraction: Double
  /// Without `draws`: the most estimates of a target; nil: by the layer's size.
  public var maxDraws: Int?

  public init(
    kind: TargetKind = .auto, distributions: [TargetDistribution] = [.own],
    maxJointCodes: Int = 16_384,
    draws: Int? = nil, samples: Int = 4, errorFraction: Double = 0.1, maxDraws: Int? = nil
  ) {
    self.kind = kind
    self.distributions = distributions
    self.maxJointCodes = maxJointCodes
    self.draws = draws
    self.samples = samples
    self.errorFraction = errorFraction
    self.maxDraws = maxDraws
  }

  /// The most estimates of a target whose size is found by itself: `maxDraws`, else the power of
  /// two below `2^32 / (B D K samples)`, from 4,096 to 1,048,576.
  ///
  /// The product is what one estimate takes: rows, samples, and the size of a decoder's input. A
  /// toy may take a million estimates in seconds; behind a network of usual width the bound is
  /// minutes.
  public func maxDraws(_ shape: LayerShape) -> Int {
    if let maxDraws { return maxDraws }
    // Floating point, because the product of user-given sizes may not fit an integer.
    let work =
      Double(shape.rows) * Double(shape.latents) * Double(shape.categories) * Double(samples)
    var draws = 4096
    while draws < 1_048_576, Double(2 * draws) * work <= 4_294_967_296 { draws *= 2 }
    return draws
  }
}

/// When a sampled cell has draws enough.
public struct PrecisionRule: Hashable, Sendable {
  /// One of `Metric.ofMoments`.
  public var metric: Metric
  /// The standard error to reach, above 0.
  public var errorBelow: Double
  /// The most estimates of a cell: at least those it starts with.
  public var maxDraws: Int
  /// The scope that must reach it; nil: every measured one. On a problem without parameters
  /// upstream any scope means its logits.
  public var scope: String?

  public init(metric: Metric, errorBelow: Double, maxDraws: Int, scope: String? = nil) {
    self.metric = metric
    self.errorBelow = errorBelow
    self.maxDraws = maxDraws
    self.scope = scope
  }
}

/// What is measured, and how precisely.
public struct MeasureSettings: Hashable, Sendable {
  /// At least one, without repetition.
  public var scopes: [MeasureScope]
  public var moments: MomentsChoice
  /// Estimates per cell: a multiple of `blocks`, at least twice as many.
  public var draws: Int
  /// Replicate blocks behind the standard errors.
  public var blocks: Int
  /// Draws for the cosine of single draws and the gradient gap; 0 switches them off.
  public var perDrawSamples: Int
  /// Whether the gradient gap is measured.
  public var gap: Bool
  /// Level of the confidence intervals, between 0 and 1.
  public var level: Double
  /// Draws on until a standard error is reached; nil: `draws` estimates for every sampled cell.
  public var precision: PrecisionRule?
  /// Whether mean and variance of every single parameter are measured, whatever the scopes.
  public var parameters: Bool

  public init(
    scopes: [MeasureScope] = [.logits, .layers, .all], moments: MomentsChoice = .auto,
    draws: Int = 1024, blocks: Int = 32, perDrawSamples: Int = 128, gap: Bool = true,
    level: Double = 0.95, precision: PrecisionRule? = nil, parameters: Bool = false
  ) {
    self.scopes = scopes
    self.moments = moments
    self.draws = draws
    self.blocks = blocks
    self.perDrawSamples = perDrawSamples
    self.gap = gap
    self.level = level
    self.precision = precision
    self.parameters = parameters
  }
}
