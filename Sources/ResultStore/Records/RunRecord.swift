/// What is known of a run when it starts: everything a number may depend on besides its cell.
public struct RunRecord: Sendable, Equatable {
  /// The release of the program.
  public var version: String
  /// The commit the program was built from.
  public var sourceCommit: String
  /// The name of the machine. It stays in the store and is never exported.
  public var host: String
  /// The processor model.
  public var cpu: String
  /// The BLAS library: core type and configuration.
  public var blas: String
  /// The compiler.
  public var toolchain: String
  /// The root seed; stored exactly, as decimal text.
  public var seed: UInt64
  /// The number of workers.
  public var jobs: Int
  /// The command line.
  public var command: String

  /// A run record.
  public init(
    version: String, sourceCommit: String, host: String, cpu: String, blas: String,
    toolchain: String, seed: UInt64, jobs: Int, command: String
  ) {
    self.version = version
    self.sourceCommit = sourceCommit
    self.host = host
    self.cpu = cpu
    self.blas = blas
    self.toolchain = toolchain
    self.seed = seed
    self.jobs = jobs
    self.command = command
  }
}

/// A run that has begun.
public struct RunHandle: Sendable, Equatable {
  /// The number of the run in its store.
  public let id: Int64
  /// The name of the study it works on.
  public let study: String
  /// Hashes of the study's cells that already have a `done` result, from whatever study or run.
  public let doneHashes: Set<String>
}
