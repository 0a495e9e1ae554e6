import CCrypto

/// The SHA-256 digest (FIPS 180-4) of bytes that come in pieces, by the system's OpenSSL.
///
/// Study, cell and file hashes are such digests.
package final class SHA256 {
  private let context: OpaquePointer

  /// Traps where OpenSSL has no memory left for a context of a few hundred bytes.
  package init() {
    guard let context = EVP_MD_CTX_new(), EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
      fatalError("no memory for a SHA-256 context")
    }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  package func update(_ bytes: UnsafeRawBufferPointer) {
    precondition(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1)
  }

  package func update(_ bytes: some Collection<UInt8>) {
    if bytes.withContiguousStorageIfAvailable({ update(UnsafeRawBufferPointer($0)) }) == nil {
      Array(bytes).withUnsafeBytes(update)
    }
  }

  /// The 32 bytes of the digest. Called once, after the last piece.
  package func digest() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 32)
    precondition(EVP_DigestFinal_ex(context, &bytes, nil) == 1)
    return bytes
  }

  /// The digest in lower-case hexadecimal. Called once, after the last piece.
  package func hexadecimal() -> String { Hexadecimal.text(digest()) }

  /// The digest of one collection of bytes, in lower-case hexadecimal.
  package static func hexadecimal(of bytes: some Collection<UInt8>) -> String {
    let hash = SHA256()
    hash.update(bytes)
    return hash.hexadecimal()
  }
}
