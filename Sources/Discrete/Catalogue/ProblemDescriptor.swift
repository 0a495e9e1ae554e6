/// Where a problem may look for files.
public struct ProblemEnvironment: Sendable {
  /// Folder of the study file: relative paths start here.
  public var baseDirectory: String
  /// Folders searched for data sets, first hit wins.
  public var dataDirectories: [String]
  /// Folder of the checkpoints that trained weights are kept in.
  public var checkpointDirectory: String

  public init(baseDirectory: String, dataDirectories: [String], checkpointDirectory: String) {
    self.baseDirectory = baseDirectory
    self.dataDirectories = dataDirectories
    self.checkpointDirectory = checkpointDirectory
  }
}

/// Everything the catalogue knows of a problem kind.
public struct ProblemDescriptor: Sendable {
  /// Kind in study files, in kebab case.
  public let name: String
  public let summary: String
  /// The cost and its exact gradient, in the notation of the definitions page.
  public let formula: String
  public let source: String
  public let parameters: [ParameterSpec]
  /// Parameters that labels always show; others appear where they differ from their default.
  public let identifying: [String]
  /// Whether the problem has weights that can be trained before measuring.
  public let trainable: Bool
  /// Number of the form of the numbers that this kind gives: part of the hash of its cells. Raise it
  /// where a change makes other numbers of the same setting, so that stored ones are measured again.
  public let numbersFormat: Int
  /// Builds the problem with its initial weights; the parameters were resolved against `parameters`.
  public let make: @Sendable (ResolvedParameters, ProblemEnvironment) throws -> any DiscreteProblem

  public init(
    name: String, summary: String, formula: String, source: String,
    parameters: [ParameterSpec] = [], identifying: [String] = [], trainable: Bool = false,
    numbersFormat: Int = 1,
    make:
      @escaping @Sendable (ResolvedParameters, ProblemEnvironment) throws -> any DiscreteProblem
  ) {
    self.name = name
    self.summary = summary
    self.formula = formula
    self.source = source
    self.parameters = parameters
    self.numbersFormat = numbersFormat
    self.identifying = identifying
    self.trainable = trainable
    self.make = make
  }
}
