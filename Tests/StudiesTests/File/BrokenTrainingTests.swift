import Models
import Studies
import Testing

/// As messages list them.
private let optimiserNames = TrainingKinds.optimisers.map(\.name).joined(separator: ", ")

/// Studies along training.
@Suite struct BrokenTrainingTests {
  @Test(arguments: cases)
  func rendersExactly(file: BrokenFile) {
    file.check()
  }

  @Test(arguments: warnings)
  func warnsExactly(file: BrokenFile) {
    file.check(.warning)
  }

  static let cases: [BrokenFile] = [
    BrokenFile(
      "kind misspelt",
      #"""
      format: 1
      name: s
      kind: trainign
      problems:
        - kind: categorical-vae
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:3:7: error: unknown value 'trainign' for 'kind'
            3 | kind: trainign
              |       ^~~~~~~~ did you mean 'training'?
           hint: 'kind' is one of fidelity, training
        """#),
    BrokenFile(
      "kind without training", in: .training,
      #"""

      """#,
      report: #"""
        study.yaml:1:1: error: 'training' is missing in a study of kind 'training'
            1 | format: 1
              | ^~~~~~
           hint: training: {estimator: NAME, steps: 1000, learning-rate: 5.0e-4, checkpoints: [0, 1000]}
        """#),
    BrokenFile(
      "training without kind", in: .section,
      #"""
      training: {estimator: st, steps: 5}
      """#,
      report: #"""
        study.yaml:7:1: error: 'training' belongs to studies of kind 'training'
            7 | training: {estimator: st, steps: 5}
              | ^~~~~~~~
           hint: add `kind: training`, or train in `states` of a problem
        """#),
    BrokenFile(
      "kind misspelt as a key",
      #"""
      format: 1
      name: s
      knid: training
      problems:
        - kind: categorical-vae
      training: {estimator: st, steps: 5}
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:3:1: error: unknown key 'knid' in the study
            3 | knid: training
              | ^~~~ did you mean 'kind'?
           hint: keys: format, name, kind, title, seed, problems, training, target, estimators, measure
        """#),
    BrokenFile(
      "states beside a training",
      #"""
      format: 1
      name: s
      kind: training
      problems:
        - kind: categorical-vae
          states: [initial]
      training: {estimator: st, steps: 5}
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:6:5: error: a study of kind 'training' takes no 'states'
            6 |     states: [initial]
              |     ^~~~~~
           hint: the states are the `checkpoints` of `training`: remove the key
        """#),
    BrokenFile(
      "problem without weights",
      #"""
      format: 1
      name: s
      kind: training
      problems:
        - kind: bernoulli-toy
      training: {estimator: st, steps: 5}
      estimators:
        - kind: st
      """#,
      report: #"""
        study.yaml:5:11: error: 'bernoulli-toy' has no weights to train
            5 |   - kind: bernoulli-toy
              |           ^~~~~~~~~~~~~
           hint: a study of kind 'training' takes categorical-vae
        """#),
    BrokenFile(
      "training is a text", in: .training,
      #"""
      training: st
      """#,
      report: #"""
        study.yaml:8:11: error: 'training' must be a mapping, found 'st'
            8 | training: st
              |           ^~
           hint: training: {estimator: NAME, steps: 1000, learning-rate: 5.0e-4, checkpoints: [0, 1000]}
        """#),
    BrokenFile(
      "training is an empty list", in: .training,
      #"""
      training: []
      """#,
      report: #"""
        study.yaml:8:11: error: 'training' is an empty list
            8 | training: []
              |           ^~
           hint: training: {estimator: NAME, steps: 1000, learning-rate: 5.0e-4, checkpoints: [0, 1000]}
        """#),
    BrokenFile(
      "entry of the list is a text", in: .training,
      #"""
      training: [st]
      """#,
      report: #"""
        study.yaml:8:12: error: 'training' must be a mapping, found 'st'
            8 | training: [st]
              |            ^~
           hint: training: {estimator: NAME, steps: 1000, learning-rate: 5.0e-4, checkpoints: [0, 1000]}
        """#),
    BrokenFile(
      "training without estimator", in: .training,
      #"""
      training: {steps: 5}
      """#,
      report: #"""
        study.yaml:8:11: error: 'estimator' is missing in 'training'
            8 | training: {steps: 5}
              |           ^~~~~~~~~~
           hint: training: {estimator: NAME, steps: 1000, learning-rate: 5.0e-4, checkpoints: [0, 1000]}
        """#),
    BrokenFile(
      "training with unknown estimator", in: .training,
      #"""
      training: {estimator: sst, steps: 5}
      """#,
      report: #"""
        study.yaml:8:23: error: unknown estimator kind 'sst'
            8 | training: {estimator: sst, steps: 5}
              |                       ^~~ did you mean 'st'?
           hint: `gradfid list estimators` shows all 9 kinds
        """#),
    BrokenFile(
      "training without steps", in: .training,
      #"""
      training: {estimator: st}
      """#,
      report: #"""
        study.yaml:8:11: error: 'steps' is missing in 'training'
            8 | training: {estimator: st}
              |           ^~~~~~~~~~~~~~~
           hint: training: {estimator: NAME, steps: 1000, learning-rate: 5.0e-4, checkpoints: [0, 1000]}
        """#),
    BrokenFile(
      "training with a list of steps", in: .training,
      #"""
      training: {estimator: st, steps: [5, 10]}
      """#,
      report: #"""
        study.yaml:8:34: error: 'steps' takes one value, found a list
            8 | training: {estimator: st, steps: [5, 10]}
              |                                  ^~~~~~~
           hint: steps: optimiser steps
        """#),
    BrokenFile(
      "training with no steps", in: .training,
      #"""
      training: {estimator: st, steps: 0}
      """#,
      report: #"""
        study.yaml:8:34: error: 'steps' must be a whole number from 1 to 1000000, found '0'
            8 | training: {estimator: st, steps: 0}
              |                                  ^
           hint: steps: optimiser steps
        """#),
    BrokenFile(
      "training with an unknown key", in: .training,
      #"""
      training: {estimator: st, steps: 5, tau-forward: 1}
      """#,
      report: #"""
        study.yaml:8:37: error: unknown key 'tau-forward' in 'training' with st
            8 | training: {estimator: st, steps: 5, tau-forward: 1}
              |                                     ^~~~~~~~~~~
           hint: keys: estimator, optimiser, schedule, clip, learning-rate, steps, batch, seed, checkpoints, tau
        """#),
    BrokenFile(
      "training with save", in: .training,
      #"""
      training: {estimator: st, steps: 5, save: five}
      """#,
      report: #"""
        study.yaml:8:37: error: unknown key 'save' in 'training' with st
            8 | training: {estimator: st, steps: 5, save: five}
              |                                     ^~~~
           hint: keys: estimator, optimiser, schedule, clip, learning-rate, steps, batch, seed, checkpoints, tau
        """#),
    BrokenFile(
      "optimiser misspelt", in: .training,
      #"""
      training: {estimator: st, steps: 5, optimiser: admw}
      """#,
      report: #"""
        study.yaml:8:48: error: unknown optimiser kind 'admw'
            8 | training: {estimator: st, steps: 5, optimiser: admw}
              |                                                ^~~~ did you mean 'adamw'?
           hint: optimiser: rule of the steps; one of \#(optimiserNames), or a mapping with such a kind; default adam
        """#),
    BrokenFile(
      "optimiser in a list", in: .training,
      #"""
      training: {estimator: st, steps: 5, optimiser: [adam, sdg]}
      """#,
      report: #"""
        study.yaml:8:55: error: unknown optimiser kind 'sdg'
            8 | training: {estimator: st, steps: 5, optimiser: [adam, sdg]}
              |                                                       ^~~ did you mean 'sgd'?
           hint: optimiser: rule of the steps; one of \#(optimiserNames), or a mapping with such a kind; default adam
        """#),
    BrokenFile(
      "learning rate zero", in: .training,
      #"""
      training: {estimator: st, steps: 5, learning-rate: [1.0e-3, 0]}
      """#,
      report: #"""
        study.yaml:8:61: error: 'learning-rate' must be a number above 0, found '0'
            8 | training: {estimator: st, steps: 5, learning-rate: [1.0e-3, 0]}
              |                                                             ^
           hint: learning-rate: step size; default 0.0005
        """#),
    BrokenFile(
      "batch zero", in: .training,
      #"""
      training: {estimator: st, steps: 5, batch: 0}
      """#,
      report: #"""
        study.yaml:8:44: error: 'batch' must be a whole number from 1 to 1000000, found '0'
            8 | training: {estimator: st, steps: 5, batch: 0}
              |                                            ^
           hint: batch: rows per step; default 100
        """#),
    BrokenFile(
      "seed negative", in: .training,
      #"""
      training: {estimator: st, steps: 5, seed: [1, -1]}
      """#,
      report: #"""
        study.yaml:8:47: error: 'seed' is out of range: '-1'
            8 | training: {estimator: st, steps: 5, seed: [1, -1]}
              |                                               ^~
           hint: the range is 0 to 18446744073709551615
        """#),
    BrokenFile(
      "empty axis", in: .training,
      #"""
      training: {estimator: st, steps: 5, seed: []}
      """#,
      report: #"""
        study.yaml:8:43: error: 'seed' is an empty list
            8 | training: {estimator: st, steps: 5, seed: []}
              |                                           ^~
           hint: seed: key of batches and draws; default 1
        """#),
    BrokenFile(
      "parameter out of range", in: .training,
      #"""
      training: {estimator: st, steps: 5, tau: [1, 0]}
      """#,
      report: #"""
        study.yaml:8:46: error: 'tau' must be a number above 0, found '0'
            8 | training: {estimator: st, steps: 5, tau: [1, 0]}
              |                                              ^
           hint: tau: temperature of the softmax; default 1.0
        """#),
    BrokenFile(
      "checkpoints is a number", in: .training,
      #"""
      training: {estimator: st, steps: 5, checkpoints: 5}
      """#,
      report: #"""
        study.yaml:8:50: error: 'checkpoints' takes a list of steps, found '5'
            8 | training: {estimator: st, steps: 5, checkpoints: 5}
              |                                                  ^
           hint: checkpoints: [0, 100, 1000] or {every: 100}
        """#),
    BrokenFile(
      "checkpoints empty", in: .training,
      #"""
      training: {estimator: st, steps: 5, checkpoints: []}
      """#,
      report: #"""
        study.yaml:8:50: error: 'checkpoints' is an empty list
            8 | training: {estimator: st, steps: 5, checkpoints: []}
              |                                                  ^~
           hint: checkpoints: [0, 100, 1000] or {every: 100}
        """#),
    BrokenFile(
      "checkpoint beyond the end", in: .training,
      #"""
      training: {estimator: st, steps: 5, checkpoints: [0, 6]}
      """#,
      report: #"""
        study.yaml:8:54: error: checkpoint 6 lies beyond the last step, 5
            8 | training: {estimator: st, steps: 5, checkpoints: [0, 6]}
              |                                                      ^
           hint: raise `steps`, or remove it
        """#),
    BrokenFile(
      "checkpoint negative", in: .training,
      #"""
      training: {estimator: st, steps: 5, checkpoints: [-1, 5]}
      """#,
      report: #"""
        study.yaml:8:51: error: 'checkpoints' must be a whole number from 0 to 1000000, found '-1'
            8 | training: {estimator: st, steps: 5, checkpoints: [-1, 5]}
              |                                                   ^~
           hint: checkpoints: [0, 100, 1000] or {every: 100}
        """#),
    BrokenFile(
      "checkpoint no number", in: .training,
      #"""
      training: {estimator: st, steps: 5, checkpoints: [initial, 5]}
      """#,
      report: #"""
        study.yaml:8:51: error: 'checkpoints' must be a whole number from 0 to 1000000, found 'initial'
            8 | training: {estimator: st, steps: 5, checkpoints: [initial, 5]}
              |                                                   ^~~~~~~
           hint: checkpoints: [0, 100, 1000] or {every: 100}
        """#),
    BrokenFile(
      "checkpoints with unknown key", in: .training,
      #"""
      training: {estimator: st, steps: 5, checkpoints: {evry: 5}}
      """#,
      report: #"""
        study.yaml:8:51: error: unknown key 'evry' in 'checkpoints'
            8 | training: {estimator: st, steps: 5, checkpoints: {evry: 5}}
              |                                                   ^~~~ did you mean 'every'?
           hint: the only key here is every
        """#),
    BrokenFile(
      "checkpoints without every", in: .training,
      #"""
      training: {estimator: st, steps: 5, checkpoints: {}}
      """#,
      report: #"""
        study.yaml:8:50: error: 'every' is missing in 'checkpoints'
            8 | training: {estimator: st, steps: 5, checkpoints: {}}
              |                                                  ^~
           hint: checkpoints: [0, 100, 1000] or {every: 100}
        """#),
    BrokenFile(
      "every zero", in: .training,
      #"""
      training: {estimator: st, steps: 5, checkpoints: {every: 0}}
      """#,
      report: #"""
        study.yaml:8:58: error: 'every' must be a whole number from 1 to 1000000, found '0'
            8 | training: {estimator: st, steps: 5, checkpoints: {every: 0}}
              |                                                          ^
           hint: every: steps from one checkpoint to the next
        """#),
    BrokenFile(
      "too many checkpoints", in: .training,
      #"""
      training: {estimator: st, steps: 100000, checkpoints: {every: 1}}
      """#,
      report: #"""
        study.yaml:8:11: error: with this training the study has more than 100,000 checkpoints
            8 | training: {estimator: st, steps: 100000, checkpoints: {every: 1}}
              |           ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
           hint: measure fewer checkpoints, or shorten lists
        """#),
    BrokenFile(
      "too many cells along training",
      #"""
      format: 1
      name: s
      kind: training
      problems:
        - kind: categorical-vae
      training: {estimator: st, steps: 60000, checkpoints: {every: 1}}
      estimators:
        - kind: st
          tau: [1, 2]
      """#,
      report: #"""
        study.yaml:7:1: error: the study has 120,002 cells, the limit is 100,000
            7 | estimators:
              | ^~~~~~~~~~
           hint: cells = problems x states x laws x estimators: shorten lists, or split the study
        """#),
    BrokenFile(
      "unknown optimiser of a state", in: .problems,
      #"""
        - kind: categorical-vae
          states:
            - train: {estimator: st, steps: 5, optimiser: rdam}
      """#,
      report: #"""
        study.yaml:8:53: error: unknown optimiser kind 'rdam'
            8 |       - train: {estimator: st, steps: 5, optimiser: rdam}
              |                                                     ^~~~ did you mean 'adam'?
           hint: optimiser: rule of the steps; one of \#(optimiserNames), or a mapping with such a kind; default adam
        """#),
  ]

  static let warnings: [BrokenFile] = [
    BrokenFile(
      "repeated training", in: .training,
      #"""
      training:
        - {estimator: st, steps: 5}
        - {estimator: st, steps: 5, batch: 100}
      """#,
      report: #"""
        study.yaml:10:5: warning: this training is repeated
           10 |   - {estimator: st, steps: 5, batch: 100}
              |     ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
           hint: it counts once
        """#),
    BrokenFile(
      "repeated checkpoint", in: .training,
      #"""
      training: {estimator: st, steps: 5, checkpoints: [0, 5, 5]}
      """#,
      report: #"""
        study.yaml:8:57: warning: '5' is repeated in 'checkpoints'
            8 | training: {estimator: st, steps: 5, checkpoints: [0, 5, 5]}
              |                                                         ^
           hint: it counts once
        """#),
    BrokenFile(
      "repeated seed", in: .training,
      #"""
      training: {estimator: st, steps: 5, seed: [1, 1]}
      """#,
      report: #"""
        study.yaml:8:47: warning: '1' is repeated in 'seed'
            8 | training: {estimator: st, steps: 5, seed: [1, 1]}
              |                                               ^
           hint: it counts once
        """#),
  ]
}
