import Discrete
import Fidelity
import Foundation
import Models
import Testing

@Suite struct DigitsOfAgreementTests {
  @Test func digitsAreOfTheRelativeError() {
    let one = DigitsOfAgreement(1.0001, certified: 1, tolerance: 1e-5, unit: 1)
    #expect(abs(one.found - 4) < 1e-9 && one.certified == 5 && !one.holds && !one.isAbsolute)
    let two = DigitsOfAgreement(-2e-30, certified: -2.000001e-30, tolerance: 5e-36, unit: 1)
    #expect(abs(two.found - 6.301) < 1e-3 && two.certified == 5.6 && two.holds)
    #expect(DigitsOfAgreement(3, certified: 3, tolerance: 1e-20, unit: 1).found == 15)
    // Worse than nothing is nothing.
    #expect(DigitsOfAgreement(100, certified: 1, tolerance: 1e-3, unit: 1).found == 0)
    #expect(!DigitsOfAgreement(.infinity, certified: 1, tolerance: 1e-3, unit: 1).holds)
    #expect(!DigitsOfAgreement(.nan, certified: 1, tolerance: 1e-3, unit: 1).holds)
  }

  /// A certified 0, or what is rounding of one, is compared in its natural unit.
  @Test func zerosAreAbsolute() {
    let zero = DigitsOfAgreement(3e-16, certified: 0, tolerance: 1e-13, unit: 0.1)
    #expect(zero.isAbsolute && abs(zero.found - 14.52) < 0.01 && zero.certified == 12)
    let rounding = DigitsOfAgreement(2e-31, certified: 5e-14, tolerance: 1e-12, unit: 1)
    #expect(rounding.isAbsolute && abs(rounding.found - 13.3) < 0.01 && rounding.holds)
    #expect(!DigitsOfAgreement(1e-6, certified: 0, tolerance: 1e-13, unit: 1).holds)
    #expect(DigitsOfAgreement(0, certified: 0, tolerance: 0, unit: 0).holds)
  }
}

@Suite struct PublishedVerificationTests {
  @Test func everyCertifiedNumberHolds() throws {
    let check = try PublishedVerification(CertifiedSets.all())
    for row in check.rows where !row.holds {
      Issue.record("\(row.set) \(row.problem) \(row.estimator) \(row.parameters): \(row.tightest)")
    }
    #expect(check.holds)
    #expect(Set(check.rows.map(\.set)).count == 6)
    // All rows of the table of the test problem (one of them under two names), its targets, five
    // quadratics of six rows, three Bernoulli variables of nine, and the toys.
    #expect(check.rows.count == 67 + 3 + 30 + 27 + 2 + 1)
    // Certified means something: but for zeros, at least three digits; at the most as many as a table has.
    for row in check.rows {
      for number in row.numbers where number.certified != 0 && !number.digits.isAbsolute {
        #expect(number.digits.certified >= 2.5, "\(row) \(number)")
      }
    }
  }

  /// The first rows of the quadratics with one number altered by a part in 10^4 are found out, each number
  /// for itself.
  @Test(arguments: [
    ("published", "variance_scaled"), ("published", "bias_sq_scaled"), ("recomputed", "rel_bias"),
    ("recomputed", "variance"), ("recomputed", "cos_mean"), ("recomputed", "bias_sq_scaled"),
  ])
  func anAlteredNumberIsFound(block: String, metric: String) throws {
    func verify(_ factor: Double) throws -> PublishedVerification {
      let base = Self.quadratic.replacing(
        "\"\(block)\": {",
        with: "\"\(block)\": {\"\(metric)\": \(Self.values[block + metric]! * factor)")
      return try Self.verification(base)
    }
    #expect(try verify(1).holds)
    let altered = try verify(1.0001)
    #expect(!altered.holds)
    let failed = altered.rows[0].numbers.filter { !$0.holds }
    #expect(failed.map(\.metric) == [metric] && failed.map(\.block) == [block])
  }

  /// A publication's float32 zero is no bias; a bias beyond its rounding is one.
  @Test func zerosOfFloat32() throws {
    func verify(_ bias: String) throws -> PublishedVerification {
      try Self.verification(
        Self.quadratic.replacing(
          "\"estimator\": \"st\", \"parameters\": {}",
          with: "\"estimator\": \"reinmax\", \"parameters\": {\"tau\": 1.0}"
        ).replacing("\"published\": {", with: "\"published\": {\"bias_sq_scaled\": \(bias)"))
    }
    #expect(try verify("5.28466e-14").holds)
    #expect(try !verify("5.28466e-9").holds)
  }

