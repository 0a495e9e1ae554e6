/// Gaussian error linear unit (Hendrycks and Gimpel 2016, arXiv:1606.08415).
///
/// `erf`: `y = x P(x)` with the normal distribution function `P`, `dy/dx = P(x) + x p(x)` with its
/// density `p`. `tanh`: `y = x (1 + tanh u) / 2`, `u = sqrt(2 / pi) (x + 0.044715 x^3)`.
/// Cost: one error function or one exponential a number; the former is the C library's.
public struct GELU: ElementwiseOperation {
  public enum Form: String, Sendable, CaseIterable {
    case erf
    case tanh
  }

  public let shape: TensorShape
  public let form: Form

  public init(_ shape: TensorShape, form: Form) {
    self.shape = shape
    self.form = form
  }

  public static let descriptor = OperationDescriptor(
    name: "gelu", summary: "Gaussian error linear unit",
    formula: "y = x P(x), P the normal distribution function (erf) or its tanh form",
    settings: [
      SettingSpec(
        "form", .choice(Form.allCases.map(\.rawValue)), default: .text("erf"),
        "Exact by erf, or the approximation by tanh")
    ], shorthand: "form"
  ) { context, settings in
    GELU(context.input, form: Form(rawValue: settings.text("form")) ?? .erf)
  }

  public var name: String { "gelu" }
  public var role: OperationRole { .rectifier }
  var keepsOutput: Bool { false }

  func apply<Scalar: NetworkScalar>(_ x: inout [Scalar]) {
    switch form {
    case .erf: multiplyByDistribution(&x)
    case .tanh: multiplyByTanhGate(&x)
    }
  }

  func multiplyByDerivative<Scalar: NetworkScalar>(_ values: inout [Scalar], kept: [Scalar]) {
    switch form {
    case .erf: multiplyByErfDerivative(&values, kept)
    case .tanh: multiplyByTanhGateDerivative(&values, kept)
    }
  }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func multiplyByDistribution<Scalar: NetworkScalar>(_ x: inout [Scalar]) {
  for index in x.indices { x[index] *= Scalar.normalDistribution(x[index]) }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func multiplyByErfDerivative<Scalar: NetworkScalar>(_ values: inout [Scalar], _ x: [Scalar])
{
  precondition(values.count == x.count)
  var densities = x
  for index in x.indices { densities[index] *= -0.5 * x[index] }
  Scalar.exp(&densities)
  let height = Scalar((0.5 / Double.pi).squareRoot())
  for index in x.indices {
    values[index] *= Scalar.normalDistribution(x[index]) + x[index] * height * densities[index]
  }
}

/// `(1 + tanh u) / 2` of every number, as the logistic function of `2 u`, which does not cancel.
@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func tanhGates<Scalar: NetworkScalar>(_ x: [Scalar]) -> [Scalar] {
  let steepness = Scalar((8 / Double.pi).squareRoot())
  var gates = x
  for index in x.indices {
    gates[index] = steepness * x[index] * (1 + Scalar(0.044715) * x[index] * x[index])
  }
  Scalar.sigmoid(&gates)
  return gates
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func multiplyByTanhGate<Scalar: NetworkScalar>(_ x: inout [Scalar]) {
  let gates = tanhGates(x)
  for index in x.indices { x[index] *= gates[index] }
}

@specialized(where Scalar == Float)
@specialized(where Scalar == Double)
private func multiplyByTanhGateDerivative<Scalar: NetworkScalar>(
  _ values: inout [Scalar], _ x: [Scalar]
) {
  precondition(values.count == x.count)
  let gates = tanhGates(x)
  let steepness = Scalar((8 / Double.pi).squareRoot())
  for index in x.indices {
    let gate = gates[index]
    let derivative = steepness * (1 + 3 * Scalar(0.044715) * x[index] * x[index])
    values[index] *= gate + x[index] * gate * (1 - gate) * derivative
  }
}
