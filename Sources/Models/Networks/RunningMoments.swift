/// What Adam and its kin remember of past gradients, by tensor.
struct RunningMoments<Scalar: NetworkScalar>: Sendable {
  /// Running means of the gradient.
  var first: [[Scalar]]
  /// Running means of the squared gradient.
  var second: [[Scalar]]

  /// - Parameter sizes: element counts of the tensors, in the order of the updates.
  init(sizes: [Int]) {
    first = sizes.map { [Scalar](repeating: 0, count: $0) }
    second = first
  }

  /// All of them in one list: means of the gradients, then of their squares.
  var all: [[Scalar]] {
    get { first + second }
    set {
      precondition(newValue.count == first.count + second.count)
      second = Array(newValue[first.count...])
      first = Array(newValue[..<first.count])
    }
  }
}
