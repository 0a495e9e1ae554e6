import Dispatch
import Synchronization
import Tensors

/// Maps `0..<count` on up to `workers` threads; results come back in index order, so what is
/// computed from them does not depend on the number of workers.
///
/// - Throws: the error of the lowest index that failed.
public func parallelMap<Result: Sendable, Failure: Error>(
  _ count: Int, workers: Int, _ transform: @Sendable (Int) throws(Failure) -> Result
) throws(Failure) -> [Result] {
  guard workers > 1, count > 1 else { return try (0..<count).map(transform) }
  let slots = Mutex<[Int: Swift.Result<Result, Failure>]>([:])
  let next = Atomic<Int>(0)
  let off = Shortcuts.off
  DispatchQueue.concurrentPerform(iterations: min(workers, count)) { _ in
    while true {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      let result: Swift.Result<Result, Failure>
      do throws(Failure) {
        result = .success(
          try Shortcuts.without(off) { () throws(Failure) in try transform(index) })
      } catch {
        result = .failure(error)
      }
      slots.withLock { $0[index] = result }
    }
  }
  let results = slots.withLock { $0 }
  return try (0..<count).map { index throws(Failure) in
    guard let result = results[index] else {
      preconditionFailure("a worker left index \(index) out")
    }
    return try result.get()
  }
}
