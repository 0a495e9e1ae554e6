import Foundation
import Tensors

/// A floating-point type that networks compute in: `Float` or `Double`.
public protocol NetworkScalar: LayerScalar {
  /// `exp(x)` in place.
  static func exp(_ x: inout [Self])
  /// `1 / (1 + exp(-x))` in place.
  static func sigmoid(_ x: inout [Self])
  /// Softmax of each row of `categories` numbers, in place.
  static func softmax(_ x: inout [Self], categories: Int)
  /// The distribution function of the standard normal, `erfc(-x / sqrt 2) / 2`.
  static func normalDistribution(_ x: Self) -> Self
  /// `sum_j log(1 + exp(y_j))` of each row of `columns`.
  static func softplusRowSums(_ y: [Self], columns: Int) -> [Double]
  /// Whether no number is NaN or infinite.
  static func allFinite(_ values: [Self]) -> Bool
  /// The numbers in this precision.
  static func numbers(_ values: [Float]) -> [Self]
  /// The numbers in float32.
  static func singles(_ values: [Self]) -> [Float]
  /// The numbers as those of a named tensor.
  static func tensorNumbers(_ values: [Self]) -> NamedTensor.Numbers
  /// The numbers of a named tensor, each rounded to the nearest where it is narrower.
  static func values(_ numbers: NamedTensor.Numbers) -> [Self]
  /// The numbers as little-endian bytes.
  static func littleEndianBytes(_ values: [Self]) -> [UInt8]
  /// The numbers of little-endian bytes; a rest shorter than a number is ignored.
  static func values(littleEndianBytes bytes: [UInt8]) -> [Self]
}

extension Float: NetworkScalar {
  public static func exp(_ x: inout [Float]) { VectorMath.exp(&x) }
  public static func sigmoid(_ x: inout [Float]) { VectorMath.sigmoid(&x) }
  public static func softmax(_ x: inout [Float], categories: Int) {
    VectorMath.softmax(&x, categories: categories)
  }
  public static func normalDistribution(_ x: Float) -> Float {
    0.5 * erfc(-x * Float(0.5).squareRoot())
  }
  public static func softplusRowSums(_ y: [Float], columns: Int) -> [Double] {
    VectorMath.softplusRowSums(y, columns: columns)
  }
  public static func allFinite(_ values: [Float]) -> Bool { Tensors.allFinite(values) }
  public static func numbers(_ values: [Float]) -> [Float] { values }
  public static func singles(_ values: [Float]) -> [Float] { values }
  public static func tensorNumbers(_ values: [Float]) -> NamedTensor.Numbers { .single(values) }
  public static func values(_ numbers: NamedTensor.Numbers) -> [Float] {
    switch numbers {
    case .single(let values): values
    case .double(let values): values.map { Float($0) }
    }
  }
  public static func littleEndianBytes(_ values: [Float]) -> [UInt8] {
    UInt32.littleEndianBytes(values.map(\.bitPattern))
  }
  public static func values(littleEndianBytes bytes: [UInt8]) -> [Float] {
    UInt32.values(littleEndianBytes: bytes).map { Float(bitPattern: $0) }
  }
}

extension Double: NetworkScalar {
  public static func exp(_ x: inout [Double]) { VectorMath.exp(&x) }
  public static func sigmoid(_ x: inout [Double]) { VectorMath.sigmoid(&x) }
  public static func softmax(_ x: inout [Double], categories: Int) {
    VectorMath.softmax(&x, categories: categories)
  }
  public static func normalDistribution(_ x: Double) -> Double {
    0.5 * erfc(-x * 0.5.squareRoot())
  }
  public static func softplusRowSums(_ y: [Double], columns: Int) -> [Double] {
    VectorMath.softplusRowSums(y, columns: columns)
  }
  public static func allFinite(_ values: [Double]) -> Bool { Tensors.allFinite(values) }
  public static func numbers(_ values: [Float]) -> [Double] { values.map { Double($0) } }
  public static func singles(_ values: [Double]) -> [Float] { values.map { Float($0) } }
  public static func tensorNumbers(_ values: [Double]) -> NamedTensor.Numbers { .double(values) }
  public static func values(_ numbers: NamedTensor.Numbers) -> [Double] {
    switch numbers {
    case .single(let values): values.map { Double($0) }
    case .double(let values): values
    }
  }
  public static func littleEndianBytes(_ values: [Double]) -> [UInt8] {
    UInt64.littleEndianBytes(values.map(\.bitPattern))
  }
  public static func values(littleEndianBytes bytes: [UInt8]) -> [Double] {
    UInt64.values(littleEndianBytes: bytes).map { Double(bitPattern: $0) }
  }
}

extension FixedWidthInteger where Self: UnsignedInteger {
  package static func littleEndianBytes(_ values: [Self]) -> [UInt8] {
    values.map(\.littleEndian).withUnsafeBytes { Array($0) }
  }

  package static func values(littleEndianBytes bytes: [UInt8]) -> [Self] {
    bytes.withUnsafeBytes { raw in
      (0..<raw.count / MemoryLayout<Self>.size).map {
        Self(
          littleEndian: raw.loadUnaligned(
            fromByteOffset: $0 * MemoryLayout<Self>.size, as: Self.self))
      }
    }
  }
}
