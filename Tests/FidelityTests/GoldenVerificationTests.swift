import Discrete
import Fidelity
import Foundation
import Models
import TestSupport
import Testing

/// The reference files, and single problems of them with one number altered.
enum Golden {
  static let names = ["golden_public", "golden_public_scaled_logits"]

  static func path(_ name: String) throws -> String {
    try #require(Bundle.module.resourcePath) + "/Fixtures/\(name).json"
  }

  static func file(_ name: String) throws -> GoldenFile {
    _ = oneThread
    return try GoldenFile(path: path(name))
  }

  typealias Object = [String: Any]

  /// Verifies a file of one problem with the estimators at `kept`, after `alter` edited it.
  static func verify(
    problem: String, keeping kept: (Object) -> Bool, alter: (inout Object) throws -> Void
  ) throws -> GoldenVerification {
    var document = try #require(
      JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: path("golden_public")))) as? Object)
    let problems = try #require(document["problems"] as? [Object])
    var one = try #require(problems.first { $0["name"] as? String == problem })
    one["estimators"] = try #require(one["estimators"] as? [Object]).filter(kept)
    try alter(&one)
    document["problems"] = [one]
    let data = try JSONSerialization.data(withJSONObject: document)
    return try withFolder { folder in
      let path = folder + "/altered.json"
      try data.write(to: URL(fileURLWithPath: path))
      return try GoldenVerification(GoldenFile(path: path), workers: 1)
    }
  }

  /// Changes the first estimator of a problem.
  static func first(
    _ problem: inout Object, _ change: (inout Object) throws -> Void
  ) throws {
    var estimators = try #require(problem["estimators"] as? [Object])
    try change(&estimators[0])
    problem["estimators"] = estimators
  }

  /// Multiplies the largest entry of a `[D][K]` table.
  static func alterLargest(
    _ object: inout Object, _ field: String, factor: Double
  ) throws {
    var table = try #require(object[field] as? [[Double]])
    var place = (0, 0)
    for d in table.indices {
      for k in table[d].indices where abs(table[d][k]) > abs(table[place.0][place.1]) {
        place = (d, k)
      }
    }
    table[place.0][place.1] *= factor
    object[field] = table
  }

  static func alterNumber(_ object: inout Object, _ field: String, factor: Double) throws {
    object[field] = try #require(object[field] as? Double) * factor
  }
}