  /// Infinite numbers of the catalogue have finite neighbours: `lambda` of 1e7 has the digits of 1e7.
  @Test func largeParameters() throws {
    let check = try Self.verification(
      Self.quadratic.replacing(
        "\"estimator\": \"st\", \"parameters\": {}",
        with: "\"estimator\": \"mve\", \"parameters\": {\"lambda\": 10000000.0}"
      ).replacing(
        "\"recomputed\": {",
        with: "\"recomputed\": {\"rel_bias\": 5.50722e-07, \"bias_sq_scaled\": 5.66214e-14"))
    #expect(check.holds)
    #expect(check.rows[0].numbers.allSatisfy { !$0.digits.isAbsolute && $0.digits.certified > 4 })
  }

  @Test(arguments: [
    (
      "\"estimator\": \"st\"", "\"estimator\": \"stt\"",
      "problems[0].rows[0]: unknown estimator 'stt'; did you mean 'st'?"
    ),
    (
      "\"parameters\": {}", "\"parameters\": {\"tauu\": 1}",
      "problems[0].rows[0].parameters.tauu: unknown parameter 'tauu'; did you mean 'tau'?"
    ),
    (
      "\"parameters\": {}", "\"parameters\": {\"tau\": -1}",
      "problems[0].rows[0].parameters.tau: expected a number above 0, found -1.0"
    ),
    (
      "\"published\": {", "\"published\": {\"variance_scale\": 1",
      "problems[0].rows[0].published.variance_scale: unknown number 'variance_scale'; did you mean 'variance_scaled'?"
    ),
    (
      "\"published\": {", "\"published\": {\"variance\": \"1\"",
      "problems[0].rows[0].published.variance: expected a number, found a text"
    ),
    ("\"rows\": [", "\"rows\": [], \"lines\": [", "problems[0]: unknown field 'lines'"),
    ("\"phi\": [[", "\"phi\": [[1, ", "problems[0].problem.cost.A: expected"),
    (
      "\"published\": {}", "\"published\": {}, \"scope\": \"layer\"",
      "problems[0].rows[0]: unknown scope 'layer'; known scopes: logits"
    ),
    (
      "\"type\": \"quadratic\"", "\"type\": \"quadratics\"",
      "problems[0].problem.cost.type: unknown cost type"
    ),
  ])
  func whatCannotBeUsedIsNamed(old: String, new: String, message: String) throws {
    var text = Self.quadratic
    if !new.contains("published\": {\"") {
      text = text.replacing("\"recomputed\": {", with: "\"recomputed\": {\"rel_bias\": 1")
    }
    text = text.replacing(old, with: new)
    #expect {
      try Self.verification(text)
    } throws: { error in
      guard let error = error as? ModelFileError else { return false }
      let found = "\(error)"
      if !found.hasPrefix("own.json: \(message)") { Issue.record("\(found)") }
      return true
    }
  }

  private static func verification(_ text: String) throws -> PublishedVerification {
    try PublishedVerification([PublishedFile(bytes: Array(text.utf8), file: "own.json")])
  }

  private static let values = [
    "publishedvariance_scaled": 0.772404, "publishedbias_sq_scaled": 0.278082,
    "recomputedrel_bias": 2.79358, "recomputedvariance": 6.83081, "recomputedcos_mean": 0.342903,
    "recomputedbias_sq_scaled": 0.278082,
  ]

  /// The first row of the first published quadratic, without its numbers.
  private static let quadratic = """
    {"source": "here", "scaled": "", "recomputed": "", "problems": [{"name": "one", "problem": {
      "phi": [[-0.8566746115684509, 1.1006041765213013, -1.0711873769760132, 0.1227012425661087]],
      "cost": {"type": "quadratic", "A": [
        [2.1060476634161187, 1.62586997369137, 0.2605351537807712, -1.2370608431799504],
        [1.62586997369137, 4.9346226448984005, 1.0101152050780495, -1.659088389500079],
        [0.2605351537807712, 1.0101152050780495, 1.5323332002170797, 0.6088447241812149],
        [-1.2370608431799504, -1.659088389500079, 0.6088447241812149, 4.81849756423797]],
        "b": [-0.7192575931549072, -0.40334352850914, -0.5966353416442871, 0.18203648924827576]}},
      "rows": [{"estimator": "st", "parameters": {}, "published": {}, "recomputed": {}}]}]}
    """
}
