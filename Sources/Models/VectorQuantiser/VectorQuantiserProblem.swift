import Discrete

/// The vector-quantised autoencoder as a problem kind, in float32.
enum VectorQuantiserProblem {
  static let descriptor = ProblemDescriptor(
    name: "vq-autoencoder",
    summary: "An autoencoder of images with a vector quantiser, and its gradient gap when bypassed",
    formula: """
      phi_k = -||z_e - e_k||^2 / (2 s^2), f_b(z) = sum_j softplus(y_j) - x_b . y, \
      y = decoder(sum_k z_k e_k); encoder 784 - hidden-1 - hidden-2 - D d, mirrored decoder, ReLU. \
      Targets are those of the soft assignment of width s
      """,
    source: "van den Oord et al. 2017, arXiv:1711.00937",
    parameters: [
      ParameterSpec("categories", .integer(2...8192), default: .integer(8), "Codes K"),
      ParameterSpec("latents", .integer(1...8192), default: .integer(4), "Number of latents D"),
      ParameterSpec(
        "dimension", .integer(1...8192), default: .integer(4), "Coordinates d of a code"),
      ParameterSpec(
        "s", .temperature, default: .number(1), "Width of the soft assignment of the target"),
      ParameterSpec(
        "rows", .integer(1...10_000), default: .integer(100), "Images of the measured batch"),
      ParameterSpec(
        "data", .choice(["auto", "mnist", "procedural"]), default: .text("auto"),
        "Images; auto takes the MNIST test images where found, else the procedural set"),
      ParameterSpec(
        "hidden-1", .integer(1...8192), default: .integer(512),
        "Units of the encoder's first and the decoder's second hidden layer"),
      ParameterSpec(
        "hidden-2", .integer(1...8192), default: .integer(256),
        "Units of the encoder's second and the decoder's first hidden layer"),
      ParameterSpec(
        "offset", .integer(0...1_000_000), default: .integer(0),
        "First image of the measured batch"),
      ParameterSpec(
        "seed", .integer(0...Int.max), default: .integer(1), "Key of the weights and codes"),
      ParameterSpec(
        "binarise", .choice(["threshold", "none"]), default: .text("threshold"),
        "Pixels above one half become 1 and the others 0, or stay grey"),
    ],
    identifying: ["categories", "latents", "dimension", "s"],
    trainable: true
  ) { parameters, environment in
    try VectorQuantiser<Float>(
      settings: VQSettings(
        network: VAESettings(
          latents: parameters.integer("latents"), categories: parameters.integer("categories"),
          rows: parameters.integer("rows"), offset: parameters.integer("offset"),
          hidden1: parameters.integer("hidden-1"), hidden2: parameters.integer("hidden-2"),
          seed: UInt64(parameters.integer("seed")),
          binarised: parameters.text("binarise") == "threshold"),
        dimension: parameters.integer("dimension"), width: parameters.number("s")),
      images: ImageData.load(
        parameters.text("data"), directories: environment.dataDirectories))
  }
}
