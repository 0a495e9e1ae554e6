import Foundation

/// A set of grey images, all of one size.
public struct ImageData: Sendable {
  private enum Pixels: Sendable {
    case stored([UInt8])
    case procedural(ProceduralImages)
  }

  /// What the images are: `mnist-test`, `procedural`, or a caller's own name.
  public let name: String
  public let count: Int
  /// Pixels of one image.
  public let pixelCount: Int
  private let pixels: Pixels

  /// Images held in memory, `[count][pixelCount]`, 0 to 255.
  ///
  /// - Throws: `ModelFileError` if the length is not a whole number of images.
  public init(name: String, pixelCount: Int, bytes: [UInt8]) throws {
    guard pixelCount > 0, !bytes.isEmpty, bytes.count % pixelCount == 0 else {
      throw ModelFileError(
        file: name, what: "\(bytes.count) bytes are not whole images of \(pixelCount) pixels")
    }
    self.name = name
    self.pixelCount = pixelCount
    count = bytes.count / pixelCount
    pixels = .stored(bytes)
  }

  /// The procedural set of a seed. Images are drawn when asked for.
  public static func procedural(seed: UInt64 = 1) -> ImageData {
    ImageData(images: ProceduralImages(seed: seed))
  }

  private init(images: ProceduralImages) {
    name = "procedural"
    count = ProceduralImages.count
    pixelCount = ProceduralImages.side * ProceduralImages.side
    pixels = .procedural(images)
  }

  /// The bytes of one image, 0 to 255. `index` must be in `0..<count`.
  public func image(_ index: Int) -> [UInt8] {
    switch pixels {
    case .stored(let bytes): Array(bytes[index * pixelCount..<(index + 1) * pixelCount])
    case .procedural(let images): images.image(index)
    }
  }

  /// Where the test images of MNIST are looked for, below each data folder.
  private static let mnistNames = [
    "mnist/t10k-images-idx3-ubyte", "mnist/t10k-images-idx3-ubyte.gz",
    "t10k-images-idx3-ubyte", "t10k-images-idx3-ubyte.gz",
  ]

  /// The images of a `data` choice: `mnist`, `procedural`, or `auto` (MNIST where there is any,
  /// else procedural). `name` says which it became.
  ///
  /// - Throws: `ModelFileError` if `mnist` is asked for and not found, or a file found is damaged.
  public static func load(_ kind: String, directories: [String]) throws -> ImageData {
    if kind == "procedural" { return .procedural() }
    let candidates = directories.flatMap { folder in
      mnistNames.map { resolvedPath($0, in: folder) }
    }
    let found = candidates.first { FileManager.default.fileExists(atPath: $0) }
    guard let found else {
      if kind == "auto" { return .procedural() }
      let searched = directories.isEmpty ? "no folder" : directories.joined(separator: ", ")
      throw ModelFileError(
        file: mnistNames[1], what: "the MNIST test images are not in \(searched)",
        hint: "put the file into one of these folders, or set data to auto or procedural")
    }
    return try mnist(path: found)
  }

  private static func mnist(path: String) throws -> ImageData {
    let file = try IDXFile(path: path, rank: 3) { sizes in
      guard sizes[1] == 28, sizes[2] == 28 else {
        throw ModelFileError(
          file: path, what: "expected images of 28 x 28, found \(sizes[1]) x \(sizes[2])",
          hint: "use the MNIST image file")
      }
    }
    return try ImageData(name: "mnist-test", pixelCount: 28 * 28, bytes: file.bytes)
  }
}
