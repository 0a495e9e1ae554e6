import Fidelity
import Studies
import Testing

/// The stop rule and the size of Monte Carlo targets in study files.
@Suite struct BrokenPrecisionTests {
  @Test(arguments: cases) func rendersExactly(file: BrokenFile) { file.check() }

  @Test(arguments: warnings) func warnsExactly(file: BrokenFile) { file.check(.warning) }

  @Test func goodSettingsAreRead() throws {
    func read(_ sections: String) throws -> StudyFile {
      try MimicCatalogue.read(BrokenFile.Frame.section.rawValue + sections)
    }
    let study = try read(
      """
      target: {draws: auto, error-fraction: 0.2, max-draws: 5000}
      measure:
        precision: {metric: cos_mean, se-below: 1.0e-3, max-draws: 4096, scope: encoder.1}

      """)
    #expect(study.target == TargetSettings(errorFraction: 0.2, maxDraws: 5000))
    #expect(
      study.measure.precision
        == PrecisionRule(
          metric: .cosineOfMean, errorBelow: 1e-3, maxDraws: 4096, scope: "encoder.1"))
    #expect(study.warnings.isEmpty)
    #expect(try read("target: {draws: 4096}\n").target == TargetSettings(draws: 4096))
    #expect(try read("seed: 1\n").target.draws == nil)
  }

  private static let cases = [
    BrokenFile(
      "an unknown key of the rule", in: .section,
      #"""
      measure:
        precision: {metric: rel_bias, se-blow: 0.01, max-draws: 4096}
      """#,
      report: #"""
        study.yaml:8:33: error: unknown key 'se-blow' in 'precision'
            8 |   precision: {metric: rel_bias, se-blow: 0.01, max-draws: 4096}
              |                                 ^~~~~~~ did you mean 'se-below'?
           hint: keys: metric, se-below, max-draws, scope
        """#),
    BrokenFile(
      "an empty rule", in: .section,
      #"""
      measure:
        precision: {}
      """#,
      report: #"""
        study.yaml:8:14: error: 'metric' is missing in 'precision'
            8 |   precision: {}
              |              ^~
           hint: precision: {metric: rel_bias, se-below: 0.01, max-draws: 65536}
        study.yaml:8:14: error: 'se-below' is missing in 'precision'
            8 |   precision: {}
              |              ^~
           hint: precision: {metric: rel_bias, se-below: 0.01, max-draws: 65536}
        study.yaml:8:14: error: 'max-draws' is missing in 'precision'
            8 |   precision: {}
              |              ^~
           hint: precision: {metric: rel_bias, se-below: 0.01, max-draws: 65536}
        """#),
    BrokenFile(
      "a rule that is a number", in: .section,
      #"""
      measure:
        precision: 0.01
      """#,
      report: #"""
        study.yaml:8:14: error: 'precision' must be a mapping, found '0.01'
            8 |   precision: 0.01
              |              ^~~~
           hint: precision: {metric: rel_bias, se-below: 0.01, max-draws: 65536}
        """#),
    BrokenFile(
      "a metric that is sampled draw by draw", in: .section,
      #"""
      measure:
        precision: {metric: cos_drawn, se-below: 0, max-draws: 512}
      """#,
      report: #"""
        study.yaml:8:23: error: unknown value 'cos_drawn' for 'metric'
            8 |   precision: {metric: cos_drawn, se-below: 0, max-draws: 512}
              |                       ^~~~~~~~~ did you mean 'cos_mean'?
           hint: 'metric' is one of bias_sq, rel_bias, variance, variance_mean, mse, rmse_1, rmse_10, \#
        rmse_100, rmse_1000, snr, cos_mean, scale, scale_free_bias, target_norm, target_error_sq, \#
        estimate_norm, reinmax_bias_target, reinmax_bias_mean, reinmax_std_mean, reinmax_cos
        study.yaml:8:44: error: 'se-below' must be a number above 0, found '0'
            8 |   precision: {metric: cos_drawn, se-below: 0, max-draws: 512}
              |                                            ^
           hint: se-below: the standard error to reach
        """#),
    BrokenFile(
      "fewer draws at the end than at the start", in: .section,
      #"""
      measure:
        precision: {metric: rel_bias, se-below: 0.01, max-draws: 512}
      """#,
      report: #"""
        study.yaml:8:60: error: 'max-draws' is below the 1024 draws that a cell starts with
            8 |   precision: {metric: rel_bias, se-below: 0.01, max-draws: 512}
              |                                                            ^~~
           hint: set it to 2048 or more, or `draws` lower
        """#),
    BrokenFile(
      "most draws and scope of the wrong type", in: .section,
      #"""
      measure:
        precision: {metric: rel_bias, se-below: 0.01, max-draws: many, scope: [logits]}
      """#,
      report: #"""
        study.yaml:8:60: error: 'max-draws' must be a whole number from 1 to 1000000000, found 'many'
            8 |   precision: {metric: rel_bias, se-below: 0.01, max-draws: many, scope: [logits]}
              |                                                            ^~~~
           hint: max-draws: the most estimates of a cell
        study.yaml:8:73: error: 'scope' takes one value, found a list
            8 |   precision: {metric: rel_bias, se-below: 0.01, max-draws: many, scope: [logits]}
              |                                                                         ^~~~~~~~
           hint: scope: logits, all, or a layer's name; by default every measured one
        """#),
    BrokenFile(
      "draws neither auto nor a number", in: .section,
      #"""
      target:
        draws: atuo
      """#,
      report: #"""
        study.yaml:8:10: error: unknown value 'atuo' for 'draws'
            8 |   draws: atuo
              |          ^~~~ did you mean 'auto'?
           hint: draws: auto, or the estimates of a Monte Carlo target; default auto
        """#),
    BrokenFile(
      "fraction and limit out of range", in: .section,
      #"""
      target:
        error-fraction: 0
        max-draws: 16
      """#,
      report: #"""
        study.yaml:8:19: error: 'error-fraction' must be a number above 0, found '0'
            8 |   error-fraction: 0
              |                   ^
           hint: error-fraction: the target's error over that of a cell's mean; default 0.1
        study.yaml:9:14: error: 'max-draws' must be a whole number from 32 to 1000000000, found '16'
            9 |   max-draws: 16
              |              ^~
           hint: max-draws: most estimates of a target with `draws: auto`; by default by size
        """#),
  ]

  private static let warnings = [
    BrokenFile(
      "a fraction beside a number of draws", in: .section,
      #"""
      target:
        draws: 4096
        error-fraction: 0.2
      """#,
      report: #"""
        study.yaml:9:3: warning: 'error-fraction' has no effect with a number of 'draws'
            9 |   error-fraction: 0.2
              |   ^~~~~~~~~~~~~~
           hint: remove it, or write `draws: auto`
        """#)
  ]
}
