import Discrete
import Foundation
import Models
import Networks
import Testing

/// The description of checkpoints is enough to read one: a program in another language, written from
/// it alone, finds every tensor and computes the logits.
@Suite struct CheckpointLayoutTests {
  private struct Answer: Decodable {
    let metadata: [String: String]
    let shapes: [String: [Int]]
    let encoded: [Double]?
  }

  /// What the reader prints; nil where there is no Python.
  private func answer(_ bytes: [UInt8], pixels: [UInt8]) throws -> Answer? {
    try withFolder { folder in
      let path = folder + "/x.weights"
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("read_checkpoint.py").path
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["python3", script, path] + pixels.map(String.init)
      let pipe = Pipe()
      process.standardOutput = pipe
      process.standardError = FileHandle.nullDevice
      try process.run()
      let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
      process.waitUntilExit()
      // 127: no such program.
      if process.terminationStatus == 127 { return nil }
      #expect(process.terminationStatus == 0)
      return try JSONDecoder().decode(Answer.self, from: output)
    }
  }

  private func agree<Scalar: NetworkScalar>(_ type: Scalar.Type, _ tolerance: Double) throws {
    let vae = try smallVAE(type)
    let images = try smallImages()
    // The first row is the image at the offset of 1.
    guard let found = try answer(vae.checkpoint(), pixels: images.image(1)) else { return }
    #expect(
      found.metadata == ["kind": "categorical-vae", "layer": "2 latents of 3 categories"])
    #expect(found.shapes["encoder.1.weight"] == [6, 7] && found.shapes["encoder.3.bias"] == [6])
    #expect(found.shapes["decoder.1.weight"] == [6, 5] && found.shapes.count == 12)
    let logits = vae.logits.row(0).values
    let encoded = try #require(found.encoded)
    #expect(encoded.count == logits.count)
    for (a, b) in zip(encoded, logits) { #expect(abs(a - b) < tolerance, "\(a), \(b)") }
  }

  @Test func categoricalVAE() throws {
    try agree(Float.self, 1e-5)
    try agree(Double.self, 1e-13)
  }
}
