import Discrete

/// Numbers of every coordinate at the logits and at each parameter group.
public struct PartNumbers: Sendable, Equatable {
  /// At the logits, `[B][D][K]`.
  public var logits: CoordinateNumbers
  /// At each parameter group, in the order of the problem's groups; empty without parameters
  /// upstream.
  public var groups: [CoordinateNumbers]
}

/// Mean and variance of a cell's gradient estimate at every single parameter, with the target's gradient.
public struct ParameterMoments: Sendable, Equatable {
  /// The logits, or one parameter group.
  public struct Part: Sendable, Equatable {
    /// The scope: `logits`, or the group's name.
    public let name: String
    /// Tensors whose numbers stand one behind the other in all arrays.
    public let tensors: [ParameterShape]
    /// Places in the arrays that are coordinates: nil for all. Logits have padding beyond a latent's own
    /// categories.
    let places: [Int]?
    public let numbers: CoordinateNumbers
    public let target: [Double]
    /// Standard errors of a sampled target, from the spread of its blocks; 0 for others.
    public let targetError: [Double]
  }

  /// The logits first.
  public let parts: [Part]
  public let moments: MomentMethod
  /// Draws behind the moments; nil where nothing was drawn.
  public let draws: Int?

  /// - Parameter numbers: of the problem's logits and groups.
  init(
    _ problem: any DiscreteProblem, _ numbers: PartNumbers, target: TargetGradient,
    moments: MomentMethod, draws: Int?
  ) {
    self.moments = moments
    self.draws = draws
    let pullback = problem.pullback
    func parts(_ vector: [Double]) -> [[Double]] { [vector] + (pullback?.pullBack(vector) ?? []) }
    let gradients = parts(target.gradient)
    let errors =
      target.sampled.map { Self.errors($0, parts) }
      ?? gradients.map { [Double](repeating: 0, count: $0.count) }
    let shape = problem.shape
    let names =
      [
        (
          "logits",
          [
            ParameterShape(
              name: "logits", shape: [shape.rows, shape.latents, shape.categories])
          ]
        )
      ] + (pullback?.groups ?? []).map { ($0.name, $0.tensors) }
    self.parts = zip(names, [numbers.logits] + numbers.groups).enumerated().map { index, part in
      Part(
        name: part.0.0, tensors: part.0.1,
        places: index == 0 && shape.isRagged ? shape.allPlaces : nil, numbers: part.1,
        target: gradients[index],
        targetError: errors[index])
    }
  }

  /// Standard errors of a sampled mean from the spread of its blocks' means, pulled back block by block.
  private static func errors(
    _ sampled: SampledMeasurement, _ parts: ([Double]) -> [[Double]]
  ) -> [[Double]] {
    let size = Double(sampled.drawsPerBlock)
    var average: [[Double]] = []
    var spread: [[Double]] = []
    for (index, block) in sampled.blocks.enumerated() {
      let own = parts(block.gradient.map { $0 / size })
      guard index > 0 else {
        average = own
        spread = own.map { [Double](repeating: 0, count: $0.count) }
        continue
      }
      for part in own.indices {
        for position in own[part].indices {
          let change = own[part][position] - average[part][position]
          average[part][position] += change / Double(index + 1)
          spread[part][position] += change * (own[part][position] - average[part][position])
        }
      }
    }
    let count = Double(sampled.blocks.count)
    return spread.map { $0.map { ($0 / (count * (count - 1))).squareRoot() } }
  }
}
