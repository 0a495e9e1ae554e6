import CKernels
import Discrete

/// What one estimator's draws of one row add up to.
struct RowSums: Sendable {
  /// `sum_i g_i`, `[DK]`, without the factor `1/B`.
  var first: [Double]
  /// `sum_i g_i^2`.
  var second: [Double]
  /// Nil without single parameters upstream.
  var outputs: OutputSquares?

  init(width: Int, _ pullback: (any RowPullback)?) {
    first = [Double](repeating: 0, count: width)
    second = first
    outputs = pullback?.noSquares
  }

  /// Adds estimates `[draws][DK]`.
  mutating func add(_ values: [Double]) {
    let width = first.count
    first.withUnsafeMutableBufferPointer { first in
      second.withUnsafeMutableBufferPointer { second in
        values.withUnsafeBufferPointer { values in
          for start in stride(from: 0, to: values.count, by: width) {
            for index in 0..<width {
              let value = values[start + index]
              first[index] += value
              second[index] += value * value
            }
          }
        }
      }
    }
  }

  /// Adds estimates `[DK][stride]` in float32, zeros where there is no draw.
  mutating func add(lines: [Float], stride: Int) {
    precondition(lines.count == first.count * stride)
    gf_line_sums(lines, first.count, stride, &first, &second)
  }

  /// Adds squares at the layers' outputs of estimates `[DK][stride]`.
  mutating func addOutputs(_ pullback: any RowPullback, _ lines: [Float], count: Int, stride: Int) {
    guard var sums = outputs else { return }
    outputs = nil
    pullback.add(lines, count: count, stride: stride, to: &sums)
    outputs = sums
  }

  /// Adds the sums of further draws.
  mutating func add(_ more: RowSums) {
    for index in first.indices {
      first[index] += more.first[index]
      second[index] += more.second[index]
    }
    guard let outputs = more.outputs else { return }
    self.outputs?.add(outputs)
  }
}

extension Array where Element == Float {
  /// Writes estimates `[draws][DK]` into columns of lines `[DK][stride]`.
  mutating func place(_ values: [Double], width: Int, at start: Int, stride: Int) {
    for (index, value) in values.enumerated() {
      self[index % width * stride + start + index / width] = Float(value)
    }
  }
}
