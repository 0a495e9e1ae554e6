import Discrete
import Foundation
import Models
import Tensors

/// Reads study files (`format: 1`) and checks them against the catalogues.
///
/// Nothing is run and no other file is opened. All mistakes of a file are reported at once, with
/// their places; mistakes of YAML itself (an open quote, say) can only be reported alone.
public enum StudyFileReader {
  /// Largest file, in bytes.
  public static let sizeLimit = 4 << 20
  /// Longest line, in Unicode scalars.
  static let lineLimit = 10_000

  /// Reads a file.
  /// - Throws: `StudyFileErrors` with all errors of the file, ordered by line.
  public static func read(
    path: String, estimators: [EstimatorDescriptor], problems: [ProblemDescriptor]
  ) throws -> StudyFile {
    let data = try contents(path)
    return try read(data, name: path, estimators: estimators, problems: problems)
  }

  /// Reads a text, for instance from standard input.
  ///
  /// - Parameter name: what stands for the file name in messages.
  /// - Throws: `StudyFileErrors` with all errors of the text, ordered by line.
  public static func read(
    text: String, name: String, estimators: [EstimatorDescriptor], problems: [ProblemDescriptor]
  ) throws -> StudyFile {
    try read(text.utf8, name: name, estimators: estimators, problems: problems)
  }

  /// Reads the bytes of a study file.
  /// - Throws: `StudyFileErrors` with all errors of the file, ordered by line.
  public static func read(
    _ bytes: some Collection<UInt8>, name: String, estimators: [EstimatorDescriptor],
    problems: [ProblemDescriptor]
  ) throws -> StudyFile {
    let (log, root) = try document(bytes, name: name)
    guard let root else { throw errors(log) }
    var reading = StudyReading(log: log, estimators: estimators, problems: problems)
    guard let study = reading.study(root) else { throw errors(reading.log) }
    return study
  }

  /// The `name` of a study file, whatever else is wrong in it.
  /// - Throws: `StudyFileErrors` where there is no valid name.
  public static func name(path: String) throws -> String {
    let (log, root) = try document(contents(path), name: path)
    guard let root else { throw errors(log) }
    var reading = StudyReading(log: log, estimators: [], problems: [])
    guard let name = reading.studyName(root) else { throw errors(reading.log) }
    return name
  }

  /// The text of a file as nodes, nil where it has none; mistakes so far are in the log.
  private static func document(
    _ bytes: some Collection<UInt8>, name: String
  ) throws -> (log: DiagnosticLog, root: DocumentNode?) {
    guard bytes.count <= sizeLimit else { throw tooLarge(name) }
    if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
      throw failure(name, "encoding", "the file is UTF-16", hint: "save it as UTF-8")
    }
    let (source, unreadable) = SourceText.decoding(bytes, name: name)
    var log = DiagnosticLog(source: source)
    guard checkLines(&log) else { throw errors(log) }
    report(unreadable, &log)
    let root = root(&log)
    return (log, root)
  }

  private static func root(_ log: inout DiagnosticLog) -> DocumentNode? {
    let root = DocumentComposer.compose(&log)
    if root?.isNull ?? !log.hasErrors {
      log.fileError(
        "empty-file", "the file is empty", hint: "`gradfid init` writes an example study")
      return nil
    }
    return root
  }

  private static func report(_ unreadable: [UnreadableByte], _ log: inout DiagnosticLog) {
    for byte in unreadable {
      let place = log.source.place(of: byte.index)
      guard !log.isUnreadable(line: place.line) else { continue }
      let code = byte.control.map { "U+" + hexadecimal($0) }
      log.error(
        DiagnosticLog.unreadable, code.map { "control character \($0)" } ?? "not UTF-8 here",
        line: place.line, column: place.column, length: 1,
        hint: code == nil ? "save the file as UTF-8" : "remove the character")
      log.markUnreadable(line: place.line)
    }
  }

  private static func hexadecimal(_ value: UInt32) -> String {
    let digits = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// False where a line is so long that the file cannot be a study file.
  private static func checkLines(_ log: inout DiagnosticLog) -> Bool {
    for line in 1...log.source.lineCount where log.source.line(line).count > lineLimit {
      log.fileError(
        "long-line", "line \(line) has more than \(MessageText.grouped(lineLimit)) characters",
        hint: "is this a study file? write long lists over several lines")
      return false
    }
    return true
  }

  private static func contents(_ path: String) throws -> Data {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw failure(
        path, "no-such-file", "no such file",
        hint: nearestFile(to: path).map(NearestName.question(naming:))
          ?? "check the path; `gradfid init` writes an example study")
    }
    if isDirectory.boolValue {
      throw failure(
        path, "directory", "this is a directory", hint: "name the study file in it")
    }
    do {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      var data = Data()
      while data.count <= sizeLimit,
        let part = try handle.read(upToCount: sizeLimit + 1 - data.count), !part.isEmpty
      {
        data.append(part)
      }
      return data
    } catch {
      throw failure(
        path, "unreadable-file", "the file cannot be read", hint: "check its permissions")
    }
  }

  /// A study file of nearly the same name in the same folder or the folder `studies` in it.
  private static func nearestFile(to path: String) -> String? {
    let folder = FilePath.folder(path)
    let wanted = FilePath.stem(path)
    for place in [folder, (folder as NSString).appendingPathComponent("studies")] {
      let studies = (FolderNames.of(place.isEmpty ? "." : place) ?? []).filter {
        ["yaml", "yml"].contains(FilePath.ending($0))
      }
      let names = studies.map { FilePath.withoutEnding($0) }
      if let nearest = NearestName.nearest(to: wanted, among: names),
        let index = names.firstIndex(of: nearest)
      {
        return (place as NSString).appendingPathComponent(studies[index])
      }
    }
    return nil
  }

  private static func tooLarge(_ name: String) -> StudyFileErrors {
    failure(
      name, "file-too-large", "the file is larger than 4 MiB",
      hint: "is this a study file? large studies are written with lists as axes")
  }

  private static func failure(
    _ name: String, _ code: String, _ message: String, hint: String
  ) -> StudyFileErrors {
    StudyFileErrors(diagnostics: [Diagnostic(file: name, code: code, message: message, hint: hint)])
  }

  private static func errors(_ log: DiagnosticLog) -> StudyFileErrors {
    StudyFileErrors(diagnostics: log.sortedErrors())
  }
}
