/// Names of members: UTF-8 where the archive says so, else code page 437.
enum ZipName {
  private static let utf8Flag = 1 << 11

  /// Characters 128 to 255 of code page 437.
  private static let upperHalf = Array(
    ("ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
      + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{A0}").unicodeScalars)

  /// The name, or nil where it is not UTF-8 but said to be, or where it holds a zero byte: Python
  /// cuts it there.
  static func decoded(_ bytes: [UInt8], flags: Int) -> String? {
    guard !bytes.contains(0) else { return nil }
    if flags & utf8Flag != 0 { return String(validating: bytes, as: UTF8.self) }
    var name = String.UnicodeScalarView()
    for byte in bytes {
      name.append(byte < 128 ? Unicode.Scalar(byte) : upperHalf[Int(byte) - 128])
    }
    return String(name)
  }
}
