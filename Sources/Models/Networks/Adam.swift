import Foundation

/// The Adam optimiser (Kingma and Ba 2015, arXiv:1412.6980) with bias correction.
package struct Adam<Scalar: NetworkScalar>: Optimiser {
  private let rate: Double
  private let decay1 = 0.9
  private let decay2 = 0.999
  private let epsilon = 1e-8
  package var step = 0
  private var running: RunningMoments<Scalar>

  /// - Parameter sizes: element counts of the tensors, in the order of the updates.
  package init(rate: Double, sizes: [Int]) {
    self.rate = rate
    running = RunningMoments(sizes: sizes)
  }

  package var moments: [[Scalar]] {
    get { running.all }
    set { running.all = newValue }
  }

  /// `w -= rate m' / (sqrt(v') + epsilon)` with bias-corrected `m'`, `v'`, for tensor `index`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package mutating func update(_ weights: inout [Scalar], _ gradient: [Scalar], tensor index: Int) {
    precondition(weights.count == gradient.count)
    let correction1 = 1 - pow(decay1, Double(step))
    let correction2 = 1 - pow(decay2, Double(step))
    let size = Scalar(rate / correction1)
    let root = Scalar(1 / correction2.squareRoot())
    let epsilon = Scalar(epsilon)
    let keep1 = Scalar(decay1)
    let keep2 = Scalar(decay2)
    let add1 = Scalar(1 - decay1)
    let add2 = Scalar(1 - decay2)
    weights.withUnsafeMutableBufferPointer { weights in
      gradient.withUnsafeBufferPointer { gradient in
        running.first[index].withUnsafeMutableBufferPointer { first in
          running.second[index].withUnsafeMutableBufferPointer { second in
            for i in 0..<weights.count {
              let g = gradient[i]
              first[i] = keep1 * first[i] + add1 * g
              second[i] = keep2 * second[i] + add2 * g * g
              weights[i] -= size * first[i] / (second[i].squareRoot() * root + epsilon)
            }
          }
        }
      }
    }
  }
}
