#if arch(x86_64)
  import Discrete
  import Estimators
  import Fidelity
  import Foundation
  import Models
  import Tensors
  import Testing

  /// Stated rounding against true rounding: the same sums in 64 bits of mantissa, in random problems.
  @Suite struct HighPrecisionTests {
    private typealias Wide = Float80

    /// One row, its distribution and costs.
    private struct Problem {
      let latents: Int
      let categories: Int
      let phi: [[Double]]
      let values: [Double]
      let gradients: [[[Double]]]

      var width: Int { latents * categories }

      var text: String {
        RoundingProblems.text(phi: phi, cost: RoundingProblems.table(values, gradients))
      }

      func distribution(_ temperature: Double = 1) -> [[Wide]] {
        phi.map { row in
          let most = Wide(row.max() ?? 0)
          let powers = row.map { Foundation.exp((Wide($0) - most) / Wide(temperature)) }
          let sum = powers.reduce(0, +)
          return powers.map { $0 / sum }
        }
      }

      /// Probability and categories of every joint code.
      func jointCodes() -> [(weight: Wide, code: [Int])] {
        let distribution = distribution()
        return values.indices.map { index in
          var rest = index
          var code = [Int](repeating: 0, count: latents)
          for latent in stride(from: latents - 1, through: 0, by: -1) {
            code[latent] = rest % categories
            rest /= categories
          }
          return (code.enumerated().reduce(1) { $0 * distribution[$1.offset][$1.element] }, code)
        }
      }

      func score(_ code: [Int]) -> [Wide] {
        let distribution = distribution()
        return (0..<width).map {
          (code[$0 / categories] == $0 % categories ? 1 : 0)
            - distribution[$0 / categories][$0 % categories]
        }
      }
    }

    private struct Moments {
      var mean: [Wide]
      var variance: Wide

      init(_ problem: Problem, _ estimate: (Int, [Int]) -> [Wide]) {
        let jointCodes = problem.jointCodes()
        let estimates = jointCodes.indices.map { estimate($0, jointCodes[$0].code) }
        mean = (0..<problem.width).map { k in
          zip(jointCodes, estimates).reduce(0) { $0 + $1.0.weight * $1.1[k] }
        }
        let mean = mean
        variance = zip(jointCodes, estimates).reduce(0) { sum, pair in
          sum
            + pair.0.weight
            * zip(pair.1, mean).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        }
      }
    }

    private func random(_ index: Int) -> Problem {
      var numbers = RoundingProblems(UInt64(1000 + index))
      let shapes = [(1, 2), (1, 5), (2, 2), (2, 3), (3, 2), (2, 4), (3, 3)]
      let (latents, categories) = shapes[index % shapes.count]
      let spread = [0.3, 1, 4, 12][index / shapes.count % 4]
      let offset = [0, 1, 1e3, 1e8][index / 5 % 4]
      let jointCodes = (0..<latents).reduce(1) { product, _ in product * categories }
      return Problem(
        latents: latents, categories: categories,
        phi: numbers.rows(latents, categories).map { $0.map { spread * $0 } },
        values: numbers.normals(jointCodes).map { $0 + offset },
        gradients: (0..<jointCodes).map { _ in numbers.rows(latents, categories) })
    }

    /// `1/tau J(p_tau) h`.
    private func straight(_ problem: Problem, tau: Double) -> Moments {
      let distribution = problem.distribution(tau)
      return Moments(problem) { jointCode, _ in
        (0..<problem.latents).flatMap { latent -> [Wide] in
          let h = problem.gradients[jointCode][latent].map { Wide($0) }
          let mean = zip(distribution[latent], h).reduce(0) { $0 + $1.0 * $1.1 }
          return zip(distribution[latent], h).map { $0 * ($1 - mean) / Wide(tau) }
        }
      }
    }

    @Test func boundsHoldTrueErrors() throws {
      var ratios: [Metric: [Double]] = [:]
      for index in 0..<210 {
        let own = random(index)
        let problem = try fromText(own.text)
        let wide: [(String, [String: ParameterValue], Moments)] = [
          (
            "reinforce", [:],
            Moments(own) { jointCode, code in
              own.score(code).map { Wide(own.values[jointCode]) * $0 }
            }
          ),
          ("st", [:], straight(own, tau: 1)),
          ("st", ["tau": .number(0.25)], straight(own, tau: 0.25)),
        ]
        // Of the likeliest joint code: beside a mean, small gradients would lose digits of 64 bits too.
        let likeliest = own.phi.reduce(0) { place, row in
          place * own.categories + (row.indices.max { row[$0] < row[$1] } ?? 0)
        }
        let centre = Wide(own.values[likeliest])
        let target = Moments(own) { jointCode, code in
          own.score(code).map { (Wide(own.values[jointCode]) - centre) * $0 }
        }.mean
        func norm(_ vector: [Wide]) -> Wide { vector.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        for (kind, parameters, moments) in wide {
          // The gradient's own mean is 0, which 64 bits see better without the constant.
          let mean = kind == "reinforce" ? target : moments.mean
          let truth: [Metric: Wide] = [
            .targetNorm: norm(target), .estimateNorm: norm(mean), .variance: moments.variance,
            .relativeBias: norm(zip(mean, target).map { $0 - $1 }) / norm(target),
          ]
          let numbers = try measured(
            problem, EstimatorRegistry.make(kind, parameters), .exact
          ).numbers
          for (metric, value) in truth {
            let found = try number(numbers, metric)
            guard !found.value.isNaN else { continue }
            let error = abs(Double(Wide(found.value) - value))
            #expect(error <= found.standardError, "\(kind) on problem \(index): \(found), \(value)")
            if error > 0 { ratios[metric, default: []].append(found.standardError / error) }
          }
        }
        // Every unbiased estimator with a finite sum: its mean is the target.
        for kind in FalseCertaintyTests.unbiased {
          if FalseCertaintyTests.refuses(kind, problem.shape) || own.values.count > 16 { continue }
          guard
            let numbers = try? measured(problem, EstimatorRegistry.make(kind), .exact).numbers
          else { continue }
          let bias = try number(numbers, .relativeBias)
          guard bias.interval == "exact", !bias.value.isNaN else { continue }
          #expect(bias.value <= bias.standardError, "\(kind) on problem \(index): \(bias)")
          #expect(bias.resolved == false)
          if bias.value > 0 {
            ratios[.biasSquared, default: []].append(bias.standardError / bias.value)
          }
        }
      }
      for (metric, values) in ratios.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
        let sorted = values.sorted()
        let median = sorted[sorted.count / 2]
        print(
          "\(metric.rawValue): bound over true error, median \(median), least \(sorted[0]), of \(sorted.count)"
        )
        #expect(sorted[0] >= 1 && median < 1e4)
      }
    }
  }
#endif
