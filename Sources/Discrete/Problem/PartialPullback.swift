import Tensors

/// A logit gradient as far pulled back as inner products need: to the outputs of dense layers, or to
/// the parameters themselves.
public struct PartialPullback: Sendable {
  /// Of each group, `[rows][outputs]` or, where `rows` is nil, in whatever form images are in.
  public let groups: [[Double]]
  /// The rows it is not 0 on; nil for all.
  public let rows: [Int]?

  public init(groups: [[Double]], rows: [Int]?) {
    self.groups = groups
    self.rows = rows
  }

  /// `<pullBack(a), pullBack(b)>` of each group, for the image of `b` by the same pull-back.
  public func products(_ image: [[Double]]) -> [Double] {
    zip(groups, image).map { own, image in
      own.withUnsafeBufferPointer { own in
        image.withUnsafeBufferPointer { image in
          guard let x = own.baseAddress, let y = image.baseAddress else { return 0 }
          guard let rows, !rows.isEmpty else { return Double.dot(own.count, x, y) }
          let outputs = own.count / rows.count
          return rows.enumerated().reduce(0) { sum, row in
            precondition((row.element + 1) * outputs <= image.count)
            return sum + Double.dot(outputs, x + row.offset * outputs, y + row.element * outputs)
          }
        }
      }
    }
  }
}
