import Discrete

/// All joint states of one row with their probabilities, for estimators that choose states rather
/// than draw latents.
struct JointLaw: Sendable {
  /// Most joint states of a row that are listed.
  static let limit = 4096

  let latents: Int
  /// `[states][D]`, in `JointStates` order.
  let codes: [Int32]
  /// `P(z)` of every state.
  let weights: [Double]

  /// Empty above the limit, where the estimator refuses the layer.
  init(_ row: RowLogits) {
    latents = row.latents
    let shape = row.shape
    let count = shape.jointStates(limit: Self.limit) ?? 0
    let states = JointStates(shape)
    codes = states.codes(0..<count)
    weights = count == 0 ? [] : states.weights(row.probabilities())
  }

  var count: Int { weights.count }

  /// Appends the codes of one state.
  func append(_ state: Int, to points: inout [Int32]) {
    points.append(contentsOf: codes[state * latents..<(state + 1) * latents])
  }

  /// The number of the state whose codes start at `first`.
  static func state(_ codes: [Int32], at first: Int, _ row: RowLogits) -> Int {
    JointStates(row.shape).state(codes[first..<first + row.latents])
  }

  /// States by falling probability; ties by number.
  var byProbability: [Int] {
    weights.indices.sorted { (weights[$0], $1) > (weights[$1], $0) }
  }

  /// Why a layer with too many joint states is refused, or with fewer than `needed`.
  static func refusal(_ name: String, _ shape: LayerShape, needed: Int = 1) -> String? {
    guard let states = shape.jointStates(limit: limit) else {
      return
        "'\(name)' lists the joint states of a row, at most \(limit), and this layer has \(shape.statesText); use fewer latents, or another estimator"
    }
    guard states >= needed else {
      return
        "'\(name)' chooses \(needed) different joint states, and this layer has \(states); use a smaller k"
    }
    return nil
  }
}
