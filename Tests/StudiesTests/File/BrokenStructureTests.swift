import Studies
import Testing

/// Sections and keys that are missing, unknown or of the wrong form.
@Suite struct BrokenStructureTests {
  @Test(arguments: cases)
  func rendersExactly(file: BrokenFile) {
    file.check()
  }

  static let cases: [BrokenFile] = [
    BrokenFile(
      "format missing",
      #"""
      name: s
      problems:
        - kind: bernoulli-toy
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:1:1: error: 'format' is missing in the study
            1 | name: s
              | ^~~~
           hint: start the file with `format: 1`
        """#),
    BrokenFile(
      "format of the future",
      #"""
      format: 2
      name: s
      problems:
        - kind: bernoulli-toy
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:1:9: error: format '2' is not supported
            1 | format: 2
              |         ^
           hint: this version reads `format: 1`
        """#),
    BrokenFile(
      "format in quotes",
      #"""
      format: "1"
      name: s
      problems:
        - kind: bernoulli-toy
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:1:9: error: 'format' must be a number, found the text "1"
            1 | format: "1"
              |         ^~~
           hint: this version reads `format: 1`
        """#),
    BrokenFile(
      "name missing",
      #"""
      format: 1
      problems:
        - kind: bernoulli-toy
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:1:1: error: 'name' is missing in the study
            1 | format: 1
              | ^~~~~~
           hint: results are kept under the study's name: add `name: my-study`
        """#),
    BrokenFile(
      "name with capitals and blanks",
      #"""
      format: 1
      name: Tau Grid
      problems:
        - kind: bernoulli-toy
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:2:7: error: 'name' cannot be 'Tau Grid'
            2 | name: Tau Grid
              |       ^~~~~~~~ did you mean 'tau-grid'?
           hint: a name has the characters a-z, 0-9 and -, at most 80 of them
        """#),
    BrokenFile(
      "name without a value",
      #"""
      format: 1
      name:
      problems:
        - kind: bernoulli-toy
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:2:1: error: 'name' has no value
            2 | name:
              | ^~~~~
           hint: a name has the characters a-z, 0-9 and -, at most 80 of them
        """#),
    BrokenFile(
      "problems missing",
      #"""
      format: 1
      name: s
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:1:1: error: 'problems' is missing in the study
            1 | format: 1
              | ^~~~~~
           hint: give at least one problem: `- kind: NAME`
        """#),
    BrokenFile(
      "estimators missing",
      #"""
      format: 1
      name: s
      problems:
        - kind: bernoulli-toy
      """#,
      report: #"""
        study.yaml:1:1: error: 'estimators' is missing in the study
            1 | format: 1
              | ^~~~~~
           hint: give at least one estimator: `- kind: NAME`
        """#),
    BrokenFile(
      "estimators empty list",
      #"""
      format: 1
      name: s
      problems:
        - kind: bernoulli-toy
      estimators: []
      """#,
      report: #"""
        study.yaml:5:13: error: 'estimators' is an empty list
            5 | estimators: []
              |             ^~
           hint: give at least one estimator: `- kind: NAME`
        """#),
    BrokenFile(
      "estimators without a value",
      #"""
      format: 1
      name: s
      problems:
        - kind: bernoulli-toy
      estimators:
      """#,
      report: #"""
        study.yaml:5:1: error: 'estimators' has no value
            5 | estimators:
              | ^~~~~~~~~~~
           hint: give at least one estimator: `- kind: NAME`
        """#),
    BrokenFile(
      "estimators as a mapping", in: .estimators,
      #"""
        kind: st
      """#,
      report: #"""
        study.yaml:6:3: error: 'estimators' must be a list, found a mapping
            6 |   kind: st
              |   ^~~~
           hint: give at least one estimator: `- kind: NAME`
        """#),
    BrokenFile(
      "entry as a bare name", in: .estimators,
      #"""
        - st
      """#,
      report: #"""
        study.yaml:6:5: error: an estimator entry must be a mapping, found 'st'
            6 |   - st
              |     ^~
           hint: write `- kind: st`
        """#),
    BrokenFile(
      "unknown key at the top",
      #"""
      format: 1
      name: s
      problems:
        - kind: bernoulli-toy
      estimator:
        - kind: st
      """#,
      report: #"""
        study.yaml:5:1: error: unknown key 'estimator' in the study
            5 | estimator:
              | ^~~~~~~~~ did you mean 'estimators'?
           hint: keys: format, name, kind, title, seed, problems, training, target, estimators, measure
        """#),
    BrokenFile(
      "key far from any other", in: .section,
      #"""
      optimizer: adam
      """#,
      report: #"""
        study.yaml:7:1: error: unknown key 'optimizer' in the study
            7 | optimizer: adam
              | ^~~~~~~~~
           hint: keys: format, name, kind, title, seed, problems, training, target, estimators, measure
        """#),
    BrokenFile(
      "top level is a list",
      #"""
      - format: 1
      - name: s
      """#,
      report: #"""
        study.yaml:1:1: error: a study file must be a mapping, found a list
            1 | - format: 1
              | ^
           hint: it starts with `format: 1`; `gradfid init` writes an example
        """#),
    BrokenFile(
      "top level is a text",
      #"""
      just a text
      """#,
      report: #"""
        study.yaml:1:1: error: a study file must be a mapping, found 'just a text'
            1 | just a text
              | ^~~~~~~~~~~
           hint: it starts with `format: 1`; `gradfid init` writes an example
        """#),
    BrokenFile(
      "title is a list", in: .section,
      #"""
      title: [a, b]
      """#,
      report: #"""
        study.yaml:7:8: error: 'title' takes one value, found a list
            7 | title: [a, b]
              |        ^~~~~~
           hint: write a text on one line, or remove the key
        """#),
    BrokenFile(
      "title over two lines", in: .section,
      #"""
      title: |
        one
        two
      """#,
      report: #"""
        study.yaml:7:8: error: 'title' must be one line of text
            7 | title: |
              |        ^
           hint: write a text on one line, or remove the key
        """#),
    BrokenFile(
      "seed negative", in: .section,
      #"""
      seed: -1
      """#,
      report: #"""
        study.yaml:7:7: error: 'seed' is out of range: '-1'
            7 | seed: -1
              |       ^~
           hint: the range is 0 to 18446744073709551615
        """#),
    BrokenFile(
      "seed above 64 bits", in: .section,
      #"""
      seed: 18446744073709551616
      """#,
      report: #"""
        study.yaml:7:7: error: 'seed' is out of range: '18446744073709551616'
            7 | seed: 18446744073709551616
              |       ^~~~~~~~~~~~~~~~~~~~
           hint: the range is 0 to 18446744073709551615
        """#),
    BrokenFile(
      "target is a list", in: .section,
      #"""
      target: [exact]
      """#,
      report: #"""
        study.yaml:7:9: error: 'target' must be a mapping, found a list
            7 | target: [exact]
              |         ^~~~~~~
           hint: remove the key to take all defaults
        """#),
    BrokenFile(
      "measure without a value", in: .section,
      #"""
      measure:
      """#,
      report: #"""
        study.yaml:7:1: error: 'measure' must be a mapping, found nothing
            7 | measure:
              | ^~~~~~~~
           hint: remove the key to take all defaults
        """#),
  ]
}
