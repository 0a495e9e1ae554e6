import Studies
import Testing

/// The target and measure sections.
@Suite struct BrokenSectionsTests {
  @Test(arguments: cases)
  func rendersExactly(file: BrokenFile) {
    file.check()
  }

  static let cases: [BrokenFile] = [
    BrokenFile(
      "target kind misspelt", in: .section,
      #"""
      target:
        kind: montecarlo
      """#,
      report: #"""
        study.yaml:8:9: error: unknown value 'montecarlo' for 'kind'
            8 |   kind: montecarlo
              |         ^~~~~~~~~~ did you mean 'monte-carlo'?
           hint: 'kind' is one of auto, exact, monte-carlo
        """#),
    BrokenFile(
      "target law misspelt", in: .section,
      #"""
      target:
        law: [own, unti]
      """#,
      report: #"""
        study.yaml:8:14: error: unknown value 'unti' for 'law'
            8 |   law: [own, unti]
              |              ^~~~ did you mean 'unit'?
           hint: 'law' is one of own, unit
        """#),
    BrokenFile(
      "target distribution empty", in: .section,
      #"""
      target:
        law: []
      """#,
      report: #"""
        study.yaml:8:8: error: 'law' is an empty list
            8 |   law: []
              |        ^~
           hint: list some of own, unit
        """#),
    BrokenFile(
      "target states too many", in: .section,
      #"""
      target:
        max-states: 16777217
      """#,
      report: #"""
        study.yaml:8:15: error: 'max-states' must be a whole number from 1 to 16777216, found \#
        '16777217'
            8 |   max-states: 16777217
              |               ^~~~~~~~
           hint: max-states: most joint codes of an exact target; default 16384
        """#),
    BrokenFile(
      "target draws too few", in: .section,
      #"""
      target:
        draws: 31
      """#,
      report: #"""
        study.yaml:8:10: error: 'draws' must be a whole number from 32 to 1000000000, found '31'
            8 |   draws: 31
              |          ^~
           hint: draws: auto, or the estimates of a Monte Carlo target; default auto
        """#),
    BrokenFile(
      "target samples", in: .section,
      #"""
      target:
        samples: 1
      """#,
      report: #"""
        study.yaml:8:12: error: 'samples' must be a whole number from 2 to 64, found '1'
            8 |   samples: 1
              |            ^
           hint: samples: per estimate of the target; default 4
        """#),
    BrokenFile(
      "target key", in: .section,
      #"""
      target:
        max_states: 10
      """#,
      report: #"""
        study.yaml:8:3: error: unknown key 'max_states' in 'target'
            8 |   max_states: 10
              |   ^~~~~~~~~~ did you mean 'max-states'?
           hint: keys: kind, law, max-states, draws, samples, error-fraction, max-draws
        """#),
    BrokenFile(
      "measure scope", in: .section,
      #"""
      measure:
        at: [logits, layer]
      """#,
      report: #"""
        study.yaml:8:16: error: unknown value 'layer' for 'at'
            8 |   at: [logits, layer]
              |                ^~~~~ did you mean 'layers'?
           hint: 'at' is one of logits, layers, all
        """#),
    BrokenFile(
      "draws not a multiple of blocks", in: .section,
      #"""
      measure:
        draws: 1000
      """#,
      report: #"""
        study.yaml:8:10: error: 1000 draws do not fill 32 blocks evenly
            8 |   draws: 1000
              |          ^~~~
           hint: set `draws` to a multiple of `blocks`: 992 or 1024
        """#),
    BrokenFile(
      "draws too few for blocks", in: .section,
      #"""
      measure:
        draws: 64
        blocks: 64
      """#,
      report: #"""
        study.yaml:8:10: error: 64 draws are too few for 64 blocks
            8 |   draws: 64
              |          ^~
           hint: set `draws` to 128 or more, a multiple of `blocks`
        """#),
    BrokenFile(
      "blocks that the default draws do not fill", in: .section,
      #"""
      measure:
        blocks: 100
      """#,
      report: #"""
        study.yaml:8:11: error: 1024 draws (default) do not fill 100 blocks evenly
            8 |   blocks: 100
              |           ^~~
           hint: set `draws` to a multiple of `blocks`: 1000 or 1100
        """#),
    BrokenFile(
      "blocks out of range", in: .section,
      #"""
      measure:
        blocks: 4
      """#,
      report: #"""
        study.yaml:8:11: error: 'blocks' must be a whole number from 8 to 1024, found '4'
            8 |   blocks: 4
              |           ^
           hint: blocks: replicate blocks behind the standard errors; default 32
        """#),
    BrokenFile(
      "gap is yes", in: .section,
      #"""
      measure:
        gap: yes
      """#,
      report: #"""
        study.yaml:8:8: error: 'gap' must be true or false, found 'yes'
            8 |   gap: yes
              |        ^~~ did you mean 'true'?
           hint: gap: whether the gradient gap is measured; default true
        """#),
    BrokenFile(
      "gap in quotes", in: .section,
      #"""
      measure:
        gap: "true"
      """#,
      report: #"""
        study.yaml:8:8: error: 'gap' must be true or false, found the text "true"
            8 |   gap: "true"
              |        ^~~~~~ did you mean 'true'?
           hint: remove the quotes
        """#),
    BrokenFile(
      "gap is a number", in: .section,
      #"""
      measure:
        gap: 7
      """#,
      report: #"""
        study.yaml:8:8: error: 'gap' must be true or false, found '7'
            8 |   gap: 7
              |        ^
           hint: gap: whether the gradient gap is measured; default true
        """#),
    BrokenFile(
      "parameters as a word", in: .section,
      #"""
      measure:
        parameters: all
      """#,
      report: #"""
        study.yaml:8:15: error: 'parameters' must be true or false, found 'all'
            8 |   parameters: all
              |               ^~~
           hint: parameters: whether mean and variance of every parameter are measured; default \#
        false
        """#),
    BrokenFile(
      "parameters misspelt", in: .section,
      #"""
      measure:
        parameter: true
      """#,
      report: #"""
        study.yaml:8:3: error: unknown key 'parameter' in 'measure'
            8 |   parameter: true
              |   ^~~~~~~~~ did you mean 'parameters'?
           hint: keys: at, moments, draws, blocks, per-draw-samples, gap, level, precision, parameters
        """#),
    BrokenFile(
      "level 1", in: .section,
      #"""
      measure:
        level: 1
      """#,
      report: #"""
        study.yaml:8:10: error: 'level' must be above 0 and below 1, found '1'
            8 |   level: 1
              |          ^
           hint: level: level of the confidence intervals; default 0.95
        """#),
    BrokenFile(
      "level in per cent", in: .section,
      #"""
      measure:
        level: 95
      """#,
      report: #"""
        study.yaml:8:10: error: 'level' must be above 0 and below 1, found '95'
            8 |   level: 95
              |          ^~
           hint: level: level of the confidence intervals; default 0.95
        """#),
    BrokenFile(
      "per-draw samples negative", in: .section,
      #"""
      measure:
        per-draw-samples: -1
      """#,
      report: #"""
        study.yaml:8:21: error: 'per-draw-samples' must be a whole number from 0 to 1000000000, \#
        found '-1'
            8 |   per-draw-samples: -1
              |                     ^~
           hint: per-draw-samples: draws for cos_draw and the gradient gap; 0 switches them off
        """#),
  ]
}
