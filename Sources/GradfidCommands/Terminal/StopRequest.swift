import Dispatch
import Foundation
import Synchronization

/// An interrupt or termination signal asks for a clean stop: the batch at work is finished and
/// saved, the rest stays for the next run. A second signal ends the process at once.
enum StopRequest {
  private static let number = Atomic<Int32>(0)
  nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []

  /// The exit code of the signal received (130 or 143), or nil.
  static var exitCode: Int32? {
    let signal = number.load(ordering: .relaxed)
    return signal == 0 ? nil : 128 + signal
  }

  /// Starts listening. Call once, before the work.
  static func listen() {
    for signal in [SIGINT, SIGTERM] {
      Foundation.signal(signal, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: signal, queue: .global())
      source.setEventHandler {
        if number.exchange(signal, ordering: .relaxed) != 0 { _exit(128 + signal) }
        StandardError.write("stopping after the batch at work; once more to stop at once")
      }
      source.resume()
      sources.append(source)
    }
  }
}
