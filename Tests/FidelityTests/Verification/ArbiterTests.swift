import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import ResultStore
import Testing

/// The arbiter's numbers: the reference files recomputed at 30 digits by `Fixtures/arbiter/arbiter.py`.
private struct Arbiter: Decodable {
  struct File: Decodable {
    let sha256: String
    let problems: [Problem]
  }

  struct Problem: Decodable {
    let name: String
    let value: String
    let valueVariance: String
    let grad: [String]
    let quadratureChange: String
    let rows: [Row]

    enum CodingKeys: String, CodingKey {
      case name, value, grad, rows
      case valueVariance = "value_var"
      case quadratureChange = "change_of_quadrature"
    }
  }

  struct Row: Decodable {
    let id: String
    let params: [String: Double]
    let mean: [String]
    let `var`: [String]
  }

  let format: String
  let script: String
  let scriptHash: String
  let digits: Int
  let files: [String: File]

  enum CodingKeys: String, CodingKey {
    case format, script, digits, files
    case scriptHash = "script_sha256"
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    let folder = try #require(Bundle.module.resourcePath) + "/Fixtures/"
    return [UInt8](try Data(contentsOf: URL(fileURLWithPath: folder + name)))
  }

  static func read() throws -> Arbiter {
    try JSONDecoder().decode(Arbiter.self, from: Data(bytes("arbiter/arbiter.json")))
  }
}

@Suite struct ArbiterTests {
  /// Numbers belong to the script and the reference files that are stored beside them.
  @Test func hashesAreThoseOfScriptAndFiles() throws {
    let arbiter = try Arbiter.read()
    #expect(arbiter.format == "gradfid-arbiter/1" && arbiter.digits == 30)
    let script = try Arbiter.bytes("arbiter/" + arbiter.script)
    #expect(SHA256.hexadecimal(of: script) == arbiter.scriptHash)
    #expect(arbiter.files.keys.sorted() == Golden.names.map { $0 + ".json" }.sorted())
    for (name, file) in arbiter.files {
      #expect(SHA256.hexadecimal(of: try Arbiter.bytes(name)) == file.sha256, "\(name)")
      // The change between two steps is the error of the coarser one; the finer has its power 3/2, which
      // is beyond a double everywhere.
      for problem in file.problems {
        #expect(pow(try #require(Double(problem.quadratureChange)), 1.5) < 1e-16, "\(problem.name)")
      }
    }
  }

  /// What the product computes, against 30 digits: sums to rounding, integrals to what is stated.
  ///
  /// Deviations of means are counted in the root of the second moment of the largest coordinate, those of
  /// variances in its square.
  @Test(arguments: Golden.names) func productAgainstArbiter(name: String) throws {
    let file = try #require(try Arbiter.read().files[name + ".json"])
    let golden = try Golden.file(name)
    var rows = 0
    for problem in golden.problems {
      let truth = try #require(file.problems.first { $0.name == problem.name })
      let table = try OracleTable(oracle: problem.problem.oracle, limit: 1 << 12, gradients: true)
      let target = try TargetGradient.exact(
        problem: problem.problem, table: table, temperature: 1, workers: 1)
      #expect(deviation(target.gradient, try numbers(truth.grad)) < 1e-13, "\(problem.name)")
      if let closed = TargetGradient.closedForm(problem: problem.problem, temperature: 1) {
        #expect(deviation(closed.gradient, try numbers(truth.grad)) < 1e-13, "\(problem.name)")
      }
      for row in truth.rows {
        let reference = try #require(
          problem.estimators.first { $0.id == row.id && $0.parameters == row.params })
        let exact = try #require(
          try moments(GoldenNames.estimator(reference), problem, table))
        let (moments, replicates) = (exact.moments, exact.replicates)
        let (mean, variance) = (try numbers(row.mean), try numbers(row.var))
        let size = try #require(zip(mean, variance).map { ($0 * $0 + $1).squareRoot() }.max())
        let width = mean.count
        let computed = (0..<width).map { moments.covariance[$0 * width + $0] }
        let limit = reference.method == "enumeration" ? 1e-13 : 1e-9
        func worst(_ a: [Double], _ b: [Double], _ unit: Double) -> Double {
          (zip(a, b).map { abs($0 - $1) }.max() ?? 0) / unit
        }
        let off = max(worst(moments.mean, mean, size), worst(computed, variance, size * size))
        rows += 1
        guard replicates.isEmpty else {
          // A lattice: within six of its own standard errors (Student, 15 degrees: 1 in 4e4 each).
          let (means, variances) = errors(replicates, width: width)
          for k in 0..<width {
            let place: Comment = "\(problem.name) \(row.id) \(row.params)"
            #expect(abs(moments.mean[k] - mean[k]) <= 6 * means[k] + 1e-12 * size, place)
            #expect(
              abs(computed[k] - variance[k]) <= 6 * variances[k] + 1e-12 * size * size, place)
          }
          continue
        }
        #expect(off < limit, "\(problem.name) \(row.id) \(row.params): \(off)")
      }
    }
    #expect(rows == file.problems.reduce(0) { $0 + $1.rows.count })
  }

  /// Standard errors of the mean and variance of every coordinate, from the shifts left out one by one.
  private func errors(_ replicates: [RowMoments], width: Int) -> ([Double], [Double]) {
    let count = Double(replicates.count)
    func error(_ value: (RowMoments) -> Double) -> Double {
      let values = replicates.map(value)
      let mean = values.reduce(0, +) / count
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return ((count - 1) / count * squares).squareRoot()
    }
    return (
      (0..<width).map { k in error { $0.mean[k] } },
      (0..<width).map { k in error { $0.covariance[k * width + k] } }
    )
  }

  private func numbers(_ texts: [String]) throws -> [Double] {
    try texts.map { try #require(Double($0)) }
  }

  private func deviation(_ found: [Double], _ truth: [Double]) -> Double {
    let largest = truth.map(abs).max() ?? 1
    return (zip(found, truth).map { abs($0 - $1) }.max() ?? 0) / largest
  }

  private func moments(
    _ estimator: any GradientEstimator, _ golden: GoldenProblem, _ table: OracleTable
  ) throws -> ExactMoments? {
    let row = golden.problem.logits.row(0)
    if estimator.plan.relaxed {
      return try RelaxedQuadrature(oracle: golden.problem.oracle, row: row, key: 1)
        .moments(estimator)
    }
    return try estimator.exact?.exactMoments(
      row,
      RowJointCodes(
        row: row, distribution: estimator.plan.distribution, codes: table.codes,
        values: table.values(row: 0),
        gradients: table.gradients(row: 0), quadratureStep: 0.2))
  }
}
