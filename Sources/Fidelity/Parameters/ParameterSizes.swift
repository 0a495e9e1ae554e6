import Discrete

/// What mean and variance of every single parameter take: of memory while they are measured, and of the disk.
///
/// Nothing where they are not asked for.
public struct ParameterSizes: Sendable {
  /// Numbers of all logits and parameters.
  public let coordinates: Double
  private let isWanted: Bool
  /// Of the logits of all rows, and of one row squared.
  private let logits: Double
  private let square: Double
  private let rows: Double
  /// Numbers that a pull-back keeps of sums of squares.
  private let form: Double
  private let waiting: Double
  private let blocks: Double
  private let names: [String]

  /// Arrays of a file: mean, variance, target, and their errors.
  static let arrays = 6.0
  /// Most bytes of one file: 4 GiB.
  static let fileLimit = 4_294_967_296.0
  /// Bytes that are held for cells measured together: 256 MiB.
  private static let togetherLimit = 268_435_456.0

  public init(_ problem: any DiscreteProblem, measure: MeasureSettings, workers: Int) {
    let shape = problem.shape
    let groups = problem.pullback?.groups ?? []
    isWanted = measure.parameters
    rows = Double(shape.rows)
    logits = rows * Double(shape.latents) * Double(shape.categories)
    square =
      Double(shape.latents) * Double(shape.categories)
      * Double(shape.latents) * Double(shape.categories)
    coordinates = logits + groups.reduce(0) { $0 + Double($1.count) }
    names = groups.flatMap { $0.tensors.map(\.name) } + ["logits"]
    blocks = Double(measure.blocks)
    switch problem.pullback?.squares.form {
    case nil: (form, waiting) = (0, 0)
    case .byRow(let count): (form, waiting) = (rows * Double(count), 0)
    case .summed(let count):
      form = Double(count)
      // Rows at work, and those that wait.
      waiting = BlockSweep.waitingBytes + 8 * 3 * form * Double(max(1, workers))
    }
  }

  /// Bytes of one cell's file; 0 where there is none.
  public var fileBytes: Double {
    guard isWanted else { return 0 }
    // A line of the header of every tensor: kind, name, type, shape, place.
    let header = names.reduce(0.0) { $0 + Double(2 * $1.utf8.count + 256) }
    return Self.arrays * (8 * coordinates + header) + 4096
  }

  /// What files of so many cells take, as `plan` says it; nil where there are none.
  public func filesText(cells: Int) -> String? {
    guard isWanted else { return nil }
    return
      "files of parameters: \(cells) of \(MemoryNeeds.text(fileBytes)), \(MemoryNeeds.text(Double(cells) * fileBytes)) in all"
  }

  /// Why no such file is written; nil where it is, or is not wanted.
  public var refusal: String? {
    guard fileBytes > Self.fileLimit else { return nil }
    return
      "`parameters: true` writes \(MemoryNeeds.text(fileBytes)) a cell for \(Int(coordinates)) logits and parameters, and at most \(MemoryNeeds.text(Self.fileLimit)) are written: a smaller model, fewer rows, or `parameters: false`"
  }

  /// Sums of squares of one sampled cell, its blocks' means, and the numbers that are made of them.
  private var cellBytes: Double {
    8 * (4 * (logits + form) + (blocks + 2) * logits + 2 * Self.arrays * coordinates)
  }

  /// Bytes of one sampled cell beside its block sums: those, estimates of a segment side by side in float32 and
  /// float64, codes, gradients and noise of its draws, and the rows that wait.
  var sweptBytes: Double {
    isWanted ? cellBytes + 48 * Double(BlockSweep.segmentNumbers) + 16 * logits + waiting : 0
  }

  /// Bytes of one exact cell beside its sums: what a row's moments are kept in, with a coarser rule and the shifts
  /// of a lattice left out, and the numbers made of them.
  var exactBytes: Double {
    isWanted ? heldBytes + 8 * (form * 3 + 40 * coordinates) + waiting : 0
  }

  private var heldBytes: Double { 8 * Double(ShiftedLattice.shifts + 2) * rows * square }

  var exactTogether: Int {
    isWanted ? max(1, Int(min(32, Self.togetherLimit / max(1, heldBytes)))) : Int.max
  }

  var sweptTogether: Int {
    isWanted ? max(1, Int(min(32, Self.togetherLimit / max(1, cellBytes)))) : Int.max
  }
}
