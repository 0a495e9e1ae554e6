import Foundation
import GradientFidelity

/// The three streams that a process starts with.
enum StandardStreams {
  /// Takes the places of streams that the process was started without, so that no file opened
  /// later gets their numbers; and makes a closed pipe, and a file that may not grow, a failed write rather
  /// than a signal.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    // The lowest free number is taken. The way round each is opened, using it fails.
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) == -1 {
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }

  /// Writes all bytes; the number of the error where that fails.
  static func write(_ text: String, to descriptor: Int32) -> Int32? {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let done = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if done >= 0 {
        rest = rest.dropFirst(done)
      } else if errno == EAGAIN {
        var ready = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&ready, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }
}

/// Standard output carries data only.
enum StandardOutput {
  /// Ends the process with exit code 1 where the data cannot be delivered (a full disk, a closed
  /// stream): output that is cut short must not look like success. A reader that has closed its end
  /// of a pipe has what it wanted: nothing is said then.
  ///
  /// Data are written as they are, but on a terminal hidden characters are escaped.
  static func write(_ text: String) {
    let shown = isatty(STDOUT_FILENO) == 1 ? VisibleText.of(text, keeping: true) : text
    guard let failure = StandardStreams.write(shown, to: STDOUT_FILENO) else { return }
    if failure != EPIPE {
      StandardError.write(
        "error: standard output cannot be written; check the disk, or the program that reads it")
    }
    exit(1)
  }
}

/// Standard error carries progress, warnings and errors.
enum StandardError {
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Hidden characters are escaped, whatever the text was made from; line ends stay.
  static func write(_ text: String) {
    draw(VisibleText.of(text.hasSuffix("\n") ? text : text + "\n", keeping: true))
  }

  /// As it is and without a line end: for a line that is drawn over. Nothing can be said where
  /// this fails.
  static func draw(_ text: String) { _ = StandardStreams.write(text, to: STDERR_FILENO) }
}

/// Standard input, for commands that read a file named `-`.
enum StandardInput {
  /// All bytes, or the first `limit + 1` of a longer text.
  static func bytes(limit: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limit {
      let got = piece.withUnsafeMutableBytes { read(STDIN_FILENO, $0.baseAddress, $0.count) }
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { break }
      bytes += piece[..<got]
    }
    return bytes
  }
}
