/// The whole library under one import.
@_exported import Conformance
@_exported import Discrete
@_exported import Estimators
@_exported import Fidelity
@_exported import Models
@_exported import Networks
@_exported import Reports
@_exported import ResultStore
@_exported import Studies
@_exported import Tensors

/// Version of the program and of the formats it writes.
public enum GradientFidelityVersion {
  public static let number = SystemFacts.version

  /// For `--version`: release, source commit and store schema.
  public static var description: String {
    "\(number) (commit \(SystemFacts.sourceCommit), store schema \(StoreSchema.version))"
  }
}
