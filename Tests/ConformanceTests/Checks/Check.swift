import Discrete

/// One promise that every estimator is held to: from a subject to what is wrong with it, in words;
/// nothing where it holds.
struct Check: Sendable {
  let name: String
  private let body: @Sendable (Subject) throws -> [String]

  init(_ name: String, _ body: @escaping @Sendable (Subject) throws -> [String]) {
    self.name = name
    self.body = body
  }

  /// What is wrong, an error among it.
  func violations(_ subject: Subject) -> [String] {
    do {
      return try body(subject)
    } catch {
      return ["\(name): \(subject.testDescription) threw: \(error)"]
    }
  }
}

extension Subject {
  /// An invariant of single estimates, held against its declaration: where it is declared, nothing
  /// may break it; where it is not, some setting must, so that the catalogue says what is so. Learned
  /// parts are not held to the second.
  func holds(
    _ name: String, declared: Bool, _ broken: (Subject) throws -> [String]
  ) throws -> [String] {
    if declared { return try broken(self) }
    guard isDefault, !isFitted else { return [] }
    for setting in Subjects.settings(descriptor) where try !broken(setting).isEmpty { return [] }
    return ["\(testDescription): \(name) holds in every setting; declare it"]
  }

  /// Every layer and cost of the setting, with the estimator's forms.
  func eachCase(
    _ body: (String, any DiscreteProblem, any GradientEstimator) throws -> Void
  ) throws {
    for layer in layers {
      for kind in costKinds where isDefault && !isFitted || kind == costKinds[0] {
        let problem = try registered(kind, layer)
        for (form, estimator) in try keptForms(problem, kind, layer) {
          try body("\(testDescription): \(form)on \(kind) \(layer)", problem, estimator)
        }
      }
    }
  }
}
