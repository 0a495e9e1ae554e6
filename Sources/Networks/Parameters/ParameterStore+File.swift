extension ParameterStore {
  /// The tensors as a file holds them.
  public var namedTensors: [NamedTensor] {
    zip(tensors, values).map { NamedTensor($0.name, shape: $0.shape, $1) }
  }

  /// Takes all numbers from tensors of the same names and shapes, in any order; numbers of another
  /// precision are rounded to the nearest.
  ///
  /// - Throws: `NetworkError.file` for a tensor that is missing, left over or of another shape, or
  ///   numbers that are not finite; the store is then as before.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public mutating func load(_ named: [NamedTensor]) throws {
    let loaded = try NamedTensor.numbers(
      of: named, tensors.map { ($0.name, $0.shape) }, as: Scalar.self)
    for (tensor, numbers) in zip(tensors, loaded) {
      if let index = numbers.firstIndex(where: { !$0.isFinite }) {
        throw NetworkError.file("number \(index) of tensor '\(tensor.name)' is \(numbers[index])")
      }
    }
    for index in values.indices { self[index] = loaded[index] }
  }
}
