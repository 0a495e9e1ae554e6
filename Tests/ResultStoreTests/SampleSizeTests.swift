import ResultStore
import Testing

/// `v_rmse` and `v_budget` against the same numbers worked out in Swift.
@Suite struct SampleSizeTests {
  /// A number with the ends of its interval.
  private struct Part {
    var value: Double
    var low: Double
    var high: Double

    init(_ value: Double, _ half: Double = 0) {
      self.value = value
      low = value - half
      high = value + half
    }
  }

  private struct Moments {
    var label: String
    var bias: Part
    var variance: Part
    var norm: Part
    var values = 0.0
    var gradients = 0.0
    var resolved: Bool { bias.low > 0 }
    var cost: Double { values + 3 * gradients }

    func error(_ m: Double) -> Part {
      func formed(_ bias: Double, _ variance: Double, _ norm: Double) -> Double {
        (max(bias, 0) + max(variance, 0) / m).squareRoot() / norm
      }
      var part = Part(formed(bias.value, variance.value, norm.value))
      part.low = formed(bias.low, variance.low, norm.high)
      part.high = formed(bias.high, variance.high, norm.low)
      return part
    }
  }

  /// Unbiased and dear, biased and cheap, one between them, one not resolved, one of another target.
  private static let cells = [
    Moments(label: "a", bias: Part(-0.01, 0.03), variance: Part(8, 0.5), norm: Part(2), values: 4),
    Moments(label: "b", bias: Part(0.36), variance: Part(0.5), norm: Part(2), values: 1),
    Moments(
      label: "c", bias: Part(0.04, 0.01), variance: Part(1, 0.2), norm: Part(2), gradients: 1),
    Moments(
      label: "d", bias: Part(0.35, 0.4), variance: Part(0.5, 0.1), norm: Part(2), values: 1),
    Moments(label: "e", bias: Part(0), variance: Part(1e-3), norm: Part(3), values: 1),
  ]

  private let directory: TemporaryDirectory
  private let query: ReadOnlyQuery

  init() throws {
    directory = try TemporaryDirectory()
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let records = Self.cells.indices.map { SampleStudy.cell($0, label: Self.cells[$0].label) }
    let handle = try store.beginRun(study: SampleStudy.study, cells: records, run: SampleStudy.run)
    for (record, moments) in zip(records, Self.cells) {
      func measurement(_ metric: String, _ part: Part, scope: String) -> Measurement {
        Measurement(
          scope: scope, metric: metric, unit: "1", value: part.value, se: 0, ciLow: part.low,
          ciHigh: part.high, ciLevel: 0.95, ciMethod: "jackknife", moments: "monte-carlo", n: 64,
          debiased: true, resolved: metric == "bias_sq" ? moments.resolved : nil)
      }
      try store.save(
        SampleStudy.result(
          record,
          ["logits", "all"].flatMap { scope in
            [
              measurement("bias_sq", moments.bias, scope: scope),
              measurement("variance", moments.variance, scope: scope),
              measurement("target_norm", moments.norm, scope: scope),
            ]
          } + [
            measurement("value_calls", Part(moments.values), scope: "logits"),
            measurement("gradient_calls", Part(moments.gradients), scope: "logits"),
          ]), run: handle)
    }
    query = try ReadOnlyQuery(path: directory.file("s.sqlite"))
  }

  private func number(_ value: QueryValue) -> Double? {
    switch value {
    case .real(let real): real
    case .integer(let integer): Double(integer)
    default: nil
    }
  }

  private func agree(_ found: QueryValue, _ expected: Double?) -> Bool {
    guard let expected, expected.isFinite else { return found == .null }
    guard let found = number(found) else { return false }
    return abs(found - expected) <= 1e-14 * abs(expected)
  }

  /// `st(tau=3)` is cell 3.
  private func moments(_ label: QueryValue) throws -> Moments {
    guard case .text(let text) = label else { throw CancellationError() }
    return try #require(Self.cells.first { text.hasPrefix($0.label + "(") })
  }

  @Test func errorsOfMeansAreThoseOfTheFormula() throws {
    let result = try query.run(
      """
      SELECT label, m, rmse, rmse_low, rmse_high, bias_dominates_from, bias_dominates_low,
        bias_dominates_high FROM v_rmse WHERE scope = 'all'
      """)
    #expect(result.rows.count == 13 * Self.cells.count)
    for row in result.rows {
      let moments = try moments(row[0])
      let m = try #require(number(row[1]))
      let error = moments.error(m)
      #expect(agree(row[2], error.value) && agree(row[3], error.low) && agree(row[4], error.high))
      let known = moments.resolved && moments.bias.value > 0
      #expect(agree(row[5], known ? moments.variance.value / moments.bias.value : nil))
      #expect(agree(row[6], known ? moments.variance.low / moments.bias.high : nil))
      #expect(agree(row[7], known ? moments.variance.high / moments.bias.low : nil))
    }
    // Half of the squared error is bias where the bias takes over.
    let c = Self.cells[2]
    let from = c.variance.value / c.bias.value
    #expect(abs(c.error(from).value * 2 - (2 * c.bias.value).squareRoot()) < 1e-15)
  }

