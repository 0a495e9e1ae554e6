import Discrete
import Estimators
import Fidelity
import Foundation
import Models
import Tensors
import Testing

/// Gradients times a power of two have the same ratios to the last bit, or are refused.
@Suite struct PowerOfTwoTests {
  private let folder: SampleFolder

  init() throws { folder = try SampleFolder() }

  private func samples(_ exponent: Int, sampled: Bool) throws -> SampleReport {
    var numbers = SampleNumbers(61)
    let factor = Double(sign: .plus, exponent: exponent, significand: 1)
    func rows(_ count: Int) -> [[Double]] {
      numbers.rows(count, width: 5).map { $0.map { factor * $0 } }
    }
    let own = try folder.write(
      NumPyBytes.samples(rows(256), axes: [5], NumPyBytes.Form(type: "<f8")), "g\(exponent).npy")
    let reference = rows(64)
    let location =
      sampled
      ? try folder.write(
        NumPyBytes.samples(reference, axes: [5], NumPyBytes.Form(type: "<f8")), "r\(exponent).npy")
      : try folder.write(
        NumPyBytes.array(reference[0], shape: [5], NumPyBytes.Form(type: "<f8")),
        "r\(exponent).npy")
    return try SampleRequest(
      samples: own, reference: sampled ? .samples(location) : .exact(location), blocks: 16
    ).measure()
  }

  private func expectScaled(
    _ numbers: [FidelityNumber], _ plain: [FidelityNumber], _ exponent: Int
  ) {
    #expect(numbers.count == plain.count)
    for (scaled, one) in zip(numbers, plain) {
      let power =
        scaled.metric.unit.hasPrefix("gradient^2")
        ? 2 : scaled.metric.unit == "gradient" || scaled.metric.unit == "cost" ? 1 : 0
      func moved(_ value: Double) -> Double {
        Double(sign: .plus, exponent: power * exponent, significand: value)
      }
      let pairs = [
        (scaled.value, one.value), (scaled.standardError, one.standardError),
        (scaled.low, one.low), (scaled.high, one.high),
      ]
      for (found, expected) in pairs {
        #expect(
          found == moved(expected) || (found.isNaN && expected.isNaN),
          "\(scaled) at 2^\(exponent), \(one)")
      }
      #expect(scaled.resolved == one.resolved)
    }
  }

  @Test(arguments: [260, -140, -280, 101, -431, 470], [false, true])
  func ofSamples(exponent: Int, sampled: Bool) throws {
    expectScaled(
      try samples(exponent, sampled: sampled).numbers, try samples(0, sampled: sampled).numbers,
      exponent)
  }

  @Test(arguments: [-700, 600, 1000, -1000], [false, true])
  func beyondIsRefused(exponent: Int, sampled: Bool) throws {
    #expect(throws: (any Error).self) { try samples(exponent, sampled: sampled) }
  }

  private static func problem(_ exponent: Int, cost kind: String) throws -> any DiscreteProblem {
    var numbers = RoundingProblems(67)
    func moved(_ values: [Double]) -> [Double] {
      values.map { Double(sign: .plus, exponent: exponent, significand: $0) }
    }
    let phi = numbers.rows(2, 3)
    let cost: String
    switch kind {
    case "table":
      cost = RoundingProblems.table(
        moved(numbers.normals(9)), (0..<9).map { _ in numbers.rows(2, 3).map(moved) })
    case "linear":
      cost = "{\"type\": \"linear\", \"a\": \(numbers.rows(2, 3).map(moved))}"
    case "quadratic":
      cost =
        "{\"type\": \"quadratic\", \"A\": \(numbers.rows(6, 6).map(moved)), \"b\": \(moved(numbers.normals(6)))}"
    default:
      cost =
        "{\"type\": \"mlp\", \"W1\": \(numbers.rows(4, 6)), \"b1\": \(numbers.normals(4)), \"w2\": \(moved(numbers.normals(4))), \"b2\": 0.0}"
    }
    return try fromText(RoundingProblems.text(phi: phi, cost: cost))
  }

  @Test(
    arguments: ["table", "linear", "quadratic", "mlp"],
    [MomentsChoice.auto, .monteCarlo])
  func ofCosts(cost: String, moments: MomentsChoice) throws {
    for kind in [
      "reinforce", "reinforce-loo", "enumeration", "st", "st-gs", "reinmax", "gumbel-softmax",
    ] {
      if kind == "gumbel-softmax" && cost == "table" { continue }
      // Within the range of single precision kernels compute alike; beyond it all is in double.
      let estimator = try EstimatorRegistry.make(kind)
      let inside = try measured(Self.problem(0, cost: cost), estimator, moments).numbers
      let outside = try measured(Self.problem(200, cost: cost), estimator, moments).numbers
      for exponent in [260, -140, -280] {
        let numbers = try measured(Self.problem(exponent, cost: cost), estimator, moments).numbers
        expectScaled(numbers, outside, exponent - 200)
      }
      for (near, far) in zip(inside, outside) where near.metric.unit == "1" {
        #expect(
          abs(near.value - far.value) <= 1e-5 * max(1, abs(near.value))
            || (near.value.isNaN && far.value.isNaN) || near.value == far.value)
      }
    }
  }

  @Test(arguments: [-700, 600], ["table", "quadratic"])
  func costsBeyondAreRefused(exponent: Int, cost: String) throws {
    for (kind, moments) in ["reinforce-loo", "st", "enumeration"].flatMap({ kind in
      [MomentsChoice.auto, .monteCarlo].map { (kind, $0) }
    }) {
      #expect(throws: DiscreteError.self) {
        try measured(
          Self.problem(exponent, cost: cost), EstimatorRegistry.make(kind), moments)
      }
    }
  }
}
