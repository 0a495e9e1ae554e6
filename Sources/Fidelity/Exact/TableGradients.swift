import Tensors

/// The gradients of an oracle table, in the precision of their oracle.
public enum TableGradients: Sendable, Equatable {
  case none
  /// Of an oracle that computes in float32: half the memory, and no digit less.
  case single([Float])
  case double([Double])

  public var count: Int {
    switch self {
    case .none: 0
    case .single(let numbers): numbers.count
    case .double(let numbers): numbers.count
    }
  }

  var isEmpty: Bool { count == 0 }

  var areFinite: Bool {
    switch self {
    case .none: true
    case .single(let numbers): allFinite(numbers)
    case .double(let numbers): allFinite(numbers)
    }
  }

  /// The numbers at `range`.
  func numbers(_ range: Range<Int>) -> [Double] {
    switch self {
    case .none: []
    case .single(let numbers):
      [Double](unsafeUninitializedCapacity: range.count) { wide, initialized in
        // By buffers: the loop then runs on vectors.
        numbers[range].withUnsafeBufferPointer { narrow in
          for index in 0..<narrow.count { wide[index] = Double(narrow[index]) }
        }
        initialized = range.count
      }
    case .double(let numbers):
      range == 0..<numbers.count ? numbers : Array(numbers[range])
    }
  }
}
