/// Unsigned bytes in the IDX format: `0 0 type rank`, the sizes as big-endian 32-bit numbers, then
/// the data, last dimension fastest.
public struct IDXFile: Sendable {
  /// Sizes of all dimensions; images are `[count, height, width]`.
  public let sizes: [Int]
  public let bytes: [UInt8]

  private static let unsignedByte: UInt8 = 0x08
  /// Largest number of elements accepted: 340,000 images of MNIST's size.
  private static let elementLimit = 1 << 28

  /// Reads a plain or gzip-compressed file; which one is seen from its first two bytes. No more is
  /// read, or inflated, than the header says.
  ///
  /// - Parameters:
  ///   - rank: number of dimensions expected.
  ///   - check: refuses sizes before the data are read.
  /// - Throws: `ModelFileError` naming the file, what is wrong and what to do.
  public init(
    path: String, rank: Int, check: (_ sizes: [Int]) throws -> Void = { _ in }
  ) throws {
    let file = try FileReader(
      path, hint: "give the path of an IDX file, plain or gzip", takesPipes: false)
    let stream: any ByteStream =
      Gunzip.isCompressed(try file.peek(2)) ? try Gunzip(file) : file
    try self.init(stream, rank: rank, file: path, check: check)
  }

  /// - Parameter file: name for messages.
  /// - Throws: `ModelFileError` naming the file, what is wrong and what to do.
  public init(bytes: [UInt8], rank: Int, file: String) throws {
    try self.init(MemoryStream(bytes), rank: rank, file: file) { _ in }
  }

  private init(
    _ stream: any ByteStream, rank: Int, file: String, check: ([Int]) throws -> Void
  ) throws {
    sizes = try Self.sizes(stream, rank: rank, file: file)
    try check(sizes)
    let total = sizes.reduce(1, *)
    let shape = sizes.map(String.init).joined(separator: " x ")
    let data = try stream.bytes(total)
    guard data.count == total else {
      throw ModelFileError(
        file: file, what: "\(shape) needs \(total) bytes of data, found \(data.count)",
        hint: Self.again)
    }
    // At the end of the data a compressed file checks itself.
    let most = 1 << 16
    let more = try stream.bytes(most).count
    guard more == 0 else {
      throw ModelFileError(
        file: file,
        what:
          "\(shape) needs \(total) bytes of data, found \(more == most ? "at least " : "")\(more) more",
        hint: "the file is damaged: fetch it again")
    }
    bytes = data
  }

  private static let again = "the file is cut off: fetch it again"

  private static func sizes(_ stream: any ByteStream, rank: Int, file: String) throws -> [Int] {
    func failure(_ what: String, _ hint: String) -> ModelFileError {
      ModelFileError(file: file, what: what, hint: hint)
    }
    let head = try stream.bytes(4)
    guard head.count == 4 else {
      throw failure("the header needs 4 bytes, found \(head.count)", again)
    }
    guard head[0] == 0, head[1] == 0 else {
      throw failure(
        "an IDX file starts with two zero bytes, found \(head[0]) and \(head[1])",
        "this is not an IDX file")
    }
    guard head[2] == unsignedByte else {
      throw failure(
        "expected unsigned bytes (type 8), found type \(head[2])", "use the image file")
    }
    guard Int(head[3]) == rank else {
      throw failure(
        "expected \(rank) dimensions, found \(head[3])",
        head[3] == 1 ? "this looks like a label file; use the image file" : "use the image file")
    }
    let field = try stream.bytes(4 * rank)
    guard field.count == 4 * rank else {
      throw failure(
        "the header needs \(4 + 4 * rank) bytes, found \(4 + field.count)", again)
    }
    var sizes: [Int] = []
    var total = 1
    for dimension in 0..<rank {
      let size = field[4 * dimension..<4 * dimension + 4].reduce(0) { $0 << 8 | Int($1) }
      guard size > 0 else {
        throw failure("dimension \(dimension) has size 0", "the file holds no data")
      }
      let (product, overflow) = total.multipliedReportingOverflow(by: size)
      guard !overflow, product <= elementLimit else {
        throw failure(
          "dimension \(dimension) has size \(size), more than \(elementLimit) bytes in all",
          "the header is damaged: fetch the file again")
      }
      total = product
      sizes.append(size)
    }
    return sizes
  }
}

/// Bytes in memory, read from front to back.
private final class MemoryStream: ByteStream {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  func read(into target: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = min(rest.count, target.count)
    target.copyBytes(from: rest.prefix(count))
    rest = rest.dropFirst(count)
    return count
  }
}

extension ByteStream {
  /// The next bytes, fewer than `count` only at the end.
  ///
  /// Grows with what is there: a header that promises much costs nothing.
  fileprivate func bytes(_ count: Int) throws -> [UInt8] {
    var result: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: min(count, 1 << 20))
    while result.count < count {
      let wanted = min(piece.count, count - result.count)
      let got = try piece.withUnsafeMutableBytes {
        try read(into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted]))
      }
      result += piece[..<got]
      if got < wanted { break }
    }
    return result
  }
}
