import Discrete

extension VAESettings {
  /// The parameters of a study file that every autoencoder of images has beside the sizes of its
  /// code.
  ///
  /// - Parameter summary: what the seed is the key of.
  static func imageParameters(seed summary: String) -> [ParameterSpec] {
    [
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
      ParameterSpec("seed", .integer(0...Int.max), default: .integer(1), summary),
      ParameterSpec(
        "binarise", .choice(["threshold", "none"]), default: .text("threshold"),
        "Pixels above one half become 1 and the others 0, or stay grey"),
    ]
  }

  /// Settings from resolved parameters: `imageParameters`, `latents` and `categories`.
  init(_ parameters: ResolvedParameters) {
    self.init(
      latents: parameters.integer("latents"), categories: parameters.integer("categories"),
      rows: parameters.integer("rows"), offset: parameters.integer("offset"),
      hidden1: parameters.integer("hidden-1"), hidden2: parameters.integer("hidden-2"),
      seed: UInt64(parameters.integer("seed")),
      binarised: parameters.text("binarise") == "threshold")
  }
}
