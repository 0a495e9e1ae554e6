import Discrete

/// Rows of a NumPy array `[N, ...]` of uint8 (from 0 to 255, taken as 0 to 1), float32 or float64.
enum NumPyData {
  /// Most numbers: 1 GiB in float32.
  private static let limit = 1 << 28

  static let kind = DataKind(
    entry: EntryKind(
      "npy", "Rows of a NumPy array [N, ...]: uint8, float32 or float64",
      parameters: [DataKinds.path])
  ) { parameters, environment in
    let path = resolvedPath(parameters.text("path"), in: environment.baseDirectory)
    return try read(path)
  }

  /// - Throws: `ModelFileError` with the place in the file.
  static func read(_ path: String) throws -> DataSet {
    func failure(_ place: String, _ what: String, _ hint: String) -> ModelFileError {
      ModelFileError(file: path, place: place, what: what, hint: hint)
    }
    let source = try FileSource(path)
    let header = try NumPyHeader(source, file: path, takesBytes: true)
    let text = NumPyHeader.text(header.shape)
    guard (1...4).contains(header.shape.count) else {
      throw failure(
        "header, shape",
        "expected [N], [N, n], [N, height, width] or [N, channels, height, width], found \(text)",
        "one row of data stands behind the other")
    }
    guard header.count > 0 else { throw failure("header, shape", "\(text) holds no data", "") }
    guard header.count <= limit else {
      throw failure(
        "header, shape", "\(text) has \(header.count) numbers (limit \(limit))", "save fewer rows")
    }
    guard !header.fortranOrder else {
      throw failure(
        "header, fortran_order", "the first axis is the fastest",
        "write the file with np.save(path, np.ascontiguousarray(x))")
    }
    let bytes = header.count * header.element.bytes
    guard source.count - header.length == bytes else {
      throw failure(
        "byte \(min(source.count, header.length + bytes))",
        "\(text) needs \(bytes) bytes of data, found \(source.count - header.length)",
        "write the file again with np.save")
    }
    let raw = try source.bytes(header.length..<source.count)
    let scale: Float = header.element.bytes == 1 ? 1.0 / 255 : 1
    var numbers: [Float] = []
    numbers.reserveCapacity(header.count)
    let piece = 1 << 16
    var target = [Double](repeating: 0, count: piece)
    var words = [UInt64](repeating: 0, count: piece)
    for start in stride(from: 0, to: header.count, by: piece) {
      let count = min(piece, header.count - start)
      let from = start * header.element.bytes
      words.withUnsafeMutableBytes { buffer in
        buffer.copyBytes(from: raw[from..<from + count * header.element.bytes])
        target.withUnsafeMutableBufferPointer { target in
          if let source = buffer.baseAddress, let target = target.baseAddress {
            header.element.decode(source, count: count, into: target)
          }
        }
      }
      for value in target[..<count] { numbers.append(scale * Float(value)) }
    }
    if let index = numbers.firstIndex(where: { !$0.isFinite }) {
      throw failure("number \(index)", "found \(numbers[index])", "data must be finite")
    }
    return try DataSet(
      name: DataFingerprint.name(path, raw), sizes: Array(header.shape.dropFirst()),
      numbers: numbers)
  }
}
