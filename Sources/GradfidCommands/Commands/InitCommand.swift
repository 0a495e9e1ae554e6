import ArgumentParser
import Foundation
import GradientFidelity
import Models

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a commented study file to start from.")

  @Argument(help: "File to write; an existing file is left alone.")
  var file = "study.yaml"

  func validate() throws {
    guard file != "-" else {
      throw ValidationError("'-' is standard input to other commands; give the name of a file")
    }
  }

  func run() throws {
    try reportingErrors {
      AtomicFile.sweep(folder)
      do {
        try AtomicFile.write(
          Data(StudyTemplate.text(name: name).utf8), to: file, replaces: false)
      } catch StoreError.unwritable(_, let reason) {
        throw StudyRunError.output(
          file,
          FileManager.default.fileExists(atPath: file)
            ? "there is a file already; give another name"
            : reason == String(cString: strerror(ENOSPC))
              ? "cannot be written: \(reason); make room"
              : "cannot be written; check the folder and its rights")
      }
      StandardError.write("wrote \(file); next: gradfid run \(file)")
    }
  }

  private var folder: String {
    let folder = FilePath.folder(file)
    return folder.isEmpty ? "." : folder
  }

  /// The study is named after its file.
  private var name: String {
    FilePath.stem(file)
  }
}
