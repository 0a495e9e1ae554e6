/// How one optimiser moves weights: the hyper-parameters and the formula, without any state.
public protocol OptimiserRule: Sendable {
  /// Names of the running arrays that are kept for every tensor: none, the first, or both of
  /// `Moments`.
  var memory: [String] { get }

  /// Moves the weights of one tensor against their gradient.
  ///
  /// - Parameters:
  ///   - moments: arrays of the tensor's size where `memory` names them, zero before the first
  ///     step.
  ///   - step: from 1.
  ///   - rate: the learning rate of this step.
  func update<Scalar: NetworkScalar>(
    _ weights: inout [Scalar], _ gradient: [Scalar], _ moments: inout Moments<Scalar>, step: Int,
    rate: Double)
}

/// What an optimiser remembers of one tensor's past gradients.
public struct Moments<Scalar: NetworkScalar>: Sendable, Equatable {
  public var first: [Scalar]
  public var second: [Scalar]

  public init(first: [Scalar] = [], second: [Scalar] = []) {
    self.first = first
    self.second = second
  }
}

/// Everything that help texts and the checks of a study file need to know of an optimiser.
public struct OptimiserDescriptor: Sendable {
  /// Name in kebab case.
  public let name: String
  public let summary: String
  public let formula: String
  public let source: String
  public let settings: [SettingSpec]
  private let make: @Sendable (ResolvedSettings) -> any OptimiserRule

  public init(
    name: String, summary: String, formula: String, source: String, settings: [SettingSpec],
    make: @escaping @Sendable (ResolvedSettings) -> any OptimiserRule
  ) {
    self.name = name
    self.summary = summary
    self.formula = formula
    self.source = source
    self.settings = settings
    self.make = make
  }

  /// The rule of these hyper-parameters; what is not given is at its default.
  ///
  /// - Throws: `NetworkError.setting` for a setting that is unknown or out of range.
  public func rule(_ settings: [String: SettingValue] = [:]) throws -> any OptimiserRule {
    make(try ResolvedSettings(settings, specs: self.settings))
  }
}
