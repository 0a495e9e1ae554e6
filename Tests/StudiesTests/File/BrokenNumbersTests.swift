import Studies
import Testing

/// Numbers in all the spellings that are refused.
@Suite struct BrokenNumbersTests {
  @Test(arguments: cases)
  func rendersExactly(file: BrokenFile) {
    file.check()
  }

  static let cases: [BrokenFile] = [
    BrokenFile(
      "temperature 0", in: .estimators,
      #"""
        - {kind: st, tau: 0}
      """#,
      report: #"""
        study.yaml:6:21: error: 'tau' must be a number above 0, found '0'
            6 |   - {kind: st, tau: 0}
              |                     ^
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "temperature negative in an axis", in: .section,
      #"""
          tau: [0.5, -1.0, 2]
      """#,
      report: #"""
        study.yaml:7:16: error: 'tau' must be a number above 0, found '-1.0'
            7 |     tau: [0.5, -1.0, 2]
              |                ^~~~
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "temperature infinite", in: .estimators,
      #"""
        - {kind: st, tau: .inf}
      """#,
      report: #"""
        study.yaml:6:21: error: 'tau' must be finite, found '.inf'
            6 |   - {kind: st, tau: .inf}
              |                     ^~~~
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "temperature not a number", in: .estimators,
      #"""
        - {kind: st, tau: .nan}
      """#,
      report: #"""
        study.yaml:6:21: error: 'tau' must be finite, found '.nan'
            6 |   - {kind: st, tau: .nan}
              |                     ^~~~
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "temperature too large", in: .estimators,
      #"""
        - {kind: st, tau: 1e400}
      """#,
      report: #"""
        study.yaml:6:21: error: 'tau' is too large for a number: '1e400'
            6 |   - {kind: st, tau: 1e400}
              |                     ^~~~~
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "temperature too small", in: .estimators,
      #"""
        - {kind: st, tau: 1e-400}
      """#,
      report: #"""
        study.yaml:6:21: error: 'tau' is too small for a number: '1e-400'
            6 |   - {kind: st, tau: 1e-400}
              |                     ^~~~~~
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "temperature is a word", in: .estimators,
      #"""
        - {kind: st, tau: warm}
      """#,
      report: #"""
        study.yaml:6:21: error: 'tau' must be a number above 0, found 'warm'
            6 |   - {kind: st, tau: warm}
              |                     ^~~~
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "temperature is no", in: .estimators,
      #"""
        - {kind: st, tau: no}
      """#,
      report: #"""
        study.yaml:6:21: error: 'tau' must be a number above 0, found 'no'
            6 |   - {kind: st, tau: no}
              |                     ^~
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "number in quotes", in: .estimators,
      #"""
        - {kind: st, tau: "0.5"}
      """#,
      report: #"""
        study.yaml:6:21: error: 'tau' must be a number above 0, found the text "0.5"
            6 |   - {kind: st, tau: "0.5"}
              |                     ^~~~~
           hint: remove the quotes
        """#),
    BrokenFile(
      "hexadecimal", in: .estimators,
      #"""
        - {kind: reinforce-loo, samples: 0x10}
      """#,
      report: #"""
        study.yaml:6:36: error: 'samples' cannot be read: hexadecimal in '0x10'
            6 |   - {kind: reinforce-loo, samples: 0x10}
              |                                    ^~~~
           hint: write 16
        """#),
    BrokenFile(
      "leading zero", in: .estimators,
      #"""
        - {kind: reinforce-loo, samples: 012}
      """#,
      report: #"""
        study.yaml:6:36: error: 'samples' cannot be read: leading zero in '012'
            6 |   - {kind: reinforce-loo, samples: 012}
              |                                    ^~~
           hint: write 12
        """#),
    BrokenFile(
      "underscore", in: .section,
      #"""
      measure:
        draws: 1_024
      """#,
      report: #"""
        study.yaml:8:10: error: 'draws' cannot be read: underscore in '1_024'
            8 |   draws: 1_024
              |          ^~~~~
           hint: write 1024
        """#),
    BrokenFile(
      "decimal comma", in: .section,
      #"""
          tau: 0,5
      """#,
      report: #"""
        study.yaml:7:10: error: 'tau' cannot be read: decimal comma in '0,5'
            7 |     tau: 0,5
              |          ^~~
           hint: write 0.5
        """#),
    BrokenFile(
      "number without a value", in: .section,
      #"""
          tau:
      """#,
      report: #"""
        study.yaml:7:5: error: 'tau' has no value
            7 |     tau:
              |     ^~~~
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "nested list", in: .section,
      #"""
          tau: [[0.5, 1.0], 2.0]
      """#,
      report: #"""
        study.yaml:7:11: error: 'tau' takes one value, found a list
            7 |     tau: [[0.5, 1.0], 2.0]
              |           ^~~~~~~~~~
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "empty axis", in: .section,
      #"""
          tau: []
      """#,
      report: #"""
        study.yaml:7:10: error: 'tau' is an empty list
            7 |     tau: []
              |          ^~
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "hole in an axis", in: .section,
      #"""
          tau: [0.5, , 2.0]
      """#,
      report: #"""
        study.yaml:7:16: error: not valid YAML: did not find expected node content
            7 |     tau: [0.5, , 2.0]
              |                ^
           hint: check quotes, brackets and indentation
        """#),
    BrokenFile(
      "mapping instead of a number", in: .section,
      #"""
          tau: {from: 0.5, to: 2}
      """#,
      report: #"""
        study.yaml:7:10: error: 'tau' takes one value, found a mapping
            7 |     tau: {from: 0.5, to: 2}
              |          ^~~~~~~~~~~~~~~~~~
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "fraction for a whole number", in: .estimators,
      #"""
        - {kind: reinforce-loo, samples: 2.5}
      """#,
      report: #"""
        study.yaml:6:36: error: 'samples' must be a whole number, found '2.5'
            6 |   - {kind: reinforce-loo, samples: 2.5}
              |                                    ^~~
           hint: samples: samples per estimate; default 2
        """#),
    BrokenFile(
      "exponent for a whole number", in: .estimators,
      #"""
        - {kind: reinforce-loo, samples: 1e1}
      """#,
      report: #"""
        study.yaml:6:36: error: 'samples' must be a whole number, found '1e1'
            6 |   - {kind: reinforce-loo, samples: 1e1}
              |                                    ^~~
           hint: write 10
        """#),
    BrokenFile(
      "whole number with an exponent above its range", in: .estimators,
      #"""
        - {kind: reinforce-loo, samples: 1e30}
      """#,
      report: #"""
        study.yaml:6:36: error: 'samples' must be a whole number from 2 to 64, found '1e30'
            6 |   - {kind: reinforce-loo, samples: 1e30}
              |                                    ^~~~
           hint: samples: samples per estimate; default 2
        """#),
    BrokenFile(
      "whole number above its range", in: .estimators,
      #"""
        - {kind: reinforce-loo, samples: 65}
      """#,
      report: #"""
        study.yaml:6:36: error: 'samples' must be a whole number from 2 to 64, found '65'
            6 |   - {kind: reinforce-loo, samples: 65}
              |                                    ^~
           hint: samples: samples per estimate; default 2
        """#),
    BrokenFile(
      "whole number beyond 64 bits", in: .problems,
      #"""
        - {kind: quadratic-cubic, seed: 99999999999999999999}
      """#,
      report: #"""
        study.yaml:6:35: error: 'seed' is out of range: '99999999999999999999'
            6 |   - {kind: quadratic-cubic, seed: 99999999999999999999}
              |                                   ^~~~~~~~~~~~~~~~~~~~
           hint: the range is 0 to 9223372036854775807
        """#),
    BrokenFile(
      "number in a range", in: .problems,
      #"""
        - {kind: polynomial-programming, p: 17}
      """#,
      report: #"""
        study.yaml:6:39: error: 'p' must be a number from 1 to 16, found '17'
            6 |   - {kind: polynomial-programming, p: 17}
              |                                       ^~
           hint: p: exponent; default 2.0
        """#),
  ]
}
