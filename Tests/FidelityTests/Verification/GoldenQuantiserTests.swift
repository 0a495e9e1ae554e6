import Discrete
import Fidelity
import Foundation
import Models
import Testing

/// Independent values of quantisers: forwards, targets, surrogates and estimators on them.
@Suite struct GoldenQuantiserTests {
  private typealias Object = [String: Any]

  @Test func everyRowAgrees() throws {
    let check = try GoldenVerification(Golden.file("golden_quantisers_public"), workers: 2)
    #expect(check.rows.count == 290)
    for row in check.rows where !row.passed {
      Issue.record("\(row.problem) \(row.estimator) \(row.parameters): \(row.place) \(row.worst)")
    }
  }

  /// One problem of the file with one number changed: the row and the place are named.
  private func verify(
    _ problem: String, _ alter: (inout [String: Any]) throws -> Void
  ) throws -> GoldenVerification {
    var document = try #require(
      JSONSerialization.jsonObject(
        with: Data(contentsOf: URL(fileURLWithPath: Golden.path("golden_quantisers_public"))))
        as? Object)
    let problems = try #require(document["problems"] as? [Object])
    var one = try #require(problems.first { $0["name"] as? String == problem })
    try alter(&one)
    document["problems"] = [one]
    let data = try JSONSerialization.data(withJSONObject: document)
    return try withFolder { folder in
      try data.write(to: URL(fileURLWithPath: folder + "/altered.json"))
      return try GoldenVerification(GoldenFile(path: folder + "/altered.json"), workers: 1)
    }
  }

  private static func scaled(_ value: Any, by factor: Double) -> Any {
    if let number = value as? Double { return number * factor }
    guard let list = value as? [Any] else { return value }
    return list.map { scaled($0, by: factor) }
  }

  @Test(
    arguments: [
      ("forward", nil, "z_q"), ("forward", nil, "grad_at_bypass"), ("forward", nil, "bounded"),
      ("T4", nil, "rel"), ("T1", 0, "grad"), ("T1", 1, "value"), ("T1", 2, "p"), ("T2", 0, "grad"),
      ("T3", 0, "secant"), ("T3", 1, "direction"), ("surrogates", 0, "grad"),
      ("stochastic", 0, "mean"), ("stochastic", 1, "var"), ("stochastic", 2, "rel_bias"),
    ] as [(String, Int?, String)])
  func oneAlteredNumberFails(_ part: String, _ index: Int?, _ field: String) throws {
    let check = try verify("pub-fsq-54") { problem in
      if let index {
        var list = try #require(problem[part] as? [Object])
        list[index][field] = Self.scaled(try #require(list[index][field]), by: 1 + 1e-6)
        problem[part] = list
      } else {
        var object = try #require(problem[part] as? Object)
        object[field] = Self.scaled(try #require(object[field]), by: 1 + 1e-6)
        problem[part] = object
      }
    }
    let failed = check.rows.filter { !$0.passed }
    #expect(failed.count == 1, "\(failed.map(\.estimator))")
    #expect(failed.first?.place.hasPrefix(field) == true, "\(failed.map(\.place))")
  }

  /// A surrogate of another quantiser, lists that are too short, codebooks of scalars: refused, not the end of the
  /// program.
  @Test func filesThatDoNotFitAreRefused() {
    let changes: [(inout [String: Any]) throws -> Void] = [
      {
        $0["surrogates"] = [
          ["id": "sync", "params": ["nu": 1.0], "method": "closed-form", "against": [Any]()]
        ]
      },
      { problem in
        var list = try #require(problem["T1"] as? [Object])
        list[0]["p"] = [[0.5, 0.5]]
        problem["T1"] = list
      },
      { problem in
        var list = try #require(problem["T1"] as? [Object])
        list[0]["p_se"] = [Any]()
        problem["T1"] = list
      },
      { problem in
        var list = try #require(problem["T2"] as? [Object])
        list[0]["codebook_grad"] = [[0.0]]
        list[0]["codebook_grad_through_codes"] = [[0.0]]
        problem["T2"] = list
      },
    ]
    for change in changes {
      #expect(throws: (any Error).self) { try verify("pub-fsq-54", change) }
    }
  }

  /// Integrals and codebooks, beyond their stated errors.
  @Test(arguments: [
    ("pub-vq-2x2-k6", "T1", 1, "grad"), ("pub-vq-2x2-k6", "T2", 1, "codebook_grad_through_p"),
    ("pub-vq-2x2-k6", "T2", 1, "codebook_grad_through_codes"),
  ])
  func alteredIntegralsFail(
    _ problem: String, _ part: String, _ index: Int, _ field: String
  ) throws {
    let check = try verify(problem) { object in
      var list = try #require(object[part] as? [Object])
      list[index][field] = Self.scaled(try #require(list[index][field]), by: 1.01)
      object[part] = list
      object["surrogates"] = [Any]()
      object["stochastic"] = [Any]()
      object["T3"] = [Any]()
    }
    #expect(check.rows.count { !$0.passed } == 1)
  }
}
