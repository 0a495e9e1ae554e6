/// Sizes of nested samples in draws per block: doubled from round to round, up to a limit.
struct DrawSchedule: Sendable {
  let first: Int
  let limit: Int

  /// - Parameter limit: the last size, which the round before it may miss the double of.
  init(first: Int, limit: Int) {
    self.first = first
    self.limit = max(first, limit)
  }

  /// A single round.
  init(_ size: Int) { self.init(first: size, limit: size) }

  /// The size after `size`, or nil at the limit.
  func next(_ size: Int) -> Int? { size < limit ? min(2 * size, limit) : nil }
}
