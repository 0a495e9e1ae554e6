import Dispatch
import Synchronization

/// Maps `0..<count` on up to `workers` threads; results come back in index order, so what is
/// computed from them does not depend on the number of workers.
///
/// - Throws: the error of the lowest index that failed.
public func parallelMap<Result: Sendable>(
  _ count: Int, workers: Int, _ transform: @Sendable (Int) throws -> Result
) throws -> [Result] {
  guard workers > 1, count > 1 else { return try (0..<count).map(transform) }
  let slots = Mutex<[Int: Swift.Result<Result, any Error>]>([:])
  let next = Atomic<Int>(0)
  DispatchQueue.concurrentPerform(iterations: min(workers, count)) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      let result = Swift.Result { try transform(index) }
      slots.withLock { $0[index] = result }
    }
  }
  return try slots.withLock { slots in
    try (0..<count).compactMap { try slots[$0]?.get() }
  }
}
