import Discrete
import Tensors

/// A floating-point type that networks compute in.
public protocol NetworkScalar: LayerScalar {
  /// `1 / (1 + exp(-x))` in place.
  static func sigmoid(_ x: inout [Self])
  /// `sum_j log(1 + exp(y_j))` of each row of `columns`.
  static func softplusRowSums(_ y: [Self], columns: Int) -> [Double]
  /// What oracles and pull-backs of this type say they compute in.
  static var precision: NumberPrecision { get }
  /// The numbers in this precision.
  static func numbers(_ values: [Float]) -> [Self]
  /// The numbers in float32.
  static func singles(_ values: [Self]) -> [Float]
  /// The numbers as little-endian bytes.
  static func littleEndianBytes(_ values: [Self]) -> [UInt8]
  /// The numbers of little-endian bytes; a rest shorter than a number is ignored.
  static func values(littleEndianBytes bytes: [UInt8]) -> [Self]
}

extension Float: NetworkScalar {
  public static func sigmoid(_ x: inout [Float]) { VectorMath.sigmoid(&x) }
  public static func softplusRowSums(_ y: [Float], columns: Int) -> [Double] {
    VectorMath.softplusRowSums(y, columns: columns)
  }
  public static var precision: NumberPrecision { .single }
  public static func numbers(_ values: [Float]) -> [Float] { values }
  public static func singles(_ values: [Float]) -> [Float] { values }
  public static func littleEndianBytes(_ values: [Float]) -> [UInt8] {
    UInt32.littleEndianBytes(values.map(\.bitPattern))
  }
  public static func values(littleEndianBytes bytes: [UInt8]) -> [Float] {
    UInt32.values(littleEndianBytes: bytes).map { Float(bitPattern: $0) }
  }
}

extension Double: NetworkScalar {
  public static func sigmoid(_ x: inout [Double]) { VectorMath.sigmoid(&x) }
  public static func softplusRowSums(_ y: [Double], columns: Int) -> [Double] {
    VectorMath.softplusRowSums(y, columns: columns)
  }
  public static var precision: NumberPrecision { .double }
  public static func numbers(_ values: [Float]) -> [Double] { values.map { Double($0) } }
  public static func singles(_ values: [Double]) -> [Float] { values.map { Float($0) } }
  public static func littleEndianBytes(_ values: [Double]) -> [UInt8] {
    UInt64.littleEndianBytes(values.map(\.bitPattern))
  }
  public static func values(littleEndianBytes bytes: [UInt8]) -> [Double] {
    UInt64.values(littleEndianBytes: bytes).map { Double(bitPattern: $0) }
  }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  static func littleEndianBytes(_ values: [Self]) -> [UInt8] {
    values.map(\.littleEndian).withUnsafeBytes { Array($0) }
  }

  static func values(littleEndianBytes bytes: [UInt8]) -> [Self] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / MemoryLayout<Self>.size).map {
        Self(
          littleEndian: raw.loadUnaligned(
            fromByteOffset: $0 * MemoryLayout<Self>.size, as: Self.self))
      }
    }
  }
}