@Suite struct GoldenVerificationTests {
  @Test(arguments: Golden.names) func everyRowAgrees(name: String) throws {
    let file = try Golden.file(name)
    let verification = try GoldenVerification(file, workers: 2)
    #expect(verification.passed)
    #expect(
      verification.rows.count
        == file.problems.reduce(0) { $0 + $1.estimators.count + 1 })
    for row in verification.rows where !row.passed {
      Issue.record("\(row.problem) \(row.estimator) \(row.parameters): \(row.place)")
    }
    #expect(verification.worstByEstimator.allSatisfy { $0.worst <= 1 })
  }

  /// Fields of a row by sums over joint codes and of a row by quadrature.
  @Test(
    arguments: ["dst", "stgs"], ["mean", "var", "trace_var", "rel_bias", "bias_norm", "cosine"])
  func oneAlteredNumberFails(id: String, field: String) throws {
    // Two settings of the estimator are kept and the first is altered.
    func verify(factor: Double) throws -> GoldenVerification {
      var count = 0
      return try Golden.verify(problem: "pub-quadratic-d1k3") { estimator in
        guard estimator["id"] as? String == id else { return false }
        count += 1
        return count <= 2
      } alter: { problem in
        let unaltered = problem
        try Golden.first(&problem) { estimator in
          if field == "mean" || field == "var" {
            try Golden.alterLargest(&estimator, field, factor: factor)
            try refitDerived(&estimator, unaltered)
          } else {
            try Golden.alterNumber(&estimator, field, factor: factor)
          }
        }
      }
    }
    #expect(try verify(factor: 1).passed)
    let altered = try verify(factor: 1 + 1e-6)
    #expect(!altered.passed)
    // Row 0 is the exact gradient, row 1 the altered setting, row 2 the other one.
    #expect(altered.rows.map(\.passed) == [true, false, true])
    let name = field == "var" ? "variance" : field
    #expect(altered.rows[1].place.hasPrefix(name), "\(altered.rows[1].place)")
  }

  @Test func anAlteredExactGradientFails() throws {
    let altered = try Golden.verify(problem: "pub-cubic-d2k2") {
      $0["id"] as? String == "reinforce"
    } alter: { problem in
      var exact = try #require(problem["exact"] as? Golden.Object)
      try Golden.alterLargest(&exact, "grad", factor: 1 + 1e-6)
      problem["exact"] = exact
    }
    #expect(altered.rows[0].estimator == "exact" && !altered.rows[0].passed)
    #expect(altered.rows[0].place.hasPrefix("gradient "))
  }

  @Test(arguments: ["value", "value_var", "grad_norm"])
  func anAlteredExactNumberFails(field: String) throws {
    let altered = try Golden.verify(problem: "pub-cubic-d2k2") { _ in
      false
    } alter: { problem in
      var exact = try #require(problem["exact"] as? Golden.Object)
      try Golden.alterNumber(&exact, field, factor: 1 + 1e-6)
      problem["exact"] = exact
    }
    #expect(altered.rows.map(\.passed) == [false])
  }

  /// Where both sides are randomised the tolerance is 5 of their joint standard errors: 12 of them
  /// are seen, 1 is not.
  @Test(arguments: ["mean", "var"]) func anAlteredRandomisedRowFails(field: String) throws {
    let golden = try #require(
      Golden.file("golden_public").problems.first { $0.name == "pub-cubic-d1k5" })
    let reference = try #require(
      golden.estimators.first { $0.id == "gs" && $0.parameters == ["tau": 1] })
    #expect(reference.method == "rqmc")
    let own = try #require(
      RelaxedQuadrature(oracle: golden.problem.oracle, row: golden.problem.logits.row(0), key: 1)
        .moments(GoldenNames.estimator(reference))?.standardErrors)
    let place = try #require(
      reference.mean.indices.max { abs(reference.mean[$0]) < abs(reference.mean[$1]) })
    let errors =
      field == "mean"
      ? [own.mean[place], reference.meanError?[place] ?? 0]
      : [
        own.covariance[place * reference.mean.count + place], reference.varianceError?[place] ?? 0,
      ]
    let joint = squaredNorm(errors).squareRoot()
    // Worth the name of a check: the joint error is small beside what is checked.
    #expect(joint < 3e-3 * abs(field == "mean" ? reference.mean[place] : reference.variance[place]))
    func verify(errors: Double) throws -> GoldenVerification {
      try Golden.verify(problem: golden.name) {
        $0["id"] as? String == "gs" && ($0["params"] as? [String: Double])?["tau"] == 1
      } alter: { problem in
        let unaltered = problem
        try Golden.first(&problem) { estimator in
          var table = try #require(estimator[field] as? [[Double]])
          table[0][place] += errors * joint
          estimator[field] = table
          try refitDerived(&estimator, unaltered)
        }
      }
    }
    #expect(try verify(errors: 1).passed)
    let altered = try verify(errors: 12)
    #expect(altered.rows.map(\.passed) == [true, false])
    #expect(altered.rows[1].place == (field == "mean" ? "mean \(place)" : "variance \(place)"))
    let trace = try Golden.verify(problem: golden.name) {
      $0["id"] as? String == "gs" && ($0["params"] as? [String: Double])?["tau"] == 1
    } alter: {
      try Golden.first(&$0) { try Golden.alterNumber(&$0, "trace_var", factor: 1 + 1e-6) }
    }
    #expect(trace.rows.map(\.passed) == [true, false] && trace.rows[1].place == "trace_var")
  }

  @Test func unknownIdsAndMissingParametersAreErrors() {
    #expect {
      try Golden.verify(problem: "pub-linear-d1k2") {
        $0["id"] as? String == "reinforce"
      } alter: {
        try Golden.first(&$0) { $0["id"] = "reinforse" }
      }
    } throws: { error in
      guard case DiscreteError.unsupported(let text) = error else { return false }
      return text.contains("'reinforse'") && text.contains("reinforce_loo")
    }
    for (id, name) in [("st", "tau"), ("dst", "tau_b"), ("reinforce_loo", "n")] {
      #expect {
        try Golden.verify(problem: "pub-linear-d1k2") {
          $0["id"] as? String == id
        } alter: {
          try Golden.first(&$0) { estimator in
            var parameters = try #require(estimator["params"] as? Golden.Object)
            parameters[name] = nil
            estimator["params"] = parameters
          }
        }
      } throws: { error in
        guard case DiscreteError.parameter(let text) = error else { return false }
        return text.contains("'\(id)'") && text.contains("'\(name)'")
      }
    }
    #expect {
      try Golden.verify(problem: "pub-linear-d1k2") {
        $0["id"] as? String == "reinforce_loo"
      } alter: {
        try Golden.first(&$0) { $0["params"] = ["n": 2.5] }
      }
    } throws: { "\($0)".contains("whole number") }
  }

  /// Fits the fields that follow from mean and variance, so that these alone are out of place.
  private func refitDerived(
    _ estimator: inout Golden.Object, _ problem: Golden.Object
  ) throws {
    let exact = try #require(problem["exact"] as? Golden.Object)
    let gradient = Array(try #require(exact["grad"] as? [[Double]]).joined())
    let norm = squaredNorm(gradient).squareRoot()
    let mean = Array(try #require(estimator["mean"] as? [[Double]]).joined())
    let bias = squaredNorm(zip(mean, gradient).map { $0 - $1 }).squareRoot()
    estimator["bias_norm"] = bias
    estimator["rel_bias"] = bias / norm
    let dot = zip(mean, gradient).reduce(0) { $0 + $1.0 * $1.1 }
    estimator["cosine"] = dot / (norm * squaredNorm(mean).squareRoot())
    estimator["trace_var"] = try #require(estimator["var"] as? [[Double]]).joined().reduce(0, +)
  }
}
