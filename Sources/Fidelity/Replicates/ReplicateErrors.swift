import Discrete
import Foundation

/// Carries the error of an integral behind a problem's logits into numbers: the jackknife over the problem's
/// replicates, each measured like the problem itself.
struct ReplicateErrors {
  let level: Double

  /// Reports of one request, with the numbers of its replicates in their errors.
  func widened(_ report: FidelityReport, by replicates: [FidelityReport]) -> FidelityReport {
    var report = report
    let others = replicates.map { report in
      Dictionary(report.numbers.map { (Place($0), $0.value) }) { first, _ in first }
    }
    report.numbers = report.numbers.map { number in
      widened(number, others.map { $0[Place(number)] ?? .nan })
    }
    if report.moments == .exact { report.moments = .quadrature }
    return report
  }

  private struct Place: Hashable {
    let scope: String
    let metric: Metric

    init(_ number: FidelityNumber) {
      scope = number.scope
      metric = number.metric
    }
  }

  /// A number that is missing in some replicate is missing: it is relative to what is 0 within its error.
  ///
  /// Sampled numbers: squares of errors add. Others: the stated error is a bound, as of lattices
  /// (`IntervalForming.randomised`).
  private func widened(_ number: FidelityNumber, _ values: [Double]) -> FidelityNumber {
    guard !number.isMissing else { return number }
    var wider = number
    guard values.allSatisfy(\.isFinite) else {
      wider.isMissing = true
      for part in [\FidelityNumber.value, \.standardError, \.low, \.high] {
        wider[keyPath: part] = .nan
      }
      wider.resolved = number.resolved.map { _ in false }
      return wider
    }
    let error = Jackknife.error(values)
    guard error > 0 else { return number }
    let critical = StudentT.critical(level: level, degrees: Double(values.count - 1))
    if number.moments == .monteCarlo {
      wider.standardError = hypot(number.standardError, error)
      wider.low = number.value - hypot(number.value - number.low, critical * error)
      wider.high = number.value + hypot(number.high - number.value, critical * error)
    } else {
      let bound = max(critical, IntervalForming.latticeErrors) * error
      wider.moments = .quadrature
      wider.standardError += bound
      wider.low -= bound
      wider.high += bound
      wider.level = number.level ?? level
      if IntervalMethod.named(number.interval)?.isBound == true {
        wider.interval = IntervalMethod.jackknife.name
      }
    }
    if number.metric.descriptor.cannotBeNegative, number.value >= 0 {
      wider.low = max(wider.low, 0)
    }
    if number.metric.isBias { wider.resolved = number.resolved == true && wider.low > 0 }
    return wider
  }

  /// The same of a difference.
  func widened(_ difference: PairedDifference, by replicates: [PairedDifference])
    -> PairedDifference
  {
    let error = Jackknife.error(replicates.map(\.difference))
    guard error > 0 else { return difference }
    var wider = difference
    let critical = StudentT.critical(level: level, degrees: Double(replicates.count - 1))
    wider.low =
      difference.difference - hypot(difference.difference - difference.low, critical * error)
    wider.high =
      difference.difference + hypot(difference.high - difference.difference, critical * error)
    if let degrees = difference.degrees, difference.standardError > 0 {
      let t = difference.difference / hypot(difference.standardError, error)
      wider.pValue = 2 * StudentT.cumulative(-abs(t), degrees: degrees)
    } else {
      wider.interval = IntervalMethod.jackknife.name
    }
    wider.standardError = hypot(difference.standardError, error)
    return wider
  }
}
