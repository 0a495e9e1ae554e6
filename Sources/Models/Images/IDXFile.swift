/// Unsigned bytes in the IDX format: `0 0 type rank`, the sizes as big-endian 32-bit numbers, then
/// the data, last dimension fastest.
public struct IDXFile: Sendable {
  /// Sizes of all dimensions; images are `[count, height, width]`.
  public let sizes: [Int]
  public let bytes: [UInt8]

  private static let unsignedByte: UInt8 = 0x08
  /// Largest number of elements accepted.
  private static let elementLimit = 1 << 30

  /// Reads a plain or gzip-compressed file; which one is seen from its first two bytes.
  ///
  /// - Parameter rank: number of dimensions expected.
  /// - Throws: `ModelFileError` naming the file, what is wrong and what to do.
  public init(path: String, rank: Int) throws {
    let raw = try fileBytes(path, hint: "check the data folder")
    let bytes =
      Gunzip.isCompressed(raw) ? try Gunzip.decompress(raw, file: path) : raw
    try self.init(bytes: bytes, rank: rank, file: path)
  }

  /// - Parameter file: name for messages.
  /// - Throws: `ModelFileError` naming the file, what is wrong and what to do.
  public init(bytes: [UInt8], rank: Int, file: String) throws {
    func failure(_ what: String, _ hint: String) -> ModelFileError {
      ModelFileError(file: file, what: what, hint: hint)
    }
    let again = "the file is cut off: fetch it again"
    var reader = ByteReader(bytes)
    guard let zero0 = reader.byte(), let zero1 = reader.byte(), let type = reader.byte(),
      let dimensions = reader.byte()
    else { throw failure("the header needs 4 bytes, found \(bytes.count)", again) }
    guard zero0 == 0, zero1 == 0 else {
      throw failure(
        "an IDX file starts with two zero bytes, found \(zero0) and \(zero1)",
        "this is not an IDX file")
    }
    guard type == Self.unsignedByte else {
      throw failure(
        "expected unsigned bytes (type 8), found type \(type)", "use the image file")
    }
    guard Int(dimensions) == rank else {
      throw failure(
        "expected \(rank) dimensions, found \(dimensions)",
        dimensions == 1 ? "this looks like a label file; use the image file" : "use the image file")
    }
    var sizes: [Int] = []
    var total = 1
    for dimension in 0..<rank {
      guard let size = reader.bigEndian32() else {
        throw failure(
          "the header needs \(4 + 4 * rank) bytes, found \(bytes.count)", again)
      }
      guard size > 0 else {
        throw failure("dimension \(dimension) has size 0", "the file holds no data")
      }
      let (product, overflow) = total.multipliedReportingOverflow(by: Int(size))
      guard !overflow, product <= Self.elementLimit else {
        throw failure(
          "dimension \(dimension) has size \(size), more than \(Self.elementLimit) bytes in all",
          "the header is damaged: fetch the file again")
      }
      total = product
      sizes.append(Int(size))
    }
    let shape = sizes.map(String.init).joined(separator: " x ")
    guard reader.remaining >= total else {
      throw failure("\(shape) needs \(total) bytes of data, found \(reader.remaining)", again)
    }
    guard reader.remaining == total else {
      throw failure(
        "\(shape) needs \(total) bytes of data, found \(reader.remaining - total) more",
        "the file is damaged: fetch it again")
    }
    self.sizes = sizes
    self.bytes = Array(bytes[reader.position...])
  }
}
