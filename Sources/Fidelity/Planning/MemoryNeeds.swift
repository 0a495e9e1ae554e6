import Discrete

/// Bytes that measuring takes beside the program and the problem: what `plan` foretells, what a run
/// refuses by, and how many cells are sampled together.
///
/// Upper bounds to about a factor of two, from the sizes of the arrays that grow with the layer.
public struct MemoryNeeds: Sendable {
  private let problem: any DiscreteProblem
  private let shape: LayerShape
  private let capabilities: OracleCapabilities
  private let measure: MeasureSettings
  private let target: TargetSettings
  private let workers: Int
  let planner: MeasurementPlanner
  /// Parts beyond the logits, and parameters of all of them.
  private let groups: Int
  private let parameters: Double
  /// Sizes of what is kept of single parameters.
  private let singles: ParameterSizes
  /// Of the logits.
  private let width: Double
  /// Features of a row between the logits and the parameters, where a quantiser has them; 0 else.
  private let features: Double
  private let rows: Double

  public init(
    problem: any DiscreteProblem, measure: MeasureSettings, target: TargetSettings, workers: Int
  ) {
    self.problem = problem
    shape = problem.shape
    capabilities = problem.oracle.capabilities
    self.measure = measure
    self.target = target
    self.workers = workers
    planner = MeasurementPlanner(problem, target: target, moments: measure.moments)
    singles = ParameterSizes(problem, measure: measure, workers: workers)
    let isUpstream = measure.scopes.contains(.layers) || measure.scopes.contains(.all)
    let groups = isUpstream ? problem.pullback?.groups ?? [] : []
    self.groups = groups.count
    parameters = groups.reduce(0) { $0 + Double($1.count) }
    width = Double(shape.latents) * Double(shape.categories)
    rows = Double(shape.rows)
    let between = problem.quantiser?.assignmentPullback?.groups.first?.count ?? 0
    features = Double(between) / Double(max(1, shape.rows))
  }

  /// Most bytes of the block sums of one cell, of the Gram matrices of all rows, and of what single
  /// draws leave: 1, 4 and 1 GiB.
  private static let sumLimit = 1_073_741_824.0
  private static let gramLimit = 4_294_967_296.0
  /// Cells of one distribution whose sums are held together: 128 MiB.
  private static let togetherLimit = 134_217_728.0
  /// Most numbers of a layer, so that an array of one draw of all rows is 128 MiB.
  private static let layerLimit = 16_777_216.0

  /// Sizes that no memory is asked for, each with its remedy; empty where there are none.
  public var refusals: [String] {
    var found: [String] = []
    let count = rows * width
    if count > Self.layerLimit {
      found.append(
        "a layer of \(shape.rows) rows, \(shape.latents) latents and \(shape.categoriesText) has \(Int(count)) logits, and at most \(Int(Self.layerLimit)) are measured: fewer rows, latents or categories"
      )
    }
    if blockBytes > Self.sumLimit {
      let groups = Double(BlockForms.limit)
      let blocks = Int((Self.sumLimit / 8 - groups * (count + parameters)) / (3 * count))
      found.append(
        "\(measure.blocks) blocks of \(Int(count + parameters)) numbers take \(Self.text(blockBytes)), and at most \(Self.text(Self.sumLimit)) are held: "
          + (blocks >= 8 ? "at most \(blocks) blocks" : "a smaller layer")
          + (parameters > 0 ? ", or `at: [logits]`" : ""))
    }
    if gramBytes > Self.gramLimit {
      found.append(
        "the Gram matrices of \(shape.rows) rows of \(Int(width)) logits take \(Self.text(gramBytes)), and at most \(Self.text(Self.gramLimit)) are held: measure `at: [logits]`, or fewer rows, latents or categories"
      )
    }
    if perDrawValueBytes > Self.sumLimit {
      let most = Int(Self.sumLimit / (perDrawValueBytes / Double(measure.perDrawSamples)))
      found.append(
        "\(measure.perDrawSamples) per-draw-samples take \(Self.text(perDrawValueBytes)), and at most \(Self.text(Self.sumLimit)) are held: at most \(most)"
      )
    }
    if let refusal = singles.refusal { found.append(refusal) }
    return found
  }

  /// Cells whose exact moments are held together.
  var exactTogether: Int { singles.exactTogether }

  /// Cells whose single parameters are swept together.
  var sweptTogether: Int { singles.sweptTogether }

