import Foundation
import Tensors

/// A stream of random numbers keyed by one of an estimate's own uniform numbers.
///
/// For estimators whose need of numbers grows with the categories or with a number of samples:
/// they would otherwise be stored for every draw at once.
struct StreamFromUniform {
  private let stream: RandomStream

  init(_ uniform: Double, _ label: String) {
    stream = RandomStream(
      key: RandomKey(seed: uniform.bitPattern).derived(label), row: 0, site: 0)
  }

  func uniforms(_ count: Int) -> [Double] { stream.preciseUniforms(from: 0, count: count) }

  func exponentials(_ count: Int) -> [Double] { uniforms(count).map { -log($0) } }
}
