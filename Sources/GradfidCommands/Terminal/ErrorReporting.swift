import ArgumentParser
import GradientFidelity

/// Runs a command's body; every known error becomes one message on standard error and its
/// documented exit code.
func reportingErrors(_ body: () throws -> Void) throws {
  do {
    try body()
  } catch let errors as StudyFileErrors {
    for diagnostic in errors.diagnostics { StandardError.write(diagnostic.rendered()) }
    throw ExitCode(65)
  } catch let error as StoreError {
    StandardError.write("error: \(error)")
    throw ExitCode(error.exitCode)
  } catch let error as StudyRunError {
    StandardError.write("error: \(error)")
    throw ExitCode(error.exitCode)
  } catch let error as StudyTableError {
    StandardError.write("error: \(error)")
    throw ExitCode(64)
  } catch let error as ModelFileError {
    StandardError.write("error: \(error)")
    throw ExitCode(65)
  } catch let error as DiscreteError {
    StandardError.write("error: \(error)")
    throw ExitCode(1)
  }
}