  @Test(arguments: [BudgetQuery.standard, [1, 7, 100, 12_345]])
  func budgetsRankWhoCanPay(budgets: [Int]) throws {
    let result = try query.run(
      BudgetQuery.sql(budgets: budgets), parameters: ["study": "tau-grid", "scope": "logits"])
    var expected: [String: (rank: Int, resolved: Bool?, m: Int, error: Part)] = [:]
    for budget in budgets {
      for norm in [2.0, 3.0] {
        let paying = Self.cells.filter { $0.norm.value == norm && $0.cost <= Double(budget) }
        let errors = paying.map { $0.error((Double(budget) / $0.cost).rounded(.down)) }
        for (index, cell) in paying.enumerated() {
          let better = errors.filter { $0.value < errors[index].value }
          let worse = errors.indices.filter {
            $0 != index && errors[$0].value >= errors[index].value
          }
          expected["\(cell.label) \(budget)"] = (
            better.count + 1,
            worse.isEmpty
              ? nil : worse.allSatisfy { errors[index].high * (1 + 1e-9) < errors[$0].low },
            Int(Double(budget) / cell.cost), errors[index]
          )
        }
      }
    }
    #expect(result.rows.count == expected.count)
    for row in result.rows {
      let label = try moments(row[6]).label
      let budget = try #require(number(row[5]))
      let known = try #require(expected["\(label) \(Int(budget))"])
      #expect(row[7] == .integer(Int64(known.m)), "\(label) \(budget)")
      #expect(agree(row[8], known.error.value) && agree(row[9], known.error.low))
      #expect(agree(row[10], known.error.high))
      #expect(row[11] == .integer(Int64(known.rank)))
      #expect(row[12] == (known.resolved.map { .integer($0 ? 1 : 0) } ?? .null))
    }
    let best = try query.run(
      BudgetQuery.sql(budgets: budgets, bestOnly: true),
      parameters: ["study": "tau-grid", "scope": "logits"])
    #expect(best.columns == result.columns)
    #expect(best.rows == result.rows.filter { $0[11] == .integer(1) } && !best.rows.isEmpty)
    if budgets == BudgetQuery.standard {
      let view = try query.run(
        "SELECT * FROM v_budget WHERE study = 'tau-grid' AND scope = 'logits' "
          + "ORDER BY model, state, target_law, target_norm, budget, rank, label")
      #expect(view == result)
    }
  }

  /// Two scopes, two distributions and two studies that share cells: nobody ranks among strangers.
  @Test(arguments: ["logits", "all"]) func ranksAreThoseOfTheView(scope: String) throws {
    let store = try ResultStore(path: directory.file("s.sqlite"))
    let shared = Self.cells.indices.map { SampleStudy.cell($0, label: Self.cells[$0].label) }
    let other = StudyRecord(name: "other", file: "o.yaml", contentHash: "b", resolvedJSON: "{}")
    var unit = SampleStudy.cell(9, label: "f")
    unit.targetDistribution = "unit"
    let handle = try store.beginRun(
      study: other, cells: [unit] + shared.reversed(), run: SampleStudy.run)
    var result = try #require(try store.result(cellHash: shared[1].hash))
    result.cellHash = unit.hash
    try store.save(result, run: handle)
    for study in ["tau-grid", "other"] {
      let found = try query.run(
        BudgetQuery.sql(budgets: BudgetQuery.standard),
        parameters: ["study": study, "scope": scope])
      let view = try query.run(
        "SELECT * FROM v_budget WHERE study = :study AND scope = :scope "
          + "ORDER BY model, state, target_law, target_norm, budget, rank, label",
        parameters: ["study": study, "scope": scope])
      #expect(view == found && !view.rows.isEmpty)
    }
  }

  /// The winner goes from cheap and biased to dear and unbiased.
  @Test func theBestChangesWithTheBudget() throws {
    let result = try query.run(
      """
      SELECT budget, label FROM v_budget WHERE scope = 'logits' AND rank = 1 AND target_norm < 2.5
        AND budget IN (1, 30, 1000000) ORDER BY budget
      """)
    let labels = try result.rows.map { try moments($0[1]).label }
    #expect(labels == ["d", "c", "a"])
  }
}
