/// The kinds of estimators and problems that a program knows.
public struct Catalogue: Sendable {
  public let estimators: [EstimatorDescriptor]
  public let problems: [ProblemDescriptor]

  /// Names must differ; of equal ones the first is found.
  public init(estimators: [EstimatorDescriptor], problems: [ProblemDescriptor]) {
    self.estimators = estimators
    self.problems = problems
  }

  /// The estimator of a kind, or nil.
  public func estimator(_ name: String) -> EstimatorDescriptor? {
    estimators.first { $0.name == name }
  }

  /// The problem of a kind, or nil.
  public func problem(_ name: String) -> ProblemDescriptor? {
    problems.first { $0.name == name }
  }

  /// The catalogue with more kinds behind its own.
  ///
  /// - Throws: `DiscreteError.parameter` for a name that is taken or not in kebab case.
  public func adding(
    estimators more: [EstimatorDescriptor] = [], problems others: [ProblemDescriptor] = []
  ) throws -> Catalogue {
    try Catalogue.check("an estimator", estimators.map(\.name), more.map(\.name))
    try Catalogue.check("a problem", problems.map(\.name), others.map(\.name))
    return Catalogue(estimators: estimators + more, problems: problems + others)
  }

  private static func check(_ noun: String, _ known: [String], _ added: [String]) throws {
    var taken = Set(known)
    for name in added {
      guard name.wholeMatch(of: /[a-z0-9]+(-[a-z0-9]+)*/) != nil else {
        throw DiscreteError.parameter(
          "'\(name)' is no name for \(noun); use small letters, digits and single hyphens")
      }
      guard taken.insert(name).inserted else {
        throw DiscreteError.parameter(
          "there is \(noun) '\(name)' already; give another name")
      }
    }
  }
}
