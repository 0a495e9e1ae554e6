import Fidelity
import Foundation
import Models
import Testing

/// Every broken file gives one message; its text is fixed here. `FILE` stands for the path.
@Suite struct BrokenSampleFileTests {
  let folder: SampleFolder
  private let reference: SampleLocation

  init() throws {
    folder = try SampleFolder()
    reference = try folder.write(NumPyBytes.array([1, 2], shape: [2]), "r.npy")
  }

  private static let good = NumPyBytes.samples(
    (0..<6).map { [Double($0), 2] }, axes: [2])

  private func expect(_ data: Data, _ message: String, array: String? = nil) throws {
    var location = try folder.write(data, "g.npy")
    location.array = array
    let request = SampleRequest(samples: location, reference: .exact(reference))
    expect(request, message)
  }

  private func expect(_ request: SampleRequest, _ message: String) {
    do {
      let report = try request.measure()
      Issue.record("measured \(report.draws) draws; expected: \(message)")
    } catch let error as ModelFileError {
      let text = "\(error)".replacingOccurrences(of: folder.path + "/g.npy", with: "FILE")
        .replacingOccurrences(of: folder.path + "/", with: "")
      #expect(text == message)
    } catch {
      Issue.record("another error: \(error)")
    }
  }

  private static func described(_ text: String, data: Int = 96) -> Data {
    NumPyBytes.header(text) + Data(count: data)
  }

  private static let brokenFrames: [(Data, String)] = [
    (
      Data(),
      "FILE: byte 0: this is no NumPy file: it does not start with \\x93NUMPY; write arrays with np.save or np.savez"
    ),
    (
      Data("torch".utf8),
      "FILE: byte 0: this is no NumPy file: it does not start with \\x93NUMPY; write arrays with np.save or np.savez"
    ),
    (
      good.prefix(7),
      "FILE: byte 7: the file ends in the version number, which needs 8 bytes; write the file again with np.save"
    ),
    (
      good.prefix(9),
      "FILE: byte 9: the file ends in the header's length, which needs 10 bytes; write the file again with np.save"
    ),
    (
      good.prefix(60),
      "FILE: byte 60: the file ends in the header, which needs 128 bytes; write the file again with np.save"
    ),
    (
      good.prefix(200),
      "FILE: byte 200: the data are cut off: shape (6, 2) needs 96 bytes, found 72; write the file again with np.save"
    ),
    (
      good + Data(count: 5),
      "FILE: byte 224: there are 5 bytes after the data of shape (6, 2); write the file again with np.save"
    ),
    (
      Data([0x93] + Array("NUMPY".utf8) + [4, 0, 0, 0]),
      "FILE: byte 6: format version 4.0 is not known; versions 1.0, 2.0 and 3.0 are read"
    ),
    (
      Data([0x93] + Array("NUMPY".utf8) + [2, 0, 0xFF, 0xFF, 0xFF, 0xFF]),
      "FILE: byte 8: the header claims 4294967295 bytes (limit 1048576); write the file again with np.save"
    ),
  ]

  @Test(arguments: brokenFrames)
  func frames(data: Data, message: String) throws { try expect(data, message) }

  @Test(arguments: [
    ("<i8", "whole numbers"), ("|u1", "whole numbers"), ("|b1", "true-or-false values"),
    ("<c16", "complex numbers"), ("|O", "Python objects"), ("<U5", "texts"),
    ("<f2", "floats of another size"), ("<f16", "floats of another size"),
    ("<M8[ns]", "dates or times"), ("|V8", "raw records"), ("", "an unknown type"),
    ("f2", "floats of another size"), ("<float64", "floats of another size"),
  ])
  func types(type: String, words: String) throws {
    try expect(
      Self.described("{'descr': '\(type)', 'fortran_order': False, 'shape': (6, 2), }"),
      "FILE: header, descr: expected float32 or float64, found \(words) (dtype '\(type)'); save numbers, as in np.save(path, x.astype(np.float64))"
    )
  }

