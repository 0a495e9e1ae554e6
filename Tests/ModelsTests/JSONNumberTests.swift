import Foundation
import Models
import Testing

/// Numbers and texts that JSON does not have are refused with their place and what to write.
@Suite struct JSONNumberTests {
  private func complaint(_ text: some DataProtocol) -> String {
    message {
      try withFolder { folder in
        try Data(text).write(to: URL(fileURLWithPath: folder + "/p.json"))
        _ = try problem("json", ["file": .text("p.json")], directory: folder)
      }
    }
  }

  private func complaint(number: String) -> String {
    complaint(
      Data("{\"phi\": [[0, 1]], \"cost\": {\"type\": \"linear\", \"a\": [[1,\n\(number)]]}}".utf8))
  }

  @Test(arguments: [
    "0", "-0", "1", "-12", "0.5", "-0.25e3", "1e5", "1E+5", "1e-5", "120.0", "1e-300", "0e5",
    "0.0e-999",
  ])
  func accepted(number: String) { #expect(complaint(number: number).isEmpty, "\(number)") }

  @Test(arguments: [
    ("01", "a number begins with 0: 01; leave the leading zeros out"),
    ("-01", "a number begins with 0: -01; leave the leading zeros out"),
    ("00.5", "a number begins with 0: 00.5; leave the leading zeros out"),
    ("+1", "a number begins with '+': +1; write 1"),
    ("1.", "a number ends its digits in '.': 1.; leave the point out"),
    ("-1.e5", "a number ends its digits in '.': -1.e5; leave the point out"),
    (".5", "a number begins with '.': .5; write 0 before the point"),
    ("-.5", "a number begins with '.': -.5; write 0 before the point"),
    ("1e999", "1e999 is too large for a number; write a smaller one"),
    ("1e-999", "1e-999 is too small for a number; write 0 if it is meant"),
    ("1e", "expected a JSON value, found '1e'"), ("--1", "expected a JSON value, found '--1'"),
    ("0x10", "expected a JSON value, found '0x10'"), (".", "expected a JSON value, found '.'"),
    ("1_000", "expected a JSON value, found '1_000'"),
    ("True", "expected a JSON value, found 'True'"),
    ("é", "expected a JSON value, found 'é'"),
  ])
  func refused(number: String, words: String) {
    let text = complaint(number: number)
    #expect(text.hasSuffix("p.json: line 2, column 1: this is not valid JSON: " + words), "\(text)")
  }

  @Test func numbersThatAreNotFinite() {
    for word in ["NaN", "Infinity", "-Infinity"] {
      #expect(complaint(number: word).contains("found \(word) in [0][1]"))
    }
  }

  @Test func texts() {
    func named(_ bytes: [UInt8]) -> String {
      complaint(Data("{\"".utf8) + bytes + Data("\": 1}".utf8))
    }
    #expect(named([0xFF]).contains("a text is not UTF-8; save the file as UTF-8"))
    #expect(named([0xC3]).contains("a text is not UTF-8"))
    #expect(named([0x1B]).contains("a control character in a text; write it as \\u001b"))
    #expect(named(Array("\\ud800".utf8)).contains("a broken \\u escape"))
    #expect(named(Array("\\u+123".utf8)).contains("a broken \\u escape"))
    // What a text holds is shown escaped.
    #expect(named(Array("\\u001b[31m".utf8)).contains("unknown field '\\u{1B}[31m'"))
    #expect(named(Array("\\u202e".utf8)).contains("unknown field '\\u{202E}'"))
    #expect(
      complaint(Data([0xFF, 0xFE, 0x7B, 0])).contains("the file is UTF-16; save it as UTF-8"))
    #expect(complaint(Data("\u{B}{}".utf8)).contains("expected a JSON value"))
  }

  /// What decides is found before the rest is read, and what is too long is not read at all.
  @Test func longFiles() throws {
    let start = Data("{\"phj\": [[0, 1]], \"cost\": [".utf8)
    let broken = start + Data(repeating: UInt8(ascii: "["), count: 1 << 20)
    #expect(complaint(broken).contains("unknown field 'phj'; did you mean 'phi'?"))
    try withFolder { folder in
      let path = folder + "/long.json"
      try start.write(to: URL(fileURLWithPath: path))
      let handle = try #require(FileHandle(forWritingAtPath: path))
      try handle.truncate(atOffset: 200 << 20)
      try handle.close()
      let long = message {
        _ = try problem("json", ["file": .text("long.json")], directory: folder)
      }
      #expect(long.contains("the file has 209715200 bytes (limit 134217728)"))
      let device = message {
        _ = try problem("json", ["file": .text("/dev/zero")], directory: folder)
      }
      #expect(device.contains("this is not an ordinary file"))
    }
    // Many names in one object, many small lists.
    let names = (0..<10_001).map { "\"\($0)\": 0" }.joined(separator: ",")
    #expect(
      complaint(Data("{\"cost\": {\(names)}}".utf8)).contains("more than 10000 names"))
    let lists = String(repeating: "[],", count: 1 << 21)
    #expect(complaint(Data("{\"cost\": [\(lists)1]}".utf8)).contains("more than 2097152 lists"))
  }
}
