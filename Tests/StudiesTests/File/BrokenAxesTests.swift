import Studies
import Testing

/// Lists, tables and their limits.
@Suite struct BrokenAxesTests {
  @Test(arguments: cases)
  func rendersExactly(file: BrokenFile) {
    file.check()
  }

  static let cases: [BrokenFile] = [
    BrokenFile(
      "zip of unequal lengths", in: .estimators,
      #"""
        - zip:
            kind: decoupled-st
            tau-forward: [0.5, 1.0]
            tau-backward: [0.5]
      """#,
      report: #"""
        study.yaml:9:7: error: unequal lengths: 'tau-forward' has 2, 'tau-backward' has 1
            9 |       tau-backward: [0.5]
              |       ^~~~~~~~~~~~
           hint: the lists below `zip` are taken row by row and need the same length
        """#),
    BrokenFile(
      "zip beside other keys", in: .estimators,
      #"""
        - zip:
            kind: st
            tau: [0.5, 1.0]
          noise: shared
      """#,
      report: #"""
        study.yaml:9:5: error: 'noise' stands beside 'zip'
            9 |     noise: shared
              |     ^~~~~
           hint: move all keys of the entry below `zip`
        """#),
    BrokenFile(
      "zip of a list", in: .estimators,
      #"""
        - zip: [1, 2]
      """#,
      report: #"""
        study.yaml:6:10: error: 'zip' must be a mapping, found a list
            6 |   - zip: [1, 2]
              |          ^~~~~~
           hint: put `kind` and the lists below `zip`
        """#),
    BrokenFile(
      "zip without kind", in: .estimators,
      #"""
        - zip:
            tau: [1, 2]
      """#,
      report: #"""
        study.yaml:7:7: error: 'kind' is missing in this estimator entry
            7 |       tau: [1, 2]
              |       ^~~
           hint: add `kind: NAME`; `gradfid list estimators` shows all 9 kinds
        """#),
    BrokenFile(
      "entry beyond the limit", in: .problems,
      #"""
        - kind: quadratic-cubic
          latents: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]
          categories: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]
          terms: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]
          seed: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]
      """#,
      report: #"""
        study.yaml:6:11: error: this entry has 104,976 settings, the limit is 100,000
            6 |   - kind: quadratic-cubic
              |           ^~~~~~~~~~~~~~~
           hint: shorten its lists, or take rows together with `zip`
        """#),
    BrokenFile(
      "study beyond the limit",
      #"""
      format: 1
      name: s
      target: {law: [own, unit]}
      problems:
        - kind: quadratic-cubic
          latents: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
          categories: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
          terms: [2, 3, 4, 5, 6, 7, 8, 9, 10, 11]
      estimators:
        - kind: decoupled-st
          tau-forward: [1, 2, 3, 4, 5, 6, 7, 8]
          tau-backward: [1, 2, 3, 4, 5, 6, 7, 8]
      """#,
      report: #"""
        study.yaml:9:1: error: the study has 128,000 cells, the limit is 100,000
            9 | estimators:
              | ^~~~~~~~~~
           hint: cells = problems x states x laws x estimators: shorten lists, or split the study
        """#),
  ]
}
