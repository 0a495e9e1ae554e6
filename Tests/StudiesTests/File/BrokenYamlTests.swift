import Studies
import Testing

/// What is no YAML, or YAML that a study file does not use.
@Suite struct BrokenYamlTests {
  @Test(arguments: cases)
  func rendersExactly(file: BrokenFile) {
    file.check()
  }

  static let cases: [BrokenFile] = [
    BrokenFile(
      "comments only",
      #"""
      # nothing yet
      """#,
      report: #"""
        study.yaml: error: the file is empty
           hint: `gradfid init` writes an example study
        """#),
    BrokenFile(
      "null document",
      #"""
      ---
      ~
      """#,
      report: #"""
        study.yaml: error: the file is empty
           hint: `gradfid init` writes an example study
        """#),
    BrokenFile(
      "duplicate key",
      #"""
      format: 1
      name: s
      name: t
      problems:
        - kind: bernoulli-toy
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:3:1: error: 'name' is already given on line 2
            3 | name: t
              | ^~~~
           hint: keep one of them; several values are given as a list [a, b]
        """#),
    BrokenFile(
      "duplicate key in an entry", in: .section,
      #"""
          tau: 1
          'tau': 2
      """#,
      report: #"""
        study.yaml:8:5: error: 'tau' is already given on line 7
            8 |     'tau': 2
              |     ^~~~~
           hint: keep one of them; several values are given as a list [a, b]
        """#),
    BrokenFile(
      "tab in the indentation",
      #"""
      format: 1
      name: s
      problems:
      \#t- kind: bernoulli-toy
      estimators:
      \#t- kind: st
      """#,
      report: #"""
        study.yaml:4:1: error: a tab in the indentation
            4 |  - kind: bernoulli-toy
              | ^
           hint: indent with spaces, two per level
        study.yaml:6:1: error: a tab in the indentation
            6 |  - kind: st
              | ^
           hint: indent with spaces, two per level
        """#),
    BrokenFile(
      "tab behind blanks", in: .section,
      #"""
        \#ttau: 1
      """#,
      report: #"""
        study.yaml:7:3: error: a tab in the indentation
            7 |    tau: 1
              |   ^
           hint: indent with spaces, two per level
        """#),
    BrokenFile(
      "open quote",
      #"""
      format: 1
      name: s
      title: "open
      problems:
        - kind: bernoulli-toy
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:3:8: error: not valid YAML: something is opened here and never closed
            3 | title: "open
              |        ^
           hint: close the quote or bracket
        """#),
    BrokenFile(
      "open bracket", in: .section,
      #"""
          tau: [0.5, 1.0
      """#,
      report: #"""
        study.yaml:7:10: error: not valid YAML: did not find expected ',' or ']'
            7 |     tau: [0.5, 1.0
              |          ^
           hint: separate entries by commas and close every bracket
        """#),
    BrokenFile(
      "wrong indentation", in: .section,
      #"""
           tau: 1
      """#,
      report: #"""
        study.yaml:7:9: error: not valid YAML: mapping values are not allowed in this context
            7 |      tau: 1
              |         ^
           hint: check the indentation and the blank behind each colon; put a text with ': ' in quotes
        """#),
    BrokenFile(
      "colon in a text", in: .section,
      #"""
      title: bias: the sequel
      """#,
      report: #"""
        study.yaml:7:12: error: not valid YAML: mapping values are not allowed in this context
            7 | title: bias: the sequel
              |            ^
           hint: check the indentation and the blank behind each colon; put a text with ': ' in quotes
        """#),
    BrokenFile(
      "key without a blank", in: .estimators,
      #"""
        - kind:st
          tau: 1
      """#,
      report: #"""
        study.yaml:7:8: error: not valid YAML: mapping values are not allowed in this context
            7 |     tau: 1
              |        ^
           hint: check the indentation and the blank behind each colon; put a text with ': ' in quotes
        """#),
    BrokenFile(
      "two documents", in: .section,
      #"""
      ---
      format: 1
      """#,
      report: #"""
        study.yaml:7:1: error: a study file holds one document, found a second one
            7 | ---
              | ^~~
           hint: put each study in a file of its own
        """#),
    BrokenFile(
      "anchor and alias",
      #"""
      format: 1
      name: s
      title: &t text
      problems:
        - kind: bernoulli-toy
      estimators:
        - kind: st
          tau: &taus [0.5, 1.0]
        - kind: reinmax
          tau: *taus
      """#,
      report: #"""
        study.yaml:3:8: error: anchors and aliases are not supported
            3 | title: &t text
              |        ^~
           hint: write the value out at each place where it is used
        study.yaml:8:10: error: anchors and aliases are not supported
            8 |     tau: &taus [0.5, 1.0]
              |          ^~~~~
           hint: write the value out at each place where it is used
        """#),
    BrokenFile(
      "alias without anchor", in: .section,
      #"""
          tau: *taus
      """#,
      report: #"""
        study.yaml:7:10: error: anchors and aliases are not supported
            7 |     tau: *taus
              |          ^~~~~
           hint: write the value out; put a text that starts with * in quotes
        """#),
    BrokenFile(
      "merge key", in: .section,
      #"""
          <<: {tau: 1}
      """#,
      report: #"""
        study.yaml:7:5: error: unknown key '<<' in estimator 'st'
            7 |     <<: {tau: 1}
              |     ^~
           hint: merge keys are not supported: write the keys out
        """#),
    BrokenFile(
      "tag", in: .section,
      #"""
          tau: !!float 1
      """#,
      report: #"""
        study.yaml:7:10: error: tags are not supported
            7 |     tau: !!float 1
              |          ^~~~~~~
           hint: remove the tag: the type follows from the key
        """#),
    BrokenFile(
      "key that is a list", in: .section,
      #"""
      ? [a, b]
      : 1
      """#,
      report: #"""
        study.yaml:7:3: error: a key must be a name, found a list
            7 | ? [a, b]
              |   ^~~~~~
           hint: write `name: value`
        """#),
    BrokenFile(
      "text that starts with @", in: .section,
      #"""
      title: @home
      """#,
      report: #"""
        study.yaml:7:8: error: not valid YAML: found character that cannot start any token
            7 | title: @home
              |        ^
           hint: put a text that starts with @, ` or % in quotes
        """#),
    BrokenFile(
      "control character", in: .section,
      #"""
      title: a\#u{7}b
      """#,
      report: #"""
        study.yaml:7:9: error: control character U+0007
            7 | title: a�b
              |         ^
           hint: remove the character
        """#),
  ]
}
