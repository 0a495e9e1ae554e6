import Discrete
import Foundation
import Models
import TestSupport
import Testing

/// One small problem, held against what the interface promises.
struct ProblemSubject: Sendable, CustomTestStringConvertible {
  let testDescription: String
  private let build: @Sendable () throws -> any DiscreteProblem

  init(_ name: String, _ build: @escaping @Sendable () throws -> any DiscreteProblem) {
    testDescription = name
    self.build = build
  }

  func make() throws -> any DiscreteProblem {
    _ = oneThread
    return try build()
  }
}

/// Every registered kind at sizes of which all joint codes are summed in no time, and the networks in
/// both precisions. A new kind is under test, with its defaults, as soon as its line stands in the
/// registry; sizes stand here where the defaults are too large.
enum ProblemSubjects {
  static let all: [ProblemSubject] =
    registered + doublePrecision + [
      ProblemSubject("ragged with parameters upstream") { try RaggedProblem() }
    ]

  private static let network: [String: ParameterValue] = [
    "rows": .integer(3), "latents": .integer(2), "categories": .integer(3),
    "hidden-1": .integer(12), "hidden-2": .integer(8), "data": .text("procedural"),
  ]

  /// By kind; several where one kind has several forms.
  private static let sizes: [String: [[String: ParameterValue]]] = [
    "quadratic-cubic": [["latents": .integer(2), "categories": .integer(3), "terms": .integer(4)]],
    "polynomial-programming": [
      ["latents": .integer(4), "logit-range": .number(1)],
      ["latents": .integer(3), "logit-range": .number(1), "p": .number(1.5)],
    ],
    "k-subset": [["latents": .integer(4)]],
    "categorical-vae": [network, network.merging(["rows": .integer(1)]) { $1 }],
    "vq-autoencoder": [network.merging(["dimension": .integer(2)]) { $1 }],
    "autoencoder": autoencoders,
  ]

  /// Every bottleneck and likelihood, with programs of several kinds of operations.
  private static let autoencoders: [[String: ParameterValue]] = [
    autoencoder(.entry("categorical", ["latents": .integer(2), "categories": .integer(3)])),
    // Served by the kernels of dense networks.
    autoencoder(
      .entry("categorical", ["latents": .integer(2), "categories": .integer(3)]),
      encoder: dense([12, 8]), decoder: dense([8, 12])),
    autoencoder(
      .entry(
        "vq", ["latents": .integer(2), "categories": .integer(3), "dimension": .integer(2)]),
      encoder: dense([12, 8]), decoder: dense([8, 12])),
    autoencoder(
      .entry("bernoulli", ["latents": .integer(3)]), likelihood: .entry("gaussian", [:]),
      encoder: [.entry("dense", ["": .integer(9)]), .entry("layer-norm", [:]), .entry("gelu", [:])]),
    autoencoder(
      .entry(
        "vq",
        ["latents": .integer(2), "categories": .integer(3), "dimension": .integer(2)]),
      likelihood: .entry("l1", ["scale": .number(2)]),
      encoder: [
        .entry(
          "conv", ["channels": .integer(2), "kernel": .integer(3), "stride": .integer(4)]),
        .entry("tanh", [:]), .entry("average-pool", ["": .integer(2)]),
      ]),
  ]

  private static func dense(_ units: [Int]) -> [ParameterValue] {
    units.flatMap { [.entry("dense", ["": .integer($0)]), .entry("relu", [:])] }
  }

  private static func autoencoder(
    _ bottleneck: ParameterValue, likelihood: ParameterValue = .entry("bernoulli", [:]),
    encoder: [ParameterValue] = [.entry("dense", ["": .integer(12)]), .entry("relu", [:])],
    decoder: [ParameterValue] = [.entry("dense", ["": .integer(8)]), .entry("leaky-relu", [:])]
  ) -> [String: ParameterValue] {
    [
      "bottleneck": bottleneck, "likelihood": likelihood, "encoder": .list(encoder),
      "decoder": .list(decoder),
      "rows": .integer(3), "data": .entry("procedural", [:]),
    ]
  }

  /// Costs of the kind that reads files.
  private static let files = [
    #"{"phi": [[0.3, -0.2, 0.1], [0.5, 0, -1]], "cost": {"type": "linear", "a": [[1, -2, 0.5], [3, 1, 4]], "b": 0.5}}"#,
    #"{"phi": [[0.3, -0.2], [0.5, 0]], "cost": {"type": "mlp", "W1": [[0.4, 1, 1, -0.3], [1, -1, 0.2, 0.6]], "b1": [0.1, -0.2], "w2": [5, -2], "b2": 0.25}}"#,
    #"{"phi": [[0.3, -0.2], [0.5, 0]], "cost": {"type": "table", "values": [1, 2, 3, 5]}}"#,
    #"{"phi": [[[0, 1]], [[1, 0]]], "cost": {"type": "table", "values": [[1, 2], [3, 5]], "gradients": [[[1, 2]], [[3, 4]]]}}"#,
    // Latents of different numbers of categories.
    #"{"phi": [[0.3, -0.2], [0.5, 0, 0.2]], "cost": {"type": "mlp", "W1": [[0.4, 1, 1, -0.3, 2], [1, -1, 0.2, 0.6, -1]], "b1": [0.1, -0.2], "w2": [5, -2], "b2": 0.25}}"#,
    #"{"phi": [[[0.3, -0.2], [0.5, 0, 0.2]], [[0, 1], [0.1, 0.2, 0.3]]], "cost": {"type": "table", "values": [1, 2, 3, 5, 8, 13], "gradients": [[[1,2],[3,4,5]],[[1,3],[3,4,6]],[[2,2],[3,4,7]],[[1,2],[4,4,8]],[[1,5],[3,4,9]],[[1,2],[3,8,10]]]}}"#,
  ]

