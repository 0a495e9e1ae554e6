import Tensors

/// A tensor with its name, as files hold them.
public struct NamedTensor: Sendable, Equatable {
  /// The numbers, in the precision they came in; 16-bit ones are widened without rounding.
  public enum Numbers: Sendable, Equatable {
    case single([Float])
    case double([Double])

    public var count: Int {
      switch self {
      case .single(let values): values.count
      case .double(let values): values.count
      }
    }
  }

  public let name: String
  public let shape: [Int]
  /// In row-major order.
  public let numbers: Numbers

  /// - Parameter numbers: as many as the product of `shape`.
  public init(_ name: String, shape: [Int], _ numbers: Numbers) {
    precondition(shape.reduce(1, *) == numbers.count)
    self.name = name
    self.shape = shape
    self.numbers = numbers
  }

  public init<Scalar: NetworkScalar>(_ name: String, shape: [Int], _ values: [Scalar]) {
    self.init(name, shape: shape, Scalar.tensorNumbers(values))
  }

  /// The numbers as `Scalar`, each rounded to the nearest where it is narrower.
  public func values<Scalar: NetworkScalar>(as type: Scalar.Type) -> [Scalar] {
    Scalar.values(numbers)
  }

  /// The numbers of exactly the expected tensors, in the expected order.
  ///
  /// - Throws: `NetworkError.file` for a tensor that is missing, left over, named twice or of
  ///   another shape.
  static func numbers<Scalar: NetworkScalar>(
    of tensors: [NamedTensor], _ expected: [(name: String, shape: [Int])], as type: Scalar.Type
  ) throws -> [[Scalar]] {
    var found: [String: NamedTensor] = [:]
    for tensor in tensors where found.updateValue(tensor, forKey: tensor.name) != nil {
      throw NetworkError.file("there are two tensors named '\(tensor.name)'")
    }
    let values = try expected.map { name, shape in
      guard let tensor = found.removeValue(forKey: name) else {
        throw NetworkError.file(
          "tensor '\(name)' is missing; "
            + NearestName.advice(
              for: name, among: tensors.prefix(50).map(\.name), title: "there are", mark: ""))
      }
      guard tensor.shape == shape else {
        throw NetworkError.file(
          "tensor '\(name)' has the shape \(tensor.shape), expected \(shape)")
      }
      return tensor.values(as: Scalar.self)
    }
    if let name = found.keys.min() {
      throw NetworkError.file("there is a tensor '\(name)' that this network does not have")
    }
    return values
  }
}
