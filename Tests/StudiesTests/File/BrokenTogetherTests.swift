import Studies
import Testing

/// Several mistakes in one file, and columns behind multi-byte characters.
@Suite struct BrokenTogetherTests {
  @Test(arguments: cases)
  func rendersExactly(file: BrokenFile) {
    file.check()
  }

  static let cases: [BrokenFile] = [
    BrokenFile(
      "all errors in line order",
      #"""
      format: 1
      name: Tau Grid
      seed: 1.5
      problems:
        - kind: bernouli-toy
        - kind: quadratic-cubic
          latents: 0
      target:
        law: both
      estimators:
        - kind: decopled-st
        - kind: st
          tau: [1.0, -1.0, x]
      measure:
        draws: 1000
        levle: 0.9
      """#,
      report: #"""
        study.yaml:2:7: error: 'name' cannot be 'Tau Grid'
            2 | name: Tau Grid
              |       ^~~~~~~~ did you mean 'tau-grid'?
           hint: a name has the characters a-z, 0-9 and -, at most 80 of them
        study.yaml:3:7: error: 'seed' must be a whole number, found '1.5'
            3 | seed: 1.5
              |       ^~~
           hint: seed: root key of all random numbers; default 1
        study.yaml:5:11: error: unknown problem kind 'bernouli-toy'
            5 |   - kind: bernouli-toy
              |           ^~~~~~~~~~~~ did you mean 'bernoulli-toy'?
           hint: `gradfid list problems` shows all 5 kinds
        study.yaml:7:14: error: 'latents' must be a whole number from 1 to 1000, found '0'
            7 |     latents: 0
              |              ^
           hint: latents: number of latents; default 4
        study.yaml:9:8: error: unknown value 'both' for 'law'
            9 |   law: both
              |        ^~~~
           hint: 'law' is one of own, unit
        study.yaml:11:11: error: unknown estimator kind 'decopled-st'
           11 |   - kind: decopled-st
              |           ^~~~~~~~~~~ did you mean 'decoupled-st'?
           hint: `gradfid list estimators` shows all 9 kinds
        study.yaml:13:16: error: 'tau' must be a number above 0, found '-1.0'
           13 |     tau: [1.0, -1.0, x]
              |                ^~~~
           hint: tau: temperature of the softmax; default 1.0
        study.yaml:13:22: error: 'tau' must be a number above 0, found 'x'
           13 |     tau: [1.0, -1.0, x]
              |                      ^
           hint: tau: temperature of the softmax; default 1.0
        study.yaml:15:10: error: 1000 draws do not fill 32 blocks evenly
           15 |   draws: 1000
              |          ^~~~
           hint: set `draws` to a multiple of `blocks`: 992 or 1024
        study.yaml:16:3: error: unknown key 'levle' in 'measure'
           16 |   levle: 0.9
              |   ^~~~~ did you mean 'level'?
           hint: keys: at, moments, draws, blocks, per-draw-samples, gap, level, precision, parameters
        """#),
    BrokenFile(
      "a repeated key hides nothing",
      #"""
      format: 1
      name: s
      name: s2
      problems:
        - kind: bernoulli-toy
          t: 0.4
          t: 0.5
      estimators:
        - kind: sst
          tau: 1
        - kind: st
          tau: 0
          tau: 1
      seed: x
      seed: 4
      """#,
      report: #"""
        study.yaml:3:1: error: 'name' is already given on line 2
            3 | name: s2
              | ^~~~
           hint: keep one of them; several values are given as a list [a, b]
        study.yaml:7:5: error: 't' is already given on line 6
            7 |     t: 0.5
              |     ^
           hint: keep one of them; several values are given as a list [a, b]
        study.yaml:9:11: error: unknown estimator kind 'sst'
            9 |   - kind: sst
              |           ^~~ did you mean 'st'?
           hint: `gradfid list estimators` shows all 9 kinds
        study.yaml:12:10: error: 'tau' must be a number above 0, found '0'
           12 |     tau: 0
              |          ^
           hint: tau: temperature of the softmax; default 1.0
        study.yaml:13:5: error: 'tau' is already given on line 12
           13 |     tau: 1
              |     ^~~
           hint: keep one of them; several values are given as a list [a, b]
        study.yaml:14:7: error: 'seed' must be a whole number of at least 0, found 'x'
           14 | seed: x
              |       ^
           hint: seed: root key of all random numbers; default 1
        study.yaml:15:1: error: 'seed' is already given on line 14
           15 | seed: 4
              | ^~~~
           hint: keep one of them; several values are given as a list [a, b]
        """#),
    BrokenFile(
      "an alias hides nothing",
      #"""
      format: 1
      name: s
      problems: &p
        - kind: bernoulli-toy
      estimators:
        - kind: sst
      """#,
      report: #"""
        study.yaml:3:11: error: anchors and aliases are not supported
            3 | problems: &p
              |           ^~
           hint: write the value out at each place where it is used
        study.yaml:6:11: error: unknown estimator kind 'sst'
            6 |   - kind: sst
              |           ^~~ did you mean 'st'?
           hint: `gradfid list estimators` shows all 9 kinds
        """#),
    BrokenFile(
      "a second document hides nothing",
      #"""
      format: 1
      name: S
      problems:
        - kind: bernoulli-toy
      estimators:
        - kind: st
      ---
      name: s
      """#,
      report: #"""
        study.yaml:2:7: error: 'name' cannot be 'S'
            2 | name: S
              |       ^ did you mean 's'?
           hint: a name has the characters a-z, 0-9 and -, at most 80 of them
        study.yaml:7:1: error: a study file holds one document, found a second one
            7 | ---
              | ^~~
           hint: put each study in a file of its own
        """#),
    BrokenFile(
      "a control character hides nothing",
      #"""
      format: 1
      name: a\#u{0}b
      problems:
        - kind: bernoulli-toy
      estimators:
        - kind: sst
      """#,
      report: #"""
        study.yaml:2:8: error: control character U+0000
            2 | name: a�b
              |        ^
           hint: remove the character
        study.yaml:6:11: error: unknown estimator kind 'sst'
            6 |   - kind: sst
              |           ^~~ did you mean 'st'?
           hint: `gradfid list estimators` shows all 9 kinds
        """#),
    BrokenFile(
      "keys missing and unknown",
      #"""
      nmae: s
      """#,
      report: #"""
        study.yaml:1:1: error: unknown key 'nmae' in the study
            1 | nmae: s
              | ^~~~ did you mean 'name'?
           hint: keys: format, name, kind, title, seed, problems, training, target, estimators, measure
        study.yaml:1:1: error: 'format' is missing in the study
            1 | nmae: s
              | ^~~~
           hint: start the file with `format: 1`
        study.yaml:1:1: error: 'problems' is missing in the study
            1 | nmae: s
              | ^~~~
           hint: give at least one problem: `- kind: NAME`
        study.yaml:1:1: error: 'estimators' is missing in the study
            1 | nmae: s
              | ^~~~
           hint: give at least one estimator: `- kind: NAME`
        """#),
    BrokenFile(
      "beside multi-byte characters",
      #"""
      format: 1
      name: s
      problems:
        - {kind: json, file: "tabelle-für-größen-日本.json", fiel: x}
      estimators:
        - {kind: st, # größe
           tau: -1}
      """#,
      report: #"""
        study.yaml:4:54: error: unknown key 'fiel' in problem 'json'
            4 |   - {kind: json, file: "tabelle-für-größen-日本.json", fiel: x}
              |                                                        ^~~~ did you mean 'file'?
           hint: keys: kind, file, states
        study.yaml:7:11: error: 'tau' must be a number above 0, found '-1'
            7 |      tau: -1}
              |           ^~
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "behind characters of several scalars",
      #"""
      format: 1
      name: s
      problems:
        - {kind: json, file: "👩‍👩‍👧 é.json", fiel: x}
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:4:36: error: unknown key 'fiel' in problem 'json'
            4 |   - {kind: json, file: "👩‍👩‍👧 é.json", fiel: x}
              |                                     ^~~~ did you mean 'file'?
           hint: keys: kind, file, states
        """#),
  ]
}
