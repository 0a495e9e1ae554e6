import Tensors

extension RandomKey {
  /// The rows of one training step: uniformly drawn of `count`, with replacement.
  func batchRows(_ batch: Int, of count: Int) -> [Int] {
    RandomStream(key: derived("rows"), row: 0, site: 0)
      .uniforms(from: 0, count: batch).map { min(count - 1, Int(Double($0) * Double(count))) }
  }
}
