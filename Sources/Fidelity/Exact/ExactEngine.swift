import Discrete
import Tensors

/// Exact mean and trace of covariance of one estimator on every part of a problem.
public struct ExactMeasurement: Sendable {
  /// `E g`, `[B][D][K]`, with the factor `1/B` of the objective.
  public var mean: [Double]
  /// `tr Cov` on every part.
  public var traces: [Double]
  /// The same with a coarser quadrature; nil for finite sums. Where only some rows were integrated by
  /// both, their changes are multiplied to stand for all; changes of traces are added by their size, so
  /// that those of different rows do not cancel.
  public var coarse: (mean: [Double], traces: [Double])?
  /// The same with each randomisation of a quadrature left out; empty for deterministic ones.
  public var replicates: [(mean: [Double], traces: [Double])] = []
  /// What rounding may make of them, row by row.
  var rounding: [RowRounding] = []
  /// Moments of every row without the factor `1/B`, where they are kept.
  var rows: [ExactMoments] = []
  /// The way taken; of the last row, as all rows have the same but for logits on which a form gives nothing.
  public internal(set) var route = MomentRoute.jointCodes
}

/// Sums moments over the oracle table, or over a quadrature of the noise of soft forwards.
public struct ExactEngine: Sendable {
  public let problem: any DiscreteProblem
  public let table: OracleTable?
  public let geometry: ScopeGeometry
  /// Step of the quadratures over continuous noise.
  public let quadratureStep: Double
  public let key: UInt64
  public let workers: Int
  /// Whether integrals over a batch may take whatever they take; see `PointAllowance`.
  public let moments: MomentsChoice
  /// `ScopeGeometry.rowGrams` of every row, where they are kept; else made when they are needed.
  let rowGrams: [[[Double]]]?
  /// Whether the rows' moments are kept, for those of single parameters.
  let keepsRows: Bool

  /// Step of the quadratures over Gumbel noise: rounding-sized errors where the problem is small,
  /// errors far below those of 1,024 draws, and stated with every number, on large ones. A rule of
  /// the shape, so that a cell's numbers do not depend on others.
  static func quadratureStep(_ shape: LayerShape) -> Double { shape.count <= 64 ? 0.2 : 0.5 }

  /// Every how manieth row is integrated by a coarser rule, too: all of less than 24, one in eight of
  /// many. What the numbers change by on these stands for all rows.
  static func checkedRows(_ shape: LayerShape) -> Int { max(1, min(8, shape.rows / 12)) }

  public init(
    problem: any DiscreteProblem, table: OracleTable?, geometry: ScopeGeometry,
    quadratureStep: Double, key: UInt64, workers: Int, moments: MomentsChoice = .auto
  ) {
    self.init(
      problem: problem, table: table, geometry: geometry, quadratureStep: quadratureStep, key: key,
      workers: workers, moments: moments, rowGrams: nil)
  }

  init(
    problem: any DiscreteProblem, table: OracleTable?, geometry: ScopeGeometry,
    quadratureStep: Double, key: UInt64, workers: Int, moments: MomentsChoice,
    rowGrams: [[[Double]]]?, keepsRows: Bool = false
  ) {
    self.problem = problem
    self.table = table
    self.geometry = geometry
    self.quadratureStep = quadratureStep
    self.key = key
    self.workers = workers
    self.moments = moments
    self.rowGrams = rowGrams
    self.keepsRows = keepsRows
  }

  /// The Gram matrices of all rows, for several calls of `measure`; nil beyond 64 MiB.
  static func rowGrams(_ geometry: ScopeGeometry, workers: Int) throws -> [[[Double]]]? {
    let shape = geometry.shape
    let numbers =
      Double(shape.rows) * Double(geometry.partCount - 1) * Double(shape.width)
      * Double(shape.width)
    guard numbers <= Double(1 << 23) else { return nil }
    return parallelMap(shape.rows, workers: workers) { geometry.rowGrams($0) }
  }

