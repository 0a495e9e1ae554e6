import Discrete

/// The vector-quantised autoencoder as a problem kind, in float32: settings of the autoencoder.
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
    ] + VAESettings.imageParameters(seed: "Key of the weights and codes"),
    identifying: ["categories", "latents", "dimension", "s"],
    trainable: true,
    numbersFormat: 2
  ) { parameters, environment in
    try VectorQuantiser<Float>(
      settings: VQSettings(
        network: VAESettings(parameters),
        dimension: parameters.integer("dimension"), width: parameters.number("s")),
      images: ImageData.load(
        parameters.text("data"), directories: environment.dataDirectories))
  }
}
