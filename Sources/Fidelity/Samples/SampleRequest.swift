import Foundation

/// Sampled gradients from files, held against a reference from a file.
public struct SampleRequest: Sendable, Equatable {
  /// What estimates are held against.
  public enum Reference: Sendable, Equatable {
    /// One gradient, taken as exact: an array of the samples' shape without its first axis.
    case exact(SampleLocation)
    /// Independent unbiased draws whose mean is the reference, with an error of its own: an array
    /// of the samples' shape but for the first axis.
    case samples(SampleLocation)

    /// Where the reference is.
    public var location: SampleLocation {
      switch self {
      case .exact(let location), .samples(let location): location
      }
    }
  }

  /// Draws of the estimator, `[n, ...]`.
  public var samples: SampleLocation
  /// What they are held against.
  public var reference: Reference
  /// JSON file of named ranges of coordinates; nil for the scope `all` alone.
  public var groups: String?
  /// Blocks of the jackknife, from 2 to 1024; at most half the samples are used.
  public var blocks: Int
  /// Level of the intervals, between 0 and 1.
  public var level: Double

  public init(
    samples: SampleLocation, reference: Reference, groups: String? = nil, blocks: Int = 32,
    level: Double = 0.95
  ) {
    self.samples = samples
    self.reference = reference
    self.groups = groups
    self.blocks = blocks
    self.level = level
  }
}

/// The numbers of one request.
public struct SampleReport: Sendable, Equatable {
  /// By scope, `all` first.
  public var numbers: [FidelityNumber]
  /// Lengths of the coordinate axes.
  public var axes: [Int]
  /// Samples of the estimator.
  public var draws: Int
  /// Blocks used.
  public var blocks: Int
  /// Draws of a sampled reference; nil for an exact one.
  public var referenceDraws: Int?
  /// Wall-clock time.
  public var seconds: Double
}