  /// What one row adds to one estimator's moments.
  private struct RowResult: Sendable {
    var route: MomentRoute
    var mean: [Double]
    var traces: [Double]
    var coarse: (mean: [Double], traces: [Double])?
    var replicates: [(mean: [Double], traces: [Double])]
    var rounding: RowRounding
    /// Where they are kept.
    var moments: ExactMoments?
  }

  /// Moments of every estimator; nil where one has none here.
  ///
  /// Cost: one pass over the joint codes per row and distribution, and what each estimator does beside it; rows
  /// run in parallel. Estimators of one distribution belong into one call.
  public func measure(_ estimators: [any GradientEstimator]) throws -> [ExactMeasurement?] {
    let plans = estimators.map {
      MomentPlan($0, on: problem, moments: moments, table: table?.hasGradients)
    }
    return try results(estimators, plans: plans).map { try $0.get() }
  }

  /// The same by given plans, with the errors of each estimator: one that throws does not stop the others.
  func results(
    _ estimators: [any GradientEstimator], plans: [MomentPlan]
  ) throws -> [Result<ExactMeasurement?, DiscreteError>] {
    let rows = geometry.shape.rows
    let fixedSoft = estimators.map { estimator in
      Result { try FixedSoftCosts.all(problem, estimator) }.mapError { DiscreteError($0) }
    }
    let allowances = estimators.map { PointAllowance($0, problem.oracle, moments) }
    let codes = table?.codes ?? []
    let sizes = try CostSizes(problem, table: table)
    let results = try parallelMap(rows, workers: workers) {
      try measureRow(
        $0, estimators, plans, codes: codes, fixedSoft: fixedSoft, allowances: allowances,
        sizes: sizes.rows[$0])
    }
    let byRow = results.map { $0.map { try? $0.get() } }
    let failures = estimators.indices.map { index in
      results.lazy.compactMap { row -> DiscreteError? in
        if case .failure(let error) = row[index] { error } else { nil }
      }.first
    }
    let totals = estimators.indices.map { index -> ExactMeasurement? in
      var total = ExactMeasurement(
        mean: [], traces: [Double](repeating: 0, count: geometry.partCount), coarse: nil)
      var coarse: (mean: [Double], traces: [Double]) = ([], total.traces)
      // Rows are shifted independently, so any shift of one may be left out with any of another.
      let shifts = byRow.map { $0[index]?.replicates.count ?? 0 }.max() ?? 0
      total.replicates = Array(repeating: coarse, count: shifts)
      let checked = byRow.count { $0[index]?.coarse != nil }
      let factor = Double(byRow.count) / Double(max(1, checked))
      for results in byRow {
        guard let result = results[index] else { return nil }
        let second = result.coarse ?? (result.mean, result.traces)
        total.route = result.route
        total.mean += result.mean
        total.rounding.append(result.rounding)
        if let moments = result.moments { total.rows.append(moments) }
        for shift in total.replicates.indices {
          let left =
            result.replicates.isEmpty ? (result.mean, result.traces) : result.replicates[shift]
          total.replicates[shift].mean += left.0
          for part in 0..<geometry.partCount {
            total.replicates[shift].traces[part] += left.1[part]
          }
        }
        coarse.mean += zip(result.mean, second.mean).map { $0 + factor * ($1 - $0) }
        for part in 0..<geometry.partCount {
          total.traces[part] += result.traces[part]
          coarse.traces[part] +=
            result.traces[part] + factor * abs(second.traces[part] - result.traces[part])
        }
      }
      total.coarse = checked > 0 ? coarse : nil
      return total
    }
    return zip(totals, failures).map { total, failure in
      failure.map { .failure($0) } ?? .success(total)
    }
  }

