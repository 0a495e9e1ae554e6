import Discrete
import Foundation
import Tensors
import Testing

/// The quadrature whose nodes all winners share against one of its own for each winner.
@Suite struct WinnerMomentsTests {
  struct Setting: Sendable, CustomTestStringConvertible {
    var categories: Int
    var spread: Double
    var forward: Double
    var backward: Double
    var testDescription: String { "K=\(categories) x\(spread) \(forward)/\(backward)" }
  }

  private static let settings: [Setting] = [2, 3, 8, 11].flatMap { categories in
    [0.3, 2, 9].flatMap { spread in
      [0.1, 1, 4].flatMap { forward in
        [0.1, 0.7, 1, 4].map {
          Setting(categories: categories, spread: spread, forward: forward, backward: $0)
        }
      }
    }
  }

  private func logits(_ setting: Setting, seed: UInt64) -> [Double] {
    fixedNumbers(setting.categories, seed: seed).map { $0 * setting.spread }
  }

  /// Largest error over the winners that occur, weighted as they are in every sum: by `p` where
  /// it is small.
  private func largestError(
    _ logs: [Double], _ offsets: [Double], exponent: Double, step: Double
  ) -> Double {
    let shared = WinnerMoments.conditional(
      logProbabilities: logs, logOffsets: offsets, exponent: exponent, step: step)
    #expect(shared.distributions == logs.count)
    var largest = 0.0
    for winner in logs.indices {
      let own = SoftmaxMoments.conditional(
        logProbabilities: logs, winner: winner, logOffsets: offsets, exponent: exponent, step: 0.2)
      let found = shared.moments(winner)
      guard logs[winner] > -37 else {
        #expect(found.fourth.allSatisfy { $0 == 0 })
        continue
      }
      largest = max(largest, largestDifference(found.fourth, own.fourth))
    }
    return largest
  }

  /// Largest change from the nodes in use to the coarser ones, which states their error.
  private func largestChange(_ logs: [Double], _ offsets: [Double], exponent: Double) -> Double {
    let moments = [0.5, 0.75].map {
      WinnerMoments.conditional(
        logProbabilities: logs, logOffsets: offsets, exponent: exponent, step: $0)
    }
    return logs.indices.map {
      largestDifference(moments[0].moments($0).fourth, moments[1].moments($0).fourth)
    }.max() ?? 0
  }

  /// Noise that the logits are not scaled with: `alpha = 1`, offsets `(1/tau_b - 1/tau_f) l`.
  @Test(arguments: settings) func scaledLogits(_ setting: Setting) {
    let values = logits(setting, seed: 31)
    let logs = logSoftmax(values, categories: values.count, scale: 1 / setting.forward)
    let offsets = values.map { (1 / setting.backward - 1 / setting.forward) * $0 }
    let error = largestError(logs, offsets, exponent: 1, step: 0.5)
    #expect(error < 4e-5)
    #expect(largestError(logs, offsets, exponent: 1, step: 0.75) < 3e-3)
    #expect(error < 2e-6 + largestChange(logs, offsets, exponent: 1))
  }

  /// Noise divided by the temperature as well: `alpha = 1/tau_b`.
  @Test(arguments: settings) func scaledSums(_ setting: Setting) {
    let values = logits(setting, seed: 32)
    let logs = logSoftmax(values, categories: values.count, scale: 1 / setting.forward)
    let offsets = [Double](repeating: 0, count: values.count)
    let exponent = 1 / setting.backward
    let error = largestError(logs, offsets, exponent: exponent, step: 0.5)
    // A steep power bends the strip of analyticity.
    #expect(error < (exponent == 1 ? 4e-5 : exponent > 5 ? 3e-5 : 1.5e-5))
    #expect(largestError(logs, offsets, exponent: exponent, step: 0.75) < 3e-3)
    #expect(error < 2e-6 + largestChange(logs, offsets, exponent: exponent))
  }

  /// Neither probability nor offset is representable, their product is.
  @Test(arguments: [-300.0, -1000, -1e4], [-3.0, 0, 3])
  func offsetsMayMakeUpForProbabilities(logLoser: Double, excess: Double) {
    let logs = [log(0.4), log(0.6), logLoser]
    let offsets = [0.2, 0, -excess - logLoser]
    #expect(largestError(logs, offsets, exponent: 1, step: 0.5) < 4e-5)
  }

  /// Packing moments and taking them out again, pairs, Jacobians and the sandwich, against full
  /// tensors.
  @Test(arguments: [1, 2, 3, 5, 8, 9]) func contractionsAreThoseOfTheTensors(size: Int) {
    let logs = logSoftmax(fixedNumbers(size, seed: 33), categories: size)
    let parts = (0..<size).map {
      SoftmaxMoments.conditional(
        logProbabilities: logs, winner: $0, logOffsets: fixedNumbers(size, seed: 34),
        exponent: 0.8, step: 0.2)
    }
    let packed = WinnerMoments(parts)
    let square = size * size
    let raw = fixedNumbers(size * square, seed: 35)
    let matrices = raw.indices.map { index in
      let (distribution, cell) = (index / square, index % square)
      return raw[index] + raw[distribution * square + cell % size * size + cell / size]
    }
    var expected = [Double](repeating: 0, count: square)
    for distribution in 0..<size {
      #expect(packed.moments(distribution).fourth == parts[distribution].fourth)
      let means = packed.jacobianMeans[distribution * square..<(distribution + 1) * square]
      #expect(largestDifference(Array(means), parts[distribution].jacobianMean) < 1e-15)
      let product = parts[distribution].sandwich(
        Array(matrices[distribution * square..<(distribution + 1) * square]))
      for index in 0..<square { expected[index] += product[index] }
    }
    #expect(largestDifference(packed.sandwich(matrices), expected) < 1e-13)
  }
}
