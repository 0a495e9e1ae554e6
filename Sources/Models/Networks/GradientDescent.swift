/// Stochastic gradient descent without momentum: `w -= rate g`.
package struct GradientDescent<Scalar: NetworkScalar>: Optimiser {
  private let rate: Double
  package var step = 0
  /// None.
  package var moments: [[Scalar]] {
    get { [] }
    set { precondition(newValue.isEmpty) }
  }

  package init(rate: Double) { self.rate = rate }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package mutating func update(_ weights: inout [Scalar], _ gradient: [Scalar], tensor index: Int) {
    precondition(weights.count == gradient.count)
    let rate = Scalar(rate)
    weights.withUnsafeMutableBufferPointer { weights in
      gradient.withUnsafeBufferPointer { gradient in
        for i in 0..<weights.count { weights[i] -= rate * gradient[i] }
      }
    }
  }
}
