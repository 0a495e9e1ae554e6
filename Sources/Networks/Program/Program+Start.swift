import Tensors

extension Program {
  /// Parameters before training, drawn from a key.
  ///
  /// Weights are normal with variance `gain / fan-in`: the gain is 2 where the next activation is a
  /// rectifier (relu, leaky-relu, gelu; He et al. 2015), else 1 (LeCun et al. 1998). The search for
  /// it passes over layer norm, pooling, graph propagation and reshape and ends at other weights,
  /// other activations, branches and the end of the program or branch. The fan-in is `inputs` for
  /// dense, `channels kernel^2` for conv, `channels kernel^2 / stride^2` for conv-transpose and 1
  /// for an embedding. Biases are 0, scales 1. Tensor `i` of the group `name.g` is stream
  /// `(row 0, site i)` of `key.derived("name.g")`.
  ///
  /// - Parameters:
  ///   - name: what the groups' names begin with.
  ///   - activeInputs: the fan-in of a dense operation in the first place, where only as many of
  ///     its inputs differ from zero, as for one-hot blocks.
  /// - Throws: `NetworkError.setting` for a number of active inputs below 1.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func start<Scalar: NetworkScalar>(
    _ type: Scalar.Type, name: String, key: RandomKey, activeInputs: Int? = nil
  ) throws -> ParameterStore<Scalar> {
    guard activeInputs ?? 1 >= 1 else {
      throw NetworkError.setting(
        "the number of active inputs must be at least 1, found \(activeInputs ?? 0)")
    }
    let gains = gains
    var store = layout(type, name: name)
    var tensorIndex = 0
    for (group, tensors) in parameterGroups.enumerated() {
      for (site, tensor) in tensors.enumerated() {
        defer { tensorIndex += 1 }
        switch tensor.start {
        case .zero: break
        case .one: store[tensorIndex] = [Scalar](repeating: 1, count: tensor.count)
        case .normal(let fanIn):
          var fanIn = fanIn
          if group == 0, operations.first is Dense, let activeInputs {
            fanIn = Double(activeInputs)
          }
          let deviation = (gains[group] / fanIn).squareRoot()
          let groupKey = key.derived(store.tensors[tensorIndex].group)
          store[tensorIndex] = RandomStream(key: groupKey, row: 0, site: site)
            .normals(from: 0, count: tensor.count).map { Scalar(Double($0) * deviation) }
        }
      }
    }
    return store
  }

  /// A store of this program's tensors, all zero.
  public func layout<Scalar: NetworkScalar>(
    _ type: Scalar.Type, name: String
  ) -> ParameterStore<Scalar> {
    let tensors = parameterGroups.enumerated().flatMap { index, tensors in
      tensors.map { tensor in
        let group = "\(name).\(index + 1)"
        return StoredTensor(
          checked: "\(group).\(tensor.name)", group: group, shape: tensor.shape)
      }
    }
    return ParameterStore(
      checked: tensors, values: tensors.map { [Scalar](repeating: 0, count: $0.count) })
  }

  /// The gain of every group's weights.
  private var gains: [Double] {
    operations.indices.flatMap { index -> [Double] in
      let branches = operations[index].branches
      guard branches.isEmpty else { return branches.flatMap(\.gains) }
      let next = operations[(index + 1)...].first { $0.role != .passing }
      return operations[index].parameterGroups.map { _ in next?.role == .rectifier ? 2 : 1 }
    }
  }
}
