import Dispatch
import Synchronization

/// Saves the finished cells of a run beside the work on the next ones.
///
/// A cell that comes `pause` seconds or more after the last transaction is saved at once; cells that
/// come faster share a transaction, one each `pause`. A cell is stored whole or not at all; a
/// process that is killed loses at most the cells of its last `pause` seconds and of the transaction
/// at work. `finish()` saves what waits.
public final class CellWriter: Sendable {
  /// Seconds from the end of one transaction to the next.
  public static let pause = 0.1

  /// Measurements that may wait; more make the caller wait until they are saved.
  private static let mostWaiting = 100_000

  private struct State {
    var waiting: [CellResult] = []
    var rows = 0
    var isScheduled = false
    var lastEnd: DispatchTime?
    var failure: (any Error)?
  }

  private let store: ResultStore
  private let run: RunHandle
  private let queue = DispatchQueue(label: "gradfid.cells", qos: .userInitiated)
  private let state = Mutex(State())

  public init(store: ResultStore, run: RunHandle) {
    self.store = store
    self.run = run
  }

  /// Takes a finished cell over.
  ///
  /// - Throws: the error of an earlier cell, as `ResultStore.save` throws it.
  public func save(_ result: CellResult) throws {
    let (start, isFull) = try state.withLock { state -> (DispatchTime?, Bool) in
      if let failure = state.failure { throw failure }
      state.waiting.append(result)
      state.rows += result.measurements.count + 1
      var start: DispatchTime?
      if !state.isScheduled {
        state.isScheduled = true
        start = state.lastEnd.map { $0 + Self.pause } ?? .now()
      }
      return (start, state.rows >= Self.mostWaiting)
    }
    if let start { queue.asyncAfter(deadline: start) { self.write() } }
    if isFull { queue.sync { write() } }
  }

  /// Saves what waits. Throws the first error of any cell.
  public func finish() throws {
    queue.sync { write() }
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  private func write() {
    let results = state.withLock { state in
      defer {
        state.waiting = []
        state.rows = 0
        state.isScheduled = false
      }
      return state.waiting
    }
    let failure = failure(of: results)
    state.withLock { state in
      state.lastEnd = .now()
      state.failure = state.failure ?? failure
    }
  }

  /// Where one cell is refused, the others are saved all the same.
  private func failure(of results: [CellResult]) -> (any Error)? {
    do {
      try store.save(results, run: run)
      return nil
    } catch StoreError.rejected where results.count > 1 {
      return results.map { failure(of: [$0]) }.first { $0 != nil } ?? nil
    } catch {
      return error
    }
  }
}
