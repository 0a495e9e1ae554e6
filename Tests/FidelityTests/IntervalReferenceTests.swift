import Fidelity
import Foundation
import Testing

/// Values and intervals of given draws against a second implementation (numpy, from the formulas
/// of the definitions page; leave-one-out by taking draws away, ends of angle sets by Brent's
/// method): far from the target, near it, and against a sampled one.
@Suite struct IntervalReferenceTests {
  private struct Reference: Decodable {
    struct Case: Decodable {
      let name: String
      let samples: [[Double]]
      let target: [Double]?
      let targetSamples: [[Double]]?
      let blocks: Int
      /// Value, low, high; null where infinite.
      let expected: [String: [Double?]]
    }
    let format: String
    let cases: [Case]
  }

  private static func cases() throws -> [Reference.Case] {
    let path = try #require(Bundle.module.resourcePath) + "/Fixtures/interval_reference.json"
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    return try JSONDecoder().decode(Reference.self, from: data).cases
  }

  @Test(arguments: 0..<3) func agreesWithASecondImplementation(index: Int) throws {
    let item = try Self.cases()[index]
    let folder = try SampleFolder()
    let samples = try folder.write(NumPyBytes.samples(item.samples, axes: [5]), "g.npy")
    let reference: SampleRequest.Reference
    if let target = item.target {
      reference = .exact(try folder.write(NumPyBytes.array(target, shape: [5]), "r.npy"))
    } else {
      let draws = try #require(item.targetSamples)
      reference = .samples(try folder.write(NumPyBytes.samples(draws, axes: [5]), "r.npy"))
    }
    let report = try SampleRequest(
      samples: samples, reference: reference, blocks: item.blocks
    ).measure()
    var checked = 0
    for (name, expected) in item.expected {
      let metric = try #require(Metric(rawValue: name))
      let number = try #require(report.number(metric, "all"))
      let found = [number.value, number.low, number.high]
      for (found, expected) in zip(found, expected) {
        guard let expected else {
          #expect(found.isInfinite, "\(item.name): \(name)")
          continue
        }
        #expect(abs(found - expected) < 1e-7 * max(abs(expected), 1), "\(item.name): \(name)")
        checked += 1
      }
    }
    #expect(checked >= 54)
  }
}
