import Discrete
import Fidelity
import Models
import Tensors
import Testing

/// The sampling path against every row of the reference files.
@Suite struct GoldenSamplingTests {
  private struct Worst {
    var z = 0.0
    var place = ""
    var count = 0

    mutating func add(_ z: Double, _ place: String) {
      count += 1
      // A comparison that is not a number is a failure.
      if z.isNaN || z > self.z {
        self.z = z.isNaN ? .infinity : z
        self.place = place
      }
    }
  }

  /// 20,480 estimates of each of 328 settings (81,920 below temperature 0.4, whose tails are
  /// heavy): 1,656 coordinates of means with |z| < 5 and 328 traces with |z| < 5 over 256
  /// blocks. False-alarm rate of the means, near normal: 1e-3; of the traces, Student's t: 4e-4.
  @Test(arguments: Golden.names) func sampledMomentsAgree(name: String) throws {
    var means = Worst()
    var traces = Worst()
    for golden in try Golden.file(name).problems {
      let target = try exactTarget(golden.problem)
      for reference in golden.estimators {
        let coldest = reference.parameters.filter { $0.key != "n" }.values.min() ?? 1
        let place = "\(golden.name) \(reference.id) \(reference.parameters)"
        let (measurement, numbers) = try sampledNumbers(
          golden.problem, GoldenNames.estimator(reference), target: target,
          key: RandomKey(seed: 17).derived(golden.name), blocks: 256,
          drawsPerBlock: coldest < 0.4 ? 320 : 80)
        let mean = measurement.mean
        let scale = squaredNorm(reference.mean).squareRoot()
        for index in mean.indices {
          // Coordinates without variance must match to rounding.
          let error =
            (reference.variance[index] / Double(measurement.draws)).squareRoot() + 1e-12 * scale
          let reported = reference.meanError?[index] ?? 0
          let deviation = abs(mean[index] - reference.mean[index])
          means.add(
            deviation / (error * error + reported * reported).squareRoot(), "\(place) [\(index)]")
        }
        let trace = try number(numbers, .variance)
        let reported = reference.varianceError?.reduce(0, +) ?? 0
        let error =
          (trace.standardError * trace.standardError + reported * reported).squareRoot()
          + 1e-12 * scale * scale
        traces.add(abs(trace.value - reference.traceVariance) / error, place)
      }
    }
    #expect(means.z < 5, "\(means.place)")
    #expect(traces.z < 5, "\(traces.place)")
    #expect(means.count == (name == "golden_public" ? 1548 : 108))
    #expect(traces.count == (name == "golden_public" ? 301 : 27))
  }
}
