import Discrete
import Foundation
import Models
import Networks
import Tensors
import TestSupport
import Testing

/// The autoencoder of any programs beside the older kinds, finite differences and its own snapshots. What every
/// problem promises is held in ConformanceTests.
@Suite struct AutoencoderTests {
  init() { #expect(oneThread == nil) }

  private static func made(
    _ parameters: [String: ParameterValue], folder: String = "."
  ) throws -> any TrainableProblem {
    let descriptor = try #require(ProblemRegistry.named("autoencoder"))
    let problem = try descriptor.make(
      ResolvedParameters(parameters, specs: descriptor.parameters),
      ProblemEnvironment(
        baseDirectory: folder, dataDirectories: [], checkpointDirectory: folder))
    return try #require(problem.trainable)
  }

  private static func dense(_ units: [Int], _ between: String) -> ParameterValue {
    .list(units.flatMap { [.entry("dense", ["": .integer($0)]), .entry(between, [:])] })
  }

  private static func small(
    _ bottleneck: ParameterValue, rows: Int = 3
  ) -> [String: ParameterValue] {
    [
      "bottleneck": bottleneck, "encoder": dense([12, 8], "relu"),
      "decoder": dense([8, 12], "relu"), "rows": .integer(rows), "data": .entry("procedural", [:]),
    ]
  }

  private static let categorical = ParameterValue.entry(
    "categorical", ["latents": .integer(2), "categories": .integer(3)])
  private static let vectors = ParameterValue.entry(
    "vq", ["latents": .integer(2), "categories": .integer(3), "dimension": .integer(2)])

  /// With the weights of a categorical VAE it has its logits, costs, gradients and Gram matrices: bit for bit by
  /// the kernels of dense networks, and within float32 operation by operation.
  @Test(arguments: [true, false]) func isTheCategoricalVAE(byKernels: Bool) throws {
    let off: Shortcuts = byKernels ? [] : .densePrograms
    try Shortcuts.without(off) { try isTheCategoricalVAE(within: byKernels ? 0 : 1) }
  }

  /// - Parameter unit: 0 for equal bits, 1 for the usual tolerances.
  private func isTheCategoricalVAE(within unit: Double) throws {
    let old = try CategoricalVAE<Float>(
      settings: VAESettings(latents: 2, categories: 3, rows: 3, hidden1: 12, hidden2: 8),
      images: .procedural())
    var tensors: [NamedTensor] = []
    for (name, network) in [("encoder", old.encoder), ("decoder", old.decoder)] {
      for (index, layer) in network.layers.enumerated() {
        tensors.append(
          NamedTensor(
            "\(name).\(index + 1).weight", shape: [layer.inputs, layer.outputs], layer.weights))
        tensors.append(
          NamedTensor("\(name).\(index + 1).bias", shape: [layer.outputs], layer.biases))
      }
    }
    let new = try Self.made(Self.small(Self.categorical))
      .restored(from: SafetensorsFile(tensors: tensors).encoded())
    #expect(relativeDifference(new.logits.values, old.logits.values) <= 1e-6 * unit)
    let jointCodes = 0..<9
    let (own, wanted) = (
      try new.oracle.costs(ofJointCodes: jointCodes, gradients: true),
      try old.oracle.costs(ofJointCodes: jointCodes, gradients: true)
    )
    #expect(relativeDifference(own.values, wanted.values) <= 1e-6 * unit)
    #expect(relativeDifference(own.gradients, wanted.gradients) <= 1e-5 * unit)
    let (mine, theirs) = (try #require(new.pullback), try #require(old.pullback))
    #expect(mine.groups == theirs.groups)
    for row in 0..<3 {
      for (gram, other) in zip(mine.rowGrams(row), theirs.rowGrams(row)) {
        #expect(relativeDifference(gram.values, other.values) <= 1e-5 * unit)
      }
    }
  }

  /// One step of plain descent with an exact gradient moves the encoder along minus the gradient of the exact
  /// loss, of costs summed over all joint codes and the KL: the change along the step is the squared step, to
  /// float32 and second order (3 %).
  @Test(arguments: ["categorical", "vq"]) func aStepFollowsTheLoss(_ kind: String) throws {
    try withFolder { folder in
      let pixels = fixedNumbers(12, seed: 5).map { Float(0.5 + 0.5 * $0) }
      try Self.write(pixels, shape: [1, 12], to: folder + "/one.npy")
      var parameters = Self.small(kind == "vq" ? Self.vectors : Self.categorical, rows: 1)
      parameters["data"] = .entry("npy", ["path": .text("one.npy")])
      parameters["binarise"] = .text("none")
      let problem = try Self.made(parameters, folder: folder)
      let rate = 1e-3
      let trained = try problem.trained(
        TrainingSettings(
          estimator: ExactGradient(), optimiser: .sgd, steps: 1, learningRate: rate, batch: 1,
          seed: 1)
      ) { _, _ in }
      let (before, after) = (
        try SafetensorsFile(decoding: problem.checkpoint()),
        try SafetensorsFile(decoding: trained.checkpoint())
      )
      func moved(_ factor: Double) throws -> any DiscreteProblem {
        try problem.restored(
          from: SafetensorsFile(
            tensors: before.tensors.map { tensor in
              let (old, new) = (
                tensor.values(as: Double.self), after[tensor.name]?.values(as: Double.self) ?? []
              )
              let isEncoder = tensor.name.hasPrefix("encoder")
              return NamedTensor(
                tensor.name, shape: tensor.shape,
                zip(old, new).map { Float($0 + (isEncoder ? factor * ($1 - $0) : 0)) })
            }
          ).encoded())
      }
      let square = before.tensors.filter { $0.name.hasPrefix("encoder") }.reduce(0.0) {
        sum, tensor in
        zip(tensor.values(as: Double.self), after[tensor.name]?.values(as: Double.self) ?? [])
          .reduce(sum) { $0 + ($1.1 - $1.0) * ($1.1 - $1.0) }
      }
      let derivative = (try loss(moved(4), kind) - loss(moved(-4), kind)) / 8
      // The step is `-rate g`, so the gradient along it is `-|step|^2 / rate`.
      #expect(
        abs(derivative + square / rate) < 0.03 * square / rate, "\(derivative) \(-square / rate)")
    }
  }

  private static func operation(_ name: String, _ sizes: [String: Int]) -> ParameterValue {
    .entry(name, sizes.mapValues { .integer($0) })
  }

  /// Convolutions on both sides: 28 x 28 to 2 channels of 7 x 7 and 3 of 3 x 3, and back.
  private static let convolutions: [String: ParameterValue] = [
    "encoder": .list([
      operation("conv", ["channels": 2, "kernel": 4, "stride": 4]), .entry("tanh", [:]),
      operation("conv", ["channels": 3, "kernel": 3, "stride": 2]), .entry("gelu", [:]),
    ]),
    "decoder": .list([
      operation("dense", ["": 98]), .entry("tanh", [:]),
      operation("reshape", ["channels": 2, "height": 7, "width": 7]),
      operation("conv-transpose", ["channels": 1, "kernel": 4, "stride": 4]),
    ]),
  ]

  /// Branches on both sides: a pooled and a convolved look at the image side by side, and a residual sum.
  private static let branches: [String: ParameterValue] = [
    "encoder": .list([
      .entry(
        "concat",
        [
          "": .list([
            .list([operation("average-pool", ["": 4])]),
            .list([operation("conv", ["channels": 2, "kernel": 4, "stride": 4])]),
          ])
        ]),
      .entry("sigmoid", [:]), operation("dense", ["": 9]), .entry("layer-norm", [:]),
    ]),
    "decoder": .list([
      operation("dense", ["": 6]), .entry("tanh", [:]),
      .entry("sum", ["": .list([.list([]), .list([operation("dense", ["": 6])])])]),
      .entry("gelu", [:]),
    ]),
  ]

  /// In float64, with a bottleneck of the name or programs of it.
  private static func double(_ kind: String) throws -> Autoencoder<Double> {
    let bottleneck: ParameterValue =
      kind == "vq"
      ? vectors : kind == "bernoulli" ? .entry("bernoulli", ["latents": .integer(3)]) : categorical
    let programs =
      kind == "convolutions" ? convolutions : kind == "branches" ? branches : [:]
    return try AutoencoderProblem.make(
      ResolvedParameters(
        small(bottleneck).merging(programs) { $1 },
        specs: AutoencoderProblem.descriptor.parameters),
      ProblemEnvironment(baseDirectory: ".", dataDirectories: [], checkpointDirectory: "."),
      Double.self)
  }

  /// `df/dz` follows differences of the cost inside the simplex, and codes, corners and joint codes agree.
  @Test(arguments: ["vq", "bernoulli", "convolutions", "branches"])
  func theOracleFollowsDifferences(_ kind: String) throws {
    try checkOracle(
      Self.double(kind).oracle, tolerance: 1e-12, differenceStep: 1e-4, gradientTolerance: 1e-8)
  }

  /// Features of convolutions, summed in plain loops over the pixels.
  @Test func convolutionsAreSumsOverWindows() throws {
    let problem = try Self.double("convolutions")
    let weights = problem.weights
    func convolved(
      _ x: [Double], _ channels: Int, _ size: Int, _ group: String, _ outputs: Int, kernel: Int,
      stride: Int
    ) throws -> [Double] {
      let w = try #require(weights["\(group).weight"])
      let b = try #require(weights["\(group).bias"])
      let side = (size - kernel) / stride + 1
      var y: [Double] = []
      for output in 0..<outputs {
        for row in 0..<side {
          for column in 0..<side {
            var sum = b[output]
            for channel in 0..<channels {
              for i in 0..<kernel {
                for j in 0..<kernel {
                  let pixel = (channel * size + row * stride + i) * size + column * stride + j
                  sum +=
                    x[pixel] * w[((output * channels + channel) * kernel + i) * kernel + j]
                }
              }
            }
            y.append(sum)
          }
        }
      }
      return y
    }
    let images = ImageData.procedural()
    for row in 0..<3 {
      let x: [Double] = images.image(row).map { $0 > 127 ? 1 : 0 }
      let first = try convolved(x, 1, 28, "encoder.1", 2, kernel: 4, stride: 4).map { tanh($0) }
      let second = try convolved(first, 2, 7, "encoder.2", 3, kernel: 3, stride: 2).map {
        $0 * 0.5 * erfc(-$0 / 2.0.squareRoot())
      }
      let w = try #require(weights["encoder.3.weight"])
      let b = try #require(weights["encoder.3.bias"])
      let logits = (0..<6).map { output in
        second.indices.reduce(b[output]) { $0 + second[$1] * w[$1 * 6 + output] }
      }
      #expect(relativeDifference(problem.logits.row(row).values, logits) < 1e-13)
    }
  }

  /// The pull-back of every tensor, the codebook among them, follows differences of the logits, in float64.
  @Test(arguments: ["categorical", "bernoulli", "vq", "convolutions", "branches"])
  func pullBackFollowsTheLogits(_ kind: String) throws {
    let problem = try Self.double(kind)
    let weights = try SafetensorsFile(decoding: problem.checkpoint())
    let pullback = try #require(problem.pullback)
    let gradient = fixedNumbers(problem.shape.count, seed: 4)
    let groups = pullback.pullBack(gradient)
    for (group, found) in zip(pullback.groups, groups) {
      let names = weights.tensors.map(\.name).filter { $0.hasPrefix(group.name + ".") }
      // The file has its tensors by name, a group its weights before its biases.
      let ordered = names.sorted { $0.hasSuffix("weight") && !$1.hasSuffix("weight") }
      let direction = fixedNumbers(group.count, seed: 9)
      func moved(_ step: Double) throws -> Double {
        var first = 0
        var change: [String: [Double]] = [:]
        for name in ordered {
          let count = weights[name]?.numbers.count ?? 0
          change[name] = Array(direction[first..<first + count])
          first += count
        }
        #expect(first == group.count)
        let file = SafetensorsFile(
          tensors: weights.tensors.map { tensor in
            let old = tensor.values(as: Double.self)
            let own = change[tensor.name] ?? [Double](repeating: 0, count: old.count)
            return NamedTensor(
              tensor.name, shape: tensor.shape, zip(old, own).map { $0 + step * $1 })
          })
        let logits = try problem.restored(from: file.encoded()).logits.values
        return zip(logits, gradient).reduce(0.0) { $0 + $1.0 * $1.1 }
      }
      let derivative = (try moved(1e-5) - moved(-1e-5)) / 2e-5
      let wanted = zip(found, direction).reduce(0.0) { $0 + $1.0 * $1.1 }
      #expect(
        abs(derivative - wanted) < 1e-6 * (1 + abs(wanted)),
        "\(group.name): \(derivative) \(wanted)")
    }
  }

