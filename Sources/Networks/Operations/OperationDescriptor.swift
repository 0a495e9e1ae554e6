/// Where an operation is made: what comes in, and what a name alone does not say.
public struct OperationContext: Sendable {
  public let input: TensorShape
  /// The graph of the problem, if it has one.
  public let graph: SparseMatrix?
  /// The operations that names are looked up in.
  public let operations: [OperationDescriptor]

  public init(
    input: TensorShape, graph: SparseMatrix? = nil,
    operations: [OperationDescriptor] = OperationRegistry.all
  ) {
    self.input = input
    self.graph = graph
    self.operations = operations
  }

  func with(input: TensorShape) -> OperationContext {
    OperationContext(input: input, graph: graph, operations: operations)
  }
}

/// Everything that help texts and the checks of a study file need to know of an operation.
public struct OperationDescriptor: Sendable {
  /// Name in kebab case.
  public let name: String
  public let summary: String
  public let formula: String
  public let settings: [SettingSpec]
  /// The setting that `name: value` gives, if there is one.
  public let shorthand: String?
  /// Whether the operation takes lists of operations in place of settings.
  public let branches: Bool
  private let make:
    @Sendable (OperationContext, ResolvedSettings, [Program]) throws -> any NetworkOperation

  /// An operation with settings.
  public init(
    name: String, summary: String, formula: String, settings: [SettingSpec] = [],
    shorthand: String? = nil,
    make:
      @escaping @Sendable (OperationContext, ResolvedSettings) throws -> any NetworkOperation
  ) {
    self.init(name, summary, formula, settings, shorthand, branches: false) {
      context, settings, _ in try make(context, settings)
    }
  }

  /// An operation with branches in place of settings.
  public static func branching(
    name: String, summary: String, formula: String,
    make: @escaping @Sendable ([Program]) throws -> any NetworkOperation
  ) -> OperationDescriptor {
    OperationDescriptor(name, summary, formula, [], nil, branches: true) { _, _, branches in
      try make(branches)
    }
  }

  private init(
    _ name: String, _ summary: String, _ formula: String, _ settings: [SettingSpec],
    _ shorthand: String?, branches: Bool,
    make:
      @escaping @Sendable (OperationContext, ResolvedSettings, [Program]) throws ->
      any NetworkOperation
  ) {
    self.name = name
    self.summary = summary
    self.formula = formula
    self.settings = settings
    self.shorthand = shorthand
    self.branches = branches
    self.make = make
  }

  /// The operation that a spec of this name asks for.
  ///
  /// - Throws: `NetworkError.setting` for settings that are unknown, missing or out of range,
  ///   `.shape` for sizes that do not fit.
  public func operation(
    _ argument: OperationSpec.Argument, _ context: OperationContext
  ) throws -> any NetworkOperation {
    guard !branches else {
      guard case .branches(let specs) = argument else {
        throw NetworkError.setting(
          "'\(name)' takes a list of lists of operations, such as {\(name): [[], [relu]]}")
      }
      return try make(context, ResolvedSettings([:], specs: []), programs(specs, context))
    }
    return try make(context, ResolvedSettings(given(argument), specs: settings), [])
  }

  private func given(_ argument: OperationSpec.Argument) throws -> [String: SettingValue] {
    switch argument {
    case .none: return [:]
    case .settings(let settings): return settings
    case .value(let value):
      guard let shorthand else {
        let advice =
          settings.isEmpty
          ? "it has no settings"
          : "name its settings: \(settings.map(\.name).joined(separator: ", "))"
        throw NetworkError.setting("'\(name)' takes no bare value, found \(value); \(advice)")
      }
      return [shorthand: value]
    case .branches:
      throw NetworkError.setting("'\(name)' takes no lists of operations")
    }
  }

  private func programs(
    _ specs: [[OperationSpec]], _ context: OperationContext
  ) throws -> [Program] {
    try specs.enumerated().map { index, specs in
      do {
        return try Program(specs, context)
      } catch let error as NetworkError {
        throw error.at("branch \(index + 1)")
      }
    }
  }
}
