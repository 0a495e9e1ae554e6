import Discrete
import Foundation
import Tensors

extension FidelityPilot {
  /// What mean and variance of every single parameter take: sampled cells are drawn once more, exact ones pull the
  /// factors of their covariances back.
  func addParameters(_ requests: [FidelityRequest]) throws {
    guard measure.parameters else { return }
    let sampled = requests.indices.filter { forecast.routes[$0] == .draws }
    forecast.seconds += exactSeconds * Double(requests.count - sampled.count)
    let draws = forecast.draws ?? measure.draws
    let groups = Dictionary(grouping: sampled) { requests[$0].estimator.plan.distribution }
    for members in groups.values {
      addCalls(members.map { requests[$0].estimator.plan }, draws: draws)
    }
    guard let first = sampled.first else { return }
    let sweep = MomentSweep(
      problem: problem.inner, key: key.derived("parameters"), workers: jobs)
    // Two sizes: what a draw takes, and what is made of the sums once.
    func time(_ draws: Int) -> Double? {
      let start = Date()
      do {
        _ = try sweep.measure([requests[first].estimator], draws: draws, blocks: 4)
      } catch {
        note(error, of: requests[first])
        return nil
      }
      return Date().timeIntervalSince(start)
    }
    guard let short = time(8) else { return }
    guard !isLate, let long = time(40) else {
      forecast.seconds += short * Double(draws) / 8 * Double(sampled.count)
      return
    }
    let perDraw = max(0, long - short) / 32
    let once = max(0, short - 8 * perDraw)
    forecast.seconds += (once + perDraw * Double(draws)) * Double(sampled.count)
  }

  /// Of one exact cell, from a row whose covariance has all its rank.
  private var exactSeconds: Double {
    let width = problem.shape.width
    guard let pullback = problem.pullback else { return 0 }
    var unit = [Double](repeating: 0, count: width * width)
    for index in 0..<width { unit[index * (width + 1)] = 1 }
    let one = seconds {
      _ = pullback.squares.row(0, of: problem.shape.rows)(
        RowVectors(factorOf: unit, width: width))
    }
    return one * Double(problem.shape.rows) / workers(problem.shape.rows)
  }
}
