/// How the target gradient is computed.
public enum TargetKind: String, Sendable, CaseIterable {
  /// Exact where the joint states fit or a closed form exists, Monte Carlo otherwise.
  case auto
  case exact
  case monteCarlo = "monte-carlo"
}

/// The law whose objective the target gradient belongs to.
public enum TargetLaw: String, Sendable, CaseIterable {
  /// The law that the estimator samples from, at its forward temperature.
  case own
  /// The law at temperature 1.
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
  /// Laws whose gradients estimates are held against: an axis of a study. Every request names one.
  public var laws: [TargetLaw]
  /// Most joint states of a row that are enumerated.
  public var maxStates: Int
  /// Estimates averaged for a Monte Carlo target.
  public var draws: Int
  /// Samples per estimate of the leave-one-out score-function target.
  public var samples: Int

  public init(
    kind: TargetKind = .auto, laws: [TargetLaw] = [.own], maxStates: Int = 16_384,
    draws: Int = 65_536, samples: Int = 4
  ) {
    self.kind = kind
    self.laws = laws
    self.maxStates = maxStates
    self.draws = draws
    self.samples = samples
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

  public init(
    scopes: [MeasureScope] = [.logits, .layers, .all], moments: MomentsChoice = .auto,
    draws: Int = 1024, blocks: Int = 32, perDrawSamples: Int = 128, gap: Bool = true,
    level: Double = 0.95
  ) {
    self.scopes = scopes
    self.moments = moments
    self.draws = draws
    self.blocks = blocks
    self.perDrawSamples = perDrawSamples
    self.gap = gap
    self.level = level
  }
}