  /// With an estimate of nothing at the mode of the distribution, decoder and codebook follow the cost of that point: the
  /// change along one step is the squared step.
  @Test(arguments: ["categorical", "vq"]) func decoderAndCodesFollowTheCost(_ kind: String) throws {
    try withFolder { folder in
      let pixels = fixedNumbers(12, seed: 5).map { Float(0.5 + 0.5 * $0) }
      try Self.write(pixels, shape: [1, 12], to: folder + "/one.npy")
      var parameters = Self.small(kind == "vq" ? Self.vectors : Self.categorical, rows: 1)
      parameters["data"] = .entry("npy", ["path": .text("one.npy")])
      parameters["binarise"] = .text("none")
      // No unit is without a gradient.
      parameters["decoder"] = Self.dense([8, 12], "leaky-relu")
      let problem = try Self.made(parameters, folder: folder)
      let rate = 1e-3
      let trained = try problem.trained(
        TrainingSettings(
          estimator: NothingAtTheMode(), optimiser: .sgd, steps: 1, learningRate: rate, batch: 1,
          seed: 1)
      ) { _, _ in }
      let (before, after) = (
        try SafetensorsFile(decoding: problem.checkpoint()),
        try SafetensorsFile(decoding: trained.checkpoint())
      )
      func step(_ tensor: NamedTensor) -> [Double] {
        guard !tensor.name.hasPrefix("encoder") else {
          return [Double](repeating: 0, count: tensor.numbers.count)
        }
        return zip(
          tensor.values(as: Double.self), after[tensor.name]?.values(as: Double.self) ?? []
        )
        .map { $1 - $0 }
      }
      let mode = problem.logits.row(0).likeliestCodes
      let jointCode = Int(mode[0]) * 3 + Int(mode[1])
      func cost(_ factor: Double) throws -> Double {
        let file = SafetensorsFile(
          tensors: before.tensors.map { tensor in
            NamedTensor(
              tensor.name, shape: tensor.shape,
              zip(tensor.values(as: Double.self), step(tensor)).map { Float($0 + factor * $1) })
          })
        return try problem.restored(from: file.encoded()).oracle
          .costs(ofJointCodes: jointCode..<jointCode + 1, gradients: false).values[0]
      }
      let square = before.tensors.reduce(0.0) { sum, tensor in
        step(tensor).reduce(sum) { $0 + $1 * $1 }
      }
      let derivative = (try cost(2) - cost(-2)) / 4
      #expect(square > 0 && abs(derivative + square / rate) < 0.03 * square / rate)
      if kind == "vq" {
        let codes = try #require(before["codebook.codes"])
        #expect(step(codes).contains { $0 != 0 })
      }
    }
  }

