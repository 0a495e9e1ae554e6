import Fidelity
import Foundation
import Testing

/// The same numbers in every form of a file.
@Suite struct SampleFormTests {
  let folder: SampleFolder
  private let axes = [2, 3, 2]
  private let rows: [[Double]]
  private let plain: SampleReport

  init() throws {
    folder = try SampleFolder()
    var numbers = SampleNumbers(6)
    rows = numbers.rows(70, width: 12)
    plain = try SampleRequest(
      samples: try folder.write(NumPyBytes.samples(rows, axes: axes), "plain.npy"),
      reference: .exact(try folder.write(NumPyBytes.array(rows[0], shape: axes), "target.npy"))
    ).measure()
  }

  private func expectPlain(_ samples: SampleLocation, _ target: SampleLocation) throws {
    let report = try SampleRequest(samples: samples, reference: .exact(target)).measure()
    #expect(report.numbers.count == plain.numbers.count)
    for (number, expected) in zip(report.numbers, plain.numbers) {
      #expect(number.metric == expected.metric)
      #expect(agree(number.value, expected.value), "\(number.metric)")
      #expect(agree(number.standardError, expected.standardError, 1e-9), "\(number.metric)")
    }
  }

  @Test(arguments: ["<f4", ">f4", "<f8", ">f8", "=f8"], [false, true])
  func typesAndOrders(type: String, fortran: Bool) throws {
    let form = NumPyBytes.Form(type: type, fortranOrder: fortran)
    // The other order: alike, both could be misread alike.
    let other = NumPyBytes.Form(type: type, fortranOrder: !fortran)
    try expectPlain(
      folder.write(NumPyBytes.samples(rows, axes: axes, form), "g.npy"),
      folder.write(NumPyBytes.array(rows[0], shape: axes, other), "r.npy"))
  }

  @Test(arguments: [UInt8(1), 2, 3]) func versions(version: UInt8) throws {
    let form = NumPyBytes.Form(version: version)
    try expectPlain(
      folder.write(NumPyBytes.samples(rows, axes: axes, form), "g.npy"),
      folder.write(NumPyBytes.array(rows[0], shape: axes, form), "r.npy"))
  }

  @Test(arguments: [UInt16(0), 8], [false, true])
  func archives(method: UInt16, fortran: Bool) throws {
    let form = NumPyBytes.Form(type: "<f4", fortranOrder: fortran)
    let archive = try folder.write(
      ZipBytes.archive([
        .init(name: "reference.npy", data: NumPyBytes.array(rows[0], shape: axes), method: method),
        .init(name: "g.npy", data: NumPyBytes.samples(rows, axes: axes, form), method: method),
        .init(name: "samples.npy", data: NumPyBytes.samples(rows, axes: axes), method: method),
      ]), "all.npz")
    try expectPlain(
      SampleLocation(archive.path + ":g"), SampleLocation(archive.path + ":reference"))
    // Usual names are found by themselves.
    try expectPlain(archive, archive)
    try expectPlain(SampleLocation(archive.path, array: "g"), archive)
  }

  /// Tiles read a deflated array several times, from the front.
  @Test(arguments: [false, true]) func deflatedTiles(fortran: Bool) throws {
    var numbers = SampleNumbers(7)
    let wide = numbers.rows(6, width: 5000)
    let form = NumPyBytes.Form(fortranOrder: fortran)
    let data = NumPyBytes.samples(wide, axes: [100, 50], form)
    let target = try folder.write(NumPyBytes.array(wide[1], shape: [100, 50]), "w.npy")
    let reports = try [
      folder.write(data, "wide.npy"),
      folder.write(
        ZipBytes.archive([.init(name: "g.npy", data: data, method: 8)]), "wide.npz"),
    ].map { try SampleRequest(samples: $0, reference: .exact(target), blocks: 1024).measure() }
    #expect(reports[0].numbers == reports[1].numbers)
  }

  /// Groups that touch, overlap and come in pieces, and the cosine of draws on them.
  @Test func groupsInEitherOrder() throws {
    let groups = try folder.groups(
      "{\"a\": [[0, 3], [3, 5], [9, 12]], \"b\": [2, 9], \"c\": [11, 12]}")
    let target = try folder.write(NumPyBytes.array(rows[3], shape: axes), "t.npy")
    let reports = try [false, true].map { fortran in
      try SampleRequest(
        samples: folder.write(
          NumPyBytes.samples(rows, axes: axes, .init(fortranOrder: fortran)), "o.npy"),
        reference: .exact(target), groups: groups
      ).measure()
    }
    #expect(reports[0].numbers.count == 4 * 21)
    for (number, other) in zip(reports[0].numbers, reports[1].numbers) {
      #expect(number.scope == other.scope && number.metric == other.metric)
      #expect(agree(number.value, other.value), "\(number.scope) \(number.metric)")
    }
    let kept = [0, 1, 2, 3, 4, 9, 10, 11]
    func dot(_ a: [Double], _ b: [Double]) -> Double { kept.reduce(0) { $0 + a[$1] * b[$1] } }
    let cosines = rows.map { dot($0, rows[3]) / (dot($0, $0) * dot(rows[3], rows[3])).squareRoot() }
    let measured = try #require(reports[1].number(.cosineOfDraw, "a"))
    #expect(agree(measured.value, cosines.reduce(0, +) / Double(rows.count)))
  }

  /// Columns longer than what is read at once: blocks run across the pieces.
  @Test func longColumns() throws {
    var numbers = SampleNumbers(8)
    let long = numbers.rows(70_001, width: 2)
    let target = try folder.write(NumPyBytes.array([0.5, 2], shape: [2]), "t.npy")
    let reports = try [false, true].map { fortran in
      try SampleRequest(
        samples: folder.write(
          NumPyBytes.samples(long, axes: [2], .init(type: "<f4", fortranOrder: fortran)), "l.npy"),
        reference: .exact(target), blocks: 5
      ).measure()
    }
    for (number, other) in zip(reports[0].numbers, reports[1].numbers) {
      #expect(agree(number.value, other.value), "\(number.metric)")
      #expect(agree(number.standardError, other.standardError, 1e-8), "\(number.metric)")
    }
  }

  /// A draw of zeros has no direction and counts as 0, as in every other measurement.
  @Test func drawsOfZeros() throws {
    let zeros = (0..<8).map { $0 % 2 == 0 ? [0.0, 0] : [1.0, 1] }
    let report = try SampleRequest(
      samples: try folder.write(NumPyBytes.samples(zeros, axes: [2]), "g.npy"),
      reference: .exact(try folder.write(NumPyBytes.array([1, 0], shape: [2]), "r.npy"))
    ).measure()
    let cosine = try #require(report.number(.cosineOfDraw)).value
    #expect(agree(cosine, 0.5 * 0.5.squareRoot()))
  }

  /// Samples of a single number: no coordinate axes.
  @Test func singleCoordinate() throws {
    let values = rows.map { [$0[0]] }
    let report = try SampleRequest(
      samples: try folder.write(NumPyBytes.samples(values, axes: []), "g.npy"),
      reference: .exact(try folder.write(NumPyBytes.array([0.5], shape: []), "r.npy"))
    ).measure()
    #expect(report.axes.isEmpty && report.draws == 70)
  }
}
