import Fidelity
import Foundation
import Testing

@Suite struct SampleMeasuringTests {
  let folder: SampleFolder
  private let axes = [3, 4]
  private let reference = (0..<12).map { 0.55 * Double($0 + 1) }

  init() throws { folder = try SampleFolder() }

  private func expectPlain(
    _ report: SampleReport, _ scope: String, _ plain: PlainNumbers, level: Double
  ) {
    for metric in PlainNumbers.metrics {
      let expected = plain.number(metric, level: level)
      guard let number = report.number(metric, scope) else {
        Issue.record("\(metric) is missing on \(scope)")
        continue
      }
      #expect(agree(number.value, expected.value, 1e-10), "\(scope) \(metric)")
      guard metric == .targetErrorSquared, !plain.exact else { continue }
      #expect(agree(number.low, expected.low, 1e-9), "\(scope) \(metric) low")
      #expect(agree(number.high, expected.high, 1e-9), "\(scope) \(metric) high")
    }
  }

  /// 101 samples do not divide into blocks: sizes differ.
  @Test(arguments: [32, 7]) func exactReferenceAgreesWithRawDraws(blocks: Int) throws {
    var numbers = SampleNumbers(1)
    let rows = numbers.rows(101, width: 12)
    let request = SampleRequest(
      samples: try folder.write(NumPyBytes.samples(rows, axes: axes), "g.npy"),
      reference: .exact(try folder.write(NumPyBytes.array(reference, shape: axes), "r.npy")),
      groups: try folder.groups("{\"a\": [0, 5], \"b\": [[10, 12], [6, 8]]}"), blocks: blocks,
      level: 0.9)
    let report = try request.measure()
    for (scope, kept) in [("all", Array(0..<12)), ("a", Array(0..<5)), ("b", [6, 7, 10, 11])] {
      let plain = PlainNumbers(
        samples: rows.map { row in kept.map { row[$0] } },
        reference: [kept.map { reference[$0] }], exact: true, blocks: blocks)
      expectPlain(report, scope, plain, level: 0.9)
    }
    let cosines = rows.map { row in
      zip(row, reference).reduce(0) { $0 + $1.0 * $1.1 }
        / (row.reduce(0) { $0 + $1 * $1 } * reference.reduce(0) { $0 + $1 * $1 }).squareRoot()
    }
    let cosine = try #require(report.number(.cosineOfDraw))
    #expect(agree(cosine.value, cosines.reduce(0, +) / 101))
    #expect(report.draws == 101 && report.axes == axes && report.referenceDraws == nil)
  }

  @Test func sampledReferenceAgreesWithRawDraws() throws {
    var numbers = SampleNumbers(2)
    let rows = numbers.rows(90, width: 12)
    let draws = numbers.rows(43, width: 12, deviation: 2)
    let report = try SampleRequest(
      samples: try folder.write(NumPyBytes.samples(rows, axes: axes), "g.npy"),
      reference: .samples(try folder.write(NumPyBytes.samples(draws, axes: axes), "r.npy")),
      blocks: 16
    ).measure()
    expectPlain(
      report, "all", PlainNumbers(samples: rows, reference: draws, exact: false, blocks: 16),
      level: 0.95)
    #expect(report.referenceDraws == 43)
  }

  /// Equal means: the debiased squared bias is zero within 5 standard errors (a false alarm in
  /// some 1e5 keys at 15 degrees of freedom); the plug-in norm is far from it.
  @Test func errorOfASampledReferenceIsSubtracted() throws {
    var numbers = SampleNumbers(3)
    let rows = numbers.rows(2000, width: 12)
    let draws = numbers.rows(400, width: 12, deviation: 3)
    let report = try SampleRequest(
      samples: try folder.write(NumPyBytes.samples(rows, axes: axes), "g.npy"),
      reference: .samples(try folder.write(NumPyBytes.samples(draws, axes: axes), "r.npy"))
    ).measure()
    let bias = try #require(report.number(.biasSquared))
    #expect(abs(bias.value) < 5 * bias.standardError)
    #expect(bias.resolved == false)
    // tr(S_r)/n_r = 12 x 9 / 400.
    let error = try #require(report.number(.targetErrorSquared))
    #expect(abs(error.value - 0.27) < 0.03)
    #expect(bias.standardError < error.value)
  }

  /// Three tiles of 2048 coordinates at 1024 blocks; Fortran order scatters them.
  @Test(arguments: [false, true]) func tilesMakeNoDifference(fortran: Bool) throws {
    var numbers = SampleNumbers(4)
    let rows = numbers.rows(8, width: 5000)
    let draws = numbers.rows(9, width: 5000)
    let form = NumPyBytes.Form(type: "<f4", fortranOrder: fortran)
    let samples = try folder.write(NumPyBytes.samples(rows, axes: [50, 100], form), "g.npy")
    let groups = try folder.groups("{\"a\": [2000, 4100], \"b\": [[0, 2000], [4100, 5000]]}")
    let exact = try SampleRequest(
      samples: samples,
      reference: .exact(
        try folder.write(NumPyBytes.array(draws[0], shape: [50, 100], form), "r.npy")),
      groups: groups, blocks: 1024
    ).measure()
    expectPlain(
      exact, "all",
      PlainNumbers(samples: rows, reference: [draws[0].map { $0 }], exact: true, blocks: 1024),
      level: 0.95)
    let sampled = try SampleRequest(
      samples: samples,
      reference: .samples(
        try folder.write(NumPyBytes.samples(draws, axes: [50, 100], form), "d.npy")),
      groups: groups, blocks: 1024
    ).measure()
    for (scope, kept) in [
      ("a", Array(2000..<4100)), ("b", Array(0..<2000) + Array(4100..<5000)),
    ] {
      expectPlain(
        sampled, scope,
        PlainNumbers(
          samples: rows.map { row in kept.map { row[$0] } },
          reference: draws.map { row in kept.map { row[$0] } }, exact: false, blocks: 1024),
        level: 0.95)
    }
  }

  @Test func groupsAddUpToAll() throws {
    var numbers = SampleNumbers(5)
    let report = try SampleRequest(
      samples: try folder.write(
        NumPyBytes.samples(numbers.rows(64, width: 12), axes: axes), "g.npy"),
      reference: .exact(try folder.write(NumPyBytes.array(reference, shape: axes), "r.npy")),
      groups: try folder.groups("{\"a\": [0, 5], \"b\": [5, 11], \"c\": [11, 12]}")
    ).measure()
    for metric in [Metric.biasSquared, .variance, .mse] {
      let parts = try ["a", "b", "c"].map { try #require(report.number(metric, $0)).value }
      let whole = try #require(report.number(metric)).value
      #expect(agree(parts.reduce(0, +), whole), "\(metric)")
    }
  }

  /// A mean of 1e8 leaves float64 half its digits: squares taken around zero would lose all.
  @Test(arguments: [false, true]) func aLargeMeanDoesNotCancel(fortran: Bool) throws {
    let rows = (0..<64).map { [1e8 + Double($0 % 4), 1e8 - Double($0 % 2)] }
    let report = try SampleRequest(
      samples: try folder.write(
        NumPyBytes.samples(rows, axes: [2], NumPyBytes.Form(fortranOrder: fortran)), "g.npy"),
      reference: .exact(try folder.write(NumPyBytes.array([1e8, 1e8], shape: [2]), "r.npy"))
    ).measure()
    // Variances 1.25 and 0.25 over 64, unbiased.
    let variance = try #require(report.number(.variance)).value
    #expect(agree(variance, 1.5 * 64 / 63, 1e-7))
  }
}
