import Dispatch
import Foundation
import Synchronization

/// A signal to interrupt, terminate or hang up asks for a clean stop: the batch at work is finished and
/// saved, the rest stays for the next run. A second signal ends the process at once.
enum StopRequest {
  private static let number = Atomic<Int32>(0)
  nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []

  /// The exit code of the signal received (129, 130 or 143), or nil.
  static var exitCode: Int32? {
    let signal = number.load(ordering: .relaxed)
    return signal == 0 ? nil : 128 + signal
  }

  /// Starts listening. Call once, before the work.
  ///
  /// - Parameters:
  ///   - announcement: what is said at the first signal.
  ///   - patience: seconds after which the process ends all the same; nil for none.
  static func listen(
    announcement: String? = "stopping after the batch at work; once more to stop at once",
    patience: Double? = nil
  ) {
    for signal in [SIGINT, SIGTERM, SIGHUP] where signal != SIGHUP || !isIgnored(SIGHUP) {
      Foundation.signal(signal, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: signal, queue: .global())
      source.setEventHandler {
        if number.exchange(signal, ordering: .relaxed) != 0 { _exit(128 + signal) }
        if let announcement { StandardError.write(announcement) }
        if let patience {
          DispatchQueue.global().asyncAfter(deadline: .now() + patience) { _exit(128 + signal) }
        }
      }
      source.resume()
      sources.append(source)
    }
  }

  /// Whether the process was started so that it outlives the signal, as by `nohup`.
  private static func isIgnored(_ signal: Int32) -> Bool {
    var action = sigaction()
    guard sigaction(signal, nil, &action) == 0 else { return false }
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
