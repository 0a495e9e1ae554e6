import Discrete
import Fidelity
import Foundation
import Models
import Testing

/// Files with bytes changed, cut off or added at places of a fixed key: each is measured or
/// refused with a message, never a crash.
@Suite struct DamagedFileTests {
  private static let rows = (0..<8).map { [Double($0), 2, 1] }

  @Test(arguments: [false, true]) func everyDamageIsSurvived(archive: Bool) throws {
    let folder = try SampleFolder()
    let plain = NumPyBytes.samples(Self.rows, axes: [3])
    let good =
      archive
      ? ZipBytes.archive([
        .init(name: "a.npy", data: plain, method: 8), .init(name: "b.npy", data: plain),
      ]) : plain
    let reference = try folder.write(NumPyBytes.array([1, 2, 3], shape: [3]), "r.npy")
    var state: UInt64 = archive ? 11 : 12
    func next(_ limit: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % limit
    }
    var refused = 0
    for _ in 0..<1500 {
      var data = good
      for _ in 0...next(3) {
        switch next(6) {
        case 0: data = data.prefix(next(data.count) + 1)
        case 1: data += Data(count: next(40))
        case 2: data[next(data.count)] = 0xFF
        default: data[next(data.count)] = UInt8(next(256))
        }
      }
      var location = try folder.write(data, "g")
      location.array = archive ? ["a", "b"][next(2)] : nil
      do {
        _ = try SampleRequest(samples: location, reference: .exact(reference)).measure()
      } catch let error as ModelFileError {
        refused += 1
        #expect(!error.what.isEmpty && !error.hint.isEmpty)
      } catch let error as DiscreteError {
        // Numbers that were made so large that their squares are no doubles.
        refused += 1
        #expect("\(error)".contains("beyond float64"))
      }
    }
    #expect(refused > 300)
  }
}
