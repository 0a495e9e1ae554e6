import Discrete
import Networks

/// The autoencoder as a problem kind, in float32.
package enum AutoencoderProblem {
  package static let descriptor = ProblemDescriptor(
    name: "autoencoder",
    summary:
      "An autoencoder of any programs, with a bottleneck, a likelihood and data of your choice",
    formula: """
      phi = logits(encoder(x_b)), f_b(z) = likelihood(decoder(embed(z)), x_b). A dense operation is added \
      behind a program that does not end in one of the right size. A bottleneck's analytic KL to its prior, \
      where it has one, enters training only
      """,
    source: "Kingma and Welling 2014, arXiv:1312.6114; van den Oord et al. 2017, arXiv:1711.00937",
    parameters: [
      ParameterSpec(
        "bottleneck", .entry(BottleneckKinds.entries),
        default: defaultEntry(BottleneckKinds.entries, "categorical"),
        "What stands between encoder and decoder"),
      ParameterSpec(
        "encoder", .program, default: .list(hidden([512, 256])), "Operations from data to features"),
      ParameterSpec(
        "decoder", .program, default: .list(hidden([256, 512])), "Operations from vectors to data"),
      ParameterSpec(
        "likelihood", .entry(LikelihoodKinds.entries),
        default: defaultEntry(LikelihoodKinds.entries, "bernoulli"),
        "What the decoder's outputs say of the data"),
      ParameterSpec(
        "data", .entry(DataKinds.entries), default: defaultEntry(DataKinds.entries, "auto"),
        "Rows that the model is trained and measured on"),
      ParameterSpec(
        "rows", .integer(1...10_000), default: .integer(100), "Rows of the measured batch"),
      ParameterSpec(
        "offset", .integer(0...1_000_000), default: .integer(0), "First row of the measured batch"),
      ParameterSpec("seed", .integer(0...Int.max), default: .integer(1), "Key of the weights"),
      ParameterSpec(
        "binarise", .choice(["threshold", "none"]), default: .text("threshold"),
        "Numbers above one half become 1 and the others 0, or stay as they are"),
    ],
    identifying: ["bottleneck"],
    trainable: true
  ) { parameters, environment in try make(parameters, environment, Float.self) }

  /// The problem in a precision; tests compare the two.
  package static func make<Scalar: NetworkScalar>(
    _ parameters: ResolvedParameters, _ environment: ProblemEnvironment, _ type: Scalar.Type
  ) throws -> Autoencoder<Scalar> {
    try Autoencoder(
      settings: AutoencoderSettings(
        encoder: parameters.list("encoder").map { try OperationSpec($0) },
        decoder: parameters.list("decoder").map { try OperationSpec($0) },
        rows: parameters.integer("rows"), offset: parameters.integer("offset"),
        seed: UInt64(parameters.integer("seed")),
        binarised: parameters.text("binarise") == "threshold"),
      bottleneck: BottleneckKinds.make(
        parameters.entry("bottleneck", among: BottleneckKinds.entries), Scalar.self),
      likelihood: LikelihoodKinds.make(
        parameters.entry("likelihood", among: LikelihoodKinds.entries)),
      data: DataKinds.read(parameters.entry("data", among: DataKinds.entries), environment))
  }

  private static func hidden(_ units: [Int]) -> [ParameterValue] {
    units.flatMap { [.entry("dense", ["outputs": .integer($0)]), .entry("relu", [:])] }
  }

  /// A kind of a list with all its defaults.
  private static func defaultEntry(_ kinds: [EntryKind], _ name: String) -> ParameterValue {
    let kind = kinds.first { $0.name == name }
    let own = try? ResolvedParameters([:], specs: kind?.parameters ?? [])
    return .entry(name, own?.values ?? [:])
  }
}
