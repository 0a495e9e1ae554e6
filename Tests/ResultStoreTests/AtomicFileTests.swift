import Foundation
import ResultStore
import Testing

/// Files that appear whole or not at all, and what becomes of those that were never finished.
@Suite struct AtomicFileTests {
  /// The number of a process that is gone.
  private func deadProcess() throws -> pid_t {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/true")
    try process.run()
    process.waitUntilExit()
    return process.processIdentifier
  }

  @Test func theFilesOfDeadProcessesAreSwept() throws {
    let directory = try TemporaryDirectory()
    let dead = try deadProcess()
    let mine = getpid()
    let kept = [".a.csv.\(mine)-1.gradfid.tmp", ".b.tmp", ".gradfid.tmp", "x.\(dead).tmp"]
    let swept = [".a.csv.\(dead)-1.gradfid.tmp", ".b.c.\(dead)-12.gradfid.tmp"]
    for name in kept + swept {
      try Data("x".utf8).write(to: URL(fileURLWithPath: directory.file(name)))
    }
    AtomicFile.sweep(directory.path)
    #expect(
      Set(try FileManager.default.contentsOfDirectory(atPath: directory.path)) == Set(kept))
  }

  /// A lock on the file shows a writer on another machine.
  @Test func aHeldFileStays() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file(".a.\(try deadProcess())-1.gradfid.tmp")
    let descriptor = open(path, O_WRONLY | O_CREAT, 0o600)
    #expect(flock(descriptor, LOCK_EX) == 0)
    AtomicFile.sweep(directory.path)
    #expect(FileManager.default.fileExists(atPath: path))
    close(descriptor)
    AtomicFile.sweep(directory.path)
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test func aFileThatIsThereIsKept() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("a")
    try AtomicFile.write("one".utf8, to: path, replaces: false)
    #expect(throws: StoreError.self) { try AtomicFile.write("two".utf8, to: path, replaces: false) }
    #expect(try directory.text("a") == "one")
    try AtomicFile.write("two".utf8, to: path)
    #expect(try directory.text("a") == "two")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["a"])
  }

  @Test func anUnfinishedFileLeavesTheOldOne() throws {
    let directory = try TemporaryDirectory()
    let path = directory.file("a")
    try AtomicFile.write("one".utf8, to: path)
    try { try AtomicFile(path: path).append(Array(repeating: 7, count: 3 << 20)) }()
    #expect(try directory.text("a") == "one")
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["a"])
  }
}
