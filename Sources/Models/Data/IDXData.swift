import Discrete

/// Grey images of any size from an IDX file, plain or gzip.
enum IDXData {
  static let kind = DataKind(
    entry: EntryKind("idx", "Grey images of an IDX file", parameters: [DataKinds.path])
  ) { parameters, environment in
    let path = resolvedPath(parameters.text("path"), in: environment.baseDirectory)
    let file = try IDXFile(path: path, rank: 3)
    let images = try ImageData(
      name: DataFingerprint.name(path, file.bytes), pixelCount: file.sizes[1] * file.sizes[2],
      bytes: file.bytes)
    return try DataSet(images, height: file.sizes[1], width: file.sizes[2])
  }
}

/// How data of a file are told apart: by its name, for people, and its content.
enum DataFingerprint {
  static func name(_ path: String, _ bytes: [UInt8]) -> String {
    let hash = String(ByteFingerprint.fnv1a(bytes[...]), radix: 16)
    return "\(FilePath.stem(path))#\(String(repeating: "0", count: 16 - hash.count) + hash)"
  }
}
