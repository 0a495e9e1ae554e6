import Discrete

/// All joint codes of one row with their probabilities, for estimators that choose joint codes rather
/// than draw latents.
struct JointDistribution: Sendable {
  /// Most joint codes of a row that are listed.
  static let limit = 4096

  let latents: Int
  /// `[jointCodes][D]`, in `JointCodes` order.
  let codes: [Int32]
  /// `P(z)` of every joint code.
  let weights: [Double]

  /// Empty above the limit, where the estimator refuses the layer.
  init(_ row: RowLogits) {
    latents = row.latents
    let shape = row.shape
    let count = shape.jointCodes(limit: Self.limit) ?? 0
    let jointCodes = JointCodes(shape)
    codes = jointCodes.codes(0..<count)
    weights = count == 0 ? [] : jointCodes.weights(row.probabilities())
  }

  var count: Int { weights.count }

  /// Appends the codes of one joint code.
  func append(_ jointCode: Int, to points: inout [Int32]) {
    points.append(contentsOf: codes[jointCode * latents..<(jointCode + 1) * latents])
  }

  /// The number of the joint code whose codes start at `first`.
  static func index(of codes: [Int32], at first: Int, _ row: RowLogits) -> Int {
    JointCodes(row.shape).index(of: codes[first..<first + row.latents])
  }

  /// Joint codes by falling probability; ties by number.
  var byProbability: [Int] {
    weights.indices.sorted { (weights[$0], $1) > (weights[$1], $0) }
  }

  /// Why a layer with too many joint codes is refused, or with fewer than `needed`.
  static func refusal(_ name: String, _ shape: LayerShape, needed: Int = 1) -> String? {
    guard let jointCodes = shape.jointCodes(limit: limit) else {
      return
        "'\(name)' lists the joint codes of a row, at most \(limit), and this layer has \(shape.jointCodesText); use fewer latents, or another estimator"
    }
    guard jointCodes >= needed else {
      return
        "'\(name)' chooses \(needed) different joint codes, and this layer has \(jointCodes); use a smaller k"
    }
    return nil
  }
}
