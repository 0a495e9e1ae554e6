import Discrete

/// The categorical VAE as a problem kind, in float32.
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
      ParameterSpec("seed", .integer(0...Int.max), default: .integer(1), "Key of the weights"),
      ParameterSpec(
        "binarise", .choice(["threshold", "none"]), default: .text("threshold"),
        "Pixels above one half become 1 and the others 0, or stay grey"),
    ],
    identifying: ["categories", "latents"],
    trainable: true
  ) { parameters, environment in
    try CategoricalVAE<Float>(
      settings: VAESettings(
        latents: parameters.integer("latents"), categories: parameters.integer("categories"),
        rows: parameters.integer("rows"), offset: parameters.integer("offset"),
        hidden1: parameters.integer("hidden-1"), hidden2: parameters.integer("hidden-2"),
        seed: UInt64(parameters.integer("seed")),
        binarised: parameters.text("binarise") == "threshold"),
      images: ImageData.load(
        parameters.text("data"), directories: environment.dataDirectories))
  }
}
