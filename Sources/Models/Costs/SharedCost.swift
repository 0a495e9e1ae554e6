import Discrete
import Tensors

/// Points of one row that a cost is evaluated at.
public enum CostPoints: Sendable {
  /// Category indices `[count][latents]` of one-hot points.
  case hard([Int32])
  /// Points on the product of simplices, `[count][latents][categories]`.
  case soft([Double])
}

/// A cost `f(y)` of one row that all rows of a layer share.
public protocol SharedCost: Sendable {
  var latents: Int { get }
  var categories: Int { get }
  /// `F[D][K]` with `f(z) = constant + sum_d F[d, z_d]` at one-hot points; nil where `f` is not a
  /// sum of one term per latent.
  var separableTerms: [Double]? { get }
  /// The coefficients of `f` where it is of a kind that compiled kernels evaluate; nil otherwise.
  var form: CostForm? { get }

  /// Where the cost bends or jumps inside the simplices; none by default.
  var kinks: [CostKink] { get }

  /// `E[f(z) | z_d = k]`, `[D][K]`, of independent latents with probabilities `[D][K]`, but for a
  /// constant per latent, which drops out of gradients; nil where there is no formula.
  func conditionalMeans(_ probabilities: [Double]) -> [Double]?

  /// A bound of the terms that `f` is summed of, at any point: what its rounding goes by, where terms
  /// cancel. The default is that of a polynomial, and 0 elsewhere.
  var termSize: Double { get }

  /// The same of `df/dz`, as a norm. The default is 0: its own size says it all.
  var slopeTermSize: Double { get }

  /// `f` at every joint state, in `JointStates` order, where there is a quicker way than point by
  /// point; nil otherwise. The caller has checked that the states fit.
  func jointValues() -> [Double]?

  /// `f` and, on request, `df/dy` at `count` points: `values[count]`,
  /// `gradients[count][latents][categories]`.
  ///
  /// Category indices must be in `0..<categories`.
  func evaluate(_ points: CostPoints, count: Int, gradients: Bool) -> CostBlock
}

extension SharedCost {
  public var separableTerms: [Double]? { nil }
  public var form: CostForm? { nil }
  public var kinks: [CostKink] { [] }
  public func conditionalMeans(_ probabilities: [Double]) -> [Double]? {
    if let separableTerms { return separableTerms }
    guard case .polynomial(let polynomial) = form else { return nil }
    let likeliest = CategoricalSampler.argmax(probabilities, categories: categories)
    // A constant in the coefficients would cost the digits of what is left without it.
    let centred =
      polynomial.centred(at: likeliest, categories: categories, widthLimit: 4096) ?? polynomial
    return centred.conditionalMeans(probabilities, latents: latents, categories: categories)
  }
  public func jointValues() -> [Double]? {
    guard case .polynomial(let polynomial) = form else { return nil }
    return polynomial.jointValues(latents: latents, categories: categories)
  }
  public var termSize: Double {
    guard case .polynomial(let polynomial) = form else { return 0 }
    return polynomial.termSize(categories: categories)
  }
  public var slopeTermSize: Double { 0 }
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
