import Fidelity
import Foundation
import Models
import Testing

/// A sampled reference that shares draws with the samples is refused; independent files pass, also
/// where their distributions have few values and rows are equal by chance.
@Suite struct SampleIndependenceTests {
  let folder: SampleFolder

  init() throws { folder = try SampleFolder() }

  private func complaint(
    _ samples: [[Double]], _ reference: [[Double]], axes: [Int]? = nil,
    _ form: NumPyBytes.Form = .init()
  ) throws -> String {
    let axes = axes ?? [samples[0].count]
    let request = SampleRequest(
      samples: try folder.write(NumPyBytes.samples(samples, axes: axes), "s.npy"),
      reference: .samples(
        try folder.write(NumPyBytes.samples(reference, axes: axes, form), "r.npy")))
    do {
      try request.checkIndependence()
      return ""
    } catch let error as ModelFileError {
      return error.what
    }
  }

  private func normal(_ count: Int, width: Int = 6, seed: UInt64) -> [[Double]] {
    var numbers = SampleNumbers(seed)
    return numbers.rows(count, width: width)
  }

  /// Rows of one of `states` vectors, not equally likely.
  private func discrete(_ count: Int, states: Int, seed: UInt64) -> [[Double]] {
    normal(count, width: 2, seed: seed).map { row in
      let u = abs(row[0] * 1000).truncatingRemainder(dividingBy: 1)
      let state = Int(Double(states) * u * u)
      return (0..<6).map { Double((state * 7 + $0 * 5) % 97) / 16 + Double(state) }
    }
  }

  @Test func sharedRowsOfContinuousDistributions() throws {
    let rows = normal(300, seed: 1)
    let other = normal(200, seed: 2)
    #expect(try complaint(rows, other).isEmpty)
    #expect(try complaint(rows, rows) == "these are the rows of the samples")
    #expect(
      try complaint(rows, rows.reversed()) == "these are the rows of the samples in another order")
    #expect(try complaint(rows, Array(rows[100..<200])) == "100 rows are rows of the samples too")
    #expect(try complaint(Array(rows[..<50]), rows) == "50 rows are rows of the samples too")
    #expect(try complaint(rows, other + [rows[77]]) == "1 row is a row of the samples too")
  }

  /// Draws that the other file holds in float32, in either direction.
  @Test func drawsRoundedToFloat32() throws {
    let rows = normal(64, seed: 8).map { $0.map { $0 / 3 } }
    let rounded = rows.map { $0.map { Double(Float($0)) } }
    #expect(rounded != rows)
    #expect(
      try complaint(rows, rounded, .init(type: "<f4")) == "these are the rows of the samples")
    #expect(try complaint(rows, normal(64, seed: 9), .init(type: "<f4")).isEmpty)
  }

  /// The same numbers in another format, byte order or order of the axes, with the other zero.
  @Test(arguments: ["<f4", ">f8"], [false, true])
  func otherForms(type: String, fortran: Bool) throws {
    var rows = normal(64, seed: 3)
    rows[5][2] = 0
    var copy = rows
    copy[5][2] = -0.0
    #expect(
      try complaint(rows, copy, axes: [2, 3], .init(type: type, fortranOrder: fortran))
        == "these are the rows of the samples")
    #expect(
      try complaint(
        rows, normal(64, seed: 4), axes: [2, 3], .init(type: type, fortranOrder: fortran)
      )
      .isEmpty)
  }

  /// 200 pairs of independent files of distributions with 2 to 100,000 values: none is refused; the stated
  /// chances make a false alarm in this test less likely than 1e-3.
  @Test(arguments: [2, 3, 9, 64, 1000]) func independentDiscreteDistributions(states: Int) throws {
    for round in 0..<40 {
      let seed = UInt64(1000 * states + 2 * round)
      let a = discrete(60 + 20 * round, states: states, seed: seed)
      let b = discrete(900 - 20 * round, states: states, seed: seed + 1)
      let found = try complaint(a, b)
      #expect(found.isEmpty, "\(states), \(round): \(found)")
    }
  }

  @Test(arguments: [3, 9, 64, 1000]) func copiesOfDiscreteDistributions(states: Int) throws {
    let a = discrete(2000, states: states, seed: 5)
    let b = discrete(1500, states: states, seed: 6)
    #expect(try complaint(a, a) == "these are the rows of the samples")
    // Three values have the same counts by chance too often to say so.
    if states > 3 {
      #expect(
        try complaint(a, a.reversed()) == "these are the rows of the samples in another order")
    }
    #expect(
      try complaint(a, Array(b[..<700]) + a[300..<1100]).contains("are rows of the samples")
        || complaint(a, Array(b[..<700]) + a[300..<1100]).contains("is a run of the samples too"))
  }

  /// A distribution of one value is no evidence; the same array is.
  @Test func constants() throws {
    let one = [[Double]](repeating: [1, 2], count: 40)
    #expect(try complaint(one, Array(one[..<30])).isEmpty)
    #expect(try complaint(one, one) == "these are the rows of the samples")
  }

  /// More rows than are kept: part of them is enough.
  @Test func manyRows() throws {
    var state: UInt64 = 9
    func rows(_ count: Int) -> [[Double]] {
      (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return [Double(state >> 11)]
      }
    }
    let a = rows(700_000)
    let b = rows(500_000)
    #expect(try complaint(a, b).isEmpty)
    #expect(try complaint(a, b + a[..<1000]).hasPrefix("at least "))
  }
}
