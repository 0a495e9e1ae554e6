import Discrete
import Tensors

/// Points of one row that a cost is evaluated at.
public enum CostPoints: Sendable {
  /// Category indices `[count][latents]` of one-hot points.
  case hard([Int32])
  /// Points on the product of simplices, `[count][latents][categories]`.
  case soft([Double])
}

/// What is known of a cost beside its values: shorter ways to numbers, and what their errors go by.
public struct CostTraits: Sendable {
  /// `F[D][K]` with `f(z) = constant + sum_d F[d, z_d]` at one-hot points; nil where `f` is not a
  /// sum of one term per latent.
  public var separableTerms: [Double]?
  /// The coefficients of `f` where it is of a kind that compiled kernels evaluate; nil otherwise.
  public var form: CostForm?
  /// Where the cost bends or jumps inside the simplices.
  public var kinks: [CostKink]
  /// A bound of the terms that `f` is summed of, at any point: what its rounding goes by, where terms
  /// cancel. Nil for that of the polynomial `form`, or 0 without one.
  public var termSize: Double?
  /// The same of `df/dz`, as a norm; 0 where its own size says it all.
  public var gradientTermSize: Double

  public init(
    separableTerms: [Double]? = nil, form: CostForm? = nil, kinks: [CostKink] = [],
    termSize: Double? = nil, gradientTermSize: Double = 0
  ) {
    self.separableTerms = separableTerms
    self.form = form
    self.kinks = kinks
    self.termSize = termSize
    self.gradientTermSize = gradientTermSize
  }
}

/// A cost `f(y)` of one row that all rows of a layer share.
public protocol SharedCost: Sendable {
  var latents: Int { get }
  var categories: Int { get }

  /// `f` and, on request, `df/dy` at `count` points: `values[count]`,
  /// `gradients[count][latents][categories]`.
  ///
  /// Category indices must be in `0..<categories`.
  func evaluate(_ points: CostPoints, count: Int, gradients: Bool) -> CostBlock

  /// What else is known of it; nothing by default.
  var traits: CostTraits { get }
}

extension SharedCost {
  public var traits: CostTraits { CostTraits() }

  /// `E[f(z) | z_d = k]`, `[D][K]`, of independent latents with probabilities `[D][K]`, but for a
  /// constant per latent, which drops out of gradients; nil where there is no formula.
  public func conditionalMeans(_ probabilities: [Double]) -> [Double]? {
    let traits = traits
    if let terms = traits.separableTerms { return terms }
    guard case .polynomial(let polynomial) = traits.form else { return nil }
    let likeliest = CategoricalSampler.argmax(probabilities, categories: categories)
    // A constant in the coefficients would cost the digits of what is left without it.
    let centred =
      polynomial.centred(at: likeliest, categories: categories, widthLimit: 4096) ?? polynomial
    return centred.conditionalMeans(probabilities, latents: latents, categories: categories)
  }

  /// `f` at every joint code, in `JointCodes` order, where there is a quicker way than point by
  /// point; nil otherwise. The caller has checked that the joint codes fit.
  public func jointValues() -> [Double]? {
    guard case .polynomial(let polynomial) = traits.form else { return nil }
    return polynomial.jointValues(latents: latents, categories: categories)
  }

  /// `CostTraits.termSize`, or that of the polynomial.
  public var termSize: Double {
    let traits = traits
    if let own = traits.termSize { return own }
    guard case .polynomial(let polynomial) = traits.form else { return 0 }
    return polynomial.termSize(categories: categories)
  }

  /// Length `D K` of a point.
  public var width: Int { latents * categories }
}

/// Checks the coefficients of a cost.
///
/// - Throws: `DiscreteError.shape` for a wrong number of values, `DiscreteError.notFinite` for a
///   NaN or an infinity.
func checkCoefficients(_ name: String, _ values: [Double], count: Int) throws {
  guard values.count == count else {
    throw DiscreteError.shape("\(name) needs \(count) numbers, found \(values.count)")
  }
  if let index = values.firstIndex(where: { !$0.isFinite }) {
    throw DiscreteError.notFinite("\(name)[\(index)] is \(values[index])")
  }
}