  /// What all cells share: table, Gram matrices, a sampled target.
  ///
  /// - Parameters:
  ///   - table: whether joint codes are tabulated: nil: not; else with gradients or not.
  ///   - isTargetSampled: whether some target is drawn.
  ///   - isSampled: whether some cell is.
  func shared(table: Bool?, isTargetSampled: Bool, isSampled: Bool) -> Double {
    var bytes = 0.0
    if let table, let jointCodes = shape.jointCodes(limit: target.maxJointCodes) {
      let jointCodes = Double(jointCodes)
      let gradients = capabilities.precision == .single ? width / 2 : width
      bytes +=
        8
        * (rows * jointCodes * (table ? 1 + gradients : 1) + jointCodes * Double(shape.latents) / 2)
      // Scores, weighted gradients and a copy of the row's own part, for each row at work.
      bytes += 8 * active(shape.rows) * jointCodes * ((table ? 5 : 2) * width + 4)
    }
    // What a row's matrices are made in, and the vectors of the target.
    bytes += 8 * active(shape.rows) * 3 * Double(groups) * width * width
    if groups > 0 { bytes += 8 * active(shape.rows) * Double(groups + 1) * features * features }
    bytes += 8 * 4 * (rows * width + parameters)
    bytes += ((isSampled ? 1 : 0) + (isTargetSampled ? 1 : 0)) * gramBytes
    if isTargetSampled {
      bytes += 2 * blockBytes + drawBytes(samples: target.samples, gradients: false, points: 0)
    }
    return bytes
  }

  /// What one cell takes beside, where its moments are got by `route`.
  func cell(_ estimator: any GradientEstimator, _ route: MomentRoute) -> Double {
    let square = width * width
    let plan = estimator.plan(for: shape)
    let points = EstimateMemory(estimator, shape)
    var bytes = perDrawBytes(estimator)
    bytes += active(shape.rows) * points.tableBytes
    bytes += route == .draws ? singles.sweptBytes : singles.exactBytes
    // A part of the draws of a fit, `FittingSource.eachPart`, and what is made of them.
    if estimator.learned != nil { bytes += 8 * 2 * min(0x1p23, 0x1p17 * width) }
    switch route {
    case .jointCodes, .outcomes: bytes += 8 * active(shape.rows) * 8 * square
    case .latents: bytes += 8 * 6 * square
    case .surrogate: bytes += surrogateBytes(estimator)
    case .jointCodeNoise, .softNoise:
      // Sums of every shift, with each left out, and the points at work.
      bytes += 8 * (40 * square + active(ShiftedLattice.shifts) * 8 * 2048 * width)
    case .draws:
      bytes +=
        blockBytes + kernelBytes
        + drawBytes(
          samples: plan.samples, gradients: plan.gradients || plan.relaxed || plan.perturbed,
          points: Double(points.drawsPerCall) * points.pointBytes)
    }
    return bytes
  }

  /// Gradients of all rows and their pull-backs, the codes, and the Gram matrices at `z_e`; of noise the second moments
  /// of a row's coordinates under every shift, and the points at work.
  private func surrogateBytes(_ estimator: any GradientEstimator) -> Double {
    guard let surrogate = estimator.surrogate, let point = problem.quantiser?.quantisedPoints.first
    else { return 0 }
    let size = Double(point.points.count)
    let codes = point.quantiser.codebooks.reduce(0) { $0 + Double($1.count) }
    // 64 MiB are buffers of the matrix library, which small cells do not hide.
    var bytes = 0x1p26 + 8 * (6 * rows * size + 3 * parameters + 3 * codes)
    bytes += 8 * active(shape.rows) * (2 * width * size + 4 * width * width)
    if surrogate.uniforms(point) > 0 {
      bytes += 8 * active(shape.rows) * (40 * size * size + 8 * 2048 * size)
      bytes += 8 * rows * 17 * size * size
    }
    return bytes
  }

