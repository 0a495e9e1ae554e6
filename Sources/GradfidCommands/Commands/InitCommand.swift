import ArgumentParser
import Foundation
import GradientFidelity

struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Write a commented study file to start from.")

  @Argument(help: "File to write; an existing file is left alone.")
  var file = "study.yaml"

  func run() throws {
    try reportingErrors {
      guard !FileManager.default.fileExists(atPath: file) else {
        throw StudyRunError.output(file, "there is a file already; give another name")
      }
      do {
        try Data(StudyTemplate.text(name: name).utf8).write(
          to: URL(fileURLWithPath: file), options: .withoutOverwriting)
      } catch {
        throw StudyRunError.output(file, "cannot be written; check the folder and its rights")
      }
      StandardError.write("wrote \(file); next: gradfid run \(file)")
    }
  }

  /// The study is named after its file.
  private var name: String {
    ((file as NSString).lastPathComponent as NSString).deletingPathExtension
  }
}