  /// Quantisers of files: every kind, soft and with Gaussian noise, closed and integrated.
  private static let quantisers: [(String, [String: ParameterValue])] = [
    (
      #"{"kind": "scalar", "z_e": [[0.2, -0.4]], "levels": [[-1, 0, 1], [-1, 1]], "cost": {"type": "quadratic", "A": [[1, 0.5], [-0.3, 2]], "b": [0.1, -1]}}"#,
      ["smoothing": .text("gaussian")]
    ),
    (
      #"{"kind": "fsq", "z_e": [[0.2, -0.4]], "level_counts": [3, 4], "cost": {"type": "mlp", "W1": [[1, 0.5], [-0.3, 2]], "b1": [0.1, -1], "w2": [1, 2]}}"#,
      ["smoothing": .text("gaussian"), "s": .number(1)]
    ),
    (
      #"{"kind": "sign", "z_e": [[0.2, -0.4, 0.1]], "cost": {"type": "cubic", "A": [[1, 0.5, 0], [-0.3, 2, 1], [0, 0, 1]], "W": [[0.1, -1, 0.4]]}}"#,
      [:]
    ),
    (
      #"{"kind": "vq", "z_e": [[0.2, -0.4], [0.5, 0.3]], "codebook": [[0, 1], [1, -0.5], [-1, 0]], "cost": {"type": "mlp", "W1": [[1, 0.5, 0.3, -1], [-0.3, 2, 0, 1]], "b1": [0.1, -1], "w2": [1, 2]}}"#,
      [:]
    ),
    (
      #"{"kind": "vq", "z_e": [[0.2, -0.4]], "codebook": [[0, 1], [1, -0.5], [-1, 0]], "cost": {"type": "linear", "a": [[1, -2]], "b": 0.5}}"#,
      ["smoothing": .text("gaussian")]
    ),
    (
      #"{"kind": "residual", "z_e": [[0.2, -0.4]], "codebooks": [[[0, 1], [1, -0.5]], [[0.2, 0.1], [-0.3, 0]]], "cost": {"type": "quadratic", "A": [[1, 0.5], [-0.3, 2]]}}"#,
      ["smoothing": .text("gaussian")]
    ),
    (
      #"{"kind": "product", "groups": 2, "z_e": [[0.2, -0.4]], "codebooks": [[[0], [1], [-0.5]], [[0.2], [-0.3]]], "cost": {"type": "quadratic", "A": [[1, 0.5], [-0.3, 2]]}}"#,
      ["smoothing": .text("gaussian"), "s": .number(0.3), "s-unit": .text("absolute")]
    ),
    (
      #"{"kind": "multihead", "heads": 2, "z_e": [[0.2, -0.4, 0.1, 0.9]], "codebook": [[0, 1], [1, -0.5]], "cost": {"type": "linear", "a": [1, -2, 3, 0.5]}}"#,
      [:]
    ),
  ]

  private static var registered: [ProblemSubject] {
    ProblemRegistry.all.flatMap { descriptor -> [ProblemSubject] in
      if descriptor.parameters.contains(where: { $0.kind == .path }) {
        return (files.map { ($0, [:]) } + quantisers).enumerated().map { index, file in
          ProblemSubject("\(descriptor.name) \(index + 1)") {
            let folder = FileManager.default.temporaryDirectory
              .appendingPathComponent("gradfid-problem-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try Data(file.0.utf8).write(to: folder.appendingPathComponent("p.json"))
            return try problem(
              descriptor, file.1.merging(["file": .text("p.json")]) { $1 },
              directory: folder.path)
          }
        }
      }
      let forms = sizes[descriptor.name] ?? [[:]]
      return forms.enumerated().map { index, parameters in
        ProblemSubject(
          forms.count == 1 ? descriptor.name : "\(descriptor.name) \(index + 1)"
        ) { try problem(descriptor, parameters) }
      }
    }
  }

  private static let doublePrecision = [
    ProblemSubject("categorical-vae in float64") {
      try CategoricalVAE<Double>(settings: settings, images: .procedural())
    },
    ProblemSubject("autoencoder 1 in float64") { try autoencoder(0) },
    ProblemSubject("autoencoder 2 in float64") { try autoencoder(1) },
    ProblemSubject("autoencoder 3 in float64") { try autoencoder(2) },
    ProblemSubject("autoencoder 4 in float64") { try autoencoder(3) },
    ProblemSubject("autoencoder 5 in float64") { try autoencoder(4) },
    ProblemSubject("vq-autoencoder in float64") {
      try VectorQuantiser<Double>(
        settings: VQSettings(network: settings, dimension: 2), images: .procedural())
    },
  ]

  private static func autoencoder(_ index: Int) throws -> any DiscreteProblem {
    try AutoencoderProblem.make(
      ResolvedParameters(
        autoencoders[index], specs: AutoencoderProblem.descriptor.parameters),
      ProblemEnvironment(baseDirectory: ".", dataDirectories: [], checkpointDirectory: "."),
      Double.self)
  }

  private static let settings = VAESettings(
    latents: 2, categories: 3, rows: 3, hidden1: 12, hidden2: 8)

  private static func problem(
    _ descriptor: ProblemDescriptor, _ parameters: [String: ParameterValue],
    directory: String = "."
  ) throws -> any DiscreteProblem {
    try descriptor.make(
      ResolvedParameters(parameters, specs: descriptor.parameters),
      ProblemEnvironment(
        baseDirectory: directory, dataDirectories: [], checkpointDirectory: directory))
  }
}
