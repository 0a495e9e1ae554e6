import Discrete
import Foundation
import Models
import Testing

@Suite struct ImageTests {
  /// Two images of 2 x 3 pixels.
  private let good: [UInt8] =
    [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 3] + Array(1...12)

  /// Message for the bytes, without the file's name.
  private func complaint(_ bytes: [UInt8], rank: Int = 3) -> String {
    let text = message { _ = try IDXFile(bytes: bytes, rank: rank, file: "x") }
    #expect(text.isEmpty || text.hasPrefix("x: "))
    return String(text.dropFirst(3))
  }

  private func changed(_ position: Int, _ byte: UInt8) -> [UInt8] {
    var bytes = good
    bytes[position] = byte
    return bytes
  }

  @Test func aGoodFileReads() throws {
    let file = try IDXFile(bytes: good, rank: 3, file: "x")
    #expect(file.sizes == [2, 2, 3])
    #expect(file.bytes == Array(1...12))
  }

  @Test func everyMistakeIsNamed() {
    #expect(complaint([]).hasPrefix("the header needs 4 bytes, found 0"))
    #expect(complaint([0, 0, 8]).hasPrefix("the header needs 4 bytes, found 3"))
    #expect(complaint(changed(0, 7)).contains("two zero bytes, found 7 and 0; this is not an IDX"))
    #expect(complaint(changed(2, 13)).hasPrefix("expected unsigned bytes (type 8), found type 13"))
    #expect(complaint(changed(3, 1)).contains("expected 3 dimensions, found 1; this looks like a"))
    #expect(complaint(changed(3, 4)).hasPrefix("expected 3 dimensions, found 4"))
    #expect(complaint(changed(7, 0)).hasPrefix("dimension 0 has size 0"))
    #expect(complaint(changed(12, 255)).contains("the header is damaged"))
    #expect(
      complaint([0, 0, 8, 3] + [UInt8](repeating: 255, count: 12)).contains("is damaged"))
    for count in 4..<16 {
      #expect(complaint(Array(good[..<count])).hasPrefix("the header needs 16 bytes"))
    }
    #expect(
      complaint(Array(good[..<20]))
        == "2 x 2 x 3 needs 12 bytes of data, found 4; the file is cut off: fetch it again")
    #expect(complaint(good + [0]).hasPrefix("2 x 2 x 3 needs 12 bytes of data, found 1 more"))
  }

  @Test func compressedFilesReadAndTheirDamageIsNamed() throws {
    // gzip of the 28 bytes of `good`, made with zlib.
    let packed: [UInt8] = [
      31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 99, 96, 224, 96, 102, 96, 96, 96, 130, 98, 102, 70, 38, 102,
      22, 86, 54, 118, 14, 78, 46, 110, 30, 0, 72, 17, 12, 132, 28, 0, 0, 0,
    ]
    try withFolder { folder in
      let path = folder + "/x.gz"
      func verdict(_ bytes: [UInt8]) -> String {
        message {
          try Data(bytes).write(to: URL(fileURLWithPath: path))
          _ = try IDXFile(path: path, rank: 3)
        }
      }
      #expect(verdict(packed).isEmpty)
      let file = try IDXFile(path: path, rank: 3)
      #expect(file.bytes == Array(1...12))
      for count in 2..<packed.count {
        #expect(verdict(Array(packed[..<count])).contains("cut off after \(count) bytes"))
      }
      var damaged = packed
      damaged[packed.count - 6] ^= 1
      #expect(verdict(damaged).contains("the gzip data are damaged"))
      damaged = packed
      damaged[14] ^= 0xFF
      #expect(!verdict(damaged).isEmpty)
      // What stands behind the last member is passed over, as zcat does.
      #expect(verdict(packed + [1, 2]).isEmpty)
    }
  }

  @Test func missingFilesAndFoldersAreNamed() throws {
    try withFolder { folder in
      let missing = message { _ = try IDXFile(path: folder + "/none", rank: 3) }
      let hint = "give the path of an IDX file, plain or gzip"
      #expect(missing == "\(folder)/none: there is no such file; \(hint)")
      let directory = message { _ = try IDXFile(path: folder, rank: 3) }
      #expect(directory.hasPrefix("\(folder): this is a folder, not a file"))
    }
  }

  /// An IDX file of `count` images of 28 x 28.
  private func mnistLike(count: UInt8) -> [UInt8] {
    [0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28]
      + (0..<Int(count) * 784).map { UInt8($0 % 251) }
  }

  @Test func lookUpTakesTheFirstFolderAndSaysWhatItFound() throws {
    try withFolder { folder in
      #expect(try ImageData.load("auto", directories: [folder]).name == "procedural")
      let none = message { _ = try ImageData.load("mnist", directories: [folder]) }
      #expect(none.contains("the MNIST test images are not in \(folder)"))
      #expect(none.contains("set data to auto or procedural"))

      let direct = URL(fileURLWithPath: folder + "/t10k-images-idx3-ubyte")
      try Data(mnistLike(count: 3)).write(to: direct)
      let images = try ImageData.load("auto", directories: [folder + "/nowhere", folder])
      #expect(images.name == "mnist-test" && images.count == 3)
      #expect(images.image(1).first == UInt8(784 % 251))

      try FileManager.default.createDirectory(
        atPath: folder + "/mnist", withIntermediateDirectories: true)
      let below = URL(fileURLWithPath: folder + "/mnist/t10k-images-idx3-ubyte")
      try Data(mnistLike(count: 5)).write(to: below)
      #expect(try ImageData.load("mnist", directories: [folder]).count == 5)
      #expect(try ImageData.load("procedural", directories: [folder]).name == "procedural")

      // A damaged file is an error even for auto: silence would change the data set.
      try Data(mnistLike(count: 5).dropLast()).write(to: below)
      #expect(throws: ModelFileError.self) {
        try ImageData.load("auto", directories: [folder])
      }
      var small = good
      small[7] = 2
      try Data(small).write(to: below)
      let shape = message { _ = try ImageData.load("auto", directories: [folder]) }
      #expect(shape.contains("expected images of 28 x 28, found 2 x 3"))
    }
  }

  @Test func realImagesOrAStandInBuildAProblem() throws {
    let environment = ProcessInfo.processInfo.environment
    let candidates = [environment["GRADFID_DATA"], "data", "../shared/data"].compactMap { $0 }
    try withFolder { folder in
      try Data(mnistLike(count: 9)).write(
        to: URL(fileURLWithPath: folder + "/t10k-images-idx3-ubyte"))
      let vae = try #require(
        try problem(
          "categorical-vae",
          [
            "data": .text("mnist"), "rows": .integer(4), "offset": .integer(5),
            "hidden-1": .integer(16), "hidden-2": .integer(8),
          ], data: candidates + [folder]) as? CategoricalVAE<Float>)
      #expect(vae.dataName == "mnist-test")
      let costs = try vae.oracle.costs(ofJointCodes: 0..<10, gradients: false).values
      #expect(costs.allSatisfy { $0.isFinite && $0 > 0 })
    }
  }

  @Test func proceduralImagesDependOnSeedAndIndexOnly() {
    let images = ProceduralImages(seed: 1)
    #expect(images.image(4321) == ProceduralImages(seed: 1).image(4321))
    #expect(images.image(4321) != ProceduralImages(seed: 2).image(4321))
    #expect(ImageData.procedural().image(17) == images.image(17))
    #expect(ImageData.procedural().count == 10_000)
    let first = (0..<200).map { images.image($0) }
    #expect(Set(first).count == 200)
    #expect(first.allSatisfy { $0.count == 784 })
    // Ink covers between 3 % and 50 % of every image, with soft edges.
    for image in first {
      let inked = image.filter { $0 > 127 }.count
      #expect((24..<392).contains(inked))
      #expect(image.contains { $0 > 20 && $0 < 235 })
    }
  }

  @Test func wholeImagesOnly() {
    #expect(throws: ModelFileError.self) {
      try ImageData(name: "x", pixelCount: 4, bytes: [1, 2, 3])
    }
    #expect(throws: ModelFileError.self) { try ImageData(name: "x", pixelCount: 0, bytes: [1]) }
    #expect(throws: ModelFileError.self) { try ImageData(name: "x", pixelCount: 4, bytes: []) }
  }
}
