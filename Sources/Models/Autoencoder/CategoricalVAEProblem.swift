import Discrete

/// The categorical VAE as a problem kind, in float32: settings of the autoencoder.
enum CategoricalVAEProblem {
  static let descriptor = ProblemDescriptor(
    name: "categorical-vae",
    summary: "A variational autoencoder of images with a factorised categorical code",
    formula: """
      f_b(z) = sum_j softplus(y_j) - x_b . y, y = decoder(z); encoder 784 - hidden-1 - hidden-2 - \
      D K, mirrored decoder, ReLU. The analytic KL to the uniform prior enters training only
      """,
    source: "Jang et al. 2017; sizes of Liu et al. 2023 (ReinMax), arXiv:2304.08612",
    parameters: [
      ParameterSpec("categories", .integer(2...8192), default: .integer(8), "Categories K"),
      ParameterSpec("latents", .integer(1...8192), default: .integer(4), "Number of latents D"),
    ] + VAESettings.imageParameters(seed: "Key of the weights"),
    identifying: ["categories", "latents"],
    trainable: true
  ) { parameters, environment in
    try CategoricalVAE<Float>(
      settings: VAESettings(parameters),
      images: ImageData.load(
        parameters.text("data"), directories: environment.dataDirectories))
  }
}
