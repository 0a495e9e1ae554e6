/// Points that an estimator chooses itself and wants evaluated: couplings, neighbours of a draw,
/// mean points, sets of joint codes.
///
/// An estimate has `sharedUniforms + D * latentUniforms` uniform numbers of its own, in this order.
public struct ProbePlan: Hashable, Sendable {
  /// Uniform numbers per estimate that belong to no latent.
  public var sharedUniforms: Int
  /// Uniform numbers per estimate and latent.
  public var latentUniforms: Int
  /// Hard points per estimate.
  public var codes: Int
  /// `df/dz` is needed at the hard points, beside `f`.
  public var codeGradients: Bool
  /// The hard points depend on the row alone and are evaluated once, not once per estimate.
  public var codesFixed: Bool
  /// Soft points per estimate.
  public var soft: Int
  /// `df/dz` is needed at the soft points, beside `f`.
  public var softGradients: Bool
  /// The soft points depend on the row alone and are evaluated once, not once per estimate.
  public var softFixed: Bool

  public init(
    sharedUniforms: Int = 0, latentUniforms: Int = 0, codes: Int = 0, codeGradients: Bool = false,
    codesFixed: Bool = false, soft: Int = 0, softGradients: Bool = false, softFixed: Bool = false
  ) {
    self.sharedUniforms = sharedUniforms
    self.latentUniforms = latentUniforms
    self.codes = codes
    self.codeGradients = codeGradients
    self.codesFixed = codesFixed
    self.soft = soft
    self.softGradients = softGradients
    self.softFixed = softFixed
  }

  /// Oracle values per estimate at soft points, none where they are fixed.
  public var softValueCalls: Int { softFixed || softGradients ? 0 : soft }
  /// Oracle gradients per estimate at soft points, none where they are fixed.
  public var softGradientCalls: Int { softFixed || !softGradients ? 0 : soft }

  /// Uniform numbers per estimate of a row with `latents` latents.
  public func uniforms(latents: Int) -> Int { sharedUniforms + latents * latentUniforms }
}

/// The points that a probing estimator has chosen for the draws of one row, and their costs.
public struct Probes: Sendable, Equatable {
  /// Category indices `[count][codes][latents]`; `[codes][latents]` where they are fixed.
  public var codes: [Int32]
  /// Points on the product of simplices, `[count][soft][latents][categories]`; `[soft][D][K]`
  /// where they are fixed.
  public var soft: [Double]
  /// `f` at the hard points, `[count][codes]`; `[codes]` where they are fixed.
  public var codeValues: [Double] = []
  /// `df/dz` at the hard points, `[count][codes][latents][categories]`; `[codes][D][K]` where they
  /// are fixed; empty if not planned.
  public var codeGradients: [Double] = []
  /// `f` at the soft points, `[count][soft]`; `[soft]` where they are fixed.
  public var softValues: [Double] = []
  /// `df/dz` at the soft points, `[count][soft][D][K]`; `[soft][D][K]` where they are fixed; empty
  /// if not planned.
  public var softGradients: [Double] = []

  public init(codes: [Int32] = [], soft: [Double] = []) {
    self.codes = codes
    self.soft = soft
  }
}

/// One outcome of a block of an estimator's own uniform numbers, with its weight: a node of a
/// quadrature that is exact because, between the places where a point changes, the estimate is a
/// polynomial in the uniforms.
public struct UniformAtom: Sendable, Equatable {
  public var weight: Double
  /// As many as the block has: `sharedUniforms`, or `latentUniforms` of one latent.
  public var uniforms: [Double]

  public init(weight: Double, uniforms: [Double]) {
    self.weight = weight
    self.uniforms = uniforms
  }
}

/// The randomness of one estimate as a finite list of outcomes.
public struct UniformAtoms: Sendable {
  /// Outcomes of the shared uniforms; a single empty one where there are none.
  public var shared: [UniformAtom]
  /// Outcomes of each latent's uniforms, independent of each other; a single empty one each where
  /// there are none.
  public var latents: [[UniformAtom]]

  public init(
    shared: [UniformAtom] = [UniformAtom(weight: 1, uniforms: [])], latents: [[UniformAtom]]
  ) {
    self.shared = shared
    self.latents = latents
  }

  /// Whether lists of `perLatent` outcomes, each of `each` uniforms, are short enough to be made for a row: at
  /// most 2^24 numbers in all.
  ///
  /// Where they are not, `uniformAtoms` is nil and the moments are sampled.
  public static func fit(_ row: RowLogits, perLatent: Int, each: Int) -> Bool {
    Double(row.latents) * Double(perLatent) * Double(each) <= 0x1p24
  }

  /// No uniforms at all: the only randomness is the draws of the distribution.
  public static func none(latents: Int) -> UniformAtoms {
    UniformAtoms(latents: Array(repeating: [UniformAtom(weight: 1, uniforms: [])], count: latents))
  }
}
