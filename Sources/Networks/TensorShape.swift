/// Sizes of one row of a batch: `[channels][height][width]`, the last index fastest.
///
/// A flat row of `n` numbers has `n` channels of height and width 1.
public struct TensorShape: Hashable, Sendable, CustomStringConvertible {
  public let channels: Int
  public let height: Int
  public let width: Int

  /// Most numbers of one row or one tensor: `2^30`.
  public static let largest = 1 << 30

  /// - Throws: `NetworkError.shape` for a size below 1 or more than `largest` numbers.
  public init(channels: Int, height: Int = 1, width: Int = 1) throws {
    guard channels >= 1, height >= 1, width >= 1 else {
      throw NetworkError.shape(
        "a row of \(channels) x \(height) x \(width) numbers is empty; sizes must be at least 1")
    }
    guard Self.product([channels, height, width]) != nil else {
      throw NetworkError.shape(
        "a row of \(channels) x \(height) x \(width) numbers is too large; at most \(Self.largest)")
    }
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// A row of `count` numbers.
  public static func flat(_ count: Int) throws -> TensorShape { try TensorShape(channels: count) }

  /// Numbers of a row.
  public var count: Int { channels * height * width }

  /// Numbers of one channel.
  public var plane: Int { height * width }

  public var isFlat: Bool { height == 1 && width == 1 }

  /// `200`, or `8 x 14 x 14` as channels, height, width.
  public var description: String {
    isFlat ? "\(channels)" : "\(channels) x \(height) x \(width)"
  }

  /// The product of sizes that are not negative, or nil where it is above `largest`.
  static func product(_ sizes: [Int]) -> Int? {
    var product = 1
    for size in sizes {
      let (next, overflow) = product.multipliedReportingOverflow(by: size)
      guard !overflow, next <= largest else { return nil }
      product = next
    }
    return product
  }
}