  private func measureRow(
    _ index: Int, _ estimators: [any GradientEstimator], _ plans: [MomentPlan], codes: [Int32],
    fixedSoft: [Result<[FixedSoftCosts]?, DiscreteError>], allowances: [PointAllowance],
    sizes: CostSize
  ) throws -> [Result<RowResult?, DiscreteError>] {
    let row = problem.logits.row(index)
    let grams = rowGrams?[index] ?? geometry.rowGrams(index)
    let values = table?.values(row: index) ?? []
    let gradients = table?.gradients(row: index) ?? []
    let oracle = problem.oracle.restricted(toRow: index)
    let gramBounds = grams.map { RowRounding.gram($0, width: geometry.shape.width) }
    let latticeKey = Self.latticeKey(key, row: index)
    let workers = max(1, workers / geometry.shape.rows)
    var jointCodesByDistribution: [ForwardDistribution: CentredJointCodes] = [:]
    func jointCodes(under distribution: ForwardDistribution) -> CentredJointCodes {
      if let known = jointCodesByDistribution[distribution] { return known }
      let made = CentredJointCodes(
        row: row, distribution: distribution, codes: codes, values: values, gradients: gradients,
        quadratureStep: quadratureStep,
        checksQuadrature: index.isMultiple(of: Self.checkedRows(geometry.shape)))
      jointCodesByDistribution[distribution] = made
      return made
    }
    func result(_ number: Int, _ estimator: any GradientEstimator) throws -> RowResult? {
      var route = plans[number].route
      var moments: ExactMoments?
      var summed: RowJointCodes?
      switch route {
      case .draws, .surrogate: return nil
      case .softNoise:
        moments = try RelaxedQuadrature(
          oracle: oracle, row: row, key: latticeKey, workers: workers,
          allowance: allowances[number]
        ).moments(estimator)
      case .latents:
        moments = try SeparableMoments(
          oracle: problem.oracle, row: row, quadratureStep: quadratureStep
        ).moments(estimator)
      case .jointCodes, .outcomes, .jointCodeNoise:
        let jointCodes = jointCodes(under: estimator.plan.distribution)
        summed = jointCodes.jointCodes(for: estimator)
        if route == .jointCodes { moments = try jointCodes.moments(of: estimator, row) }
        guard moments == nil else { break }
        // A form that gives nothing on these logits leaves the estimate to the next way over the table.
        let source = JointCodeEstimates(
          oracle: oracle, row: row, jointCodes: jointCodes.uncentred,
          fixedSoft: try fixedSoft[number].get()?[index])
        if route != .jointCodeNoise {
          moments = try jointCodes.finiteMoments(of: estimator, source)
          route = .outcomes
        }
        if moments == nil,
          let noise = JointCodeNoiseIntegrand(estimator, source, allowance: allowances[number])
        {
          moments = try ShiftedLattice(
            integrand: noise, key: latticeKey, workers: workers,
            rounding: NoiseIntegrand.latticeRounding(oracle)
          ).moments()
          route = .jointCodeNoise
        }
      }
      // Where an estimate is not finite, the draws say so, with their error.
      guard let moments, moments.moments.mean.allSatisfy(\.isFinite),
        moments.moments.covariance.allSatisfy(\.isFinite)
      else { return nil }
      return RowResult(
        route: route, mean: scaled(moments.moments.mean), traces: traces(moments.moments, grams),
        coarse: moments.coarse.map { (scaled($0.mean), traces($0, grams)) },
        replicates: moments.replicates.map { (scaled($0.mean), traces($0, grams)) },
        rounding: RowRounding(
          estimator, row, moments: moments.moments, sizes: sizes, jointCodes: summed,
          rows: geometry.shape.rows, grams: gramBounds),
        moments: keepsRows ? moments : nil)
    }
    return estimators.enumerated().map { number, estimator in
      Result { try result(number, estimator) }.mapError { DiscreteError($0) }
    }
  }

  /// Key of the random shifts of one row.
  package static func latticeKey(_ key: UInt64, row: Int) -> UInt64 {
    row == 0 ? key : RandomKey(seed: key).derived("lattice-row").derived(UInt64(row)).value
  }

  private func scaled(_ mean: [Double]) -> [Double] {
    mean.map { $0 / Double(geometry.shape.rows) }
  }

  private func traces(_ moments: RowMoments, _ grams: [[Double]]) -> [Double] {
    let rows = Double(geometry.shape.rows)
    return geometry.traces(moments.covariance, grams: grams).map { $0 / (rows * rows) }
  }
}
