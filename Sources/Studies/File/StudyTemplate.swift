/// The example study that `gradfid init` writes.
public enum StudyTemplate {
  /// The text of an example study.
  ///
  /// - Parameter name: name of the study, of the characters `a-z`, `0-9` and `-`; anything else
  ///   is replaced, so that the text can always be read.
  public static func text(name: String = "example") -> String {
    let accepted = NameRule.study.accepts(name) ? name : NameRule.study.nearest(to: name)
    return "# A study: which estimators are measured, on which problems, against which target.\n"
      + "# `gradfid check FILE` checks it, `gradfid run FILE` measures.\n"
      + "# Keys that are left out take the defaults shown here.\n"
      + "format: 1\n"
      + "name: \(accepted ?? "example")\n"
      + body
  }

  private static let body = """
    # title: What the report says at the top
    seed: 1                        # root key of all random numbers

    # A list where one value is allowed is an axis: all combinations of an entry are measured.
    # `gradfid list problems` shows all kinds.
    problems:
      - kind: bernoulli-toy
        t: [0.45, 0.499]
      - kind: quadratic-cubic
        latents: 4
        categories: 4
      # Problems with weights are measured in several states. Remove the '#' to use them.
      # - kind: categorical-vae
      #   categories: 8
      #   latents: 4
      #   states:
      #     - initial
      #     - train: {estimator: st, tau: 1.0, steps: 200, learning-rate: 5.0e-4, batch: 100, seed: 7}

    # What 'bias' is measured against.
    target:
      kind: auto                   # auto | exact | monte-carlo
      law: own                     # own: the distribution that is sampled | unit: temperature 1 | [own, unit]
      max-states: 16384            # most joint codes that are summed for an exact target
      draws: auto                  # estimates of a Monte Carlo target: as each cell needs | a number
      error-fraction: 0.1          # with auto: its error over that of a cell's own mean
      samples: 4                   # samples per estimate of a Monte Carlo target

    # `gradfid list estimators` shows all kinds, `gradfid describe KIND` their parameters.
    estimators:
      - kind: reinforce-loo
        samples: [2, 4]
      - kind: decoupled-st
        tau-forward: [0.5, 1.0]
        tau-backward: [0.5, 1.0, 2.0]
      # Below `zip` the lists are taken row by row instead of in all combinations.
      - zip:
          kind: decoupled-st-gs
          tau-forward: [0.5, 1.0, 2.0]
          tau-backward: [0.5, 1.0, 2.0]

    measure:
      at: [logits, layers, all]    # parts of the gradient
      moments: auto                # auto | exact | monte-carlo
      draws: 1024                  # estimates per cell, a multiple of blocks
      blocks: 32                   # replicate blocks behind the standard errors
      per-draw-samples: 128        # draws for the cosine of single draws and the gap; 0: none
      gap: true                    # whether the gradient gap is measured
      level: 0.95                  # of the confidence intervals
      # Draw on until the error is small enough. Remove the '#' to use it.
      # precision: {metric: rel_bias, se-below: 0.01, max-draws: 65536}

    """
}