  /// Why requests are not measured in this process, each with its remedy; nil where there is room.
  func refusals(of requests: [FidelityRequest]) -> [String?] {
    let available = ProcessMemory.available(workers: workers)
    let table = planner.table(requests.map(\.estimator))
    let shared = self.shared(
      table: table, isTargetSampled: isTargetSampled(table: table), isSampled: true)
    return requests.map { request in
      let estimator = request.estimator
      if let refusal = EstimateMemory(estimator, shape).refusal(request.name) { return refusal }
      let routes =
        estimator.surrogate == nil
        ? MomentRoute.allCases.filter { $0 != .surrogate } : [.surrogate]
      let most = shared + (routes.map { cell(estimator, $0) }.max() ?? 0)
      if most <= available { return nil }
      // The route is found by a trial with what sums over a table take.
      let sums = shared + cell(estimator, .jointCodes)
      let bytes =
        table != nil && estimator.surrogate == nil && measure.moments != .monteCarlo
          && sums > available
        ? sums : shared + cell(estimator, planner.moments(estimator, table: table).route)
      guard bytes > available else { return nil }
      return
        "measuring this cell takes about \(Self.text(bytes)) of memory, and \(Self.text(available)) are to be had: "
        + (groups > 0 ? "measure `at: [logits]`, " : "")
        + "a smaller layer, fewer blocks or --jobs, or a process with more memory"
    }
  }

  /// Most bytes in use at once while requests are measured that are not refused.
  func peak(of requests: [FidelityRequest]) -> Double {
    let table = planner.table(requests.map(\.estimator))
    let routes = requests.map { planner.moments($0.estimator, table: table).route }
    let cells = zip(requests, routes).map { cell($0.estimator, $1) }
    let sampled = zip(cells, routes).filter { $1 == .draws }.map(\.0)
    // Cells that are sampled together hold their sums side by side.
    let together = Double(min(cellsTogether, max(1, sampled.count)))
    return ProcessMemory.resident
      + shared(
        table: table, isTargetSampled: isTargetSampled(table: table),
        isSampled: !sampled.isEmpty)
      + max((sampled.max() ?? 0) + (together - 1) * blockBytes, cells.max() ?? 0)
  }

  private func isTargetSampled(table: Bool?) -> Bool {
    planner.target(hasTable: table != nil).method == .monteCarlo
  }

  /// Cells of one distribution that are sampled together.
  var cellsTogether: Int { max(1, Int(min(32, Self.togetherLimit / (blockBytes + kernelBytes)))) }

  /// Tables of the compiled kernel of one cell, where the cost is a polynomial.
  private var kernelBytes: Double {
    capabilities.wholeTables && width <= 4096 ? 8 * rows * width * width : 0
  }

  /// Sums of every block of one cell, of their deviations and copies, and the deviations of groups of
  /// blocks on every part.
  private var blockBytes: Double {
    let blocks = Double(measure.blocks)
    let groups = min(blocks, Double(BlockForms.limit))
    return 8 * (3 * blocks * rows * width + groups * (rows * width + parameters))
  }

  /// In float32 for networks in it, and twice that at most.
  private var gramBytes: Double {
    (capabilities.precision == .single ? 4 : 8) * rows * Double(groups) * width * width
  }

  /// Cosines, gaps and the sorted copies that their intervals take.
  private var perDrawValueBytes: Double {
    8 * Double(measure.perDrawSamples) * Double(3 * (groups + 2) + 8)
  }

  private func perDrawBytes(_ estimator: any GradientEstimator) -> Double {
    guard measure.perDrawSamples > 1 else { return 0 }
    let points = EstimateMemory(estimator, shape)
    let draws = Double(min(points.drawsPerCall, measure.perDrawSamples))
    return perDrawValueBytes + 2.5 * draws * points.pointBytes
      + 8
      * (10 * draws * rows * width + active(measure.perDrawSamples) * 4
        * (rows * width + parameters))
  }

  /// Codes, noise, gradients and estimates of the draws at work.
  private func drawBytes(samples: Int, gradients: Bool, points: Double) -> Double {
    let perBlock = Double(max(1, measure.draws / measure.blocks))
    var draws = min(Double(MonteCarloEngine.drawsPerCall(shape)), perBlock)
    // Draws side by side fill up their last tile.
    if LaneSource.serves(problem) { draws = max(draws, Double(LaneDraws.lanes)) }
    let codes = 20 * Double(max(1, samples)) * Double(shape.latents)
    return active(measure.blocks)
      * (draws * rows * (codes + (gradients ? 64 : 24) * width) + 2.5 * points)
  }

  private func active(_ tasks: Int) -> Double { Double(max(1, min(workers, tasks))) }

  /// Bytes in words: `1.5 GiB`.
  static func text(_ bytes: Double) -> String {
    let units = ["bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    var (size, unit) = (bytes, 0)
    while size >= 1024, unit < units.count - 1 { (size, unit) = (size / 1024, unit + 1) }
    let tenths = (size * 10).rounded() / 10
    return (tenths == tenths.rounded() ? "\(Int(tenths))" : "\(tenths)") + " \(units[unit])"
  }
}