  /// The exact loss of the single row.
  private func loss(_ problem: any DiscreteProblem, _ kind: String) throws -> Double {
    let row = problem.logits.row(0)
    let p = row.probabilities()
    let values = try problem.oracle.costs(ofJointCodes: 0..<9, gradients: false).values
    var loss = 0.0
    for jointCode in 0..<9 {
      let (first, second): (Int, Int) = (jointCode / 3, 3 + jointCode % 3)
      loss += p[first] * p[second] * values[jointCode]
    }
    if kind == "categorical" {
      loss += AnalyticKL.evaluate(row.values, shape: problem.shape).values[0]
    }
    return loss
  }

  /// Straight-through, soft, score-function estimators and one with points of its own train each bottleneck,
  /// and a snapshot goes on with the same bits.
  @Test(arguments: ["categorical", "bernoulli", "vq"]) func trainsAndGoesOn(_ kind: String) throws {
    let bottleneck: ParameterValue =
      kind == "vq"
      ? Self.vectors
      : kind == "bernoulli" ? .entry("bernoulli", ["latents": .integer(4)]) : Self.categorical
    let problem = try Self.made(Self.small(bottleneck))
    for estimator in [StraightThrough(), LeaveOneOut(), FlipEstimator()] as [any GradientEstimator]
    {
      let settings = TrainingSettings(
        estimator: estimator, steps: 12, learningRate: 5e-3, batch: 16, seed: 3)
      var trainer = try problem.trainer(settings)
      var losses: [Double] = []
      while trainer.step < 8 { losses.append(try trainer.advance().loss) }
      var other = try problem.trainer(settings)
      try other.restore(trainer.snapshot())
      for _ in 0..<4 {
        let (a, b) = (try trainer.advance(), try other.advance())
        #expect(a == b && a.step > 8)
        losses.append(a.loss)
      }
      #expect(try trainer.frozen().checkpoint() == other.frozen().checkpoint())
      let (early, late): (Double, Double) = (
        losses.prefix(4).reduce(0, +), losses.suffix(4).reduce(0, +)
      )
      #expect(late < early, "\(estimator)")
      // Another training is no start for this one.
      var third = try problem.trainer(
        TrainingSettings(estimator: estimator, steps: 12, learningRate: 1e-3, batch: 16, seed: 3))
      #expect(throws: DiscreteError.self) { try third.restore(trainer.snapshot()) }
    }
  }

