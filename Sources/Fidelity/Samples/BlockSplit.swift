/// Samples in blocks of consecutive samples whose sizes differ by at most one.
struct BlockSplit {
  let samples: Int
  let blocks: Int

  /// At least two samples a block: fewer blocks than asked for where samples are few.
  init(samples: Int, blocks: Int) {
    self.samples = samples
    self.blocks = min(blocks, samples / 2)
  }

  func range(_ block: Int) -> Range<Int> { start(block)..<start(block + 1) }

  /// Multiplies the quotient, not the sample count: no overflow.
  private func start(_ block: Int) -> Int {
    let (quotient, remainder) = samples.quotientAndRemainder(dividingBy: blocks)
    return block * quotient + block * remainder / blocks
  }

  /// Leaving block `k` out moves the mean by this times `m - m_k`.
  func factor(_ block: Int) -> Double {
    let size = range(block).count
    return Double(size) / Double(samples - size)
  }
}
