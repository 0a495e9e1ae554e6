import Studies
import Testing

/// Kinds and parameters of the catalogues.
@Suite struct BrokenKindsTests {
  @Test(arguments: cases)
  func rendersExactly(file: BrokenFile) {
    file.check()
  }

  static let cases: [BrokenFile] = [
    BrokenFile(
      "estimator kind misspelt", in: .estimators,
      #"""
        - kind: decopled-st
      """#,
      report: #"""
        study.yaml:6:11: error: unknown estimator kind 'decopled-st'
            6 |   - kind: decopled-st
              |           ^~~~~~~~~~~ did you mean 'decoupled-st'?
           hint: `gradfid list estimators` shows all 9 kinds
        """#),
    BrokenFile(
      "estimator kind unknown", in: .estimators,
      #"""
        - kind: vimco
      """#,
      report: #"""
        study.yaml:6:11: error: unknown estimator kind 'vimco'
            6 |   - kind: vimco
              |           ^~~~~
           hint: `gradfid list estimators` shows all 9 kinds
        """#),
    BrokenFile(
      "estimator kind with underscore", in: .estimators,
      #"""
        - kind: Gumbel_Softmax
      """#,
      report: #"""
        study.yaml:6:11: error: unknown estimator kind 'Gumbel_Softmax'
            6 |   - kind: Gumbel_Softmax
              |           ^~~~~~~~~~~~~~ did you mean 'gumbel-softmax'?
           hint: `gradfid list estimators` shows all 9 kinds
        """#),
    BrokenFile(
      "estimator kind abbreviated", in: .estimators,
      #"""
        - kind: gumbel
      """#,
      report: #"""
        study.yaml:6:11: error: unknown estimator kind 'gumbel'
            6 |   - kind: gumbel
              |           ^~~~~~ did you mean 'gumbel-softmax'?
           hint: `gradfid list estimators` shows all 9 kinds
        """#),
    BrokenFile(
      "estimator kind missing", in: .estimators,
      #"""
        - tau: 1
      """#,
      report: #"""
        study.yaml:6:5: error: 'kind' is missing in this estimator entry
            6 |   - tau: 1
              |     ^~~
           hint: add `kind: NAME`; `gradfid list estimators` shows all 9 kinds
        """#),
    BrokenFile(
      "estimator kind as a list", in: .estimators,
      #"""
        - kind: [st, reinmax]
      """#,
      report: #"""
        study.yaml:6:11: error: 'kind' takes one value, found a list
            6 |   - kind: [st, reinmax]
              |           ^~~~~~~~~~~~~
           hint: write one entry per kind
        """#),
    BrokenFile(
      "problem kind misspelt", in: .problems,
      #"""
        - kind: bernouli-toy
      """#,
      report: #"""
        study.yaml:6:11: error: unknown problem kind 'bernouli-toy'
            6 |   - kind: bernouli-toy
              |           ^~~~~~~~~~~~ did you mean 'bernoulli-toy'?
           hint: `gradfid list problems` shows all 5 kinds
        """#),
    BrokenFile(
      "parameter misspelt", in: .estimators,
      #"""
        - kind: decoupled-st
          tau-foward: 1
      """#,
      report: #"""
        study.yaml:7:5: error: unknown key 'tau-foward' in estimator 'decoupled-st'
            7 |     tau-foward: 1
              |     ^~~~~~~~~~ did you mean 'tau-forward'?
           hint: keys: kind, tau-forward, tau-backward
        """#),
    BrokenFile(
      "parameter of another kind", in: .estimators,
      #"""
        - kind: decoupled-st
          samples: 2
      """#,
      report: #"""
        study.yaml:7:5: error: unknown key 'samples' in estimator 'decoupled-st'
            7 |     samples: 2
              |     ^~~~~~~
           hint: keys: kind, tau-forward, tau-backward
        """#),
    BrokenFile(
      "parameter of a kind without parameters", in: .estimators,
      #"""
        - kind: reinforce
          tau: 1
      """#,
      report: #"""
        study.yaml:7:5: error: unknown key 'tau' in estimator 'reinforce'
            7 |     tau: 1
              |     ^~~
           hint: the only key here is kind
        """#),
    BrokenFile(
      "mandatory parameter missing", in: .problems,
      #"""
        - kind: json
      """#,
      report: #"""
        study.yaml:6:11: error: 'json' needs 'file'
            6 |   - kind: json
              |           ^~~~
           hint: file: table of costs; a file name
        """#),
    BrokenFile(
      "mandatory parameter without a value", in: .problems,
      #"""
        - kind: json
          file: ~
      """#,
      report: #"""
        study.yaml:7:11: error: 'file' has no value
            7 |     file: ~
              |           ^
           hint: file: table of costs
        """#),
    BrokenFile(
      "choice misspelt", in: .estimators,
      #"""
        - kind: decoupled-st-gs
          noise: shard
      """#,
      report: #"""
        study.yaml:7:12: error: unknown value 'shard' for 'noise'
            7 |     noise: shard
              |            ^~~~~ did you mean 'shared'?
           hint: noise: Gumbel noise of the surrogate; one of shared, fresh, none; default shared
        """#),
    BrokenFile(
      "choice unknown", in: .estimators,
      #"""
        - kind: decoupled-st-gs
          jacobian: gumbel
      """#,
      report: #"""
        study.yaml:7:15: error: unknown value 'gumbel' for 'jacobian'
            7 |     jacobian: gumbel
              |               ^~~~~~
           hint: jacobian: how gradients are passed back; one of softmax, identity; default softmax
        """#),
    BrokenFile(
      "choice in a list", in: .estimators,
      #"""
        - kind: decoupled-st-gs
          forward: [sample, argmx]
      """#,
      report: #"""
        study.yaml:7:23: error: unknown value 'argmx' for 'forward'
            7 |     forward: [sample, argmx]
              |                       ^~~~~ did you mean 'argmax'?
           hint: forward: what is passed on; one of sample, argmax, soft; default sample
        """#),
  ]
}