  /// `identity-st` on vectors: the quantiser's own training lowers the loss and moves the codes.
  @Test func identityTrainsTheQuantiser() throws {
    let problem = try Self.made(Self.small(Self.vectors))
    var trainer = try problem.trainer(
      TrainingSettings(
        estimator: PassingThrough(), steps: 60, learningRate: 5e-3, batch: 32, seed: 3))
    var losses: [Double] = []
    while trainer.step < 60 { losses.append(try trainer.advance().loss) }
    let (early, late): (Double, Double) = (
      losses.prefix(10).reduce(0, +), losses.suffix(10).reduce(0, +)
    )
    #expect(late < 0.9 * early)
    func codes(_ bytes: [UInt8]) throws -> [Float]? {
      try SafetensorsFile(decoding: bytes)["codebook.codes"]?.values(as: Float.self)
    }
    #expect(try codes(problem.checkpoint()) != codes(trainer.frozen().checkpoint()))
  }

  /// The codes that a step reports are those of its batch: as many as the batch's vectors have nearest codes, counted
  /// from the weights before the step.
  @Test(arguments: [true, false]) func aStepCountsTheCodesOfItsBatch(passing: Bool) throws {
    let problem = try Self.made(Self.small(Self.vectors))
    let estimator: any GradientEstimator = passing ? PassingThrough() : StraightThrough()
    var trainer = try problem.trainer(
      TrainingSettings(estimator: estimator, steps: 30, learningRate: 2e-2, batch: 4, seed: 3))
    var counts: Set<Double> = []
    let images = ImageData.procedural()
    while trainer.step < 30 {
      let frozen = try trainer.frozen().checkpoint()
      let step = try trainer.advance()
      #expect(step.more.map(\.metric.name) == ["codes_used"])
      let key = RandomKey(seed: 3).derived("autoencoder-training").derived(UInt64(step.step))
      let rows = RandomStream(key: key.derived("rows"), row: 0, site: 0).uniforms(from: 0, count: 4)
        .map { Int(Double($0) * Double(images.count)) }
      let file = try SafetensorsFile(decoding: frozen)
      func numbers(_ name: String) throws -> [Double] {
        try #require(file[name]?.values(as: Float.self)).map(Double.init)
      }
      var used: Set<Int> = []
      let codes = try numbers("codebook.codes")
      for row in rows {
        var x = images.image(row).map { $0 > 127 ? 1.0 : 0.0 }
        for layer in [1, 2, 3] {
          let (weight, bias) = (
            try numbers("encoder.\(layer).weight"), try numbers("encoder.\(layer).bias")
          )
          x = bias.indices.map { output in
            x.indices.reduce(bias[output]) { $0 + x[$1] * weight[$1 * bias.count + output] }
          }
          if layer < 3 { x = x.map { max($0, 0) } }
        }
        for latent in 0..<2 {
          let distances = (0..<3).map { code in
            (0..<2).reduce(0.0) {
              let d = x[latent * 2 + $1] - codes[code * 2 + $1]
              return $0 + d * d
            }
          }
          used.insert(distances.firstIndex(of: distances.min() ?? 0) ?? -1)
        }
      }
      #expect(step.more[0].value == Double(used.count), "step \(step.step)")
      counts.insert(step.more[0].value)
    }
    #expect(counts.count > 1)
  }

