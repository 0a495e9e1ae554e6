import Foundation

/// Rectified Adam (Liu et al. 2020, arXiv:1908.03265): Adam whose adaptive step is switched on, and
/// scaled, by how well the running mean of the squared gradient is known.
package struct RectifiedAdam<Scalar: NetworkScalar>: Optimiser {
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

  /// `sqrt((rho - 4)(rho - 2) rho_inf / ((rho_inf - 4)(rho_inf - 2) rho))` with
  /// `rho = rho_inf - 2 t b^t / (1 - b^t)`, `rho_inf = 2 / (1 - b) - 1`, `b` = 0.999; nil where
  /// `rho <= 5`.
  private var rectification: Double? {
    let power = pow(decay2, Double(step))
    let longest = 2 / (1 - decay2) - 1
    let length = longest - 2 * Double(step) * power / (1 - power)
    guard length > 5 else { return nil }
    return
      ((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
      .squareRoot()
  }

  /// `w -= rate r m' / (sqrt(v) + epsilon) * sqrt(1 - 0.999^t)` with the rectification `r` and the
  /// bias-corrected mean `m'`, or `w -= rate m'` while there is no rectification.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  package mutating func update(_ weights: inout [Scalar], _ gradient: [Scalar], tensor index: Int) {
    precondition(weights.count == gradient.count)
    let mean = rate / (1 - pow(decay1, Double(step)))
    let rectification = rectification
    let root = (1 - pow(decay2, Double(step))).squareRoot()
    let size = Scalar(rectification.map { mean * $0 * root } ?? mean)
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
              let change = size * first[i]
              weights[i] -=
                rectification == nil ? change : change / (second[i].squareRoot() + epsilon)
            }
          }
        }
      }
    }
  }
}
