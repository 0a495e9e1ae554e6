import Discrete
import ResultStore

/// Which stored cells were made before a change that makes other numbers of the same settings.
public enum CellFormats {
  /// Cells of an older form, by study; studies without any are left out. The next run of a study
  /// measures them again.
  ///
  /// - Throws: `StoreError`.
  public static func older(
    in store: ResultStore, catalogue: Catalogue
  ) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for count in try store.cellFormats() where isOlder(count, catalogue) {
      counts[count.study, default: 0] += count.cells
    }
    return counts
  }

  private static func isOlder(_ count: CellFormatCount, _ catalogue: Catalogue) -> Bool {
    if count.estimator.kind == SampleStudy.kind { return count.format < SampleStudy.format }
    func isOlder(_ kind: CellFormatCount.Kind?) -> Bool {
      guard let kind else { return false }
      return kind.format < (catalogue.estimator(kind.kind)?.numbersFormat ?? 1)
    }
    let problem = catalogue.problem(count.problem.kind)?.numbersFormat ?? 1
    return count.format < ResolvedStudy.format || count.problem.format < problem
      || isOlder(count.estimator) || isOlder(count.trainer)
  }
}
