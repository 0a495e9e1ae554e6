/// Name and shape of a tensor of a network.
public struct StoredTensor: Sendable, Equatable {
  /// Such as `encoder.1.weight`.
  public let name: String
  /// The tensors of one operation, such as `encoder.1`.
  public let group: String
  public let shape: [Int]
  /// Numbers.
  public let count: Int

  /// A tensor beside those of a program, such as a codebook.
  ///
  /// - Throws: `NetworkError.shape` for a size below 0 or more than `TensorShape.largest` numbers.
  public init(name: String, group: String, shape: [Int]) throws {
    guard shape.allSatisfy({ $0 >= 0 }), TensorShape.product(shape) != nil else {
      throw NetworkError.shape(
        "tensor '\(name)' cannot have the shape \(shape): sizes must be at least 0, and \(TensorShape.largest) numbers at most"
      )
    }
    self.init(checked: name, group: group, shape: shape)
  }

  /// The product of the sizes must not overflow.
  init(checked name: String, group: String, shape: [Int]) {
    self.name = name
    self.group = group
    self.shape = shape
    count = shape.reduce(1, *)
  }
}

/// The numbers of a network's parameters: named tensors in the order of its operations, each
/// group's side by side.
///
/// A value: a copy shares its numbers until one of the two is changed.
public struct ParameterStore<Scalar: NetworkScalar>: Sendable, Equatable {
  public let tensors: [StoredTensor]
  /// The numbers of each tensor.
  public private(set) var values: [[Scalar]]

  /// - Parameter values: as many numbers a tensor as its shape says.
  /// - Throws: `NetworkError.setting` for a name that comes twice.
  public init(_ tensors: [StoredTensor], values: [[Scalar]]) throws {
    var seen: Set<String> = []
    for tensor in tensors where !seen.insert(tensor.name).inserted {
      throw NetworkError.setting("there are two tensors named '\(tensor.name)'")
    }
    self.init(checked: tensors, values: values)
  }

  init(checked tensors: [StoredTensor], values: [[Scalar]]) {
    precondition(tensors.map(\.count) == values.map(\.count))
    self.tensors = tensors
    self.values = values
  }

  /// The tensors of several stores, one store behind the other.
  ///
  /// - Throws: `NetworkError.setting` for a name that comes twice.
  public init(joining stores: [ParameterStore]) throws {
    try self.init(stores.flatMap(\.tensors), values: stores.flatMap(\.values))
  }

  /// The numbers of tensor `index`; their count stays.
  public subscript(index: Int) -> [Scalar] {
    get { values[index] }
    _modify {
      yield &values[index]
      precondition(values[index].count == tensors[index].count)
    }
  }

  /// The numbers of a tensor, or nil for an unknown name. Cost: one look at every name.
  public subscript(name: String) -> [Scalar]? {
    tensors.firstIndex { $0.name == name }.map { values[$0] }
  }

  /// Bytes of all numbers.
  public var byteSize: Int { count * MemoryLayout<Scalar>.size }

  /// Numbers of all tensors.
  public var count: Int { tensors.reduce(0) { $0 + $1.count } }

  /// The groups in their order, with the places of their tensors.
  public var groups: [(name: String, tensors: Range<Int>)] {
    var groups: [(name: String, tensors: Range<Int>)] = []
    for (index, tensor) in tensors.enumerated() {
      if let last = groups.last, last.name == tensor.group {
        groups[groups.count - 1].tensors = last.tensors.lowerBound..<index + 1
      } else {
        groups.append((tensor.group, index..<index + 1))
      }
    }
    return groups
  }

  /// The same tensors in another precision, each number rounded to the nearest.
  public func converted<Other: NetworkScalar>(to type: Other.Type) -> ParameterStore<Other> {
    ParameterStore<Other>(
      checked: tensors, values: values.map { Other.values(Scalar.tensorNumbers($0)) })
  }
}
