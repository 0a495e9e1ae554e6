import Dispatch
import Synchronization

/// Saves the finished cells of a run beside the work on the next ones.
///
/// A cell that comes `pause` seconds or more after the last transaction is saved at once; cells that
/// come faster share a transaction, one each `pause`. A cell is stored whole or not at all; a
/// process that is killed loses at most the cells of its last `pause` seconds and of the transaction
/// at work. `finish()` saves what waits. The run itself may be registered beside the work on its first
/// cells: they wait for it.
public final class CellWriter: Sendable {
  /// Seconds from the end of one transaction to the next.
  public static let pause = 0.1

  /// Measurements that may wait; more make the caller wait until they are saved.
  private static let mostWaiting = 100_000

  private struct State {
    /// Nil until the run is registered, and for good where that fails.
    var run: RunHandle?
    var waiting: [CellResult] = []
    var rows = 0
    var isScheduled = false
    var lastEnd: DispatchTime?
    var failure: (any Error)?
  }

  private let store: ResultStore
  private let queue = DispatchQueue(label: "gradfid.cells", qos: .userInitiated)
  private let state: Mutex<State>

  /// Saves the cells of a run that has begun.
  public init(store: ResultStore, run: RunHandle) {
    self.store = store
    state = Mutex(State(run: run))
  }

  /// Saves the cells of a run that has yet to begin: `register` is called at once, beside the
  /// caller's work. Where it throws, so do `save`, `finish` and `registered`.
  public init(store: ResultStore, register: @escaping @Sendable () throws -> RunHandle) {
    self.store = store
    state = Mutex(State())
    queue.async {
      let outcome = Result(catching: register)
      self.state.withLock { state in
        switch outcome {
        case .success(let run): state.run = run
        case .failure(let error): state.failure = error
        }
      }
    }
  }

  /// The run; waits for its registration. Throws what kept it from being registered.
  public func registered() throws -> RunHandle {
    queue.sync {}
    return try state.withLock { state in
      if let run = state.run { return run }
      throw state.failure ?? StoreError.rejected(what: "no run has begun", hint: "begin a run")
    }
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

  /// Whether a cell or the registration has failed: nothing more is worth measuring.
  public var hasFailed: Bool { state.withLock { $0.failure != nil } }

  /// Saves what waits. Throws the first error of any cell.
  public func finish() throws {
    queue.sync { write() }
    if let failure = state.withLock({ $0.failure }) { throw failure }
  }

  private func write() {
    let (run, results, isLocked) = state.withLock { state in
      defer {
        state.waiting = []
        state.rows = 0
        state.isScheduled = false
      }
      var isLocked = false
      if case StoreError.locked? = state.failure { isLocked = true }
      return (state.run, state.waiting, isLocked)
    }
    // Whoever holds the lock was waited for once.
    guard let run, !isLocked, !results.isEmpty else { return }
    let failure = failure(of: results, run)
    state.withLock { state in
      state.lastEnd = .now()
      state.failure = state.failure ?? failure
    }
  }

  /// Where one cell is refused, the others are saved all the same.
  private func failure(of results: [CellResult], _ run: RunHandle) -> (any Error)? {
    do {
      try store.save(results, run: run)
      return nil
    } catch StoreError.rejected where results.count > 1 {
      return results.map { failure(of: [$0], run) }.first { $0 != nil } ?? nil
    } catch {
      return error
    }
  }
}
