import Foundation
import GradientFidelity
import Synchronization

/// Progress on standard error: one line drawn over on a terminal, else a plain line every few
/// seconds.
final class ProgressReporter: Sendable {
  private struct State {
    var started = Date()
    var lastShown = Date.distantPast
    var phase = ""
    var drawn = false
  }

  private let state = Mutex(State())
  private let isTerminal = StandardError.isTerminal
  private let quiet: Bool

  init(quiet: Bool) { self.quiet = quiet }

  func show(_ progress: StudyProgress) {
    if case .warning(let text) = progress {
      finish()
      StandardError.write("warning: \(text)")
      return
    }
    guard !quiet else { return }
    state.withLock { state in
      switch progress {
      case .warning: break
      case .resuming(let name, let step, let steps):
        put("\(name): going on from step \(step) of \(steps)", urgent: true, &state)
      case .training(let name, let step, let steps, let loss):
        put(
          "\(bar(step, steps))\(name): step \(step) of \(steps), loss \(Self.short(loss))",
          urgent: step == steps, &state)
      case .measuring(let problem, let name):
        let phase = "\(problem), \(name)"
        state.phase = phase
        put("measuring \(phase)", urgent: true, &state)
      case .cells(let done, let total):
        let started = state.started
        put(
          "\(bar(done, total))\(done) of \(total) cells\(remaining(done, total, started))",
          urgent: done == total, &state)
      }
    }
  }

  /// Ends a line that was drawn over.
  func finish() {
    state.withLock { state in
      if state.drawn { StandardError.write("") }
      state.drawn = false
    }
  }

  /// The text is made only where it is shown: tiny cells finish by the thousand in a second.
  private func put(_ text: @autoclosure () -> String, urgent: Bool, _ state: inout State) {
    let now = Date()
    let pause = isTerminal ? 0.1 : 5
    guard urgent || now.timeIntervalSince(state.lastShown) >= pause else { return }
    state.lastShown = now
    let text = text()
    if isTerminal {
      StandardError.draw("\r\u{1B}[K\(VisibleText.of(text))")
      state.drawn = true
    } else {
      StandardError.write(text)
    }
  }

  /// A bar of 24 places on a terminal, nothing elsewhere.
  private func bar(_ done: Int, _ total: Int) -> String {
    guard isTerminal, total > 0 else { return "" }
    let full = min(24, 24 * done / total)
    return "[" + String(repeating: "#", count: full) + String(repeating: "-", count: 24 - full)
      + "] "
  }

  private func remaining(_ done: Int, _ total: Int, _ started: Date) -> String {
    guard done > 0, done < total else { return "" }
    let elapsed = Date().timeIntervalSince(started)
    let left = elapsed / Double(done) * Double(total - done)
    return
      ", \(Self.short(Double(done) / elapsed)) a second, about \(Int(left.rounded(.up))) s left"
  }

  private static func short(_ value: Double) -> String { String(format: "%.4g", value) }
}