  private static let brokenHeaders: [(String, String)] = [
    (
      "[('descr', '<f8')]",
      "header, byte 10: the header is no Python dictionary; write the file with np.save"
    ),
    (
      "{'descr': '<f8', 'descr': '<f4', 'fortran_order': False, 'shape': (6, 2)}",
      "header, byte 27: 'descr' is given twice; write the file with np.save"
    ),
    (
      "{'descr': '<f8', 'shape': (6, 2)}",
      "header: 'fortran_order' is missing; write the file again with np.save"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (6, 2), 'order': 'C'}",
      "header: 'order' is not known; write the file again with np.save"
    ),
    (
      "{'descr': [('x', '<f8'), ('y]', '<f8')], 'fortran_order': False, 'shape': (6,)}",
      "header, descr: expected float32 or float64, found a structured array; save one field, as in np.save(path, x[\"name\"])"
    ),
    (
      "{'descr': '<f8', 'fortran_order': 0, 'shape': (6, 2)}",
      "header, byte 44: the value of 'fortran_order' is no text, flag or tuple; write the file with np.save"
    ),
    (
      "{'descr': '<f8', 'fortran_order': 'no', 'shape': (6, 2)}",
      "header, fortran_order: expected True or False, found a text; write the file again with np.save"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (12)}",
      "header, byte 64: the value of 'shape' is a number, not a tuple; write the file with np.save"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (-6, 2)}",
      "header, byte 61: expected a length in 'shape'; write the file with np.save"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999, 2)}",
      "header, byte 61: the length 99999999999999999999 in 'shape' is beyond 2^63; write the file with np.save"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
      "header, shape: an array of shape (4294967296, 4294967296) has more than 2^63 bytes; write the file again with np.save"
    ),
    (
      "{'descr': '<f8, 'fortran_order': False, 'shape': (6, 2)}",
      "header, byte 27: expected ',' or '}' after the value of 'descr'; write the file with np.save"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (6, 2)} 7",
      "header, byte 68: there is more text after the dictionary; write the file with np.save"
    ),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (6, 2",
      "header, byte 128: expected ',' or ')' in 'shape'; write the file with np.save"
    ),
  ]

  @Test(arguments: brokenHeaders)
  func headers(text: String, message: String) throws {
    try expect(Self.described(text), "FILE: " + message)
  }

  private static let brokenShapes: [([Int], String)] = [
    (
      [],
      "the array is a single number; save an array of shape (samples, ...), one gradient estimate per row"
    ),
    ([0, 2], "there are no samples; errors need at least 4 samples along the first axis"),
    ([1, 2], "there is one sample; errors need at least 4 samples along the first axis"),
    ([3, 2], "there are 3 samples; errors need at least 4 samples along the first axis"),
    (
      [6, 2, 0],
      "an axis of shape (6, 2, 0) is empty; save an array of shape (samples, ...), one gradient estimate per row"
    ),
  ]

  @Test(arguments: brokenShapes)
  func shapes(shape: [Int], message: String) throws {
    let count = shape.reduce(1, *)
    try expect(
      NumPyBytes.array([Double](repeating: 1, count: count), shape: shape),
      "FILE: header, shape: " + message)
  }

  @Test func shapesOfTheReference() throws {
    let samples = try folder.write(Self.good, "s.npy")
    let other = try folder.write(
      NumPyBytes.array([Double](repeating: 1, count: 12), shape: [6, 2]), "g.npy")
    expect(
      SampleRequest(samples: samples, reference: .exact(other)),
      "FILE: header, shape: the samples have coordinates of shape (2,), so shape (2,) is needed here, found (6, 2); draws of a reference go to --reference-samples"
    )
    expect(
      SampleRequest(samples: samples, reference: .samples(reference)),
      "r.npy: header, shape: the samples have coordinates of shape (2,), so shape (n, 2) is needed here, found (2,); a reference without samples goes to --reference"
    )
    expect(
      SampleRequest(
        samples: samples,
        reference: .exact(
          try folder.write(NumPyBytes.array([1, 2, 3], shape: [3]), "g.npy"))),
      "FILE: header, shape: the samples have coordinates of shape (2,), so shape (2,) is needed here, found (3,); save the reference in the shape of one sample"
    )
  }

  @Test(arguments: [false, true]) func numbersThatAreNotFinite(fortran: Bool) throws {
    for (value, name) in [(Double.nan, "NaN"), (.infinity, "inf"), (-.infinity, "-inf")] {
      var rows = [[Double]](repeating: [1, 2, 3, 4, 5, 6], count: 9)
      rows[5][4] = value
      rows[7][4] = .nan
      let message =
        "FILE: element [5, 1, 1]: the number is \(name); gradients must be finite; leave such draws out only if you can say why"
      let exact = try folder.write(
        NumPyBytes.array([1, 2, 3, 4, 5, 6], shape: [2, 3]), "six.npy")
      let samples = try folder.write(
        NumPyBytes.samples(rows, axes: [2, 3], .init(type: "<f4", fortranOrder: fortran)), "g.npy")
      expect(SampleRequest(samples: samples, reference: .exact(exact)), message)
    }
    let samples = try folder.write(Self.good, "s.npy")
    expect(
      SampleRequest(
        samples: samples,
        reference: .exact(
          try folder.write(NumPyBytes.array([1, .nan], shape: [2]), "g.npy"))),
      "FILE: element [1]: the number is NaN; gradients must be finite; leave such draws out only if you can say why"
    )
    try expect(
      NumPyBytes.samples([[1e200, 1], [-1e200, 1], [3e200, 1], [1, 1]], axes: [2]),
      "FILE: samples from 0 on: the squares of the numbers are beyond float64; save scaled gradients"
    )
  }

  @Test func places() throws {
    expect(
      SampleRequest(
        samples: SampleLocation(folder.path + "/none.npy"), reference: .exact(reference)),
      "none.npy: there is no such file; give the path of a file that np.save or np.savez wrote")
    try FileManager.default.createDirectory(
      atPath: folder.path + "/g.npy", withIntermediateDirectories: true)
    expect(
      SampleRequest(
        samples: SampleLocation(folder.path + "/g.npy"), reference: .exact(reference)),
      "FILE: this is a folder, not a file; give the path of a file that np.save or np.savez wrote"
    )
    expect(
      SampleRequest(samples: SampleLocation("/dev/null"), reference: .exact(reference)),
      "/dev/null: this is not an ordinary file; give the path of a file that np.save or np.savez wrote"
    )
  }

  private static let brokenGroups: [(String, String)] = [
    ("[]", "expected an object { ... }, found a list"),
    ("{}", "there are no groups"),
    (
      "{\"all\": [0, 1]}",
      "all: a group cannot be named 'all'; 'all' is measured always; give another name"
    ),
    ("{\"a\": []}", "a: the group is empty"),
    ("{\"a\": [0]}", "a: expected [start, end], found 1 elements"),
    ("{\"a\": [0, 3]}", "a[1]: expected a whole number from 0 to 2, found 3.0"),
    ("{\"a\": [1, 1]}", "a: the range from 1 to 1 is empty; the end is not included"),
    ("{\"a\": [[0, 2], [1, 2]]}", "a[1]: the range overlaps [0, 2] of the same group"),
  ]

  @Test(arguments: brokenGroups)
  func groups(text: String, message: String) throws {
    expect(
      SampleRequest(
        samples: try folder.write(Self.good, "s.npy"), reference: .exact(reference),
        groups: try folder.groups(text)),
      "groups.json: " + message)
  }
}