  @Test func damagedWeightsAreRefused() throws {
    let problem = try Self.made(Self.small(Self.categorical))
    var bytes = problem.checkpoint()
    bytes[bytes.count - 1] ^= 1
    #expect(throws: DiscreteError.shape("the checkpoint is damaged (its checksum differs)")) {
      try problem.restored(from: bytes)
    }
    #expect(throws: DiscreteError.self) { try problem.restored(from: [1, 2, 3]) }
    let other = try Self.made(Self.small(Self.vectors))
    #expect(throws: DiscreteError.self) { try problem.restored(from: other.checkpoint()) }
  }

  // MARK: Data and sizes

  @Test func numPyRowsAreRead() throws {
    try withFolder { folder in
      let numbers = fixedNumbers(2 * 3 * 4 * 5, seed: 2).map { Float($0) }
      try Self.write(numbers, shape: [2, 3, 4, 5], to: folder + "/x.npy")
      var parameters = Self.small(Self.categorical, rows: 2)
      parameters["data"] = .entry("npy", ["path": .text("x.npy")])
      parameters["binarise"] = .text("none")
      parameters["likelihood"] = .entry("gaussian", [:])
      let problem = try Self.made(parameters, folder: folder)
      #expect(problem.inputs["data"]?.hasPrefix("x#") == true)
      // At a decoder whose outputs are d, the cost is |d - x|^2 / 2: the difference of two rows' costs
      // is linear in d, so that all joint codes give the same two-row relation only for the data as written.
      let values = try problem.oracle.costs(ofJointCodes: 0..<9, gradients: false).values
      let allPositive = values.allSatisfy { $0.isFinite && $0 > 0 }
      #expect(allPositive)
      parameters["offset"] = .integer(1)
      #expect(throws: DiscreteError.self) { try Self.made(parameters, folder: folder) }
    }
  }

  /// A Bernoulli likelihood has no sense of numbers outside 0 to 1.
  @Test func dataOutsideTheDomainAreRefused() throws {
    try withFolder { folder in
      try Self.write([0.5, -1, 2, 0.25], shape: [2, 2], to: folder + "/x.npy")
      var parameters = Self.small(Self.categorical, rows: 1)
      parameters["data"] = .entry("npy", ["path": .text("x.npy")])
      parameters["binarise"] = .text("none")
      do {
        _ = try Self.made(parameters, folder: folder)
        Issue.record("taken")
      } catch {
        #expect("\(error)".contains("the data are from -1.0 to 2.0"), "\(error)")
      }
      parameters["likelihood"] = .entry("l1", [:])
      _ = try Self.made(parameters, folder: folder)
    }
  }

  /// Broken arrays are refused with the file and the place.
  @Test(arguments: [
    ("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3)}", "whole numbers"),
    ("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3)}", "first axis is the fastest"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 1, 1, 1)}", "expected [N]"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3)}", "holds no data"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (5, 3)}", "needs 60 bytes of data"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", "found nan"),
  ]) func brokenArraysAreRefused(header: String, what: String) throws {
    try withFolder { folder in
      let numbers = [Float](repeating: what.contains("nan") ? .nan : 1, count: 6)
      try Self.write(numbers, header: header, to: folder + "/x.npy")
      var parameters = Self.small(Self.categorical, rows: 1)
      parameters["data"] = .entry("npy", ["path": .text("x.npy")])
      do {
        _ = try Self.made(parameters, folder: folder)
        Issue.record("\(header) is read")
      } catch let error as ModelFileError {
        #expect("\(error)".contains("x.npy") && "\(error)".contains(what), "\(error)")
      }
    }
  }

  @Test func sizesThatDoNotFitAreRefused() throws {
    func message(_ change: [String: ParameterValue]) throws -> String {
      do {
        _ = try Self.made(Self.small(Self.categorical).merging(change) { $1 })
        return ""
      } catch { return "\(error)" }
    }
    #expect(
      try message(["encoder": .list([.entry("dens", ["": .integer(4)])])])
        .contains("did you mean 'dense'?"))
    #expect(
      try message([
        "encoder": .list([.entry("conv", ["channels": .integer(2), "kernel": .integer(40)])])
      ])
      .hasPrefix("encoder: operation 1, conv"))
    #expect(
      try message(["encoder": Self.dense([100_000, 8000], "relu")]).contains("weights, and at most")
    )
    #expect(try message(["offset": .integer(1_000_000)]).contains("reach beyond"))
  }

  private static func write(_ numbers: [Float], shape: [Int], to path: String) throws {
    let text = shape.map { "\($0), " }.joined()
    try write(
      numbers, header: "{'descr': '<f4', 'fortran_order': False, 'shape': (\(text))}", to: path)
  }

  private static func write(_ numbers: [Float], header: String, to path: String) throws {
    let text = header + "\n"
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0]
    bytes += [UInt8(text.utf8.count & 255), UInt8(text.utf8.count >> 8)] + Array(text.utf8)
    for number in numbers {
      withUnsafeBytes(of: number.bitPattern.littleEndian) { bytes += Array($0) }
    }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
  }
}

