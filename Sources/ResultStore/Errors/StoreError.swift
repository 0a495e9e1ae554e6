import Discrete
import Tensors

/// What can go wrong with a store, a query or an export.
///
/// `description` reads "place: what; hint". `exitCode` is the documented exit code of the command
/// line for the error: 5 for the store, 65 for SQL, 64 for a name typed wrong, 1 for a folder to write to.
public enum StoreError: Error, Sendable, Equatable {
  /// There is no file at `path`.
  case missing(path: String)
  /// The file at `path` is not an SQLite database.
  case notADatabase(path: String)
  /// The file at `path` is an SQLite database, but not a result store.
  case otherApplication(path: String)
  /// The file or directory at `path` cannot be opened or written.
  case unwritable(path: String, reason: String)
  /// The folder or file of an export at `path` cannot be written.
  case output(path: String, reason: String)
  /// Another process holds the write lock for longer than the busy timeout.
  case locked(path: String)
  /// The store was written by a newer release; `found` and `known` are schema versions.
  case newerSchema(path: String, found: Int, known: Int)
  /// The store was written by an older release and was opened for reading only.
  case olderSchema(path: String, found: Int, known: Int)
  /// The store's log is not in the file yet, its index is missing, and this user may not make one.
  case waitingLog(path: String)
  /// The store was written to while it was read without locks.
  case changed(path: String)
  /// A query did not end within its time, in seconds.
  case timedOut(seconds: Double)
  /// A query was interrupted by whoever asked it.
  case interrupted
  /// SQLite found the file damaged, or a value in it cannot be so.
  case corrupt(path: String, reason: String)
  /// The store refuses a value, because storing it would make the store inconsistent.
  case rejected(what: String, hint: String)
  /// No study of this name is in the store.
  case unknownStudy(name: String, nearest: String?)
  /// SQLite refuses a statement.
  case sql(message: String, sqlText: String, hint: String? = nil)

  /// The exit code of the command line: 5 for store problems, 65 for SQL, 64 for a wrong name, 1 for
  /// a query without an end.
  public var exitCode: Int32 {
    switch self {
    case .timedOut, .interrupted: return 1
    case .sql: return 65
    case .output: return 1
    case .unknownStudy: return 64
    default: return 5
    }
  }
}

extension StoreError: CustomStringConvertible {
  /// "place: what; hint".
  public var description: String { VisibleText.of(text) }

  private var text: String {
    switch self {
    case .missing(let path):
      return "\(path): no such store; `gradfid run STUDY --store \(path)` creates one"
    case .notADatabase(let path):
      return "\(path): not an SQLite database; give the path of a result store"
    case .otherApplication(let path):
      return "\(path): a database of another application; "
        + "give the path of a result store, or of a file that does not exist yet"
    case .unwritable(let path, let reason):
      return "\(path): cannot be opened or written: \(reason); "
        + "check the directory, the permissions and the disk"
    case .output(let path, let reason):
      return "\(path): \(reason); give a folder with --to"
    case .locked(let path):
      return "\(path): locked by another process; wait for it to end, or use another store"
    case .newerSchema(let path, let found, let known):
      return "\(path): schema version \(found), this program knows up to \(known); "
        + "install a newer release"
    case .olderSchema(let path, let found, let known):
      return "\(path): schema version \(found), this program reads \(known); "
        + "`gradfid run` on this store upgrades it"
    case .waitingLog(let path):
      return
        "\(path): its log \(path)-wal waits to be brought in, and its index \(path)-shm is missing; "
        + "let the owner run `gradfid status --store \(path)` once"
    case .changed(let path):
      return "\(path): was written to while it was read; repeat the command"
    case .timedOut(let seconds):
      return "query: stopped after \(seconds) s; give a longer --timeout in seconds, or 0 for none"
    case .interrupted:
      return "query: interrupted"
    case .corrupt(let path, let reason):
      return "\(path): damaged: \(reason); restore a copy, or save what can be read with "
        + "`sqlite3 \(path) .recover`"
    case .rejected(let what, let hint):
      return "store: \(what); \(hint)"
    case .unknownStudy(let name, let nearest):
      let hint = nearest.map(NearestName.question(naming:)) ?? "`gradfid status` shows the studies"
      return "store: no study '\(name)'; \(hint)"
    case .sql(let message, _, let hint):
      let shown = hint ?? "`gradfid query --schema` lists the views and their columns"
      return "SQL: \(message); \(shown)"
    }
  }
}
