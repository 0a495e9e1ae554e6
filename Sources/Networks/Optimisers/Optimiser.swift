/// An optimiser of several tensors: a rule, the step and the running arrays.
///
/// `advance` starts a step, then every tensor is updated once.
public struct Optimiser<Scalar: NetworkScalar>: Sendable {
  public let rule: any OptimiserRule
  /// Steps begun.
  public private(set) var step = 0
  /// The learning rate of the coming updates.
  public var rate: Double
  private var moments: [Moments<Scalar>]
  private let tensors: [StoredTensor]

  /// An optimiser at step 0 of tensors in the order of the updates.
  ///
  /// - Throws: `NetworkError.setting` for a rate that is not a number above 0.
  public init(_ rule: any OptimiserRule, rate: Double, tensors: [StoredTensor]) throws {
    guard rate.isFinite, rate > 0 else {
      throw NetworkError.setting("the learning rate must be a number above 0, found \(rate)")
    }
    self.rule = rule
    self.rate = rate
    self.tensors = tensors
    moments = tensors.map { tensor in
      func zeros(_ kept: Int) -> [Scalar] {
        [Scalar](repeating: 0, count: rule.memory.count > kept ? tensor.count : 0)
      }
      return Moments(first: zeros(0), second: zeros(1))
    }
  }

  /// Starts the next step.
  public mutating func advance() { step += 1 }

  /// Moves the weights of tensor `index` against their gradient. Cost: one pass.
  public mutating func update(_ weights: inout [Scalar], _ gradient: [Scalar], tensor index: Int) {
    precondition(step >= 1 && weights.count == gradient.count)
    precondition(weights.count == tensors[index].count)
    rule.update(&weights, gradient, &moments[index], step: step, rate: rate)
  }

  /// A whole step: starts it and updates every tensor of the store.
  ///
  /// - Parameter gradients: one array a tensor.
  public mutating func apply(_ gradients: [[Scalar]], to parameters: inout ParameterStore<Scalar>) {
    precondition(gradients.count == parameters.tensors.count)
    advance()
    for (index, gradient) in gradients.enumerated() {
      update(&parameters[index], gradient, tensor: index)
    }
  }

  /// Bytes of the running arrays.
  public var byteSize: Int {
    rule.memory.count * tensors.reduce(0) { $0 + $1.count } * MemoryLayout<Scalar>.size
  }

  /// The running arrays: with `step` the whole state. Named `first.encoder.1.weight` and the like,
  /// all of the first array and then all of the second.
  public var state: [NamedTensor] {
    rule.memory.enumerated().flatMap { kept, memory in
      zip(tensors, moments).map { tensor, moments in
        NamedTensor(
          "\(memory).\(tensor.name)", shape: tensor.shape,
          kept == 0 ? moments.first : moments.second)
      }
    }
  }

  /// Takes up a state, in any order of its tensors.
  ///
  /// - Throws: `NetworkError.file` for a step below 0 or tensors that are missing, left over or of
  ///   another shape; the optimiser is then as before.
  public mutating func restore(step: Int, _ state: [NamedTensor]) throws {
    guard step >= 0 else {
      throw NetworkError.file("the step of an optimiser must be at least 0, found \(step)")
    }
    let expected = rule.memory.flatMap { memory in
      tensors.map { (name: "\(memory).\($0.name)", shape: $0.shape) }
    }
    let arrays = try NamedTensor.numbers(of: state, expected, as: Scalar.self)
    for index in tensors.indices {
      if !rule.memory.isEmpty { moments[index].first = arrays[index] }
      if rule.memory.count > 1 { moments[index].second = arrays[tensors.count + index] }
    }
    self.step = step
  }
}