/// The exact gradient of the expected cost of two latents of three categories, from points of its own: all nine
/// joint codes.
private struct ExactGradient: ProbingEstimator {
  var plan = EvaluationPlan(samples: 1, probes: ProbePlan(codes: 9))

  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    Probes(
      codes: (0..<draws.count).flatMap { _ in (0..<9).flatMap { [Int32($0 / 3), Int32($0 % 3)] } })
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let p = row.probabilities()
    for draw in 0..<draws.count {
      let values = draws.probes.codeValues[9 * draw..<9 * draw + 9].map { $0 }
      var (means, mean) = ([Double](repeating: 0, count: 6), 0.0)
      for jointCode in 0..<9 {
        let (first, second): (Int, Int) = (jointCode / 3, 3 + jointCode % 3)
        means[first] += p[second] * values[jointCode]
        means[second] += p[first] * values[jointCode]
        mean += p[first] * p[second] * values[jointCode]
      }
      for k in 0..<6 { estimates[6 * draw + k] = p[k] * (means[k] - mean) }
    }
  }
}

/// A score-function estimate with points of its own: the drawn code and the one with the first latent moved on.
private struct FlipEstimator: ProbingEstimator {
  var plan = EvaluationPlan(samples: 1, values: true, probes: ProbePlan(codes: 1))

