import Studies
import Testing

/// Files that are read, with something to say about them.
@Suite struct WarningTests {
  @Test(arguments: cases)
  func rendersExactly(file: BrokenFile) {
    file.check(.warning)
  }

  static let cases: [BrokenFile] = [
    BrokenFile(
      "repeated value in an axis", in: .section,
      #"""
          tau: [1, 0.5, 1.0]
      """#,
      report: #"""
        study.yaml:7:19: warning: '1.0' is repeated in 'tau'
            7 |     tau: [1, 0.5, 1.0]
              |                   ^~~
           hint: it counts once
        """#),
    BrokenFile(
      "repeated setting in another entry", in: .section,
      #"""
        - kind: st
          tau: [0.5, 1.0]
      """#,
      report: #"""
        study.yaml:7:11: warning: this estimator setting is given twice: st (tau=1.0)
            7 |   - kind: st
              |           ^~
           hint: it is measured once
        """#),
    BrokenFile(
      "repeated settings of one entry", in: .section,
      #"""
          tau: [0.5, 1.0, 2.0]
        - zip:
            kind: st
            tau: [1.0, 2.0, 4.0]
      """#,
      report: #"""
        study.yaml:9:13: warning: 2 estimator settings of this entry are given twice, the first: \#
        st (tau=1.0)
            9 |       kind: st
              |             ^~
           hint: it is measured once
        """#),
    BrokenFile(
      "repeated kind without parameters", in: .estimators,
      #"""
        - kind: reinforce
        - kind: reinforce
      """#,
      report: #"""
        study.yaml:7:11: warning: this estimator setting is given twice: reinforce
            7 |   - kind: reinforce
              |           ^~~~~~~~~
           hint: it is measured once
        """#),
    BrokenFile(
      "repeated problem", in: .problems,
      #"""
        - kind: bernoulli-toy
        - kind: bernoulli-toy
          t: 0.45
      """#,
      report: #"""
        study.yaml:7:11: warning: this problem setting is given twice: bernoulli-toy (t=0.45, \#
        logit=0.0)
            7 |   - kind: bernoulli-toy
              |           ^~~~~~~~~~~~~
           hint: it is measured once
        """#),
    BrokenFile(
      "repeated state", in: .problems,
      #"""
        - kind: categorical-vae
          states: [initial, {checkpoint: a}, initial]
      """#,
      report: #"""
        study.yaml:7:40: warning: this state is repeated
            7 |     states: [initial, {checkpoint: a}, initial]
              |                                        ^~~~~~~
           hint: it counts once
        """#),
    BrokenFile(
      "repeated law", in: .section,
      #"""
      target: {law: [own, own]}
      """#,
      report: #"""
        study.yaml:7:21: warning: 'own' is repeated in 'law'
            7 | target: {law: [own, own]}
              |                     ^~~
           hint: it counts once
        """#),
    BrokenFile(
      "inert axis", in: .estimators,
      #"""
        - kind: decoupled-st-gs
          placement: scaled-sum
          tau-forward: [0.5, 1.0]
          tau-backward: [0.5, 1.0]
      """#,
      report: #"""
        study.yaml:8:5: warning: 'tau-forward' is varied but has no effect: under scaled-sum an \#
        argmax does not depend on it
            8 |     tau-forward: [0.5, 1.0]
              |     ^~~~~~~~~~~
           hint: keep one value: the others measure the same again
        """#),
    BrokenFile(
      "inert axis over two entries", in: .estimators,
      #"""
        - kind: decoupled-st-gs
          placement: scaled-sum
        - kind: decoupled-st-gs
          placement: [scaled-logits, scaled-sum]
          tau-forward: 0.5
      """#,
      report: #"""
        study.yaml:10:5: warning: 'tau-forward' is varied but has no effect: under scaled-sum an \#
        argmax does not depend on it
           10 |     tau-forward: 0.5
              |     ^~~~~~~~~~~
           hint: keep one value: the others measure the same again
        """#),
    BrokenFile(
      "not inert: the same value again", in: .estimators,
      #"""
        - kind: decoupled-st-gs
          placement: scaled-sum
          tau-forward: 0.5
        - kind: decoupled-st-gs
          placement: scaled-sum
          tau-forward: 0.5
      """#,
      report: #"""
        study.yaml:9:11: warning: this estimator setting is given twice: decoupled-st-gs \#
        (tau-forward=0.5, tau-backward=1.0, placement=scaled-sum, noise=shared, forward=sample, \#
        jacobian=softmax)
            9 |   - kind: decoupled-st-gs
              |           ^~~~~~~~~~~~~~~
           hint: it is measured once
        """#),
    BrokenFile(
      "not inert: one value", in: .estimators,
      #"""
        - kind: decoupled-st-gs
          placement: scaled-sum
          tau-forward: 0.5
      """#,
      report: #"""

        """#),
    BrokenFile(
      "not inert: other parameters differ too", in: .estimators,
      #"""
        - zip:
            kind: decoupled-st-gs
            placement: [scaled-sum, scaled-sum, scaled-logits]
            tau-forward: [0.5, 1.0, 2.0]
            tau-backward: [0.5, 1.0, 0.5]
      """#,
      report: #"""

        """#),
  ]
}