  func probes(_ row: RowLogits, _ draws: RowDraws) -> Probes {
    var codes = draws.codes[0]
    for draw in 0..<draws.count {
      codes[draw * row.latents] = (codes[draw * row.latents] + 1) % Int32(row.categories)
    }
    return Probes(codes: codes)
  }

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    let p = row.probabilities()
    for draw in 0..<draws.count {
      let difference = draws.values[0][draw] - draws.probes.codeValues[draw]
      for index in 0..<p.count {
        let (latent, k) = (index / row.categories, index % row.categories)
        let hit = Int(draws.codes[0][draw * row.latents + latent]) == k ? 1.0 : 0
        estimates[draw * p.count + index] = difference * (hit - p[index])
      }
    }
  }
}

/// An estimate of nothing, at the mode of the distribution.
private struct NothingAtTheMode: GradientEstimator {
  var plan = EvaluationPlan(distribution: .mode, values: true)

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    for index in estimates.indices { estimates[index] = 0 }
  }
}

/// `df/dz` at the draw, unchanged.
private struct PassingThrough: GradientEstimator {
  var plan = EvaluationPlan(gradients: true)

  func combine(_ row: RowLogits, _ draws: RowDraws, into estimates: inout [Double]) {
    estimates = draws.gradients
  }
}
